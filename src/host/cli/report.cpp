// SPDX-License-Identifier: MIT
// The command `report`: a ranking as one HTML page.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include <modesweep/entries.hpp>
#include <modesweep/modes_job.hpp>
#include <modesweep/parameters.hpp>
#include <modesweep/rank_job.hpp>
#include <modesweep/report.hpp>
#include <modesweep/run_store.hpp>

#include "base/clock.hpp"
#include "base/text.hpp"
#include "cli/command.hpp"
#include "cli/flag_names.hpp"
#include "cli/help_texts.hpp"
#include "cli/option_groups.hpp"
#include "cli/output_file.hpp"
#include "cli/output_set.hpp"
#include "cli/rank_summary.hpp"
#include "cli/ranking_output.hpp"
#include "cli/report_libraries.hpp"

namespace modesweep::cli {
namespace {

constexpr const char* notes =
    R"(The page needs no network and nothing beside it. The ranking can be sorted and
searched; each entry has its spectrum of shares, square fluctuations against B
factors, the displacements of modes 1 to 3, and those modes moving in 3-D.

A run keeps numbers, not modes: its files are read again and solved with the
parameters of the run, so that no option of the model can be given with one. An
entry whose file is gone or has changed stays in the ranking without a shape.

3Dmol.js, D3 and Observable Plot, which tools/install-deps.sh --report fetches,
go into the page from $MODESWEEP_REPORT_LIBRARIES, else from where they were
installed. Without them the page has the tables, and says what it lacks.)";

struct ReportOptions {
  std::vector<std::filesystem::path> inputs;  ///< the folder of a run, or files and folders of them
  std::filesystem::path archive;              ///< which the input, a term, is searched for in
  std::filesystem::path cache_dir;            ///< of the archive's index
  Model model;
  Machine machine;
  std::vector<std::string> model_flags;  ///< those typed: a run has its own model
  RowOrder order;                        ///< of the rows on the page
  bool core = false;                     ///< it ranks by the core
  std::filesystem::path page;
  int null_networks = 0;  ///< random ones that the shares of the first rows are held against
  std::size_t top = 500;  ///< rows that show their shapes; 0: all
  bool strict = false;
};

std::size_t rows_with_shapes(std::size_t rows, std::size_t top) {
  return top == 0 ? rows : std::min(rows, top);
}

StructureInput input_of(const Row& row) {
  StructureInput input;
  input.file = row.file;
  if (row.chain) input.chains = {*row.chain};
  return input;
}

/// The shapes of the rows that show them, from their files, which are solved once more.
std::vector<PackedShape> shapes_of_rows(const std::vector<Row>& rows, const RankRequest& request,
                                        const ReportOptions& options, const Call& call,
                                        Reporter& reporter) {
  ModesRequest again{{}, request.access, request.model, options.machine};
  again.machine.backend = Backend::cpu;
  again.machine.solver =
      is_of_devices(request.machine.solver) ? Solver::automatic : request.machine.solver;
  again.model.hinges = again.model.all_fluctuations = again.model.core = false;
  for (std::size_t i = 0; i < rows_with_shapes(rows.size(), options.top); ++i)
    again.inputs.push_back(input_of(rows[i]));
  std::vector<PackedShape> shapes;
  ModesJob job(std::move(again), reporter, call.cancel);
  job.run([&](std::size_t row, Outcome<EntryModes> modes) {
    if (!modes)
      shapes.push_back(tl::unexpected(with_flags(modes.error().message)));
    else if (modes->file_sha256 != rows[row].sha256)
      shapes.push_back(tl::unexpected(
          fmt::format("{} has changed since it was ranked", rows[row].file.string())));
    else
      shapes.push_back(pack_shape(modes->structure.nodes, modes->modes, modes->core));
  });
  if (call.cancel.is_cancelled()) throw Cancelled();
  return shapes;
}

constexpr std::size_t rows_with_null = 10;

/// The shares of the first rows' cores against random networks of the same shape.
void add_nulls(const RankRequest& request, const ReportOptions& options, const Call& call,
               Reporter& reporter, ReportContent& content) {
  if (options.null_networks == 0) return;
  const std::vector<Row>& rows = content.ranking.rows;
  ModesRequest again{{}, request.access, request.model, options.machine};
  again.machine.backend = Backend::cpu;
  again.model.hinges = again.model.all_fluctuations = again.model.core = false;
  for (std::size_t i = 0; i < std::min(rows.size(), rows_with_null); ++i)
    again.inputs.push_back(input_of(rows[i]));
  ModesJob job(again, reporter, call.cancel);
  job.run([&](std::size_t row, Outcome<EntryModes> modes) {
    const std::optional<CoreOfRow>& core = rows[row].core;
    const auto null_of = [&]() -> Outcome<ShapeNull> {
      if (!modes) return tl::unexpected(modes.error());
      if (!core || !core->modes) return fail(Stage::rank, "coreless", "it has no core");
      std::vector<Vec3> positions;
      for (const std::int32_t node : modes->core.nodes)
        positions.push_back(modes->structure.nodes[static_cast<std::size_t>(node)].position);
      ShapeNullOptions null;
      null.networks = options.null_networks;
      return shape_null(positions, core->modes->shares.front(), again.model.network,
                        again.model.request(), null, call.cancel);
    };
    const Outcome<ShapeNull> null = null_of();
    if (null)
      content.nulls.emplace_back(*null);
    else
      content.nulls.emplace_back(tl::unexpected(null.error().message));
  });
  if (call.cancel.is_cancelled()) throw Cancelled();
}

/// A page has all rows.
void keep_ranking(const RankResult& result, ReportContent& content) {
  result.rows->for_each([&](const Row& row) { content.ranking.rows.push_back(row); });
  with_flags(result.left_out)(
      [&](const LeftOut& entry) { content.ranking.left_out.push_back(entry); });
}

RankResult rank_files(const ReportOptions& options, const OutputSet& outputs, const Call& call,
                      ReportContent& content, Reporter& reporter) {
  RankRequest request;
  request.model = options.model;
  request.machine = options.machine;
  request.machine.backend = Backend::cpu;
  request.machine.result_cache = false;  // it has no shapes
  std::optional<std::size_t> files;
  if (options.archive.empty()) {
    request.input.source = Source::files;
    request.input.files = structure_files(options.inputs, reporter);
    files = request.input.files.size();
    for (const std::filesystem::path& input : options.inputs)
      content.origin.emplace_back("files", input.string());
    content.origin.emplace_back("found", std::to_string(*files));
  } else {
    outputs.check_archive(options.archive);
    request.input.source = Source::archive;
    request.input.archive = options.archive;
    request.input.term = options.inputs.front().string();
    request.access.store.cache_dir = options.cache_dir;
    content.origin.emplace_back("archive", options.archive.string());
    content.origin.emplace_back("term", request.input.term);
  }
  request.order = options.order;
  if (options.core || options.null_networks > 0) ask_for(Need::core, request.model);
  ask_for(options.order, request.model);
  if (request.model.core && request.model.network.model == ElasticModel::gnm)
    throw RunError(Cause::request, core_of_gnm);
  content.parameters = settings_of(request);

  // Where not all rows show theirs only the ranking tells whose shapes are shown, and those of all
  // might not fit into memory.
  const bool all = files && rows_with_shapes(*files, options.top) == *files;
  RankJob job(request, reporter, call.cancel);
  job.check_files([&](const std::filesystem::path& file) { outputs.check_input(file); });
  std::mutex mutex;
  using Key = std::pair<std::filesystem::path, std::optional<std::string>>;
  std::map<Key, PackedShape> shapes;
  if (all)
    job.with_modes([&](std::int64_t, const Row& row, SolvedStructure&& solved) {
      // What stands among all others is known once they are solved.
      const RowOrder& order = options.order;
      if (order.where && !order.percentiles && !order.where->is_met_by(row)) return;
      PackedShape shape = pack_shape(solved.structure.nodes, solved.modes, solved.core);
      const std::lock_guard lock(mutex);
      shapes.emplace(Key(row.file, row.chain), std::move(shape));
    });
  RankResult result = job.run();
  keep_ranking(result, content);
  if (call.cancel.is_cancelled()) throw Cancelled();
  add_nulls(request, options, call, reporter, content);
  if (!all) {
    content.shapes = shapes_of_rows(content.ranking.rows, request, options, call, reporter);
    return result;
  }
  for (const Row& row : content.ranking.rows)
    content.shapes.push_back(std::move(shapes.at(Key(row.file, row.chain))));
  return result;
}

RankResult read_kept_run(const ReportOptions& options, const OutputSet& outputs, const Call& call,
                         ReportContent& content, Reporter& reporter) {
  outputs.check_run(options.inputs.front());
  // Also those of rows that are not on the page.
  read_kept_ranking(options.inputs.front(), {}).result.rows->for_each([&](const Row& row) {
    outputs.check_input(row.file);
  });
  KeptRanking kept = read_kept_ranking(options.inputs.front(), options.order);
  check_core(options.core || options.null_networks > 0, options.order, {}, kept.request.model);
  keep_ranking(kept.result, content);
  content.parameters = settings_of(kept.request);
  content.origin.emplace_back("run", kept.request.run.string());
  content.origin.insert(content.origin.end(), kept.query.begin(), kept.query.end());
  content.origin.emplace_back("entries", joined(kept.states));
  if (kept.result.partial) content.origin.emplace_back("PARTIAL", "not all entries are through");
  add_nulls(kept.request, options, call, reporter, content);
  content.shapes = shapes_of_rows(content.ranking.rows, kept.request, options, call, reporter);
  return std::move(kept.result);
}

/// What a reader of the page will miss.
void report_gaps(const ReportContent& content, Reporter& reporter) {
  say_missing(content.libraries, reporter);
  const auto missing = std::find_if(content.shapes.begin(), content.shapes.end(),
                                    [](const PackedShape& shape) { return !shape; });
  if (missing == content.shapes.end()) return;
  const auto first = static_cast<std::size_t>(missing - content.shapes.begin());
  reporter.warning(
      fmt::format("{} no shape; the first: {}: {}",
                  counted(std::count_if(missing, content.shapes.end(),
                                        [](const PackedShape& shape) { return !shape; }),
                          "entry has", "entries have"),
                  content.ranking.rows[first].header.id, missing->error()));
}

int run(const ReportOptions& options, const Call& call, Reporter& reporter) {
  const std::filesystem::path& page = options.page;
  const bool is_run =
      options.archive.empty() && options.inputs.size() == 1 && holds_run(options.inputs.front());
  if (is_run && !options.model_flags.empty())
    throw RunError(Cause::request,
                   fmt::format("{} cannot be given with a run, which has its own parameters",
                               options.model_flags.front()));
  check_writable(page);
  OutputSet outputs;
  outputs.add("-o", page);

  ReportContent content;
  content.command = call.command_line;
  content.core = options.core;
  content.date = utc_now();
  content.libraries = find_report_libraries(outputs);
  const RankResult result = is_run ? read_kept_run(options, outputs, call, content, reporter)
                                   : rank_files(options, outputs, call, content, reporter);
  const std::optional<Condition>& where = options.order.where;
  const std::string matching = where ? matching_text(*result.rows, *where) : "";
  if (where) content.origin.emplace_back("rows shown", matching);
  try {
    write_file(page, [&](std::ostream& out) { write_report(out, content); });
  } catch (const std::system_error& error) {
    cannot_write(error);
  }

  const Ranking& ranking = content.ranking;
  reporter.info(fmt::format("{}: {}, {} with their shapes, {} left out", page.string(),
                            counted(std::ssize(ranking.rows), "entry", "entries"),
                            std::count_if(content.shapes.begin(), content.shapes.end(),
                                          [](const PackedShape& shape) { return !!shape; }),
                            ranking.left_out.size()));
  if (where) reporter.info(matching);
  report_gaps(content, reporter);
  const auto tails = std::count_if(ranking.rows.begin(), ranking.rows.end(),
                                   [&](const Row& row) { return is_tail(row, options.core); });
  note_tails(static_cast<std::size_t>(tails), ranking.rows.size(), options.core, reporter);
  if (ranking.rows.empty()) reporter.warning("nothing to rank: the page has no entry");
  return static_cast<int>(exit_code_of(result, options.strict));
}

Run add(const Flags& flags) {
  const auto options = std::make_shared<ReportOptions>();
  flags.footer(fmt::format("{}\n\n{}", notes, exit_codes));
  flags.in("Input").option(
      "INPUT", options->inputs,
      "folder of a run that `rank --run` keeps, or structure files and folders of "
      "them, which are ranked first; with --archive a search term",
      {required});
  flags.in("Input").option("--archive", options->archive,
                           "folder of structure files to search for the term, offline",
                           {named("DIR")});
  add_cache_dir(flags.in("Input"), options->cache_dir,
                "cache, as of rank, for the archive's index");
  add_model(flags, options->model);
  add_by(flags, options->model);
  add_min_residues(flags, options->model);
  add_cpu_solver(flags, options->machine);
  add_limits(flags, options->machine);
  const Flags output = flags.in(output_group);
  output.option("-o,--output", options->page, "page to write: FILE.html (- is standard output)",
                {required, named("FILE")});
  output.option("--top", options->top,
                "entries, from the first, that the page shows with their shapes; 0 for all (the "
                "table has all rows)",
                {between(0, most_rows), named("N"), shows_default});
  add_order(output, options->order, options->core);
  output.option(
      "--null", options->null_networks,
      "hold the share of the core of the first ten entries against so many random networks "
      "of the same shape, such as 12, which forget the fold (z with its error)",
      {between(0, 1000), named("N")});
  add_strict(flags, options->strict);
  flags.common();
  flags.then([flags, options] {
    if (!options->archive.empty() && options->inputs.size() != 1)
      usage("with --archive one search term is given");
    const std::string ending = ascii_lower(options->page.extension().string());
    if (options->page == "-")
      options->page = "/dev/stdout";
    else if (!ending.empty() && ending != ".html" && ending != ".htm")
      usage(fmt::format("the report is a page of HTML, and {} does not end in .html",
                        options->page.string()));
    options->model_flags = flags.in(model_group).given();
    if (flags.is_given("--solver")) options->model_flags.emplace_back("--solver");
  });
  return [options](const Call& call, Reporter& reporter) { return run(*options, call, reporter); };
}

}  // namespace

Command report_command() {
  return {"report", "write a ranking as one HTML page with charts and moving structures", add};
}

}  // namespace modesweep::cli
