// SPDX-License-Identifier: MIT
// What is to be done, between those who do it: threads that read files and solve on the CPU, and
// those that feed devices.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <functional>
#include <limits>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <modesweep/cancel.hpp>
#include <modesweep/pipeline.hpp>

#include "pipeline/entry_steps.hpp"

namespace modesweep {

/// A file that waits to be read.
struct FileTask {
  std::string id;
  std::filesystem::path file;
  std::int64_t number = 0;            ///< for observers
  std::vector<std::string> chains{};  ///< instead of those of the model; empty: those
  std::string sha256{};               ///< that the file has to have; empty: any
};

/// All queues are bounded: files by their number, structures for devices by the batches that they
/// fill. Chains that a file was divided into, and structures that a device could not finish, go
/// before any file that is still to be read.
class WorkBoard {
 public:
  struct Options {
    std::size_t files = 0;       ///< that wait at most
    bool cpu_may_steal = false;  ///< the CPU takes from the devices' queue what it has time for
    int readers = 1;             ///< threads that call next_for_cpu until it ends
    /// Who is given a file may come back with its chains: `file_done` ends that.
    bool divides_files = false;
    CancelToken cancel = {};
  };
  explicit WorkBoard(Options options) : options_(std::move(options)), readers_(options_.readers) {}

  /// Waits for room.
  void add_file(FileTask task);
  /// No file comes any more.
  void close();

  /// A file to read, a chain to model or a structure to solve; nothing once all is done, also on
  /// the devices.
  using CpuWork = std::variant<FileTask, Entry>;
  std::optional<CpuWork> next_for_cpu();
  void add_chains(std::vector<Entry> chains);
  void file_done();
  /// So many of the readers never came.
  void come_to_the_end(int readers);

  /// Hands a structure to the devices and waits for room. Where the CPU may steal it comes back
  /// instead of waiting.
  std::optional<Entry> offer(Entry entry);
  /// Whether a device would begin with a structure at once, or is only waiting to be made.
  bool device_idles() const;

  /// The devices are there: from now on so many batches wait for them at most. Before, what waits
  /// is bounded by the memory that callers take for it.
  void devices_ready(double batches);

  /// Structures for one call of a device's solver: one, or as many as a batch takes by what each is
  /// of it now that the solver is known. None once all is done.
  std::vector<Entry> next_batch(const std::function<double(const Entry&)>& part_of_batch);
  /// So many of a batch are through; the CPU is to take these.
  void batch_done(std::size_t entries, std::vector<Entry> unfinished);

  /// How long callers waited, but for memory, which is not handed out here.
  StageWaits waits() const;

 private:
  /// Waits and adds the time to `seconds`.
  template <class Ready>
  static void wait(std::condition_variable& changed, std::unique_lock<std::mutex>& lock,
                   double& seconds, Ready&& ready);
  bool cancelled() const { return options_.cancel.is_cancelled(); }
  Entry pop_for_device(bool from_the_end);

  const Options options_;
  mutable std::mutex mutex_;
  std::condition_variable room_for_files_, room_for_devices_, for_cpu_, for_devices_;
  std::deque<FileTask> files_;
  std::deque<Entry> device_queue_;
  std::deque<Entry> first_;        ///< what goes before any file
  std::size_t files_in_work_ = 0;  ///< that may be divided
  double batches_queued_ = 0;
  double most_batches_ = std::numeric_limits<double>::infinity();
  std::size_t on_devices_ = 0;  ///< queued for devices or in a batch
  std::size_t idle_feeders_ = 0;
  int readers_;  ///< that have not come to the end
  bool closed_ = false;
  StageWaits waits_;
};

}  // namespace modesweep
