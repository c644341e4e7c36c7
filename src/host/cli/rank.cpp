// SPDX-License-Identifier: MIT
// The main job: entries in, a ranked table out.
#include <fmt/chrono.h>
#include <fmt/format.h>

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
#include <modesweep/run_store.hpp>
#include <modesweep/structure_store.hpp>
#include <modesweep/version.hpp>

#include "base/compression_names.hpp"
#include "base/text.hpp"
#include "cli/commands.hpp"
#include "cli/interrupt.hpp"
#include "cli/ranking_output.hpp"
#include "cli/row_stream.hpp"
#include "cli/run_parameters.hpp"
#include "devices/cuda_module.hpp"
#include "devices/placement.hpp"
#include "solver/kernels.hpp"

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
  std::vector<RunEntry> list;  ///< IDs for the structure store, or files at hand
  std::size_t found = 0;       ///< how many there are, also once the list is on its way
  double seconds = 0;          ///< of searching
  bool explained = false;      ///< whether it has been said why there are none

  void add_ids(const std::vector<std::string>& ids) {
    for (const std::string& id : ids) list.push_back({std::ssize(list), id, {}});
  }
  void add_files(std::vector<std::filesystem::path> files) {
    for (std::filesystem::path& file : files)
      list.push_back({std::ssize(list), {}, std::move(file)});
  }
};

/// What fetching came to.
struct FetchCounts {
  std::map<StoredFile::Origin, std::size_t> files;
  std::uint64_t bytes_downloaded = 0;
  std::size_t asked = 0;
  std::size_t failed = 0;
  double seconds = 0;
  double waited = 0;  ///< for the network and the disk, not for the pipeline
};

/// A run's outcome, for the summary and the record beside the output.
struct Report {
  Entries entries;
  FetchCounts fetched;
  Ranking ranking;
  std::map<std::string, std::size_t> solvers;  ///< of the rows solved now, of `show` of all
  std::size_t from_cache = 0;                  ///< rows of the result cache
  std::size_t earlier = 0;                     ///< entries that an earlier process finished
  StageSeconds stages;
  StageWaits waits;
  std::vector<DeviceUse> devices;
  std::optional<double> device_share;  ///< of typical structures, where CPU and devices share
  double seconds = 0;
  bool partial = false;
  std::size_t ranked = 0;  ///< before --unique
  std::size_t shown = 0;
};

/// The solver of devices, made when it is first asked for: that takes a second or more.
class Devices {
 public:
  Devices(std::string solver, std::vector<int> devices, std::string model)
      : name_(std::move(solver)), devices_(std::move(devices)), model_(std::move(model)) {}

  const std::string& name() const { return name_; }    ///< as `--solver` names it
  const std::string& model() const { return model_; }  ///< of the first device

  /// What it is, or one sentence why there is none.
  const tl::expected<std::unique_ptr<DeviceSolver>, std::string>& get() {
    if (!solver_) solver_ = load_cuda_solver(name_, devices_);
    return *solver_;
  }
  bool is_made() const { return solver_ && *solver_; }
  std::string failure() const { return solver_ && !*solver_ ? solver_->error() : std::string(); }

 private:
  const std::string name_;
  const std::vector<int> devices_;
  const std::string model_;
  std::optional<tl::expected<std::unique_ptr<DeviceSolver>, std::string>> solver_;
};

/// Who solves.
struct Solvers {
  std::unique_ptr<ModeSolver> cpu;
  std::unique_ptr<Devices> devices;    ///< may be none
  std::optional<Placement> placement;  ///< none: all on the devices, or none there
};

