// SPDX-License-Identifier: MIT
// Files in, ranked rows out: worker threads read, model and solve as files arrive.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <modesweep/cancel.hpp>
#include <modesweep/core.hpp>
#include <modesweep/entry_observer.hpp>
#include <modesweep/log.hpp>
#include <modesweep/model.hpp>
#include <modesweep/modes.hpp>
#include <modesweep/network.hpp>
#include <modesweep/ranking.hpp>
#include <modesweep/result_cache.hpp>
#include <modesweep/structure.hpp>
#include <modesweep/structure_store.hpp>

namespace modesweep {

/// What stands behind a row that was solved.
struct SolvedStructure {
  Structure structure;  ///< its header is the file's own
  Modes modes;
  Core core;                        ///< of an ANM
  std::optional<Modes> core_modes;  ///< of the core network, where asked for and there is one
  std::vector<std::size_t> hinges;  ///< nodes, ascending, where they are asked for
};

/// Given that, on the thread that solved it.
using ModesObserver = std::function<void(std::int64_t number, const Row&, SolvedStructure&&)>;

struct PipelineOptions {
  Model model;
  int threads = 1;
  std::uint64_t max_memory = 0;  ///< bytes, over all workers together
  std::uint64_t expected = 0;    ///< entries to come, as far as is known
  CancelToken cancel;
  ResultCache* cache = nullptr;  ///< asked before a file is parsed; none: everything is solved
  std::vector<EntryObserver*> observers;
  /// Whether what an entry came to lies elsewhere once observers were told of it, so that `finish`
  /// need not return it. None: it returns all.
  std::function<bool(std::int64_t number)> is_kept;
  /// Told, on the workers' threads, which chains an entry's file is divided into where the model is
  /// by chain; returns their numbers, of which the first is the entry's. None: all have the
  /// entry's.
  std::function<std::vector<std::int64_t>(std::int64_t number,
                                          const std::vector<std::string>& chains)>
      divide;
  ModesObserver with_modes;  ///< none: structures are not kept until there are modes
  /// Asked, on the workers' threads, for an entry whose file is not what was fetched. None: such an
  /// entry is left out.
  std::function<Outcome<StoredFile>(const std::string& id)> fetch_again;
};

/// Devices that take a part of the work.
struct DeviceWork {
  /// Called once, on a thread of its own, when the first structure is there for the devices: their
  /// solver, or null where it cannot be made. Meanwhile the CPU works on, and structures wait;
  /// those of a solver that cannot be made are the CPU's. Empty: there are no devices.
  std::function<const DeviceSolver*()> solver;
  std::string name;  ///< of that solver
  /// What a structure takes on the host while it is the devices', in bytes.
  std::function<std::uint64_t(const Network&, const ModeRequest&)> memory_needed =
      DeviceSolver::host_memory;
  /// Which networks are the devices'. The CPU takes the others, and those that the devices could
  /// not finish.
  std::function<bool(const Network&)> takes;
  /// Whoever has nothing to do takes from the other: faster, but another run may have a structure
  /// solved elsewhere, and so differ in the last digits.
  bool dynamic = false;
  /// A network that is too large for the devices' solver is left out, not solved on the CPU.
  bool too_large_is_final = false;
};

/// What a run cost, summed over the workers, in seconds.
struct StageSeconds {
  double parse = 0;
  double network = 0;
  double solve = 0;   ///< on the CPU
  double device = 0;  ///< each structure's part of its batch's time
  double keep = 0;    ///< telling observers and the cache

  StageSeconds& operator+=(const StageSeconds& other);
};

/// What rows came from.
struct RowCounts {
  std::map<std::string, std::size_t> solvers;  ///< those solved here: "shift-invert on cpu"
  std::size_t from_cache = 0;

  RowCounts& operator+=(const RowCounts& other);
};

/// How long stages waited for their neighbours, summed over each stage's threads, in seconds.
struct StageWaits {
  double files_for_room = 0;       ///< whoever submits, for the workers
  double workers_for_files = 0;    ///< for whoever submits
  double workers_for_memory = 0;   ///< for what others hold of `max_memory`
  double workers_for_devices = 0;  ///< for room in their queue
  double devices_for_work = 0;     ///< for the workers

  StageWaits& operator+=(const StageWaits& other);
};

/// Takes files from any thread and keeps what comes of them. Nothing that happens to one entry
/// ends the run.
class Pipeline {
 public:
  /// `solver`, on the CPU, is shared by the workers; both solvers must outlive the pipeline.
  Pipeline(PipelineOptions options, const ModeSolver& solver, Reporter& reporter,
           DeviceWork device = {});
  ~Pipeline();

  /// Hands over a file. Blocks while enough work is queued: that is the back-pressure. `id` is the
  /// entry asked for; empty for a local file, which is known by what it says itself. `number` is
  /// for observers; `chains`, where there are any, are taken instead of those of the model: by
  /// chain, those of a file that was divided before. No row comes of a file whose bytes have
  /// another SHA-256 than `sha256`, where there is one.
  void submit(std::string id, std::filesystem::path file, std::int64_t number = 0,
              std::vector<std::string> chains = {}, std::string sha256 = {});

  /// An entry that never became a file.
  void leave_out(LeftOut entry, std::int64_t number = 0);

  /// Waits for what is queued (only for what is in flight once cancelled) and returns, in the order
  /// of the ranking, what is not kept elsewhere.
  Ranking finish();

  StageSeconds seconds() const;
  StageWaits waits() const;
  RowCounts counts() const;  ///< of all rows so far
  int threads() const;       ///< that work, which may be fewer than asked for

 private:
  class Implementation;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace modesweep
