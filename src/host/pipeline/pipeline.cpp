// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <exception>
#include <iterator>
#include <mutex>
#include <new>
#include <span>
#include <thread>
#include <type_traits>
#include <utility>

#include <modesweep/pdb_id.hpp>
#include <modesweep/pipeline.hpp>
#include <modesweep/properties.hpp>

#include "base/admission.hpp"
#include "base/cancel_scope.hpp"
#include "base/clock.hpp"
#include "base/process_limits.hpp"
#include "base/sha256.hpp"
#include "pipeline/entry_steps.hpp"
#include "pipeline/memory_budget.hpp"
#include "pipeline/work_board.hpp"

namespace modesweep {
namespace {

template <class F>
void for_each_network(const Entry& entry, F&& f) {
  f(entry.network);
  for (const Network& network : entry.core_networks) f(network);
}

template <class F>
auto sum_over(const Entry& entry, F&& of_network) {
  decltype(of_network(entry.network)) sum = 0;
  for_each_network(entry, [&](const Network& network) { sum += of_network(network); });
  return sum;
}

double seconds_of(const std::vector<Modes>& modes) {
  double seconds = 0;
  for (const Modes& of_network : modes) seconds += of_network.seconds;
  return seconds;
}

/// `count` elements from `first`, which stay there without their contents.
template <class T>
std::vector<T> taken(std::vector<T>& from, std::size_t first, std::size_t count) {
  const auto begin = std::make_move_iterator(from.begin() + static_cast<std::ptrdiff_t>(first));
  return {begin, begin + static_cast<std::ptrdiff_t>(count)};
}

}  // namespace

class Pipeline::Implementation {
 public:
  Implementation(PipelineOptions options, const ModeSolver& solver, DeviceWork device,
                 Reporter& reporter)
      : options_(std::move(options)),
        request_(request_of(options_)),
        solver_(solver),
        device_(std::move(device)),
        reporter_(reporter),
        budget_(options_.max_memory),
        board_(board_options()) {
    if (!options_.is_kept)
      ranking_.rows.reserve(options_.expected);  // doubling would take twice it
    start_workers();
    reporter_.begin_stage("entries", options_.expected);
  }

  ~Implementation() { join(); }

  void submit(FileTask task) {
    ++unfinished_;
    board_.add_file(std::move(task));
  }

  void leave_out(LeftOut entry, std::int64_t number) {
    left_out(std::move(entry), number);
    reporter_.advance(1);
  }

  Ranking finish() {
    join();
    reporter_.end_stage();
    if (broken_by_) std::rethrow_exception(broken_by_);
    Ranking ranking = std::move(ranking_);
    sort_ranking(ranking);
    return ranking;
  }

  int started() const { return started_; }

  StageSeconds seconds() const {
    const std::lock_guard lock(mutex_);
    return seconds_;
  }

  RowCounts counts() const {
    const std::lock_guard lock(mutex_);
    return counts_;
  }

  StageWaits waits() const {
    StageWaits waits = board_.waits();
    const std::lock_guard lock(mutex_);
    waits.workers_for_memory = seconds_for_memory_;
    return waits;
  }

 private:
  static ModeRequest request_of(const PipelineOptions& options) {
    ModeRequest request = options.model.request();
    request.vectors = request.vectors || options.with_modes;
    return request;
  }

  bool is_kept(std::int64_t number) const { return options_.is_kept && options_.is_kept(number); }
  bool cancelled() const { return options_.cancel.is_cancelled() || broken_; }
  int threads() const { return std::max(1, options_.threads); }

