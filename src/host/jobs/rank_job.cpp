// SPDX-License-Identifier: MIT
#include <modesweep/rank_job.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <iterator>
#include <system_error>
#include <utility>

#include <modesweep/parameters.hpp>
#include <modesweep/pdb_id.hpp>
#include <modesweep/result_cache.hpp>
#include <modesweep/run_store.hpp>
#include <modesweep/solvers.hpp>

#include "base/clock.hpp"
#include "base/likely_size.hpp"
#include "base/text.hpp"
#include "jobs/fetching.hpp"
#include "jobs/kept_query.hpp"

namespace modesweep {
namespace {

/// The largest first, so that no worker is left alone with one at the end.
void sort_by_size(std::vector<RunEntry>& files) {
  std::vector<std::pair<std::uint64_t, RunEntry>> sized;
  for (RunEntry& entry : files) {
    const std::uint64_t size = likely_size(entry.file);
    sized.emplace_back(size, std::move(entry));
  }
  std::stable_sort(sized.begin(), sized.end(),
                   [](const auto& a, const auto& b) { return a.first > b.first; });
  std::transform(sized.begin(), sized.end(), files.begin(),
                 [](auto& entry) { return std::move(entry.second); });
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

template <class T>
void append(std::vector<T>& to, std::vector<T>&& more) {
  if (to.empty()) {
    to = std::move(more);
  } else {
    to.reserve(to.size() + more.size());
    std::move(more.begin(), more.end(), std::back_inserter(to));
  }
}

/// Refuses a run that is not of this request: other parameters, or another list of entries.
void check_same(RunStore& run, const RankRequest& request, Reporter& reporter,
                const CancelToken& cancel) {
  check_parameters(request.run, run.parameters(), settings_of(request));
  const Source source = request.input.source;
  if (source != Source::ids && source != Source::files) return;  // a search is not repeated
  // The file of an ID is known only once it is there. Their order decides nothing: a run that was
  // merged has another one.
  std::vector<std::string> kept, asked;
  for (const RunEntry& entry : run.entries())
    if (!entry.found_in) kept.push_back(listed_name(entry));
  for (const RunEntry& entry : find_entries(request.input, request.access, reporter, cancel).list)
    asked.push_back(listed_name(entry));
  std::sort(kept.begin(), kept.end());
  std::sort(asked.begin(), asked.end());
  if (kept == asked) return;
  const auto [of_kept, of_asked] =
      std::mismatch(kept.begin(), kept.end(), asked.begin(), asked.end());
  throw RunError(Cause::request,
                 fmt::format("the run in {} has {}, and now {} asked for; the first that "
                             "differs is {}: name another folder for a new run",
                             request.run.string(), counted(std::ssize(kept), "entry", "entries"),
                             counted(std::ssize(asked), "is", "are"),
                             of_asked != asked.end() ? *of_asked : *of_kept));
}

/// Without what a run cannot be gone on with from any folder.
RankRequest with_absolute_paths(RankRequest request) {
  if (!request.input.archive.empty())
    request.input.archive = std::filesystem::absolute(request.input.archive);
  for (std::filesystem::path& file : request.input.files) file = std::filesystem::absolute(file);
  return request;
}

}  // namespace

class RankJob::Implementation {
 public:
  Implementation(RankRequest request, std::unique_ptr<RunStore> run, Reporter& reporter,
                 CancelToken cancel)
      : request_(std::move(request)),
        run_(std::move(run)),
        reporter_(reporter),
        cancel_(std::move(cancel)) {
    request_.machine = with_defaults(request_.machine);
    request_.access.store.max_memory = request_.machine.max_memory;
  }

  const RankRequest& request() const { return request_; }
  void check_files(std::function<void(const std::filesystem::path&)> check) {
    check_file_ = std::move(check);
  }
  void observe(EntryObserver& observer) { observers_.push_back(&observer); }
  void with_modes(ModesObserver observer) { with_modes_ = std::move(observer); }

  RankResult run() {
    const Stopwatch watch;
    solvers_.emplace(
        make_solvers(request_.machine, request_.model, request_.access.store.cache_dir, reporter_));
    std::vector<RunEntry> to_do = find_work();
    weigh_devices(to_do);
    if (request_.machine.result_cache)
      cache_ = open_result_cache(request_.access.store.cache_dir,
                                 row_parameters(request_) + solvers_->signature(), reporter_);
    // What the process died with before is tried alone, so that it is known what kills it.
    const auto first = std::find_if(to_do.begin(), to_do.end(),
                                    [](const RunEntry& entry) { return entry.suspect; });
    std::vector<RunEntry> suspects(std::make_move_iterator(first),
                                   std::make_move_iterator(to_do.end()));
    to_do.erase(first, to_do.end());
    work_on(std::move(to_do), request_.machine.threads);
    work_on(std::move(suspects), 1);
    finish();
    result_.seconds = watch.seconds();
    return std::move(result_);
  }

