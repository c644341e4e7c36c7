// SPDX-License-Identifier: MIT
// The command `report`: a ranking as one HTML page.
#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <ctime>

#include <modesweep/build_config.hpp>
#include <modesweep/pipeline.hpp>
#include <modesweep/report.hpp>
#include <modesweep/run_store.hpp>

#include "base/program_folder.hpp"
#include "cli/commands.hpp"
#include "cli/flag_names.hpp"
#include "cli/output_stream.hpp"
#include "cli/ranking_output.hpp"
#include "cli/run_parameters.hpp"

namespace modesweep::cli {
namespace {

/// What becomes of files, by their numbers: a shape, or why there is none.
class Shapes final : public EntryObserver {
 public:
  explicit Shapes(std::size_t files) : shapes_(files) {}

  void started(std::int64_t, const std::filesystem::path&) override {}
  void parsed(std::int64_t) override {}
  void solved(std::int64_t, const Row&) override {}
  void left_out(std::int64_t number, const LeftOut& entry) override {
    set(number, tl::unexpected(with_flags(entry.failure.message)));
  }

  void set(std::int64_t number, PackedShape shape) {
    shapes_[static_cast<std::size_t>(number)] = std::move(shape);
  }
  PackedShape take(std::size_t number) { return std::move(shapes_[number]); }