  /// As many as there can be: where memory or processes are limited, fewer.
  void start_workers() {
    const int wanted = threads(), with_room = threads_with_room(wanted);
    std::string problem = "more would leave too little for their work (ulimit -v, -d, -n)";
    try {
      for (; started_ < with_room; ++started_) workers_.emplace_back([this] { work(); });
    } catch (const std::exception& error) {
      problem = error.what();
    }
    if (started_ == 0)
      throw RunError(Cause::unavailable, fmt::format("no thread can be started: {}", problem));
    if (started_ == wanted) return;
    reporter_.warning(
        fmt::format("{} of {} threads can be started: {}", started_, wanted, problem));
    all_started_ = false;
    board_.come_to_the_end(wanted - started_);
  }

  WorkBoard::Options board_options() const {
    WorkBoard::Options board;
    board.files = 4 * static_cast<std::size_t>(threads());
    board.cpu_may_steal = device_.dynamic;
    board.readers = threads();
    board.divides_files = options_.model.by_chain;
    board.cancel = options_.cancel;
    return board;
  }

  void join() {
    board_.close();
    for (std::thread& worker : workers_) worker.join();
    workers_.clear();
    if (devices_thread_.joinable()) devices_thread_.join();
  }

  /// A worker's life.
  void work() {
    const CancelScope scope(&options_.cancel);
    while (std::optional<WorkBoard::CpuWork> next = board_.next_for_cpu()) {
      // What is queued is dropped; what is in flight is finished, unless it is long.
      try {
        if (!cancelled()) work_on(*next);
      } catch (...) {
        give_up(std::current_exception());
      }
      if (std::holds_alternative<FileTask>(*next)) board_.file_done();
    }
  }

  void work_on(WorkBoard::CpuWork& work) {
    if (auto* const task = std::get_if<FileTask>(&work)) {
      Entry entry;
      entry.number = task->number;
      entry.lost = {
          task->id.empty() ? entry_name(structure_stem(task->file)) : task->id, task->file, {}};
      tell([&](EntryObserver& observer) { observer.started(task->number, task->file); });
      keep_or_leave_out(entry, Stage::parse, [&] { return process(*task, entry); });
    } else if (Entry& entry = std::get<Entry>(work); entry.connected) {
      keep_or_leave_out(entry, Stage::solve, [&] { return solve_on_cpu(entry); });
    } else {
      tell([&](EntryObserver& observer) { observer.started(entry.number, entry.lost.file); });
      tell([&](EntryObserver& observer) { observer.parsed(entry.number); });
      keep_or_leave_out(entry, Stage::network, [&] { return model_chain(entry); });
    }
  }

  /// Not one entry failed but what keeps them: memory for it, as a rule. `finish` tells.
  void give_up(std::exception_ptr why) {
    const std::lock_guard lock(mutex_);
    if (!broken_by_) broken_by_ = std::move(why);
    broken_ = true;
  }

  /// Makes the devices' solver and feeds it. Without one all that waits goes back to the CPU.
  void run_devices() {
    const DeviceSolver* const solver = device_.solver();
    device_solver_ = solver;
    const int lanes = solver ? solver->lanes() : 0;
    board_.devices_ready(lanes);
    // One more than there are batches in work, so that the next one is at hand.
    std::vector<std::jthread> feeders;
    try {
      for (int i = 0; i < lanes; ++i) feeders.emplace_back([this, solver] { feed(solver); });
    } catch (const std::exception& error) {
      reporter_.warning(fmt::format("fewer threads than the devices could use: {}", error.what()));
    }
    feed(solver);
  }

