// SPDX-License-Identifier: MIT
// Files in, ranked rows out: worker threads read, model and solve as files arrive.
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include <modesweep/log.hpp>
#include <modesweep/modes.hpp>
#include <modesweep/network.hpp>
#include <modesweep/ranking.hpp>
#include <modesweep/structure.hpp>

namespace modesweep {

struct PipelineOptions {
  ReadOptions read;
  NetworkOptions network;
  ModeRequest request;
  /// Unset: entries with fewer non-zero modes than requested are left out. Set: entries with at
  /// least so many residues are all let in, smaller ones left out.
  std::optional<int> min_residues;
  int threads = 1;
  std::uint64_t max_memory = 0;  ///< bytes, over all workers together
  std::uint64_t expected = 0;    ///< entries to come, for the progress bar; 0: not known
  const std::atomic<bool>* cancelled = nullptr;
};

/// What a run cost, summed over the workers, in seconds.
struct StageSeconds {
  double parse = 0;
  double network = 0;
  double solve = 0;
};

/// Takes files from any thread and keeps what comes of them. Nothing that happens to one entry
/// ends the run.
class Pipeline {
 public:
  /// `solver` is shared by the workers and must outlive the pipeline.
  Pipeline(PipelineOptions options, const ModeSolver& solver, Reporter& reporter);
  ~Pipeline();

  /// Hands over a file. Blocks while enough work is queued: that is the back-pressure. `id` is the
  /// entry asked for; empty for a local file, which is known by what it says itself.
  void submit(std::string id, std::filesystem::path file);

  /// An entry that never became a file.
  void leave_out(LeftOut entry);

  /// Waits for what is queued (only for what is in flight once cancelled) and returns all rows in
  /// the order of the ranking.
  Ranking finish();

  StageSeconds seconds() const;

 private:
  class Implementation;
  std::unique_ptr<Implementation> implementation_;
};

/// The CPUs that this process may use: affinity mask and cgroup quota.
int usable_cpus();

/// Memory that this process may use, in bytes: physical memory or the cgroup's limit.
std::uint64_t usable_memory();

}  // namespace modesweep
