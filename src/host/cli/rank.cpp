// SPDX-License-Identifier: MIT
// The main job: entries in, a ranked table out.
#include <fmt/chrono.h>
#include <fmt/format.h>

#include <unistd.h>
#include <algorithm>
#include <chrono>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>
#include <system_error>

#include <modesweep/archive.hpp>
#include <modesweep/device.hpp>
#include <modesweep/pipeline.hpp>
#include <modesweep/ranking.hpp>
#include <modesweep/structure_store.hpp>
#include <modesweep/version.hpp>

#include "base/atomic_file.hpp"
#include "cli/commands.hpp"
#include "cli/console.hpp"
#include "cli/interrupt.hpp"
#include "devices/cuda_module.hpp"
#include "devices/placement.hpp"

namespace modesweep::cli {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

/// Where the entries come from, once searching is over.
struct Entries {
  std::string source;  ///< for the summary: a service, a folder, a list
  std::string term;
  std::optional<SearchResult> search;
  std::vector<std::string> ids;              ///< to be had from the structure store
  std::vector<std::filesystem::path> files;  ///< or files at hand
  double seconds = 0;                        ///< of searching

  std::size_t size() const { return ids.size() + files.size(); }
};

/// What fetching came to.
struct FetchCounts {
  std::map<StoredFile::Origin, std::size_t> files;
  std::uint64_t bytes_downloaded = 0;
  std::size_t failed = 0;
  double seconds = 0;
};

/// A run's outcome, for the summary and the record beside the output.
struct Report {
  Entries entries;
  FetchCounts fetched;
  Ranking ranking;
  StageSeconds stages;
  std::vector<DeviceUse> devices;
  std::optional<double> least_ratio;  ///< of the placement, where CPU and devices share
  double seconds = 0;
  bool partial = false;
  std::size_t shown = 0;
};

/// Who solves.
struct Solvers {
  std::unique_ptr<ModeSolver> cpu;
  std::unique_ptr<DeviceSolver> device;  ///< may be none
  std::optional<Placement> placement;    ///< none: all on the device, or none there
};

std::unique_ptr<ModeSolver> make_cpu_solver(const std::string& name) {
  if (name == "eigen") return make_eigen_solver();
  if (name == "lapack") return make_lapack_solver();
  return make_shift_invert_solver();
}

/// The one of this machine, or the untested one.
Calibration find_calibration(const std::filesystem::path& cache_dir, const std::string& device,
                             Reporter& reporter) {
  const std::filesystem::path file = calibration_file(cache_dir);
  std::error_code error;
  if (!std::filesystem::exists(file, error)) {
    reporter.info("no calibration of CPU and device yet: their shares of the work are untested");
    return untested_calibration();
  }
  tl::expected<Calibration, std::string> calibration = load_calibration(file);
  if (calibration && calibration->cpu == cpu_name() && calibration->device == device)
    return *std::move(calibration);
  reporter.warning(fmt::format(
      "the calibration is not used: {}",
      calibration ? fmt::format("{} is of another machine", file.string()) : calibration.error()));
  return untested_calibration();
}

Solvers choose_solvers(const RankOptions& options, const std::filesystem::path& cache_dir,
                       Reporter& reporter) {
  const bool automatic = options.solver == "auto";
  const bool of_devices = options.solver == "jacobi" || options.solver == "chebyshev";
  if (options.backend == Backend::cuda && !automatic && !of_devices)
    throw RunError(
        ExitCode::usage,
        fmt::format("--backend cuda has the solvers chebyshev and jacobi, not {}", options.solver));
  if (options.backend == Backend::cpu && of_devices)
    throw RunError(ExitCode::usage,
                   fmt::format("--solver {} is one of --backend cuda, not cpu", options.solver));
  const bool may_use_devices = options.backend != Backend::cpu && (automatic || of_devices);
  if (!may_use_devices && !options.devices.empty())
    throw RunError(ExitCode::usage,
                   options.backend == Backend::cpu
                       ? "--devices is of no use with --backend cpu"
                       : fmt::format("--devices is of no use with --solver {}", options.solver));
  Solvers solvers;
  solvers.cpu = make_cpu_solver(options.solver);
  if (!may_use_devices) return solvers;

  auto device = load_cuda_solver(automatic ? "chebyshev" : options.solver, options.devices);
  if (!device) {
    // A device was asked for, or it is one of the ways.
    for (const auto& [asked, flag] :
         {std::pair{options.backend == Backend::cuda, std::string("--backend cuda")},
          std::pair{!options.devices.empty(), std::string("--devices")},
          std::pair{of_devices, "--solver " + options.solver}})
      if (asked) throw RunError(ExitCode::unavailable, fmt::format("{}: {}", flag, device.error()));
    reporter.debug(fmt::format("on the CPU alone: {}", device.error()));
    return solvers;
  }
  solvers.device = *std::move(device);
  if (options.backend == Backend::automatic && automatic) {
    const std::vector<DeviceUse> devices = solvers.device->use();
    solvers.placement.emplace(find_calibration(cache_dir, devices.front().model, reporter),
                              solvers.device->name(), options.threads,
                              static_cast<int>(devices.size()));
    reporter.debug(fmt::format("a device takes what one thread is {:.1f} times slower at, or more",
                               solvers.placement->least_ratio()));
  }
  return solvers;
}

/// What the devices did, and what went wrong there.
void report_devices(const std::vector<DeviceUse>& devices, Reporter& reporter) {
  for (const DeviceUse& use : devices) {
    std::string text =
        fmt::format("{}: structures {}, batches {}", use.device, use.networks, use.batches);
    if (use.batches > 0)
      text += fmt::format(" ({:.1f} structures on average, {} at most)",
                          static_cast<double>(use.networks) / static_cast<double>(use.batches),
                          use.largest_batch);
    if (use.matrix_values > 0)
      text += fmt::format("; padding of dense matrices {:.1f} % of memory, {:.1f} % of work",
                          100 * (use.padded_values / use.matrix_values - 1),
                          100 * (use.padded_work / use.matrix_work - 1));
    reporter.debug(text);
    if (!use.failure.empty())
      reporter.warning(fmt::format("{} failed: {}; what it had in hand was solved elsewhere",
                                   use.device, use.failure));
  }
}

Entries gather(const Arguments& arguments, Reporter& reporter) {
  const RankOptions& rank = arguments.rank;
  const Clock::time_point start = Clock::now();
  Entries entries;
  entries.term = rank.term;
  if (!rank.archive.empty()) {
    const std::unique_ptr<Archive> archive =
        open_archive(rank.archive, arguments.access.store.cache_dir, reporter);
    ArchiveMatches matches = archive->search(rank.term);
    for (const std::string& warning : matches.warnings) reporter.warning(warning);
    entries.source = fmt::format("archive {} ({} files)", rank.archive.string(), matches.indexed);
    entries.files = std::move(matches.files);
  } else if (!rank.files.empty()) {
    entries.source = "files";
    entries.files = structure_files(rank.files);
  } else if (rank.has_ids) {
    entries.source = "list of IDs";
    entries.ids = rank.ids;
  } else {
    entries.search = search_entries(arguments.access, rank.term, reporter);
    entries.source = entries.search->service;
    entries.ids = entries.search->ids;
  }
  entries.seconds = seconds_since(start);
  return entries;
}

/// The largest first, so that no worker is left alone with one at the end.
void sort_by_size(std::vector<std::filesystem::path>& files) {
  std::vector<std::pair<std::uintmax_t, std::filesystem::path>> sized;
  for (std::filesystem::path& file : files) {
    std::error_code error;
    std::uintmax_t size = std::filesystem::file_size(file, error);
    if (error) size = 0;
    if (file.extension() == ".gz") size *= 4;
    sized.emplace_back(size, std::move(file));
  }
  std::stable_sort(sized.begin(), sized.end(),
                   [](const auto& a, const auto& b) { return a.first > b.first; });
  std::transform(sized.begin(), sized.end(), files.begin(),
                 [](auto& entry) { return std::move(entry.second); });
}

FetchCounts fetch_entries(const Arguments& arguments, const std::vector<std::string>& ids,
                          Pipeline& pipeline, Reporter& reporter) {
  const std::unique_ptr<StructureStore> store =
      make_structure_store(arguments.access.store, arguments.access.http, reporter);
  const FetchPlan plan = store->plan(ids);
  std::string where = fmt::format("{} entries: {} cached", ids.size(), plan.cached);
  if (plan.mirrored > 0) where += fmt::format(", {} in local mirrors", plan.mirrored);
  where += arguments.access.http.offline
               ? fmt::format(", {} missing and offline", plan.missing)
               : fmt::format(", {} to download (about {:.0f} MB)", plan.missing,
                             std::ceil(plan.estimated_megabytes));
  reporter.info(fmt::format("{}; cache {}", where, arguments.access.store.cache_dir.string()));

  const Clock::time_point start = Clock::now();
  FetchCounts counts;
  store->fetch(ids, [&](std::size_t index, Outcome<StoredFile> file) {
    if (!file) {
      ++counts.failed;
      pipeline.leave_out({ids[index], {}, std::move(file.error())});
      return;
    }
    ++counts.files[file->origin];
    if (file->origin == StoredFile::Origin::network) counts.bytes_downloaded += file->bytes;
    pipeline.submit(ids[index], file->path);
  });
  counts.seconds = seconds_since(start);
  return counts;
}

void select_top(std::vector<Row>& rows, const RankOptions& rank) {
  if (rank.sort) sort_rows(rows, *rank.sort, rank.descending);
  if (rank.top > 0 && rows.size() > rank.top) rows.resize(rank.top);
}

std::string caption(const RankOptions& rank) {
  return fmt::format(
      "\nfv1-fv3: share of modes 1-3 in the variance of the {} softest modes, not of all motion.\n"
      "coll1: collectivity of mode 1, the part of the residues that moves; tail: below 0.1.\n",
      rank.modes);
}

std::string render(const std::vector<Row>& rows, const RankOptions& rank, bool to_terminal,
                   bool partial) {
  std::ostringstream out;
  const auto chosen_or = [&](std::vector<Column> (*standard)()) {
    return rank.columns.empty() ? standard() : rank.columns;
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
  return out.str();
}

std::map<std::string, std::size_t> reasons(const std::vector<LeftOut>& left_out) {
  std::map<std::string, std::size_t> counts;
  for (const LeftOut& entry : left_out)
    ++counts[fmt::format("{}: {}", to_string(entry.failure.stage), entry.failure.code)];
  return counts;
}

std::map<std::string, std::size_t> solvers(const std::vector<Row>& rows) {
  std::map<std::string, std::size_t> counts;
  for (const Row& row : rows) ++counts[fmt::format("{} on {}", row.solver, row.backend)];
  return counts;
}

template <class Counts>
std::string joined(const Counts& counts) {
  std::string text;
  for (const auto& [name, count] : counts)
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", count, name);
  return text;
}

std::string summary(const Report& report, const RankOptions& rank) {
  const Entries& entries = report.entries;
  std::string text = fmt::format("\nsource      {}\n", entries.source);
  if (!entries.term.empty()) text += fmt::format("query       {}\n", entries.term);
  if (entries.search && !entries.search->understood.empty())
    text += fmt::format("understood  {}\n", entries.search->understood);
  text += fmt::format("found       {} entries", entries.size());
  if (entries.search)
    text += fmt::format(" in {} of {} records", entries.search->records_read,
                        entries.search->records_found);
  text += '\n';
  if (!entries.ids.empty()) {
    const auto count = [&](StoredFile::Origin origin) {
      const auto found = report.fetched.files.find(origin);
      return found == report.fetched.files.end() ? std::size_t{0} : found->second;
    };
    text += fmt::format("files       {} cached, {} from mirrors, {} downloaded ({:.1f} MB)\n",
                        count(StoredFile::Origin::cache), count(StoredFile::Origin::mirror),
                        count(StoredFile::Origin::network),
                        static_cast<double>(report.fetched.bytes_downloaded) * 1e-6);
  }
  text += fmt::format("ranked      {}", report.ranking.rows.size());
  if (!report.ranking.rows.empty())
    text += fmt::format(" (solved by {})", joined(solvers(report.ranking.rows)));
  text += '\n';
  if (!report.ranking.left_out.empty())
    text += fmt::format("left out    {}: {}{}\n", report.ranking.left_out.size(),
                        joined(reasons(report.ranking.left_out)),
                        rank.failures.empty() ? " (--failures FILE lists them)" : "");
  text += fmt::format(
      "seconds     {:.2f} in all; search {:.2f}, download {:.2f}; over {} threads: parse {:.2f}, "
      "network {:.2f}, modes {:.2f}",
      report.seconds, entries.seconds, report.fetched.seconds, rank.threads, report.stages.parse,
      report.stages.network, report.stages.solve);
  if (report.stages.device > 0)
    text += fmt::format("; on devices: modes {:.2f}", report.stages.device);
  text += '\n';
  if (report.shown < report.ranking.rows.size())
    text += fmt::format("shown       {} of {} rows (--top 0 shows all)\n", report.shown,
                        report.ranking.rows.size());
  if (report.partial) text += "PARTIAL     the run was interrupted\n";
  return text;
}

std::string meta_json(const Report& report, const Arguments& arguments) {
  const RankOptions& rank = arguments.rank;
  const Entries& entries = report.entries;
  nlohmann::ordered_json meta;
  meta["program"] = "modesweep";
  meta["version"] = version;
  meta["command"] = arguments.command_line;
  meta["date"] = fmt::format("{:%FT%TZ}", fmt::gmtime(std::time(nullptr)));
  meta["parameters"] = {{"model", "ANM"},
                        {"cutoff", rank.network.cutoff},
                        {"gamma", rank.network.gamma},
                        {"modes", rank.modes},
                        {"nodes", to_string(rank.read.nodes)},
                        {"file_model", rank.read.model ? nlohmann::ordered_json(*rank.read.model)
                                                       : nlohmann::ordered_json("first")},
                        {"solver", rank.solver},
                        {"sort", rank.sort ? rank.sort->name : "fv1"},
                        {"top", rank.top}};
  meta["source"] = entries.source;
  if (!entries.term.empty()) meta["query"]["term"] = entries.term;
  if (entries.search) {
    meta["query"]["sent"] = entries.search->query;
    meta["query"]["understood"] = entries.search->understood;
    meta["query"]["records_found"] = entries.search->records_found;
    meta["query"]["records_read"] = entries.search->records_read;
    meta["query"]["date"] = entries.search->date;
  }
  meta["counts"] = {{"found", entries.size()},
                    {"ranked", report.ranking.rows.size()},
                    {"written", report.shown},
                    {"left_out", report.ranking.left_out.size()}};
  meta["left_out"] = reasons(report.ranking.left_out);
  meta["partial"] = report.partial;
  meta["seconds"] = report.seconds;
  meta["machine"] = {{"cpu", cpu_name()}, {"threads", rank.threads}};
  for (const DeviceUse& use : report.devices) meta["machine"]["devices"].push_back(use.device);
  if (report.least_ratio) {
    meta["parameters"]["balance"] = rank.dynamic_balance ? "dynamic" : "static";
    meta["parameters"]["device_from_ratio"] = *report.least_ratio;
  }
  return meta.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

void write_file(const std::filesystem::path& path, const std::string& content) {
  AtomicFile file(path);
  file.write(content);
  file.commit();
}

[[noreturn]] void cannot_write(const std::system_error& error) {
  throw RunError(ExitCode::output, fmt::format("output could not be written: {}", error.what()));
}

/// Hours of work must not end at a name that could never be written.
void check_writable(const std::filesystem::path& path) {
  if (path.empty()) return;
  try {
    const AtomicFile probe(path);
  } catch (const std::system_error& error) {
    cannot_write(error);
  }
}

void write_outputs(const Report& report, const std::vector<Row>& rows, const Arguments& arguments) {
  const RankOptions& rank = arguments.rank;
  try {
    if (!rank.failures.empty()) {
      std::ostringstream out;
      write_failures(out, report.ranking.left_out);
      write_file(rank.failures, out.str());
    }
    if (!rank.output.empty()) {
      write_file(rank.output, render(rows, rank, false, report.partial));
      std::filesystem::path meta = rank.output;
      meta += ".meta.json";
      write_file(meta, meta_json(report, arguments));
    }
  } catch (const std::system_error& error) {
    // What was computed is not lost with the disk: it goes to standard output instead.
    print(render(rows, rank, false, report.partial));
    cannot_write(error);
  }
}

bool most_downloads_failed(const Report& report) {
  return 2 * report.fetched.failed > report.entries.ids.size();
}

/// Why there are fewer rows than hoped for, where the summary's counts do not say enough.
void warn_of_gaps(const Report& report, const RankOptions& rank, Reporter& reporter) {
  const std::vector<LeftOut>& left_out = report.ranking.left_out;
  if (report.entries.size() == 0)
    reporter.warning(
        fmt::format("nothing was found for \"{}\" in {}", rank.term, report.entries.source));
  else if (report.ranking.rows.empty() && !report.partial)
    reporter.warning("nothing to rank: every entry was left out");
  const auto download = std::find_if(left_out.begin(), left_out.end(), [](const LeftOut& entry) {
    return entry.failure.stage == Stage::download;
  });
  if (most_downloads_failed(report) && download != left_out.end())
    reporter.warning(fmt::format("more than half of the downloads failed; the first: {}: {}",
                                 download->id, download->failure.message));
}

int exit_code(const Report& report, const RankOptions& rank) {
  if (report.partial) return interrupt_exit_code();
  if (most_downloads_failed(report)) return static_cast<int>(ExitCode::unavailable);
  if (report.ranking.rows.empty()) return static_cast<int>(ExitCode::nothing_to_rank);
  const auto& left_out = report.ranking.left_out;
  const bool failed = std::any_of(left_out.begin(), left_out.end(), [](const LeftOut& entry) {
    return entry.failure.stage != Stage::rank;
  });
  return static_cast<int>(rank.strict && failed ? ExitCode::entries_failed : ExitCode::ok);
}

}  // namespace

int run_rank(const Arguments& arguments, Reporter& reporter) {
  const RankOptions& rank = arguments.rank;
  const Clock::time_point start = Clock::now();
  const Solvers solvers = choose_solvers(rank, arguments.access.store.cache_dir, reporter);
  check_writable(rank.output);
  check_writable(rank.failures);

  Report report;
  report.entries = gather(arguments, reporter);
  {
    PipelineOptions options;
    options.read = rank.read;
    options.network = rank.network;
    options.request.modes = rank.modes;
    options.min_residues = rank.min_residues;
    options.threads = rank.threads;
    options.max_memory = rank.max_memory;
    options.expected = report.entries.size();
    options.cancelled = arguments.access.http.cancelled;
    DeviceWork device;
    device.solver = solvers.device.get();
    device.takes = [&](const Network& network) {
      return !solvers.placement ||
             solvers.placement->choose(
                 network, solvers.device->method_for(network, options.request)) == Side::device;
    };
    device.dynamic = rank.dynamic_balance;
    device.too_large_is_final = rank.solver == "jacobi";
    Pipeline pipeline(options, *solvers.cpu, reporter, std::move(device));
    if (!report.entries.ids.empty())
      report.fetched = fetch_entries(arguments, report.entries.ids, pipeline, reporter);
    std::vector<std::filesystem::path> files = report.entries.files;
    sort_by_size(files);
    for (const std::filesystem::path& file : files) {
      if (interrupt_exit_code() != 0) break;
      pipeline.submit({}, file);
    }
    report.ranking = pipeline.finish();
    report.stages = pipeline.seconds();
  }
  if (solvers.device) {
    report.devices = solvers.device->use();
    report_devices(report.devices, reporter);
  }
  if (solvers.placement) report.least_ratio = solvers.placement->least_ratio();
  report.partial =
      interrupt_exit_code() != 0 &&
      report.ranking.rows.size() + report.ranking.left_out.size() < report.entries.size();

  std::vector<Row> rows = report.ranking.rows;
  select_top(rows, rank);
  report.shown = rows.size();
  report.seconds = seconds_since(start);
  write_outputs(report, rows, arguments);
  if (rank.output.empty() && !rows.empty()) print(render(rows, rank, true, report.partial));
  reporter.info(summary(report, rank));
  warn_of_gaps(report, rank, reporter);
  return exit_code(report, rank);
}

}  // namespace modesweep::cli