  /// Of those threads that wait for devices.
  void feed(const DeviceSolver* solver) {
    const auto part = [&](const Entry& entry) { return part_of_batch(entry, solver); };
    for (std::vector<Entry> batch; !(batch = board_.next_batch(part)).empty();) {
      std::vector<Network> networks;
      std::vector<std::size_t> counts;
      for (Entry& entry : batch) {
        std::vector<Network> mine = take_networks(entry);
        counts.push_back(mine.size());
        std::move(mine.begin(), mine.end(), std::back_inserter(networks));
      }
      std::vector<Outcome<Modes>> outcomes;
      try {
        if (solver)
          outcomes = solver->solve(networks, request_);
        else
          outcomes.assign(networks.size(), fail(Stage::solve, "device_failed", "no device"));
      } catch (const std::exception& error) {
        outcomes.assign(networks.size(), fail(Stage::solve, "device_failed", error.what()));
      }
      std::vector<Entry> unfinished;
      for (std::size_t i = 0, first = 0; i < batch.size(); ++i) {
        Entry& entry = batch[i];
        put_back(entry, taken(networks, first, counts[i]));
        Outcome<std::vector<Modes>> modes = all_modes(taken(outcomes, first, counts[i]));
        first += counts[i];
        if (!modes && worth_the_cpu(modes.error())) {
          if (solver)
            reporter_.debug(fmt::format("{}: left to the CPU by the device: {}", entry.lost.id,
                                        modes.error().message));
          entry.share.reset();
          entry.row.fallback = true;
          unfinished.push_back(std::move(entry));
          continue;
        }
        keep_or_leave_out(entry, Stage::solve, [&]() -> Outcome<Done> {
          if (!modes) return tl::unexpected(std::move(modes.error()));
          entry.row.seconds_modes = seconds_of(*modes);
          add_seconds(&StageSeconds::device, entry.row.seconds_modes);
          return finish(entry, *std::move(modes));
        });
        entry.share.reset();
      }
      board_.batch_done(batch.size(), std::move(unfinished));
    }
  }

  /// A network that is too large for the solver that the user named is the user's choice; the rest
  /// costs time only.
  bool worth_the_cpu(const Failure& failure) const {
    return failure.code != "too_large" || !device_.too_large_is_final;
  }

  /// Whether an entry's row is finished, or it is on its way to a device.
  enum class Done { row, handed_over };

  template <class F>
  void keep_or_leave_out(Entry& entry, Stage stage, F&& step) {
    try {
      const Outcome<Done> done = step();
      if (!done) {
        entry.lost.failure = done.error();
      } else if (*done == Done::handed_over) {
        return;
      } else {
        keep(entry);
      }
    } catch (const Cancelled&) {
      --unfinished_;
      tell([&](EntryObserver& observer) { observer.dropped(entry.number); });
      return;
    } catch (const std::bad_alloc&) {
      entry.lost.failure = {
          stage, "out_of_memory",
          stage == Stage::parse ? "no memory to read this file" : "no memory for the modes"};
    } catch (const std::exception& error) {
      entry.lost.failure = {stage, "internal", error.what()};
    }
    --unfinished_;
    if (!entry.lost.failure.code.empty()) left_out(std::move(entry.lost), entry.number);
    if (!entry.is_further_chain) reporter_.advance(1);
  }

  void left_out(LeftOut&& entry, std::int64_t number) {
    tell([&](EntryObserver& observer) { observer.left_out(number, entry); });
    if (is_kept(number)) return;
    const std::lock_guard lock(mutex_);
    ranking_.left_out.push_back(std::move(entry));
  }

  /// A finished row goes to all who are to have it.
  void keep(Entry& entry) {
    Row& row = entry.row;
    // Rows of the cache have the file's own ID. What a device could not finish it may finish
    // another time.
    if (options_.cache && !row.from_cache && !row.fallback) {
      Stopwatch watch;
      options_.cache->keep(row);
      add_seconds(&StageSeconds::keep, watch.lap());
    }
    row.header.id = entry.lost.id;
    row.file = entry.lost.file;
    tell([&](EntryObserver& observer) { observer.solved(entry.number, row); });
    const bool kept = is_kept(entry.number);
    const std::lock_guard lock(mutex_);
    if (row.from_cache)
      ++counts_.from_cache;
    else
      ++counts_.solvers[fmt::format("{} on {}", row.solver, row.backend)];
    if (!kept) ranking_.rows.push_back(std::move(row));
  }

