// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <cctype>
#include <cmath>
#include <mutex>
#include <new>
#include <numeric>
#include <span>
#include <thread>
#include <type_traits>
#include <utility>

#include <modesweep/pdb_id.hpp>
#include <modesweep/pipeline.hpp>
#include <modesweep/properties.hpp>

#include "base/clock.hpp"
#include "base/sha256.hpp"
#include "pipeline/memory_budget.hpp"
#include "pipeline/work_board.hpp"

namespace modesweep {
namespace {

constexpr int collectivities_kept = 3;

Row make_row(Structure&& structure, ElasticModel enm) {
  Row row;
  row.enm = enm;
  row.header = std::move(structure.header);
  row.header.keywords = std::string();  // no column shows them, and rows stay in memory to the end
  row.chains = structure.chains;
  row.residues = static_cast<int>(structure.nodes.size());
  row.models = structure.models;
  row.nucleic_left_out = structure.nucleic_left_out;
  row.partial_assembly = structure.partial_assembly;
  row.more_blocks = structure.more_blocks;
  return row;
}

/// "A45"; with a colon where the chain's name is not one letter, "AA:45". Where the file states no
/// number the residue goes by its place among all, "A#17".
std::string residue_label(const Node& node, std::size_t place) {
  const bool one_letter =
      node.chain.size() == 1 && std::isalpha(static_cast<unsigned char>(node.chain[0]));
  std::string label = node.chain;
  if (!node.number) return label + '#' + std::to_string(place);
  if (!one_letter && !label.empty()) label += ':';
  label += std::to_string(*node.number);
  if (node.insertion != ' ') label += node.insertion;
  return label;
}

void add_modes(Row& row, Modes&& modes, const std::vector<std::optional<double>>& b_factors,
               int requested, bool keep_fluctuations) {
  row.zero_modes = modes.zero_modes;
  row.uncertain_zero = modes.uncertain_zero;
  row.residuals = std::move(modes.residuals);
  row.few_modes = static_cast<int>(modes.eigenvalues.size()) < requested;
  row.shares = fractional_variances(modes.eigenvalues);
  const std::int64_t per_node = axes(row.enm);
  const auto size = static_cast<std::size_t>(per_node * row.residues);
  const std::size_t kept = std::min<std::size_t>(collectivities_kept, modes.eigenvalues.size());
  for (std::size_t i = 0; i < kept; ++i)
    row.collectivities.push_back(
        collectivity(std::span(modes.eigenvectors).subspan(i * size, size), per_node));
  std::vector<double> fluctuations =
      square_fluctuations(modes.eigenvalues, modes.eigenvectors, per_node);
  if (kept > 0) row.bfactor_corr = correlation_of_known(b_factors, fluctuations);
  if (keep_fluctuations) row.sq_flucts = std::move(fluctuations);
  if (const std::vector<double>& all = modes.all_fluctuations; kept > 0 && !all.empty()) {
    row.trace_all = std::accumulate(all.begin(), all.end(), 0.0);
    row.bfactor_corr_all = correlation_of_known(b_factors, all);
  }
  row.eigenvalues = std::move(modes.eigenvalues);
  row.solver = std::move(modes.solver);
  row.backend = std::move(modes.backend);
}

}  // namespace

class Pipeline::Implementation {
 public:
  Implementation(PipelineOptions options, const ModeSolver& solver, DeviceWork device,
                 Reporter& reporter)
      : options_(std::move(options)),
        solver_(solver),
        device_(std::move(device)),
        reporter_(reporter),
        budget_(options_.max_memory),
        board_(board_options()) {
    ranking_.rows.reserve(options_.expected);  // grown by doubling, it would take twice the memory
    reporter_.begin_stage("entries", options_.expected);
    for (int i = 0; i < threads(); ++i) workers_.emplace_back([this] { work(); });
  }

  ~Implementation() { join(); }

  void submit(FileTask task) {
    ++unfinished_;
    board_.add_file(std::move(task));
  }

  void leave_out(LeftOut entry, std::int64_t number) {
    tell([&](EntryObserver& observer) { observer.left_out(number, entry); });
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
    sort_ranking(ranking);
    return ranking;
  }

  StageSeconds seconds() const {
    const std::lock_guard lock(mutex_);
    return seconds_;
  }

  StageWaits waits() const {
    StageWaits waits = board_.waits();
    const std::lock_guard lock(mutex_);
    waits.workers_for_memory = seconds_for_memory_;
    return waits;
  }

 private:
  bool cancelled() const { return options_.cancel.is_cancelled(); }
  int threads() const { return std::max(1, options_.threads); }

