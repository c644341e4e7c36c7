// SPDX-License-Identifier: MIT
#include <fmt/format.h>
#include <tbb/concurrent_queue.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <mutex>
#include <new>
#include <thread>

#include <modesweep/pipeline.hpp>
#include <modesweep/properties.hpp>

#include "pipeline/memory_budget.hpp"

namespace modesweep {
namespace {

constexpr int collectivities_kept = 3;

struct Task {
  std::string id;
  std::filesystem::path file;
};

class Stopwatch {
 public:
  /// Seconds since the last lap.
  double lap() {
    const auto now = std::chrono::steady_clock::now();
    const double seconds = std::chrono::duration<double>(now - last_).count();
    last_ = now;
    return seconds;
  }

 private:
  std::chrono::steady_clock::time_point last_ = std::chrono::steady_clock::now();
};

/// One less when it goes.
struct Countdown {
  std::atomic<int>& count;
  ~Countdown() { --count; }
};

Row make_row(Structure&& structure, const Task& task) {
  Row row;
  row.header = std::move(structure.header);
  if (!task.id.empty()) row.header.id = task.id;
  row.file = task.file;
  row.chains = structure.chains;
  row.residues = static_cast<int>(structure.nodes.size());
  row.models = structure.models;
  row.nucleic_left_out = structure.nucleic_left_out;
  row.partial_assembly = structure.partial_assembly;
  return row;
}

void add_modes(Row& row, Modes&& modes, int requested) {
  row.zero_modes = modes.zero_modes;
  row.uncertain_zero = modes.uncertain_zero;
  row.residuals = std::move(modes.residuals);
  row.few_modes = static_cast<int>(modes.eigenvalues.size()) < requested;
  row.shares = fractional_variances(modes.eigenvalues);
  const std::size_t size = 3 * static_cast<std::size_t>(row.residues);
  const std::size_t kept = std::min<std::size_t>(collectivities_kept, modes.eigenvalues.size());
  for (std::size_t i = 0; i < kept; ++i)
    row.collectivities.push_back(
        collectivity(std::span(modes.eigenvectors).subspan(i * size, size)));
  row.eigenvalues = std::move(modes.eigenvalues);
  row.solver = std::move(modes.solver);
  row.backend = std::move(modes.backend);
}

}  // namespace

class Pipeline::Implementation {
 public:
  Implementation(PipelineOptions options, const ModeSolver& solver, Reporter& reporter)
      : options_(std::move(options)),
        solver_(solver),
        reporter_(reporter),
        budget_(options_.max_memory) {
    reporter_.begin_stage("entries", options_.expected);
    const int threads = std::max(1, options_.threads);
    queue_.set_capacity(4 * threads);
    for (int i = 0; i < threads; ++i) workers_.emplace_back([this] { work(); });
  }

  ~Implementation() { join(); }

  void submit(Task task) {
    ++unfinished_;
    queue_.push(std::move(task));
  }

  void leave_out(LeftOut entry) {
    {
      const std::lock_guard lock(mutex_);
      ranking_.left_out.push_back(std::move(entry));
    }
    reporter_.advance(1);
  }

  Ranking finish() {
    join();
    reporter_.end_stage();
    Ranking ranking = std::move(ranking_);
    sort_rows(ranking.rows);
    std::sort(ranking.left_out.begin(), ranking.left_out.end(),
              [](const LeftOut& a, const LeftOut& b) {
                return std::tie(a.id, a.file) < std::tie(b.id, b.file);
              });
    return ranking;
  }

  StageSeconds seconds() const {
    const std::lock_guard lock(mutex_);
    return seconds_;
  }

 private:
  bool cancelled() const { return options_.cancelled && *options_.cancelled; }

  void join() {
    for (std::size_t i = 0; i < workers_.size(); ++i) queue_.push(std::nullopt);
    for (std::thread& worker : workers_) worker.join();
    workers_.clear();
  }

  void work() {
    for (;;) {
      std::optional<Task> task;
      queue_.pop(task);
      if (!task) return;
      const Countdown finished{unfinished_};
      if (cancelled()) continue;  // what is queued is dropped, what is in flight is finished
      LeftOut lost{task->id.empty() ? structure_stem(task->file) : task->id, task->file, {}};
      try {
        Outcome<Row> row = process(*task, lost);
        if (row) {
          const std::lock_guard lock(mutex_);
          ranking_.rows.push_back(std::move(*row));
        } else {
          lost.failure = std::move(row.error());
        }
      } catch (const std::bad_alloc&) {
        lost.failure = {Stage::parse, "out_of_memory", "no memory to read this file"};
      } catch (const std::exception& error) {
        lost.failure = {Stage::parse, "internal", error.what()};
      }
      if (!lost.failure.code.empty())
        leave_out(std::move(lost));
      else
        reporter_.advance(1);
    }
  }