  template <class Call>
  void tell(Call&& call) {
    if (options_.observers.empty()) return;
    Stopwatch watch;
    for (EntryObserver* const observer : options_.observers) call(*observer);
    add_seconds(&StageSeconds::keep, watch.lap());
  }

  /// A row of the cache, as if the file had been read and solved.
  Outcome<Done> finish_cached(const FileTask& task, Entry& entry, Row&& cached) {
    entry.row = std::move(cached);
    Header& header = entry.row.header;
    if (!header.id_is_entry) header.id = entry_name(structure_stem(task.file));
    if (task.id.empty()) entry.lost.id = header.id;
    return finish_cached(entry);
  }

  Outcome<Done> finish_cached(Entry& entry) const {
    if (Outcome<void> admitted = check_residues(entry.row, options_.model); !admitted)
      return tl::unexpected(std::move(admitted.error()));
    return done(check_modes(entry.row, options_.model));
  }

  /// A file's bytes and their SHA-256.
  struct Content {
    std::string bytes;
    std::string hash;
  };

  /// Of a file that is what was fetched. One that is not, because a disk or a hand altered it or it
  /// is gone, is fetched again, once; the task gets the file that comes.
  Outcome<Content> read_fetched(FileTask& task, const Admission& memory) const {
    const auto read = [&]() -> Outcome<Content> {
      Outcome<std::string> bytes = read_file(task.file, memory);
      if (!bytes) return tl::unexpected(std::move(bytes.error()));
      std::string hash = sha256(*bytes);
      return Content{*std::move(bytes), std::move(hash)};
    };
    const auto is_good = [&](const Outcome<Content>& content) {
      return task.sha256.empty() || (content && content->hash == task.sha256);
    };
    Outcome<Content> content = read();
    if (is_good(content)) return content;
    if (options_.fetch_again) {
      content = Content{};  // its memory is needed
      Outcome<StoredFile> again = options_.fetch_again(task.id);
      if (!again) return tl::unexpected(std::move(again.error()));
      task.file = std::move(again->path);
      task.sha256 = std::move(again->sha256);
      content = read();
      if (is_good(content) || !content) return content;
    }
    return fail(Stage::download, "cache",
                fmt::format("{} is not, or no longer, what was fetched", task.file.string()));
  }

  Outcome<Done> process(FileTask& task, Entry& entry) {
    Stopwatch watch;
    const Admission memory = memory_of(entry);
    Outcome<Content> content = read_fetched(task, memory);
    if (!content && cancelled()) throw Cancelled();  // dropped, as what is queued
    if (!content) return tl::unexpected(std::move(content.error()));
    entry.lost.file = task.file;
    if (options_.model.by_chain) return divide(task, entry, *std::move(content), watch);
    auto& [bytes, hash] = *content;
    if (options_.cache) {
      if (std::optional<Row> cached = options_.cache->find(hash)) {
        add_seconds(&StageSeconds::parse, watch.lap());
        return finish_cached(task, entry, *std::move(cached));
      }
    }
    Outcome<void> step = read_entry(entry, std::move(bytes), task.file, read_options(task),
                                    options_.model, static_cast<bool>(options_.with_modes), memory);
    entry.row.seconds_parse = watch.lap();
    add_seconds(&StageSeconds::parse, entry.row.seconds_parse);
    if (!step) return tl::unexpected(std::move(step.error()));
    entry.row.sha256 = std::move(hash);
    if (task.id.empty()) entry.lost.id = entry.row.header.id;
    tell([&](EntryObserver& observer) { observer.parsed(entry.number); });
    return model(entry);
  }

  ReadOptions read_options(const FileTask& task) const {
    ReadOptions read = options_.model.read;
    if (!task.chains.empty()) read.chains = task.chains;
    return read;
  }