  WorkBoard::Options board_options() const {
    WorkBoard::Options board;
    board.files = 4 * static_cast<std::size_t>(threads());
    board.cpu_may_steal = device_.dynamic;
    board.readers = threads();
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
    while (std::optional<WorkBoard::CpuWork> next = board_.next_for_cpu()) {
      if (cancelled()) continue;  // what is queued is dropped, what is in flight is finished
      if (auto* const task = std::get_if<FileTask>(&*next)) {
        Entry entry;
        entry.number = task->number;
        entry.lost = {
            task->id.empty() ? entry_name(structure_stem(task->file)) : task->id, task->file, {}};
        tell([&](EntryObserver& observer) { observer.started(task->number, task->file); });
        keep_or_leave_out(entry, Stage::parse, [&] { return process(*task, entry); });
      } else {
        Entry& entry = std::get<Entry>(*next);
        keep_or_leave_out(entry, Stage::solve, [&] { return solve_on_cpu(entry); });
      }
    }
  }

  /// Makes the devices' solver and feeds it. Without one all that waits goes back to the CPU.
  void run_devices() {
    const DeviceSolver* const solver = device_.solver();
    device_solver_ = solver;
    const int lanes = solver ? solver->lanes() : 0;
    board_.devices_ready(lanes);
    // One more than there are batches in work, so that the next one is at hand.
    std::vector<std::jthread> feeders;
    for (int i = 0; i < lanes; ++i) feeders.emplace_back([this, solver] { feed(solver); });
    feed(solver);
  }