 private:
  /// The entries that are not yet through; what is through goes to the result.
  std::vector<RunEntry> find_work() {
    if (run_ && !run_->is_new()) {
      const std::vector<RunEntry> all = run_->entries();
      check_files_of(all);
      const auto listed = std::count_if(all.begin(), all.end(),
                                        [](const RunEntry& entry) { return !entry.found_in; });
      result_.entries = entries_of_query(run_->query(), static_cast<std::size_t>(listed));
      std::vector<RunEntry> to_do = run_->to_do(request_.retry_failed);
      run_->check_unchanged();
      result_.earlier = all.size() - to_do.size();
      return to_do;
    }
    result_.entries = find_entries(request_.input, request_.access, reporter_, cancel_);
    std::vector<RunEntry> to_do = std::move(result_.entries.list);
    numbers_ = std::ssize(to_do);
    check_files_of(to_do);
    if (run_)
      run_->begin(settings_of(request_),
                  query_of_entries(result_.entries, request_.access.store.archives), to_do);
    return to_do;
  }

  void check_files_of(const std::vector<RunEntry>& entries) const {
    if (!check_file_) return;
    for (const RunEntry& entry : entries)
      if (!entry.file.empty()) check_file_(entry.file);
  }

  void weigh_devices(const std::vector<RunEntry>& entries) {
    if (!solvers_->has_devices()) return;
    std::vector<std::filesystem::path> files;
    for (const RunEntry& entry : entries) files.push_back(entry.file);
    solvers_->weigh_devices(files);
  }

  PipelineOptions pipeline_options(std::size_t entries, int threads) {
    PipelineOptions options;
    options.model = request_.model;
    options.threads = threads;
    options.max_memory = request_.machine.max_memory;
    options.expected = entries;
    options.cancel = cancel_;
    options.cache = cache_.get();
    if (run_) {
      options.observers.push_back(run_.get());
      options.is_kept = [this](std::int64_t number) { return run_->keeps(number); };
    }
    options.observers.insert(options.observers.end(), observers_.begin(), observers_.end());
    options.divide = [this](std::int64_t number, const std::vector<std::string>& chains) {
      return divide(number, chains);
    };
    options.with_modes = with_modes_;
    options.fetch_again = refetch(request_.access, reporter_, cancel_);
    return options;
  }

  void work_on(std::vector<RunEntry> entries, int threads) {
    if (entries.empty() || cancel_.is_cancelled()) return;
    Pipeline pipeline(pipeline_options(entries.size(), threads), solvers_->cpu(), reporter_,
                      solvers_->device_work());
    // One input gives either IDs or files.
    if (entries.front().id.empty())
      submit_files(std::move(entries), pipeline);
    else
      submit_ids(entries, pipeline);
    Ranking ranking = pipeline.finish();
    append(in_memory_.rows, std::move(ranking.rows));
    append(in_memory_.left_out, std::move(ranking.left_out));
    result_.threads = std::max(result_.threads, pipeline.threads());
    result_.counts += pipeline.counts();
    result_.stages += pipeline.seconds();
    result_.waits += pipeline.waits();
  }

  /// Called on the workers' threads.
  std::vector<std::int64_t> divide(std::int64_t number, const std::vector<std::string>& chains) {
    chains_ += chains.size();
    if (run_) return run_->divide(number, chains);
    std::vector<std::int64_t> numbers = {number};
    while (numbers.size() < chains.size()) numbers.push_back(numbers_++);
    return numbers;
  }

  /// Of an entry that an earlier process divided.
  static std::vector<std::string> chains_of(const RunEntry& entry) {
    return entry.chain ? std::vector{*entry.chain} : std::vector<std::string>();
  }

  void submit_files(std::vector<RunEntry> entries, Pipeline& pipeline) {
    if (!entries.front().suspect) sort_by_size(entries);
    for (RunEntry& entry : entries) {
      if (cancel_.is_cancelled()) break;
      pipeline.submit({}, std::move(entry.file), entry.number, chains_of(entry));
    }
  }

  void submit_ids(const std::vector<RunEntry>& entries, Pipeline& pipeline) {
    std::vector<std::string> ids;
    std::map<std::string, std::vector<const RunEntry*>>
        entries_of;  // several where chains are left
    for (const RunEntry& entry : entries) {
      std::vector<const RunEntry*>& same = entries_of[entry.id];
      if (same.empty()) ids.push_back(entry.id);
      same.push_back(&entry);
    }
    const auto done = [&](std::size_t place, const Outcome<StoredFile>& file) {
      const std::string& id = ids[place];
      for (const RunEntry* const entry : entries_of[id]) {
        if (!file) {
          const std::string name = entry->chain ? chain_entry_name(id, *entry->chain) : id;
          pipeline.leave_out({name, {}, file.error()}, entry->number);
        } else {
          if (run_) run_->downloaded(entry->number, file->path);
          pipeline.submit(id, file->path, entry->number, chains_of(*entry), file->sha256);
        }
      }
    };
    fetch_entries(ids, request_.access, result_.fetched, done, reporter_, cancel_);
  }