  /// The file's chains become entries: the first is `entry`, others are for whoever has time. A
  /// file whose chains are named was divided before.
  Outcome<Done> divide(const FileTask& task, Entry& entry, Content&& content, Stopwatch& watch) {
    Outcome<std::vector<Entry>> chains =
        read_chain_entries(std::move(content.bytes), task.file, read_options(task), options_.model,
                           static_cast<bool>(options_.with_modes), memory_of(entry));
    const double seconds = watch.lap();
    add_seconds(&StageSeconds::parse, seconds);
    if (!chains) return tl::unexpected(std::move(chains.error()));
    std::vector<std::int64_t> numbers(chains->size(), entry.number);
    if (task.chains.empty() && options_.divide) {
      std::vector<std::string> names;
      for (const Entry& chain : *chains) names.push_back(*chain.row.chain);
      numbers = options_.divide(entry.number, names);
    }
    for (std::size_t i = 0; i < chains->size(); ++i) {
      Entry& chain = (*chains)[i];
      chain.number = numbers[i];
      chain.row.sha256 = content.hash;
      chain.row.seconds_parse = seconds / static_cast<double>(chains->size());
      const std::string& base = task.id.empty() ? chain.row.header.id : task.id;
      chain.lost = {chain_entry_name(base, *chain.row.chain), task.file, {}};
    }
    for (std::size_t i = 1; i < chains->size(); ++i) (*chains)[i].is_further_chain = true;
    entry = std::move(chains->front());
    chains->erase(chains->begin());
    unfinished_ += static_cast<int>(chains->size());
    board_.add_chains(*std::move(chains));
    tell([&](EntryObserver& observer) { observer.parsed(entry.number); });
    return model_chain(entry);
  }

  /// One that an earlier run solved is not solved again.
  Outcome<Done> model_chain(Entry& entry) {
    if (options_.cache)
      if (std::optional<Row> cached = options_.cache->find(entry.row.sha256, *entry.row.chain)) {
        entry.row = *std::move(cached);
        return finish_cached(entry);
      }
    return model(entry);
  }

  /// From nodes to modes, or to where they are computed.
  Outcome<Done> model(Entry& entry) {
    Row& row = entry.row;
    const Admission memory = memory_of(entry);
    Outcome<void> step = check_residues(row, options_.model);
    if (step && options_.model.hinges && row.enm == ElasticModel::anm) step = find_hinges(entry);
    if (!step) return tl::unexpected(std::move(step.error()));

    Stopwatch watch;
    if (!device_.solver) step = check_nodes(entry, options_.model, solver_, memory);
    if (step) step = connect(entry, options_.model.network, memory);
    if (step) step = find_core(entry, options_.model, memory);
    row.seconds_network = watch.lap();
    add_seconds(&StageSeconds::network, row.seconds_network);
    if (!step) return tl::unexpected(std::move(step.error()));
    return is_for_device(entry.network) ? hand_over(entry) : solve_on_cpu(entry);
  }

  Outcome<void> find_hinges(Entry& entry) {
    const Outcome<Network> network = hinge_network(entry, memory_of(entry));
    if (!network) return tl::unexpected(network.error());
    const ModeRequest request;
    if (Outcome<void> admitted = admit_on_cpu(entry, *network, request); !admitted) return admitted;
    Stopwatch watch;
    std::vector<Outcome<Modes>> outcome = solver_.solve({&*network, 1}, request);
    add_seconds(&StageSeconds::solve, watch.lap());
    entry.share.reset();
    if (!outcome[0]) return tl::unexpected(std::move(outcome[0].error()));
    add_hinges(entry, *outcome[0]);
    return {};
  }

  static Outcome<Done> done(Outcome<void>&& step) {
    if (!step) return tl::unexpected(std::move(step.error()));
    return Done::row;
  }

  bool is_for_device(const Network& network) const {
    return device_.solver && (device_.takes(network) || (device_.dynamic && board_.device_idles()));
  }

