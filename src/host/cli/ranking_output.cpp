// SPDX-License-Identifier: MIT
#include "cli/ranking_output.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <ostream>

#include "cli/console.hpp"
#include "cli/flag_names.hpp"
#include "cli/output_stream.hpp"

namespace modesweep::cli {
namespace {

std::string caption(const RankOptions& rank) {
  return fmt::format(
      "\nfv1-fv3: share of modes 1-3 in the variance of the {} softest modes, not of all motion.\n"
      "coll1: collectivity of mode 1, the part of the residues that moves; tail: below 0.1.\n",
      rank.modes);
}

void write_ranking(std::ostream& out, std::span<const Row> rows, const RankOptions& rank,
                   bool to_terminal, bool partial) {
  const auto chosen_or = [&](std::vector<Column> (*standard)()) {
    if (!rank.columns.empty()) return rank.columns;
    std::vector<Column> columns = standard();
    if (rank.unique)
      columns.insert(std::find_if(columns.begin(), columns.end(),
                                  [](const Column& column) { return column.name == "notes"; }),
                     find_column("entries"));
    return columns;
  };
  switch (rank.format) {
    case Format::tsv: write_tsv(out, rows, chosen_or(default_columns)); break;
    case Format::jsonl: write_jsonl(out, rows, rank.columns); break;
    case Format::table:
      write_table(out, rows, chosen_or(table_columns),
                  to_terminal ? terminal_width(STDOUT_FILENO) : 0,
                  to_terminal && wants_colour(STDOUT_FILENO));
      out << caption(rank);
      if (partial) out << "PARTIAL: the run was interrupted; not all entries are in this table.\n";
      break;
  }
}

}  // namespace

std::span<const Row> select_top(std::vector<Row>& rows, const RankOptions& rank) {
  if (rank.sort) sort_rows(rows, *rank.sort, rank.descending);
  if (rank.unique) keep_best_of_each_protein(rows);
  const std::size_t shown = rank.top > 0 ? std::min(rank.top, rows.size()) : rows.size();
  return {rows.data(), shown};
}

void note_dominant_protein(std::span<const Row> shown, const RankOptions& rank,
                           Reporter& reporter) {
  if (rank.unique) return;
  if (const std::optional<ProteinCount> most = dominant_protein(shown))
    reporter.info(
        fmt::format("\n{} of the {} rows shown are of one protein ({}): --unique keeps the best "
                    "entry of each",
                    most->rows, shown.size(), most->protein));
}

void print_ranking(std::span<const Row> rows, const RankOptions& rank, bool partial) {
  print([&](std::ostream& out) { write_ranking(out, rows, rank, true, partial); });
}

void check_outputs(const RankOptions& rank) {
  check_writable(rank.output);
  check_writable(rank.failures);
}

void write_outputs(std::span<const Row> rows, const std::vector<LeftOut>& left_out,
                   const std::string& record, const RankOptions& rank, bool partial) {
  try {
    if (!rank.failures.empty())
      write_file(rank.failures,
                 [&](std::ostream& out) { write_failures(out, with_flags(left_out)); });
    if (!rank.output.empty()) {
      write_file(rank.output,
                 [&](std::ostream& out) { write_ranking(out, rows, rank, false, partial); });
      std::filesystem::path meta = rank.output;
      meta += ".meta.json";
      write_file(meta, [&](std::ostream& out) { out << record; });
    }
  } catch (const std::system_error& error) {
    // What was computed is not lost with the disk: it goes to standard output instead.
    print_ranking(rows, rank, partial);
    cannot_write(error);
  }
  if (rank.output.empty() && !rank.stream && !rows.empty()) print_ranking(rows, rank, partial);
}

ExitCode exit_code_of(const Ranking& ranking, bool strict) {
  if (ranking.rows.empty()) return ExitCode::nothing_to_rank;
  const bool failed =
      std::any_of(ranking.left_out.begin(), ranking.left_out.end(),
                  [](const LeftOut& entry) { return entry.failure.stage != Stage::rank; });
  return strict && failed ? ExitCode::entries_failed : ExitCode::ok;
}

std::map<std::string, std::size_t> counts_of_reasons(const std::vector<LeftOut>& left_out) {
  std::map<std::string, std::size_t> counts;
  for (const LeftOut& entry : left_out)
    ++counts[fmt::format("{}: {}", to_string(entry.failure.stage), entry.failure.code)];
  return counts;
}

std::map<std::string, std::size_t> counts_of_solvers(std::span<const Row> rows) {
  std::map<std::string, std::size_t> counts;
  for (const Row& row : rows) ++counts[fmt::format("{} on {}", row.solver, row.backend)];
  return counts;
}

std::string joined(const std::map<std::string, std::size_t>& counts) {
  std::string text;
  for (const auto& [name, count] : counts)
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", count, name);
  return text;
}

std::string left_out_line(const std::vector<LeftOut>& left_out, const RankOptions& rank) {
  if (left_out.empty()) return {};
  return fmt::format("left out    {}: {}{}\n", left_out.size(), joined(counts_of_reasons(left_out)),
                     rank.failures.empty() ? " (--failures FILE lists them)" : "");
}

std::string shown_line(std::size_t shown, std::size_t rows) {
  if (shown == rows) return {};
  return fmt::format("shown       {} of {} rows (--top 0 shows all)\n", shown, rows);
}

}  // namespace modesweep::cli