/// The one of this machine, or the built-in one.
Calibration find_calibration(const std::filesystem::path& cache_dir, const CudaDevice& device,
                             Reporter& reporter) {
  const std::filesystem::path file = calibration_file(cache_dir);
  std::error_code error;
  if (!std::filesystem::exists(file, error)) {
    reporter.debug(
        "no calibration of CPU and device yet (modesweep bench --calibrate): their "
        "shares of the work are those of another machine");
    return built_in_calibration(device);
  }
  tl::expected<Calibration, std::string> calibration = load_calibration(file);
  if (calibration && calibration->cpu == cpu_name() && calibration->device == device.name)
    return *std::move(calibration);
  reporter.warning(fmt::format(
      "the calibration is not used: {}",
      calibration ? fmt::format("{} is of another machine", file.string()) : calibration.error()));
  return built_in_calibration(device);
}

/// Whether the devices are worth the start of their solver: what they would save of the wall time
/// of all entries is more than it. Else `solvers` has none.
void weigh_devices(const std::vector<RunEntry>& entries, Solvers& solvers, Reporter& reporter) {
  if (!solvers.placement || solvers.devices->is_made()) return;
  const double start = solvers.placement->start_seconds();
  double saved = 0;
  for (const RunEntry& entry : entries) {
    saved += solvers.placement->seconds_saved(expected_contacts(entry.file));
    if (saved > start) return;
  }
  reporter.debug(
      fmt::format("on the CPU alone: a device would save {:.1f} s of {} entries, and its "
                  "start takes {:.1f} s",
                  saved, entries.size(), start));
  solvers.devices.reset();
  solvers.placement.reset();
}

Solvers choose_solvers(const RankOptions& options, const std::filesystem::path& cache_dir,
                       Reporter& reporter) {
  const bool automatic = options.solver == "auto";
  const bool of_devices = options.solver == "jacobi" || options.solver == "chebyshev";
  if (options.backend == Backend::cuda && !automatic && !of_devices)
    throw RunError(
        Cause::request,
        fmt::format("--backend cuda has the solvers chebyshev and jacobi, not {}", options.solver));
  if (options.backend == Backend::cpu && of_devices)
    throw RunError(Cause::request,
                   fmt::format("--solver {} is one of --backend cuda, not cpu", options.solver));
  const bool gnm = options.network.model == ElasticModel::gnm;
  if ((gnm || options.all_fluctuations) && (options.backend == Backend::cuda || of_devices))
    throw RunError(
        Cause::request,
        fmt::format("{} on the CPU alone, not by {}",
                    gnm ? "--enm gnm is solved" : "columns of all modes are computed",
                    of_devices ? "--solver " + options.solver : std::string("--backend cuda")));
  const bool may_use_devices = options.backend != Backend::cpu && !gnm &&
                               !options.all_fluctuations && (automatic || of_devices);
  if (!may_use_devices && !options.devices.empty())
    throw RunError(Cause::request,
                   options.backend == Backend::cpu ? "--devices is of no use with --backend cpu"
                   : gnm                           ? "--devices is of no use with --enm gnm"
                   : options.all_fluctuations
                       ? "--devices is of no use with columns of all modes"
                       : fmt::format("--devices is of no use with --solver {}", options.solver));
  Solvers solvers;
  solvers.cpu = make_cpu_solver(options.solver);
  if (!may_use_devices) return solvers;

  // A device was asked for, or it is one of the ways.
  std::string flag;
  if (of_devices) flag = "--solver " + options.solver;
  if (!options.devices.empty()) flag = "--devices";
  if (options.backend == Backend::cuda) flag = "--backend cuda";
  const tl::expected<std::vector<CudaDevice>, std::string> present = cuda_devices();
  const auto chosen = present ? choose_devices(options.devices, static_cast<int>(present->size()))
                              : tl::unexpected(present.error());
  if (!chosen) {
    if (!flag.empty()) throw RunError(Cause::unavailable, flag + ": " + chosen.error());
    reporter.debug("on the CPU alone: " + chosen.error());
    return solvers;
  }
  const CudaDevice& first = (*present)[static_cast<std::size_t>(chosen->front())];
  solvers.devices =
      std::make_unique<Devices>(automatic ? "chebyshev" : options.solver, *chosen, first.name);
  if (!flag.empty() && !solvers.devices->get())
    throw RunError(Cause::unavailable, flag + ": " + solvers.devices->failure());
  if (options.backend == Backend::automatic && automatic) {
    solvers.placement.emplace(find_calibration(cache_dir, first, reporter), solvers.devices->name(),
                              options.threads, static_cast<int>(chosen->size()));
    reporter.debug(fmt::format("devices take {:.0f} % of the structures of 300 residues",
                               100 * solvers.placement->device_share(expected_contacts({}))));
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
    entries.add_files(std::move(matches.files));
    entries.explained = matches.indexed == 0;
  } else if (!rank.files.empty()) {
    entries.source = "files";
    entries.add_files(structure_files(rank.files, reporter));
    entries.explained = true;
  } else if (rank.has_ids) {
    entries.source = "list of IDs";
    entries.add_ids(rank.ids);
  } else {
    entries.search = search_entries(arguments.access, rank.term, arguments.cancel, reporter);
    entries.source = entries.search->service;
    entries.add_ids(entries.search->ids);
    entries.search->ids.clear();
  }
  entries.found = entries.list.size();
  entries.seconds = seconds_since(start);
  return entries;
}