  Outcome<Done> hand_over(Entry& entry) {
    std::call_once(devices_asked_for_, [this] { start_devices(); });
    if (!devices_started_) return solve_on_cpu(entry);
    if (Outcome<void> admitted = admit(
            entry, entry.network,
            sum_over(entry,
                     [&](const Network& one) { return device_.memory_needed(one, request_); }),
            device_.name);
        !admitted)
      return tl::unexpected(std::move(admitted.error()));
    entry.part = part_of_batch(entry, device_solver_);
    std::optional<Entry> back = board_.offer(std::move(entry));
    if (!back) return Done::handed_over;
    entry = *std::move(back);
    return solve_on_cpu(entry);
  }

  void start_devices() {
    try {
      devices_thread_ = std::thread([this] { run_devices(); });
      devices_started_ = true;
    } catch (const std::exception& error) {
      reporter_.warning(
          fmt::format("on the CPU alone: no thread can be started for devices: {}", error.what()));
    }
  }

  /// Before there is a solver to ask, a device's memory does not count.
  double part_of_batch(const Entry& entry, const DeviceSolver* solver) const {
    return sum_over(entry, [&](const Network& network) {
      return solver
                 ? solver->part_of_batch(network, request_)
                 : static_cast<double>(network.neighbours.size()) / DeviceSolver::contacts_in_batch;
    });
  }

  Outcome<Done> solve_on_cpu(Entry& entry) {
    entry.share.reset();
    // Where fewer entries than workers are left, threads share what is left.
    ModeRequest request = request_;
    request.threads = all_started_ ? std::max(1, threads() / std::max(1, unfinished_.load())) : 1;
    if (request.threads > 1 && memory_on_cpu(entry, request) > budget_.free()) request.threads = 1;
    if (Outcome<void> admitted =
            admit(entry, entry.network, memory_on_cpu(entry, request), solver_.name());
        !admitted)
      return tl::unexpected(std::move(admitted.error()));
    // What solvers keep for reuse has to fit beside all that is admitted.
    release_buffers(budget_.free());
    Stopwatch watch;
    std::vector<Outcome<Modes>> outcomes;
    for_each_network(entry, [&](const Network& network) {
      ModeRequest mine = request;
      // Nothing is told of all modes of a core, nor of its fluctuations.
      if (&network != &entry.network) mine.all_fluctuations = mine.square_fluctuations = false;
      outcomes.push_back(std::move(solver_.solve({&network, 1}, mine).front()));
    });
    entry.row.seconds_modes = watch.lap();
    add_seconds(&StageSeconds::solve, entry.row.seconds_modes);
    Outcome<std::vector<Modes>> modes = all_modes(std::move(outcomes));
    if (!modes) return tl::unexpected(std::move(modes.error()));
    return finish(entry, *std::move(modes));
  }

  /// One after the other: what the largest of its networks takes, and what is kept of the others.
  std::uint64_t memory_on_cpu(const Entry& entry, const ModeRequest& request) const {
    std::uint64_t most = 0, kept = 0;
    for_each_network(entry, [&](const Network& network) {
      most = std::max(most, solver_.memory_needed(network, request));
      if (&network != &entry.network) kept += DeviceSolver::host_memory(network, request);
    });
    return most + kept;
  }

  Outcome<void> admit_on_cpu(Entry& entry, const Network& network, const ModeRequest& request) {
    return admit(entry, network, solver_.memory_needed(network, request), solver_.name());
  }

  /// Waits for so much memory in place of what the entry has: never for some while it holds some.
  void take(Entry& entry, std::uint64_t bytes) {
    entry.share.reset();
    const Stopwatch watch;
    entry.share = budget_.take(bytes);
    const std::lock_guard lock(mutex_);
    seconds_for_memory_ += watch.seconds();
  }

  Admission memory_of(Entry& entry) {
    return {budget_.total(), [this, &entry](std::uint64_t bytes) { take(entry, bytes); }};
  }