 private:
  std::vector<PackedShape> shapes_;
};

using ModesObserver = decltype(PipelineOptions::with_modes);

/// Solves files; what `shapes` observes and `with_modes` gets has the numbers of `files`.
Ranking solve(const std::vector<std::filesystem::path>& files, const Arguments& arguments,
              Shapes& shapes, ModesObserver with_modes, Reporter& reporter) {
  const RankOptions& rank = arguments.rank;
  const std::unique_ptr<ModeSolver> solver = make_cpu_solver(rank.solver);
  PipelineOptions options;
  options.read = rank.read;
  options.network = rank.network;
  options.request.modes = rank.modes;
  options.min_residues = rank.min_residues;
  options.threads = rank.threads;
  options.max_memory = rank.max_memory;
  options.expected = files.size();
  options.cancel = arguments.cancel;
  options.observers.push_back(&shapes);
  options.with_modes = std::move(with_modes);
  Pipeline pipeline(options, *solver, reporter);
  for (std::size_t i = 0; i < files.size() && !options.cancel.is_cancelled(); ++i)
    pipeline.submit({}, files[i], static_cast<std::int64_t>(i));
  Ranking ranking = pipeline.finish();
  if (options.cancel.is_cancelled()) throw Cancelled();
  return ranking;
}

std::size_t rows_with_shapes(std::size_t rows, std::size_t top) {
  return top == 0 ? rows : std::min(rows, top);
}

/// The shapes of the rows that show them, from their files, which are solved once more.
std::vector<PackedShape> shapes_of_rows(const std::vector<Row>& rows, const Arguments& arguments,
                                        Reporter& reporter) {
  std::vector<std::filesystem::path> files;
  for (std::size_t i = 0; i < rows_with_shapes(rows.size(), arguments.rank.top); ++i)
    files.push_back(rows[i].file);
  Shapes shapes(files.size());
  solve(
      files, arguments, shapes,
      [&](std::int64_t number, const Row& row, const std::vector<Node>& nodes, const Modes& modes) {
        if (row.sha256 == rows[static_cast<std::size_t>(number)].sha256)
          shapes.set(number, pack_shape(nodes, modes));
        else
          shapes.set(number,
                     tl::unexpected(fmt::format("{} has changed since it was ranked",
                                                files[static_cast<std::size_t>(number)].string())));
      },
      reporter);
  std::vector<PackedShape> taken;
  for (std::size_t i = 0; i < files.size(); ++i) taken.push_back(shapes.take(i));
  return taken;
}

void rank_files(const Arguments& arguments, ReportContent& content, Reporter& reporter) {
  const std::vector<std::filesystem::path> files = structure_files(arguments.rank.files, reporter);
  content.parameters = run_parameters(arguments);
  for (const std::filesystem::path& input : arguments.report.inputs)
    content.origin.emplace_back("files", input.string());
  content.origin.emplace_back("found", std::to_string(files.size()));

  Shapes shapes(files.size());
  if (rows_with_shapes(files.size(), arguments.rank.top) < files.size()) {
    // Only the ranking tells whose shapes are shown, and those of all might not fit into memory.
    content.ranking = solve(files, arguments, shapes, {}, reporter);
    content.shapes = shapes_of_rows(content.ranking.rows, arguments, reporter);
    return;
  }
  content.ranking = solve(
      files, arguments, shapes,
      [&](std::int64_t number, const Row&, const std::vector<Node>& nodes, const Modes& modes) {
        shapes.set(number, pack_shape(nodes, modes));
      },
      reporter);
  for (const Row& row : content.ranking.rows) {
    const auto file = std::lower_bound(files.begin(), files.end(), row.file);
    content.shapes.push_back(shapes.take(static_cast<std::size_t>(file - files.begin())));
  }
}

void read_kept_run(Arguments arguments, ReportContent& content, Reporter& reporter) {
  const std::filesystem::path& folder = arguments.report.inputs.front();
  RunRecord record = read_run(folder);
  apply_parameters(record.parameters, arguments);
  content.ranking = std::move(record.ranking);
  content.parameters = std::move(record.parameters);
  content.origin.emplace_back("run", folder.string());
  content.origin.insert(content.origin.end(), record.query.begin(), record.query.end());
  content.origin.emplace_back("entries", joined(record.states));
  std::size_t found = 0;
  for (const auto& [state, count] : record.states) found += count;
  if (content.ranking.rows.size() + content.ranking.left_out.size() < found)
    content.origin.emplace_back("PARTIAL", "not all entries are through");
  content.shapes = shapes_of_rows(content.ranking.rows, arguments, reporter);
}

/// Named by the environment, or installed, or beside a build folder.
std::vector<ReportLibrary> find_libraries() {
  constexpr const char* name = "report-libraries";
  const char* const named = std::getenv("MODESWEEP_REPORT_LIBRARIES");
  if (named && *named) return read_report_libraries(named);
  const std::filesystem::path folder = program_folder();
  std::vector<ReportLibrary> installed =
      read_report_libraries(folder / build_config::data_folder / name);
  return installed.empty() ? read_report_libraries(folder.parent_path() / name) : installed;
}

/// What a reader of the page will miss.
void report_gaps(const ReportContent& content, Reporter& reporter) {
  const auto has = [&](std::string_view name) {
    return std::any_of(content.libraries.begin(), content.libraries.end(),
                       [&](const ReportLibrary& library) { return library.name == name; });
  };
  const char* const fetch = "tools/install-deps.sh --report fetches what is missing";
  if (!has("3dmol")) reporter.info(fmt::format("the page has no 3-D view: {}", fetch));
  if (!has("d3") || !has("plot")) reporter.info(fmt::format("the page has no charts: {}", fetch));
  const auto missing = std::find_if(content.shapes.begin(), content.shapes.end(),
                                    [](const PackedShape& shape) { return !shape; });
  if (missing == content.shapes.end()) return;
  const auto first = static_cast<std::size_t>(missing - content.shapes.begin());
  reporter.warning(fmt::format(
      "{} entries have no shape; the first: {}: {}",
      std::count_if(missing, content.shapes.end(), [](const PackedShape& shape) { return !shape; }),
      content.ranking.rows[first].header.id, missing->error()));
}

}  // namespace

int run_report(const Arguments& typed, Reporter& reporter) {
  Arguments arguments = typed;
  const ReportOptions& options = arguments.report;
  const bool is_run = options.inputs.size() == 1 && holds_run(options.inputs.front());
  if (is_run && !options.model_flags.empty())
    throw RunError(Cause::request,
                   fmt::format("{} cannot be given with a run, which has its own parameters",
                               options.model_flags.front()));
  check_writable(options.output);

  ReportContent content;
  content.command = arguments.command_line;
  content.date = fmt::format("{:%FT%TZ}", fmt::gmtime(std::time(nullptr)));
  if (is_run) {
    read_kept_run(arguments, content, reporter);
  } else {
    arguments.rank.files = options.inputs;
    arguments.rank.backend = Backend::cpu;
    rank_files(arguments, content, reporter);
  }
  content.ranking.left_out = with_flags(std::move(content.ranking.left_out));
  content.libraries = find_libraries();
  try {
    write_file(options.output, [&](std::ostream& out) { write_report(out, content); });
  } catch (const std::system_error& error) {
    cannot_write(error);
  }

  const Ranking& ranking = content.ranking;
  reporter.info(fmt::format("{}: {} entries, {} with their shapes, {} left out",
                            options.output.string(), ranking.rows.size(),
                            std::count_if(content.shapes.begin(), content.shapes.end(),
                                          [](const PackedShape& shape) { return !!shape; }),
                            ranking.left_out.size()));
  report_gaps(content, reporter);
  if (ranking.rows.empty()) reporter.warning("nothing to rank: the page has no entry");
  return static_cast<int>(exit_code_of(ranking, arguments.rank.strict));
}

}  // namespace modesweep::cli