/// The largest first, so that no worker is left alone with one at the end.
void sort_by_size(std::vector<RunEntry>& files) {
  std::vector<std::pair<std::uintmax_t, RunEntry>> sized;
  for (RunEntry& entry : files) {
    std::error_code error;
    std::uintmax_t size = std::filesystem::file_size(entry.file, error);
    if (error) size = 0;
    const std::string name = ascii_lower(entry.file.filename().string());
    if (without_compression(name).size() < name.size()) size *= 4;
    sized.emplace_back(size, std::move(entry));
  }
  std::stable_sort(sized.begin(), sized.end(),
                   [](const auto& a, const auto& b) { return a.first > b.first; });
  std::transform(sized.begin(), sized.end(), files.begin(),
                 [](auto& entry) { return std::move(entry.second); });
}

void fetch_entries(const Arguments& arguments, const std::vector<RunEntry>& entries,
                   Pipeline& pipeline, RunStore* run, FetchCounts& counts, Reporter& reporter) {
  std::vector<std::string> ids;
  for (const RunEntry& entry : entries) ids.push_back(entry.id);
  const std::unique_ptr<StructureStore> store = make_structure_store(
      arguments.access.store, arguments.access.http, reporter, arguments.cancel);
  const FetchPlan plan = store->plan(ids);
  std::string where = fmt::format("{} entries: {} cached", ids.size(), plan.cached);
  if (plan.mirrored > 0) where += fmt::format(", {} in local mirrors", plan.mirrored);
  where += arguments.access.http.offline
               ? fmt::format(", {} missing and offline", plan.missing)
               : fmt::format(", {} to download (about {:.0f} MB)", plan.missing,
                             std::ceil(plan.estimated_megabytes));
  reporter.info(fmt::format("{}; cache {}", where, arguments.access.store.cache_dir.string()));

  const Clock::time_point start = Clock::now();
  double in_pipeline = 0;
  counts.asked += ids.size();
  store->fetch(ids, [&](std::size_t index, Outcome<StoredFile> file) {
    const Clock::time_point handed_over = Clock::now();
    const std::int64_t number = entries[index].number;
    if (!file) {
      ++counts.failed;
      pipeline.leave_out({ids[index], {}, std::move(file.error())}, number);
    } else {
      ++counts.files[file->origin];
      if (file->origin == StoredFile::Origin::network) counts.bytes_downloaded += file->bytes;
      if (run) run->downloaded(number, file->path);
      pipeline.submit(ids[index], file->path, number);
    }
    in_pipeline += seconds_since(handed_over);
  });
  const double seconds = seconds_since(start);
  counts.seconds += seconds;
  counts.waited += seconds - in_pipeline;
}

