// SPDX-License-Identifier: MIT
#include "cli/ranking_output.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <ostream>
#include <system_error>

#include <modesweep/writers.hpp>

#include "base/text.hpp"
#include "cli/console.hpp"
#include "cli/flag_names.hpp"
#include "cli/output_file.hpp"
#include "cli/output_stream.hpp"
#include "cli/wrapped.hpp"

namespace modesweep::cli {
namespace {

namespace fs = std::filesystem;

bool is_file(const fs::path& name) {
  if (name.empty()) return false;
  const OutputTarget::Kind kind = look_at(name).kind;
  return kind == OutputTarget::Kind::new_file || kind == OutputTarget::Kind::file;
}

/// Empty where the ranking goes to no file, or its folder takes no other one.
fs::path record_of(const fs::path& file) {
  if (!is_file(file)) return {};
  fs::path record = file;
  record += ".meta.json";
  const OutputTarget target = look_at(record);
  if (target.kind == OutputTarget::Kind::new_file && !takes_new_files(target.path.parent_path()))
    return {};
  return record;
}

std::string caption(const Model& model, bool core) {
  if (core)
    return fmt::format(
        "\nfv1_core: share of mode 1 in the {} softest modes of the network's 20-core.\n"
        "coll1_core: its collectivity; local: below {}. mode_core: the mode of all residues most "
        "like it.\n",
        model.modes, local_collectivity);
  return fmt::format(
      "\nfv1-fv3: share of modes 1-3 in the variance of the {}, not of all motion.\n"
      "coll1: collectivity of mode 1, the part of the residues that moves; local: below {}; tail: "
      "loose ends.\n",
      counted(model.modes, "softest mode"), local_collectivity);
}

void write_ranking(std::ostream& out, const RankedRows& rows, const Output& output,
                   const Model& model, bool to_terminal, bool partial) {
  const auto chosen_or = [&](std::vector<Column> (*standard)()) {
    if (!output.columns.empty()) return output.columns;
    std::vector<Column> columns = standard();
    if (output.order.unique)
      columns.insert(std::find_if(columns.begin(), columns.end(),
                                  [](const Column& column) { return column.name == "notes"; }),
                     find_column("entries"));
    return columns;
  };
  switch (output.format) {
    case Format::tsv:
      write_tsv(out, rows, chosen_or(output.core ? default_core_columns : default_columns));
      break;
    case Format::csv:
      write_csv(out, rows, chosen_or(output.core ? default_core_columns : default_columns));
      break;
    case Format::jsonl: write_jsonl(out, rows, output.columns); break;
    case Format::table: {
      const int width = output.width.value_or(to_terminal ? terminal_width(STDOUT_FILENO) : 0);
      const std::vector<std::string> left_out =
          write_table(out, rows, chosen_or(output.core ? table_core_columns : table_columns), width,
                      to_terminal && wants_colour(STDOUT_FILENO));
      if (output.captions) out << wrapped(caption(model, output.core), width);
      if (output.captions && !left_out.empty())
        out << wrapped(fmt::format("No room for {}: --width 0 shows all columns.\n",
                                   fmt::join(left_out, ", ")),
                       width);
      if (partial) out << "PARTIAL: the run was interrupted; not all entries are in this table.\n";
      break;
    }
  }
}

}  // namespace

void check_core(bool core, const RowOrder& order, const std::vector<Column>& columns,
                const Model& model) {
  const auto needs = [](const Column& column) {
    return column.needs == Need::core || column.needs == Need::core_stability;
  };
  // A table of all columns leaves those empty that there are no values for.
  const bool are_all = columns.size() == known_columns().size();
  const bool wanted = core || (order.column && needs(*order.column)) ||
                      (!are_all && std::any_of(columns.begin(), columns.end(), needs));
  if (wanted && !model.core)
    throw RunError(Cause::request,
                   "the run has no modes of cores: they are computed where `modesweep rank` is "
                   "begun with --core");
}

void note_dominant_protein(const RankedRows& rows, const Output& output, Reporter& reporter) {
  if (output.order.unique) return;
  if (const std::optional<ProteinCount> most = rows.dominant_protein()) {
    reporter.info("");
    reporter.info(
        fmt::format("{} of the {} rows shown are of one protein ({}): --unique keeps the best "
                    "entry of each",
                    most->rows, rows.shown(), most->protein));
  }
}

bool is_tail(const Row& row, bool core) {
  const std::vector<std::string_view> codes = notes(row, core ? Judged::core : Judged::whole);
  return std::find(codes.begin(), codes.end(), core ? "local" : "tail") != codes.end();
}

void note_tails(std::size_t tails, std::size_t shown, bool core, Reporter& reporter) {
  if (3 * tails <= shown) return;
  reporter.info("");
  if (core) {
    reporter.info(
        fmt::format("in {} of the {} rows shown a small part of the core moves alone: "
                    "--no-tails leaves them out",
                    tails, shown));
    return;
  }
  const std::string which = shown == 1
                                ? "the row shown is a tail"
                                : fmt::format("{} of the {} rows shown are tails", tails, shown);
  reporter.info(which +
                ", in which a loose end moves, not the protein: --core ranks by the core of "
                "each network, --no-tails leaves tails out");
}

void TailCounter::for_each(const std::function<void(const Row&)>& visit) const {
  tails_ = 0;
  rows_.for_each([&](const Row& row) {
    tails_ += is_tail(row, core_);
    visit(row);
  });
}

void print_ranking(const RankedRows& rows, const Output& output, const Model& model, bool partial) {
  print([&](std::ostream& out) { write_ranking(out, rows, output, model, true, partial); });
}

OutputSet check_outputs(const Output& output, Reporter& reporter) {
  OutputSet outputs;
  try {
    outputs.add("-o", output.file);
    outputs.add("--failures", output.failures);
    check_writable(output.file);
    check_writable(output.failures);
    const fs::path record = record_of(output.file);
    outputs.add("the record of -o,", record);
    check_writable(record);
    if (record.empty() && is_file(output.file))
      reporter.warning(fmt::format("{} gets no record beside it: its folder takes no new file",
                                   output.file.string()));
  } catch (const std::system_error& error) {
    cannot_write(error);
  }
  return outputs;
}

void write_outputs(const RankedRows& rows, const LeftOutSource& left_out, const std::string& record,
                   const Output& output, const Model& model, bool partial) {
  try {
    if (!output.failures.empty())
      write_file(output.failures,
                 [&](std::ostream& out) { write_failures(out, with_flags(left_out)); });
    if (!output.file.empty()) {
      write_file(output.file, [&](std::ostream& out) {
        write_ranking(out, rows, output, model, false, partial);
      });
      if (const fs::path beside = record_of(output.file); !beside.empty())
        write_file(beside, [&](std::ostream& out) { out << record; });
    }
  } catch (const std::system_error& error) {
    // What was computed is not lost with the disk: it goes to standard output instead.
    print_ranking(rows, output, model, partial);
    cannot_write(error);
  } catch (const Cancelled&) {
    print_ranking(rows, output, model, partial);
    throw;
  }
  if (output.file.empty() && !output.stream && rows.shown() > 0)
    print_ranking(rows, output, model, partial);
}

ExitCode exit_code_of(const RankResult& result, bool strict, bool allow_empty) {
  if (result.rows->matching() == 0 && !allow_empty) return ExitCode::nothing_to_rank;
  const bool failed = std::any_of(
      result.reasons.begin(), result.reasons.end(),
      [](const auto& reason) { return !reason.first.starts_with(to_string(Stage::rank)); });
  return strict && failed ? ExitCode::entries_failed : ExitCode::ok;
}

}  // namespace modesweep::cli
