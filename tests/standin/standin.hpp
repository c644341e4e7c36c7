// SPDX-License-Identifier: MIT
// A stand-in for the CUDA runtime, cuSOLVER and cuBLAS, so that the engine runs without a device:
// it has the toolkit's own prototypes and nothing of its speed. For tests only.
//
// Streams are lazy: work that was queued runs when a wait or a query demands it and not before, a
// query one piece only, so that a missing wait shows. What a copy to the host will fill is poisoned
// when the copy is queued, and what a copy to the device has read is poisoned afterwards. Device
// memory comes poisoned and with guard bytes around it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace standin {

struct Device {
  std::string name = "stand-in";
  std::size_t memory = std::size_t{1} << 30;
  int shared_bytes = 99 * 1024;  ///< what a kernel may opt in to
  int major = 8;
  int minor = 9;
};

/// Faults to inject. A count of k strikes at the k-th occasion from now on; 0 never does.
struct Faults {
  int allocation = 0;    ///< that allocation (device or pinned) finds no memory
  int launch = 0;        ///< that kernel is refused
  int matrix = 0;        ///< that matrix of cuSOLVER's does not converge
  int wait = 0;          ///< the device is lost at that wait: nothing works on it any more
  int solver_call = 0;   ///< that call of cuSOLVER's fails
  int skipped_wait = 0;  ///< that wait returns at once, as if the engine had none there
  int raised_flag = 0;  ///< the first value of what that cudaMemset clears is 1 afterwards, as when
                        ///< a kernel raised a flag: that of a Cholesky-QR that broke down
};

struct Settings {
  Device device;
  int devices = 1;
  bool old_driver = false;
  bool no_code = false;  ///< the kernels were compiled for other devices
  Faults faults;
};

/// A new machine. Nothing of the last one may be in use any more.
void start(const Settings& settings);
/// From here on, counted anew.
void inject(const Faults& faults);

/// What happened since start().
struct Counts {
  std::int64_t allocations = 0;
  std::int64_t launches = 0;
  std::int64_t waits = 0;
  /// Waits for one stream, with something left to do there, while others of its device had work in
  /// hand that may have been done first.
  std::int64_t waits_beside_others = 0;
  std::int64_t bytes_to_device = 0;
  std::int64_t bytes_to_host = 0;
  std::int64_t matrices = 0;
  std::int64_t busy_streams = 0;  ///< that had work queued at the same time, at most
};
Counts counts();

/// The device's memory that is allocated now.
struct Span {
  const char* begin;
  std::size_t bytes;
};
std::vector<Span> device_memory();

/// Allocations, streams, events and handles that were made and not given back.
std::int64_t alive();

/// What the callers did wrong, one line each; empty where all is well: overrun buffers, host
/// pointers where the device's belong, queued work that was thrown away, exceptions in kernels.
std::string complaints();

}  // namespace standin
