// SPDX-License-Identifier: MIT
// The state behind the stand-in's functions.
#pragma once

#include <cuda_runtime_api.h>

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "standin/standin.hpp"

/// A queue of work; the runtime's opaque type.
struct CUstream_st {
  int device = 0;
  std::deque<std::function<void()>> queue;
  std::uint64_t queued = 0;  ///< since the stream was made
  std::uint64_t done = 0;
};

struct CUevent_st {
  CUstream_st* stream = nullptr;
  std::uint64_t position = 0;  ///< work of the stream that comes before it
  bool asked_for = false;      ///< since it was recorded
  bool skipped = false;        ///< Faults::skipped_wait struck: it says that all is done
};

namespace standin {

/// All members lock; work that runs on a stream holds no lock.
class Machine {
 public:
  void start(const Settings& settings);
  void inject(const Faults& faults);
  Settings settings() const;
  Counts counts() const;
  std::string complaints() const;
  std::int64_t alive() const;

  void complain(const std::string& what);

  /// Success, or why no call works: no device, an old driver, a lost device.
  cudaError_t state() const;

  bool strikes(int Faults::*fault);
  void lose_device(int device);

  void* allocate(std::size_t bytes, bool on_device);
  bool release(void* pointer, bool on_device);
  /// Whether all of it is in one allocation of that kind; complains where not.
  bool holds(const void* pointer, std::size_t bytes, bool on_device, const char* who);

  cudaStream_t make_stream();
  cudaError_t end_stream(cudaStream_t stream);
  cudaError_t queue(cudaStream_t stream, std::function<void()> work);
  cudaError_t wait(cudaStream_t stream, std::uint64_t position);
  /// An event's. The first time it is waited for, or asked, is a wait that is counted.
  cudaError_t wait(CUevent_st& event);
  /// Runs one piece of work at most; cudaErrorNotReady where more comes before the event.
  cudaError_t poll(CUevent_st& event);
  std::uint64_t position(cudaStream_t stream) const;

  void count(std::int64_t Counts::*what, std::int64_t by = 1);
  void made(int by);  ///< events and handles
  std::size_t used() const;
  std::vector<Span> device_memory() const;

  static thread_local int device;

 private:
  /// Counts a wait and lets faults strike. Whether it returns at once.
  bool is_skipped_wait(cudaStream_t stream);
  bool ask_for(CUevent_st& event);
  cudaError_t run_until(cudaStream_t stream, std::uint64_t position);
  struct Allocation {
    std::size_t bytes;
    bool on_device;
    int device;
    std::unique_ptr<char[]> memory;
  };
  bool intact(const Allocation& allocation) const;
  /// Runs the next piece of work before `position`.
  enum class Step { worked, none_left, lost };
  Step step(cudaStream_t stream, std::uint64_t position);

  mutable std::recursive_mutex mutex_;
  Settings settings_;
  Counts counts_;
  std::string complaints_;
  std::map<const char*, Allocation> allocations_;
  std::vector<std::unique_ptr<char[]>> freed_too_soon_;  ///< perhaps: work was queued
  std::set<cudaStream_t> streams_;
  std::set<int> lost_;
  std::int64_t made_ = 0;
};

Machine& machine();

/// cudaError_t of the calling thread's last failed call, as the runtime keeps it.
cudaError_t remember(cudaError_t error);

}  // namespace standin