/// What was searched for and found.
std::string summary_of_entries(const Entries& entries) {
  std::string text = fmt::format("\nsource      {}\n", entries.source);
  if (!entries.term.empty()) text += fmt::format("query       {}\n", entries.term);
  if (entries.search && !entries.search->understood.empty())
    text += fmt::format("understood  {}\n", entries.search->understood);
  text += fmt::format("found       {} entries", entries.found);
  if (entries.search)
    text += fmt::format(" in {} of {} records", entries.search->records_read,
                        entries.search->records_found);
  text += '\n';
  return text;
}

std::string summary(const Report& report, const RankOptions& rank) {
  const Entries& entries = report.entries;
  std::string text = summary_of_entries(entries);
  if (!rank.run.empty())
    text += fmt::format("run         {}: {} entries were finished before\n", rank.run.string(),
                        report.earlier);
  if (report.fetched.asked > 0) {
    const auto count = [&](StoredFile::Origin origin) {
      const auto found = report.fetched.files.find(origin);
      return found == report.fetched.files.end() ? std::size_t{0} : found->second;
    };
    text += fmt::format("files       {} cached, {} from mirrors, {} downloaded ({:.1f} MB)\n",
                        count(StoredFile::Origin::cache), count(StoredFile::Origin::mirror),
                        count(StoredFile::Origin::network),
                        static_cast<double>(report.fetched.bytes_downloaded) * 1e-6);
  }
  std::vector<std::string> origins;
  if (!report.solvers.empty()) origins.push_back("solved by " + joined(report.solvers));
  if (report.from_cache > 0)
    origins.push_back(fmt::format("{} from the result cache", report.from_cache));
  text += fmt::format("ranked      {}", report.ranked);
  if (!origins.empty()) text += fmt::format(" ({})", fmt::join(origins, "; "));
  text += '\n';
  text += left_out_line(report.ranking.left_out, rank);
  text += fmt::format(
      "seconds     {:.2f} in all; search {:.2f}, download {:.2f}; over {} threads: parse {:.2f}, "
      "network {:.2f}, modes {:.2f}",
      report.seconds, entries.seconds, report.fetched.seconds, rank.threads, report.stages.parse,
      report.stages.network, report.stages.solve);
  if (report.stages.device > 0)
    text += fmt::format("; on devices: modes {:.2f}", report.stages.device);
  text += '\n';
  if (rank.unique)
    text += fmt::format("unique      {} rows, one a protein\n", report.ranking.rows.size());
  text += shown_line(report.shown, report.ranking.rows.size());
  if (report.partial) text += "PARTIAL     the run was interrupted\n";
  return text;
}