  /// Waits for the memory that a solver needs.
  Outcome<void> admit(Entry& entry, const Network& network, std::uint64_t bytes,
                      std::string_view solver) {
    take(entry, bytes);
    if (entry.share) return {};
    return tl::unexpected(exceeds_memory(network, bytes, solver, budget_.total()));
  }

  Outcome<Done> finish(Entry& entry, std::vector<Modes>&& modes) const {
    if (!options_.with_modes || modes.front().eigenvalues.empty())
      return done(finish_row(entry, std::move(modes), options_.model));
    SolvedStructure solved;
    solved.modes = modes.front();
    if (const Modes* const core = modes_of_core(entry, modes, options_.model))
      solved.core_modes = *core;
    entry.row.file = entry.lost.file;
    Outcome<Done> finished = done(finish_row(entry, std::move(modes), options_.model));
    if (!finished) return finished;
    solved.structure = *std::move(entry.structure);
    solved.core = std::move(entry.core);
    solved.hinges = std::move(entry.hinges);
    options_.with_modes(entry.number, entry.row, std::move(solved));
    return finished;
  }

  void add_seconds(double StageSeconds::*stage, double seconds) {
    const std::lock_guard lock(mutex_);
    seconds_.*stage += seconds;
  }

  const PipelineOptions options_;
  const ModeRequest request_;
  const ModeSolver& solver_;
  const DeviceWork device_;
  Reporter& reporter_;
  MemoryBudget budget_;
  WorkBoard board_;
  std::atomic<int> unfinished_ = 0;  // entries submitted
  std::vector<std::thread> workers_;
  int started_ = 0;  // of them
  std::atomic<bool> all_started_ = true;
  std::atomic<bool> broken_ = false;  // there is broken_by_
  std::once_flag devices_asked_for_;
  std::thread devices_thread_;
  bool devices_started_ = false;                              // by the call of devices_asked_for_
  std::atomic<const DeviceSolver*> device_solver_ = nullptr;  // once it is made

  mutable std::mutex mutex_;  // guards all below
  Ranking ranking_;
  RowCounts counts_;
  StageSeconds seconds_;
  double seconds_for_memory_ = 0;
  std::exception_ptr broken_by_;
};

Pipeline::Pipeline(PipelineOptions options, const ModeSolver& solver, Reporter& reporter,
                   DeviceWork device)
    : implementation_(std::make_unique<Implementation>(std::move(options), solver,
                                                       std::move(device), reporter)) {}

Pipeline::~Pipeline() = default;

void Pipeline::submit(std::string id, std::filesystem::path file, std::int64_t number,
                      std::vector<std::string> chains, std::string sha256) {
  implementation_->submit(
      {std::move(id), std::move(file), number, std::move(chains), std::move(sha256)});
}

void Pipeline::leave_out(LeftOut entry, std::int64_t number) {
  implementation_->leave_out(std::move(entry), number);
}

Ranking Pipeline::finish() { return implementation_->finish(); }

StageSeconds Pipeline::seconds() const { return implementation_->seconds(); }

StageWaits Pipeline::waits() const { return implementation_->waits(); }

RowCounts Pipeline::counts() const { return implementation_->counts(); }

int Pipeline::threads() const { return implementation_->started(); }

RowCounts& RowCounts::operator+=(const RowCounts& other) {
  for (const auto& [solver, count] : other.solvers) solvers[solver] += count;
  from_cache += other.from_cache;
  return *this;
}

StageSeconds& StageSeconds::operator+=(const StageSeconds& other) {
  parse += other.parse;
  network += other.network;
  solve += other.solve;
  device += other.device;
  keep += other.keep;
  return *this;
}

StageWaits& StageWaits::operator+=(const StageWaits& other) {
  files_for_room += other.files_for_room;
  workers_for_files += other.workers_for_files;
  workers_for_memory += other.workers_for_memory;
  workers_for_devices += other.workers_for_devices;
  devices_for_work += other.devices_for_work;
  return *this;
}

}  // namespace modesweep