  /// Of those threads that wait for devices.
  void feed(const DeviceSolver* solver) {
    const auto part = [&](const Entry& entry) { return part_of_batch(entry, solver); };
    for (std::vector<Entry> batch; !(batch = board_.next_batch(part)).empty();) {
      std::vector<Network> networks;
      for (Entry& entry : batch) networks.push_back(std::move(entry.network));
      std::vector<Outcome<Modes>> outcomes;
      try {
        if (solver)
          outcomes = solver->solve(networks, options_.request);
        else
          outcomes.assign(batch.size(), fail(Stage::solve, "device_failed", "no device"));
      } catch (const std::exception& error) {
        outcomes.assign(batch.size(), fail(Stage::solve, "device_failed", error.what()));
      }
      std::vector<Entry> unfinished;
      for (std::size_t i = 0; i < batch.size(); ++i) {
        Entry& entry = batch[i];
        if (!outcomes[i] && worth_the_cpu(outcomes[i].error())) {
          if (solver)
            reporter_.debug(fmt::format("{}: left to the CPU by the device: {}", entry.lost.id,
                                        outcomes[i].error().message));
          entry.network = std::move(networks[i]);
          entry.share.reset();
          entry.row.fallback = true;
          unfinished.push_back(std::move(entry));
          continue;
        }
        keep_or_leave_out(entry, Stage::solve, [&]() -> Outcome<Done> {
          if (!outcomes[i]) return tl::unexpected(std::move(outcomes[i].error()));
          entry.row.seconds_modes = outcomes[i]->seconds;
          add_seconds(&StageSeconds::device, entry.row.seconds_modes);
          return finish_row(entry, std::move(*outcomes[i]));
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
    } catch (const std::bad_alloc&) {
      entry.lost.failure = {
          stage, "out_of_memory",
          stage == Stage::parse ? "no memory to read this file" : "no memory for the modes"};
    } catch (const std::exception& error) {
      entry.lost.failure = {stage, "internal", error.what()};
    }
    --unfinished_;
    if (!entry.lost.failure.code.empty())
      leave_out(std::move(entry.lost), entry.number);
    else
      reporter_.advance(1);
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
    const std::lock_guard lock(mutex_);
    ranking_.rows.push_back(std::move(row));
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
    if (Outcome<Done> admitted = check_residues(entry.row); !admitted) return admitted;
    return check_modes(entry.row);
  }

  Outcome<Done> process(const FileTask& task, Entry& entry) {
    Stopwatch watch;
    Outcome<std::string> bytes = read_bytes(task.file);
    if (!bytes) return tl::unexpected(std::move(bytes.error()));
    std::string hash = sha256(*bytes);
    if (options_.cache) {
      if (std::optional<Row> cached = options_.cache->find(hash)) {
        add_seconds(&StageSeconds::parse, watch.lap());
        return finish_cached(task, entry, *std::move(cached));
      }
    }
    Outcome<Structure> structure = read_structure(*std::move(bytes), task.file, options_.read);
    const double parse_seconds = watch.lap();
    add_seconds(&StageSeconds::parse, parse_seconds);
    if (!structure) return tl::unexpected(std::move(structure.error()));
    Header& header = structure->header;
    if (!header.id_is_entry) header.id = entry_name(header.id);
    if (task.id.empty()) entry.lost.id = header.id;
    tell([&](EntryObserver& observer) { observer.parsed(entry.number); });

    std::vector<Vec3> positions;
    positions.reserve(structure->nodes.size());
    for (const Node& node : structure->nodes) {
      positions.push_back(node.position);
      entry.b_factors.push_back(node.b_factor);
      if (options_.hinges) entry.residues.push_back(residue_label(node, positions.size()));
    }
    if (options_.with_modes) entry.nodes = structure->nodes;
    Row& row = entry.row;
    const bool predicted = structure->predicted;
    row = make_row(std::move(*structure), options_.network.model);
    if (predicted) row.plddt_mean = mean_plddt(std::exchange(entry.b_factors, {}));
    row.sha256 = std::move(hash);
    row.seconds_parse = parse_seconds;
    if (Outcome<Done> admitted = check_residues(row); !admitted) return admitted;

    if (options_.hinges && row.enm == ElasticModel::anm)
      if (Outcome<Done> found = find_hinges(entry, positions); !found) return found;

    watch.lap();
    Outcome<Network> network = build_network(std::move(positions), options_.network);
    row.seconds_network = watch.lap();
    add_seconds(&StageSeconds::network, row.seconds_network);
    if (!network) return tl::unexpected(std::move(network.error()));
    row.components = network->components;
    entry.network = std::move(*network);
    return is_for_device(entry.network) ? hand_over(entry) : solve_on_cpu(entry);
  }

  Outcome<Done> check_residues(const Row& row) const {
    if (options_.min_residues && row.residues < *options_.min_residues)
      return fail(Stage::rank, "few_residues",
                  fmt::format("{} residues are fewer than the {} that are wanted at least",
                              row.residues, *options_.min_residues));
    // More modes than this there cannot be: nothing needs solving to know it.
    const int wanted = options_.request.modes;
    const std::int64_t most = axes(row.enm) * row.residues - rigid_motions(row.enm);
    if (!options_.min_residues && most < wanted)
      return fail(Stage::rank, "few_modes", few_modes_message(row.residues, wanted));
    return Done::row;
  }

  /// Of the GNM of the same nodes, ProDy's.
  Outcome<Done> find_hinges(Entry& entry, const std::vector<Vec3>& positions) {
    NetworkOptions gnm;
    gnm.model = ElasticModel::gnm;
    gnm.cutoff = default_cutoff(gnm.model);
    Outcome<Network> network = build_network(positions, gnm);
    if (!network) return tl::unexpected(std::move(network.error()));
    entry.network = std::move(*network);
    const ModeRequest request;
    if (const Outcome<Done> admitted = admit_on_cpu(entry, request); !admitted) return admitted;
    Stopwatch watch;
    std::vector<Outcome<Modes>> outcome = solver_.solve({&entry.network, 1}, request);
    add_seconds(&StageSeconds::solve, watch.lap());
    entry.share.reset();
    if (!outcome[0]) return tl::unexpected(std::move(outcome[0].error()));
    add_hinges(entry, *outcome[0]);
    return Done::row;
  }

  static void add_hinges(Entry& entry, const Modes& gnm) {
    std::vector<std::string>& hinges = entry.row.hinges.emplace();
    if (gnm.eigenvalues.empty()) return;
    for (const std::size_t i :
         hinge_nodes(std::span(gnm.eigenvectors).first(entry.residues.size())))
      hinges.push_back(entry.residues[i]);
  }

  bool is_for_device(const Network& network) const {
    return device_.solver && (device_.takes(network) || (device_.dynamic && board_.device_idles()));
  }

  Outcome<Done> hand_over(Entry& entry) {
    std::call_once(devices_asked_for_,
                   [this] { devices_thread_ = std::thread([this] { run_devices(); }); });
    if (const Outcome<Done> admitted =
            admit(entry, device_.memory_needed(entry.network, options_.request), device_.name);
        !admitted)
      return admitted;
    entry.part = part_of_batch(entry, device_solver_);
    std::optional<Entry> back = board_.offer(std::move(entry));
    if (!back) return Done::handed_over;
    entry = *std::move(back);
    return solve_on_cpu(entry);
  }

  /// Before there is a solver to ask, a device's memory does not count.
  double part_of_batch(const Entry& entry, const DeviceSolver* solver) const {
    return solver ? solver->part_of_batch(entry.network, options_.request)
                  : static_cast<double>(entry.network.neighbours.size()) /
                        DeviceSolver::contacts_in_batch;
  }

  Outcome<Done> solve_on_cpu(Entry& entry) {
    entry.share.reset();  // never wait for memory and hold some
    // Where fewer entries than workers are left, threads share what is left.
    ModeRequest request = options_.request;
    request.threads = std::max(1, threads() / std::max(1, unfinished_.load()));
    if (request.threads > 1 && solver_.memory_needed(entry.network, request) > budget_.free())
      request.threads = 1;
    if (const Outcome<Done> admitted = admit_on_cpu(entry, request); !admitted) return admitted;
    // What solvers keep for reuse has to fit beside all that is admitted.
    release_buffers(budget_.free());
    Stopwatch watch;
    std::vector<Outcome<Modes>> outcome = solver_.solve({&entry.network, 1}, request);
    entry.row.seconds_modes = watch.lap();
    add_seconds(&StageSeconds::solve, entry.row.seconds_modes);
    if (!outcome[0]) return tl::unexpected(std::move(outcome[0].error()));
    return finish_row(entry, std::move(*outcome[0]));
  }

  Outcome<Done> admit_on_cpu(Entry& entry, const ModeRequest& request) {
    return admit(entry, solver_.memory_needed(entry.network, request), solver_.name());
  }

  /// Waits for the memory that a solver needs.
  Outcome<Done> admit(Entry& entry, std::uint64_t bytes, std::string_view solver) {
    Stopwatch watch;
    entry.share = budget_.take(bytes);
    {
      const std::lock_guard lock(mutex_);
      seconds_for_memory_ += watch.lap();
    }
    if (entry.share) return Done::row;
    return tl::unexpected(exceeds_memory(entry.network, bytes, solver, budget_.total()));
  }

  Outcome<Done> finish_row(Entry& entry, Modes&& modes) const {
    Row& row = entry.row;
    const bool has_modes = !modes.eigenvalues.empty();
    if (options_.with_modes && has_modes)
      options_.with_modes(entry.number, row, entry.nodes, modes);
    if (options_.hinges && row.enm == ElasticModel::gnm) add_hinges(entry, modes);
    add_modes(row, std::move(modes), entry.b_factors, options_.request.modes,
              options_.square_fluctuations);
    return check_modes(row);
  }

  Outcome<Done> check_modes(const Row& row) const {
    if (row.shares.empty())
      return fail(Stage::rank, "no_modes",
                  fmt::format("{} residues have no non-zero mode", row.residues));
    if (row.few_modes && !options_.min_residues)
      return fail(Stage::rank, "few_modes",
                  few_modes_message(row.residues, options_.request.modes));
    return Done::row;
  }

  static std::string few_modes_message(int residues, int wanted) {
    return fmt::format(
        "{} residues have fewer than {} non-zero modes, so that their shares cannot be compared; "
        "a least number of residues lets them in",
        residues, wanted);
  }

  void add_seconds(double StageSeconds::*stage, double seconds) {
    const std::lock_guard lock(mutex_);
    seconds_.*stage += seconds;
  }

  const PipelineOptions options_;
  const ModeSolver& solver_;
  const DeviceWork device_;
  Reporter& reporter_;
  MemoryBudget budget_;
  WorkBoard board_;
  std::atomic<int> unfinished_ = 0;  // entries submitted
  std::vector<std::thread> workers_;
  std::once_flag devices_asked_for_;
  std::thread devices_thread_;
  std::atomic<const DeviceSolver*> device_solver_ = nullptr;  // once it is made

  mutable std::mutex mutex_;  // guards all below
  Ranking ranking_;
  StageSeconds seconds_;
  double seconds_for_memory_ = 0;
};

Pipeline::Pipeline(PipelineOptions options, const ModeSolver& solver, Reporter& reporter,
                   DeviceWork device)
    : implementation_(std::make_unique<Implementation>(std::move(options), solver,
                                                       std::move(device), reporter)) {}

Pipeline::~Pipeline() = default;

void Pipeline::submit(std::string id, std::filesystem::path file, std::int64_t number) {
  implementation_->submit({std::move(id), std::move(file), number});
}

void Pipeline::leave_out(LeftOut entry, std::int64_t number) {
  implementation_->leave_out(std::move(entry), number);
}

Ranking Pipeline::finish() { return implementation_->finish(); }

StageSeconds Pipeline::seconds() const { return implementation_->seconds(); }

StageWaits Pipeline::waits() const { return implementation_->waits(); }

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