  Outcome<Row> process(const Task& task, LeftOut& lost) {
    Stopwatch watch;
    Outcome<Structure> structure = read_structure(task.file, options_.read);
    Outcome<std::string> hash;
    if (structure) hash = file_sha256(task.file);
    const double parse_seconds = watch.lap();
    add_seconds(&StageSeconds::parse, parse_seconds);
    if (!structure) return tl::unexpected(std::move(structure.error()));
    if (!hash) return tl::unexpected(std::move(hash.error()));
    if (task.id.empty()) lost.id = structure->header.id;

    std::vector<Vec3> positions;
    positions.reserve(structure->nodes.size());
    for (const Node& node : structure->nodes) positions.push_back(node.position);
    Row row = make_row(std::move(*structure), task);
    row.sha256 = std::move(*hash);
    row.seconds_parse = parse_seconds;
    if (options_.min_residues && row.residues < *options_.min_residues)
      return fail(Stage::rank, "few_residues",
                  fmt::format("{} residues are fewer than --min-residues {}", row.residues,
                              *options_.min_residues));
    // Fewer than 3N - 6 modes can only be: nothing needs solving to know it.
    const int wanted = options_.request.modes;
    if (!options_.min_residues && 3 * row.residues - 6 < wanted)
      return fail(Stage::rank, "few_modes", few_modes_message(row.residues, wanted));

    watch.lap();
    Outcome<Network> network = build_network(std::move(positions), options_.network);
    row.seconds_network = watch.lap();
    add_seconds(&StageSeconds::network, row.seconds_network);
    if (!network) return tl::unexpected(std::move(network.error()));
    row.components = network->components;

    // Where fewer entries than workers are left, threads share what is left.
    ModeRequest request = options_.request;
    request.threads = std::max(1, options_.threads / std::max(1, unfinished_.load()));
    std::uint64_t bytes = solver_.memory_needed(*network, request);
    if (request.threads > 1 && bytes > budget_.free()) {
      request.threads = 1;
      bytes = solver_.memory_needed(*network, request);
    }
    const std::optional<MemoryBudget::Share> share = budget_.take(bytes);
    if (!share)
      return fail(Stage::solve, "out_of_memory",
                  fmt::format("{} residues need about {:.1f} GB with solver {}, and --max-memory "
                              "is {:.1f} GB",
                              row.residues, static_cast<double>(bytes) * 1e-9, solver_.name(),
                              static_cast<double>(budget_.total()) * 1e-9));
    // What solvers keep for reuse has to fit beside all that is admitted.
    release_buffers(budget_.free());
    watch.lap();
    std::vector<Outcome<Modes>> outcome = solver_.solve({&*network, 1}, request);
    row.seconds_modes = watch.lap();
    add_seconds(&StageSeconds::solve, row.seconds_modes);
    if (!outcome[0]) return tl::unexpected(std::move(outcome[0].error()));
    add_modes(row, std::move(*outcome[0]), wanted);
    if (row.shares.empty())
      return fail(Stage::rank, "no_modes",
                  fmt::format("{} residues have no non-zero mode", row.residues));
    if (row.few_modes && !options_.min_residues)
      return fail(Stage::rank, "few_modes", few_modes_message(row.residues, wanted));
    return row;
  }

  static std::string few_modes_message(int residues, int wanted) {
    return fmt::format(
        "{} residues have fewer than {} non-zero modes, so that their shares cannot be compared "
        "(--min-residues 1 lets them in)",
        residues, wanted);
  }

  void add_seconds(double StageSeconds::*stage, double seconds) {
    const std::lock_guard lock(mutex_);
    seconds_.*stage += seconds;
  }

  const PipelineOptions options_;
  const ModeSolver& solver_;
  Reporter& reporter_;
  MemoryBudget budget_;
  tbb::concurrent_bounded_queue<std::optional<Task>> queue_;
  std::atomic<int> unfinished_ = 0;  // entries submitted
  std::vector<std::thread> workers_;

  mutable std::mutex mutex_;  // guards ranking_ and seconds_
  Ranking ranking_;
  StageSeconds seconds_;
};

Pipeline::Pipeline(PipelineOptions options, const ModeSolver& solver, Reporter& reporter)
    : implementation_(std::make_unique<Implementation>(std::move(options), solver, reporter)) {}

Pipeline::~Pipeline() = default;

void Pipeline::submit(std::string id, std::filesystem::path file) {
  implementation_->submit({std::move(id), std::move(file)});
}

void Pipeline::leave_out(LeftOut entry) { implementation_->leave_out(std::move(entry)); }

Ranking Pipeline::finish() { return implementation_->finish(); }

StageSeconds Pipeline::seconds() const { return implementation_->seconds(); }

}  // namespace modesweep