  void finish() {
    if (result_.threads == 0) result_.threads = request_.machine.threads;  // there was no work
    if (run_) {
      run_->settle();
      result_.run_failure = run_->failure();
    }
    if (cache_) result_.damaged_in_cache = cache_->damaged();
    if (request_.model.by_chain) result_.chains = chains_;
    const std::size_t through = run_ ? finish_with_run() : finish_in_memory();
    result_.partial = cancel_.is_cancelled() && through < static_cast<std::size_t>(numbers_);
    result_.devices = solvers_->use();
    report_devices(result_.devices, reporter_);
    result_.device_share = solvers_->device_share();
  }

  /// How many entries are through.
  std::size_t finish_in_memory() {
    const std::size_t through = in_memory_.rows.size() + in_memory_.left_out.size();
    sort_ranking(in_memory_);
    for (const LeftOut& entry : in_memory_.left_out)
      ++result_.reasons[fmt::format("{}: {}", to_string(entry.failure.stage), entry.failure.code)];
    result_.rows = rank_rows(std::move(in_memory_.rows), request_.order);
    result_.left_out = [left_out = std::move(in_memory_.left_out)](const auto& visit) {
      for (const LeftOut& entry : left_out) visit(entry);
    };
    return through;
  }

  std::size_t finish_with_run() {
    KeptRanking kept = read_kept_ranking(request_.run, request_.order);
    result_.chains = kept.result.chains;
    result_.gaps = kept.result.gaps;
    numbers_ = 0;
    for (const auto& [state, count] : kept.states) numbers_ += static_cast<std::int64_t>(count);
    if (result_.run_failure.empty()) {
      result_.rows = std::move(kept.result.rows);
      result_.left_out = std::move(kept.result.left_out);
      result_.reasons = std::move(kept.result.reasons);
      return result_.rows->ranked() + result_.left_out_count();
    }
    // What the run could no longer keep stands in memory, and the rest comes to it.
    read_kept_ranking(request_.run, {}).result.rows->for_each([&](const Row& row) {
      in_memory_.rows.push_back(row);
    });
    kept.result.left_out([&](const LeftOut& entry) { in_memory_.left_out.push_back(entry); });
    return finish_in_memory();
  }

  RankRequest request_;
  std::unique_ptr<RunStore> run_;
  Reporter& reporter_;
  CancelToken cancel_;
  std::vector<EntryObserver*> observers_;
  ModesObserver with_modes_;
  std::function<void(const std::filesystem::path&)> check_file_;
  std::optional<Solvers> solvers_;
  std::unique_ptr<ResultCache> cache_;
  Ranking in_memory_;                      ///< what no run keeps
  std::atomic<std::int64_t> numbers_ = 0;  ///< of entries, with those that are further chains
  std::atomic<std::size_t> chains_ = 0;    ///< that files were divided into by now
  RankResult result_;
};

RankJob::RankJob(std::unique_ptr<Implementation> implementation)
    : implementation_(std::move(implementation)) {}

RankJob::RankJob(RankRequest request, Reporter& reporter, CancelToken cancel) {
  if (request.model.by_chain && !request.model.read.assembly.empty())
    throw RunError(Cause::request, chains_of_assembly);
  check_order(request.order, request.model);
  std::unique_ptr<RunStore> run;
  // A shard is the same one whether its run is kept or not.
  if (!request.run.empty() || request.input.shard)
    request = with_absolute_paths(std::move(request));
  if (!request.run.empty()) {
    run = RunStore::open(request.run, reporter, request.journal);
    if (!run->is_new()) check_same(*run, request, reporter, cancel);
  }
  implementation_ = std::make_unique<Implementation>(std::move(request), std::move(run), reporter,
                                                     std::move(cancel));
}

RankJob RankJob::resume(RankRequest request, const ResumeChoices& choices, Reporter& reporter,
                        CancelToken cancel) {
  std::unique_ptr<RunStore> run = RunStore::open_existing(request.run, reporter, request.journal);
  request = resumed_request(std::move(request), choices, *run);
  check_order(request.order, request.model);
  return RankJob(std::make_unique<Implementation>(std::move(request), std::move(run), reporter,
                                                  std::move(cancel)));
}

RankJob::RankJob(RankJob&&) noexcept = default;
RankJob& RankJob::operator=(RankJob&&) noexcept = default;
RankJob::~RankJob() = default;

void RankJob::check_files(std::function<void(const std::filesystem::path&)> check) {
  implementation_->check_files(std::move(check));
}
void RankJob::observe(EntryObserver& observer) { implementation_->observe(observer); }
void RankJob::with_modes(ModesObserver observer) {
  implementation_->with_modes(std::move(observer));
}
RankResult RankJob::run() { return implementation_->run(); }
const RankRequest& RankJob::request() const { return implementation_->request(); }

std::size_t RankResult::left_out_count() const {
  std::size_t sum = 0;
  for (const auto& [reason, count] : reasons) sum += count;
  return sum;
}

}  // namespace modesweep