/// Of a run as it lies on disk.
std::string summary_of_kept(const Report& report, const std::map<std::string, std::size_t>& states,
                            const RankOptions& rank) {
  std::string text = summary_of_entries(report.entries);
  text += fmt::format("run         {}: {}\n", rank.run.string(), joined(states));
  text += fmt::format("ranked      {} (solved by {})\n", report.ranked, joined(report.solvers));
  text += left_out_line(report.ranking.left_out, rank);
  if (rank.unique)
    text += fmt::format("unique      {} rows, one a protein\n", report.ranking.rows.size());
  text += shown_line(report.shown, report.ranking.rows.size());
  if (report.partial) text += "PARTIAL     not all entries are through\n";
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
  meta["parameters"] = {{"model", to_string(rank.network.model)},
                        {"cutoff", rank.network.cutoff},
                        {"gamma", rank.network.gamma},
                        {"modes", rank.modes},
                        {"nodes", to_string(rank.read.nodes)},
                        {"file_model", rank.read.model ? nlohmann::ordered_json(*rank.read.model)
                                                       : nlohmann::ordered_json("first")},
                        {"chains", rank.read.chains},
                        {"selection", rank.read.selection},
                        {"assembly", rank.read.assembly},
                        {"solver", rank.solver},
                        {"sort", rank.sort ? rank.sort->name : "fv1"},
                        {"unique", rank.unique},
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
  meta["counts"] = {{"found", entries.found},
                    {"ranked", report.ranked},
                    {"rows", report.ranking.rows.size()},
                    {"from_cache", report.from_cache},
                    {"written", report.shown},
                    {"left_out", report.ranking.left_out.size()}};
  meta["left_out"] = counts_of_reasons(report.ranking.left_out);
  meta["partial"] = report.partial;
  if (arguments.command != Arguments::Command::show) {
    meta["seconds"] = report.seconds;
    meta["machine"] = {{"cpu", cpu_name()}, {"threads", rank.threads}};
  }
  for (const DeviceUse& use : report.devices) meta["machine"]["devices"].push_back(use.device);
  if (report.device_share) {
    meta["parameters"]["balance"] = rank.dynamic_balance ? "dynamic" : "static";
    meta["parameters"]["device_share"] = *report.device_share;
  }
  return meta.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

bool most_downloads_failed(const Report& report) {
  return 2 * report.fetched.failed > report.fetched.asked;
}

/// Why there are fewer rows than hoped for, where the summary's counts do not say enough.
void warn_of_gaps(const Report& report, const RankOptions& rank, Reporter& reporter) {
  const std::vector<LeftOut>& left_out = report.ranking.left_out;
  if (report.entries.found == 0) {
    const std::string term = rank.term.empty() ? "" : fmt::format(" for \"{}\"", rank.term);
    if (!report.entries.explained)
      reporter.warning(fmt::format("nothing was found{} in {}", term, report.entries.source));
    return;
  }
  if (report.ranking.rows.empty() && !report.partial)
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
  return static_cast<int>(exit_code_of(report.ranking, rank.strict));
}

/// What a run keeps of the search, for people and for going on.
std::map<std::string, std::string> kept_query(const Entries& entries, const AccessOptions& access) {
  std::map<std::string, std::string> query = {{"source", entries.source}, {"term", entries.term}};
  if (entries.search) {
    query["service"] = entries.search->service;
    query["sent"] = entries.search->query;
    query["understood"] = entries.search->understood;
    query["records found"] = std::to_string(entries.search->records_found);
    query["records read"] = std::to_string(entries.search->records_read);
    query["date"] = entries.search->date;
  }
  // Not a parameter of the results: all archives serve the same files.
  query["hosts"] = fmt::format("{}", fmt::join(access.store.archives, ","));
  return query;
}

Entries kept_entries(std::map<std::string, std::string> query, std::size_t found) {
  Entries entries;
  entries.source = query["source"];
  entries.term = query["term"];
  entries.found = found;
  if (query.contains("service")) {
    SearchResult& search = entries.search.emplace();
    search.service = query["service"];
    search.query = query["sent"];
    search.understood = query["understood"];
    search.records_found = std::stoll(query["records found"]);
    search.records_read = std::stoll(query["records read"]);
    search.date = query["date"];
  }
  return entries;
}

/// Refuses a run that is not of this command: other parameters, or another list of entries.
void check_same(RunStore& run, const Arguments& arguments, Reporter& reporter) {
  const RankOptions& rank = arguments.rank;
  if (const auto differs = difference(rank.run, run.parameters(), run_parameters(arguments)))
    throw RunError(Cause::request, *differs);
  if (!rank.has_ids && rank.files.empty()) return;  // a search is not repeated
  const std::vector<RunEntry> kept = run.entries();
  const std::vector<RunEntry> asked = gather(arguments, reporter).list;
  // The file of an ID is known only once it is there.
  const auto differ = [](const RunEntry& a, const RunEntry& b) {
    return a.id != b.id || (a.id.empty() && a.file != b.file);
  };
  for (std::size_t i = 0; i < std::max(kept.size(), asked.size()); ++i) {
    if (i < kept.size() && i < asked.size() && !differ(kept[i], asked[i])) continue;
    const RunEntry& first = i < asked.size() ? asked[i] : kept[i];
    throw RunError(
        Cause::request,
        fmt::format("the run in {} has {} entries, and now {} are asked for; the first that "
                    "differs is {}: name another folder for a new run",
                    rank.run.string(), kept.size(), asked.size(),
                    first.id.empty() ? first.file.string() : first.id));
  }
}

/// Rows are the same where this is the same.
std::string cache_parameters(const RankOptions& rank, const Solvers& solvers) {
  std::string text;
  for (const auto& [name, value] : model_parameters(rank))
    text += fmt::format("{} {}; ", name, value);
  text += fmt::format("{} on {}", solvers.cpu->name(), cpu_name());
  if (solvers.cpu->name() == "shift-invert")
    text += fmt::format(" {}", to_string(shift_invert::selected_isa()));
  if (solvers.devices) {
    text += fmt::format("; {} on {}", solvers.devices->name(), solvers.devices->model());
    if (!solvers.placement) text += ", all";
    // Shares of three sizes say which calibration it is.
    for (const double contacts : {1.6e3, 1.6e4, 1.6e5})
      if (solvers.placement)
        text += fmt::format(", {} of {:.0f} contacts", solvers.placement->device_share(contacts),
                            contacts);
  }
  return text;
}

template <class T>
void append(std::vector<T>& to, std::vector<T>&& more) {
  if (to.empty()) {
    to = std::move(more);
  } else {
    to.reserve(to.size() + more.size());
    std::move(more.begin(), more.end(), std::back_inserter(to));
  }
}

/// Solves `entries`, adding to the report.
void work_on(std::vector<RunEntry> entries, const PipelineOptions& options, const Solvers& solvers,
             const Arguments& arguments, RunStore* run, Report& report, Reporter& reporter) {
  if (entries.empty()) return;
  DeviceWork device;
  if (solvers.devices) {
    device.name = solvers.devices->name();
    device.solver = [&]() -> const DeviceSolver* {
      const auto& solver = solvers.devices->get();
      if (solver) return solver->get();
      reporter.warning(fmt::format("on the CPU alone: {}", solver.error()));
      return nullptr;
    };
  }
  device.takes = [&](const Network& network) {
    return !solvers.placement || solvers.placement->choose(network) == Side::device;
  };
  device.dynamic = arguments.rank.dynamic_balance;
  device.too_large_is_final = arguments.rank.solver == "jacobi";
  Pipeline pipeline(options, *solvers.cpu, reporter, std::move(device));
  // One input gives either IDs or files.
  std::vector<RunEntry> files;
  if (entries.front().id.empty())
    files = std::move(entries);
  else
    fetch_entries(arguments, entries, pipeline, run, report.fetched, reporter);
  if (!files.empty() && !files.front().suspect) sort_by_size(files);
  for (RunEntry& entry : files) {
    if (options.cancel.is_cancelled()) break;
    pipeline.submit({}, std::move(entry.file), entry.number);
  }
  Ranking ranking = pipeline.finish();
  const auto cached = std::partition(ranking.rows.begin(), ranking.rows.end(),
                                     [](const Row& row) { return !row.from_cache; });
  report.from_cache += static_cast<std::size_t>(ranking.rows.end() - cached);
  for (const auto& [name, count] : counts_of_solvers({ranking.rows.begin(), cached}))
    report.solvers[name] += count;
  append(report.ranking.rows, std::move(ranking.rows));
  append(report.ranking.left_out, std::move(ranking.left_out));
  report.stages += pipeline.seconds();
  report.waits += pipeline.waits();
}

/// Where the time went that nobody worked.
void report_waits(const Report& report, int threads, Reporter& reporter) {
  const StageWaits& waits = report.waits;
  reporter.debug(fmt::format(
      "waits in s  files: {:.2f} for network and disk, {:.2f} for room before the workers",
      report.fetched.waited, waits.files_for_room));
  reporter.debug(fmt::format(
      "            workers ({} threads): {:.2f} for files, {:.2f} for memory, {:.2f} for room "
      "before the devices; results: {:.2f} kept and told",
      threads, waits.workers_for_files, waits.workers_for_memory, waits.workers_for_devices,
      report.stages.keep));
  if (report.stages.device > 0)
    reporter.debug(
        fmt::format("            devices: {:.2f} for structures", waits.devices_for_work));
  // Whoever is waited for and does not wait itself.
  const char* bottleneck = "workers";
  if (waits.workers_for_files / threads > waits.files_for_room)
    bottleneck = "files";
  else if (waits.workers_for_devices > std::max(waits.workers_for_files, waits.devices_for_work))
    bottleneck = "devices";
  reporter.debug(fmt::format("            bottleneck: {}", bottleneck));
}

int rank_entries(const Arguments& arguments, std::unique_ptr<RunStore> run, Reporter& reporter) {
  const RankOptions& rank = arguments.rank;
  const Clock::time_point start = Clock::now();
  Solvers solvers = choose_solvers(rank, arguments.access.store.cache_dir, reporter);
  check_outputs(rank);

  Report report;
  std::vector<RunEntry> to_do;
  if (run && !run->is_new()) {
    report.entries = kept_entries(run->query(), run->entries().size());
    to_do = run->to_do(rank.retry_failed);
    report.ranking = run->finished();
    report.earlier = report.entries.found - to_do.size();
  } else {
    report.entries = gather(arguments, reporter);
    to_do = std::move(report.entries.list);
    if (run)
      run->begin(run_parameters(arguments), kept_query(report.entries, arguments.access), to_do);
  }

  weigh_devices(to_do, solvers, reporter);
  std::unique_ptr<ResultCache> cache;
  if (rank.result_cache)
    cache = open_result_cache(arguments.access.store.cache_dir, cache_parameters(rank, solvers),
                              reporter);
  std::optional<RowStream> stream;
  if (rank.stream)
    stream.emplace(
        rank.columns, run || !rank.output.empty() ? +[] {} : +[] { request_stop(); });

  PipelineOptions options;
  options.read = rank.read;
  options.network = rank.network;
  options.request.modes = rank.modes;
  options.request.all_fluctuations = rank.all_fluctuations;
  options.hinges = rank.hinges;
  options.square_fluctuations = rank.square_fluctuations;
  options.min_residues = rank.min_residues;
  options.threads = rank.threads;
  options.max_memory = rank.max_memory;
  options.cancel = arguments.cancel;
  options.cache = cache.get();
  if (run) options.observers.push_back(run.get());
  if (stream) options.observers.push_back(&*stream);

  // What the process died with before is tried alone, so that it is known what kills it.
  const auto first =
      std::find_if(to_do.begin(), to_do.end(), [](const RunEntry& entry) { return entry.suspect; });
  std::vector<RunEntry> suspects(std::make_move_iterator(first),
                                 std::make_move_iterator(to_do.end()));
  to_do.erase(first, to_do.end());
  const auto work = [&](std::vector<RunEntry> entries) {
    options.expected = entries.size();
    if (!options.cancel.is_cancelled())
      work_on(std::move(entries), options, solvers, arguments, run.get(), report, reporter);
  };
  work(std::move(to_do));
  options.threads = 1;
  work(std::move(suspects));
  if (stream) {
    stream->check();
    if (stream->is_closed() && options.cancel.is_cancelled() && interrupt_exit_code() == 0)
      return 0;
  }
  sort_ranking(report.ranking);
  if (solvers.devices && solvers.devices->is_made()) {
    report.devices = (*solvers.devices->get())->use();
    report_devices(report.devices, reporter);
  }
  if (solvers.placement)
    report.device_share = solvers.placement->device_share(expected_contacts({}));
  report.partial =
      interrupt_exit_code() != 0 &&
      report.ranking.rows.size() + report.ranking.left_out.size() < report.entries.found;

  report.ranked = report.ranking.rows.size();
  const std::span<const Row> rows = select_top(report.ranking.rows, rank);
  report.shown = rows.size();
  report.seconds = seconds_since(start);
  write_outputs(rows, report.ranking.left_out,
                rank.output.empty() ? std::string() : meta_json(report, arguments), rank,
                report.partial);
  note_dominant_protein(rows, rank, reporter);
  reporter.info(summary(report, rank));
  report_waits(report, rank.threads, reporter);
  warn_of_gaps(report, rank, reporter);
  if (run && !run->failure().empty())
    throw RunError(Cause::output, fmt::format("the run in {} could not be kept: {}",
                                              rank.run.string(), run->failure()));
  return exit_code(report, rank);
}

}  // namespace

std::unique_ptr<ModeSolver> make_cpu_solver(const std::string& name) {
  if (name == "eigen") return make_eigen_solver();
  if (name == "lapack") return make_lapack_solver();
  return make_shift_invert_solver();
}

int run_rank(const Arguments& typed, Reporter& reporter) {
  if (typed.rank.run.empty()) return rank_entries(typed, nullptr, reporter);
  Arguments arguments = typed;
  RankOptions& rank = arguments.rank;
  // A run can be gone on with from any folder.
  if (!rank.archive.empty()) rank.archive = std::filesystem::absolute(rank.archive);
  for (std::filesystem::path& file : rank.files) file = std::filesystem::absolute(file);
  std::unique_ptr<RunStore> run = RunStore::open(rank.run, reporter);
  if (!run->is_new()) check_same(*run, arguments, reporter);
  return rank_entries(arguments, std::move(run), reporter);
}

int run_resume(const Arguments& typed, Reporter& reporter) {
  Arguments arguments = typed;
  RankOptions& rank = arguments.rank;
  std::unique_ptr<RunStore> run = RunStore::open_existing(rank.run, reporter);
  const Settings parameters = run->parameters();
  if (const auto differs =
          difference(rank.run, parameters, resumed_parameters(parameters, arguments.access)))
    throw RunError(Cause::request, *differs);
  apply_parameters(parameters, arguments);
  const std::map<std::string, std::string> query = run->query();
  if (const auto kept = query.find("hosts"); kept != query.end() && !arguments.access.has_hosts) {
    std::vector<std::string>& hosts = arguments.access.store.archives;
    hosts.clear();
    std::istringstream names(kept->second);
    for (std::string name; std::getline(names, name, ',');) hosts.push_back(name);
  }
  return rank_entries(arguments, std::move(run), reporter);
}

int run_show(const Arguments& typed, Reporter& reporter) {
  Arguments arguments = typed;
  RankOptions& rank = arguments.rank;
  check_outputs(rank);
  RunRecord record = read_run(rank.run);
  apply_parameters(record.parameters, arguments);
  Report report;
  std::size_t found = 0;
  for (const auto& [state, count] : record.states) found += count;
  report.entries = kept_entries(std::move(record.query), found);
  report.ranking = std::move(record.ranking);
  for (const Row& row : report.ranking.rows) report.from_cache += row.from_cache;
  report.solvers = counts_of_solvers(report.ranking.rows);
  report.partial =
      report.ranking.rows.size() + report.ranking.left_out.size() < report.entries.found;
  report.ranked = report.ranking.rows.size();
  const std::span<const Row> rows = select_top(report.ranking.rows, rank);
  report.shown = rows.size();
  write_outputs(rows, report.ranking.left_out,
                rank.output.empty() ? std::string() : meta_json(report, arguments), rank,
                report.partial);
  note_dominant_protein(rows, rank, reporter);
  reporter.info(summary_of_kept(report, record.states, rank));
  return static_cast<int>(rows.empty() ? ExitCode::nothing_to_rank : ExitCode::ok);
}

}  // namespace modesweep::cli
