// SPDX-License-Identifier: MIT
#include "standin/machine.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include "device/grid.hpp"

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#endif

namespace standin {
namespace {

constexpr std::size_t guard_bytes = 256;
constexpr char guard = 0x5A;

void hide(void* pointer, std::size_t bytes) {
#if defined(__SANITIZE_ADDRESS__)
  __asan_poison_memory_region(pointer, bytes);
#else
  (void)pointer, (void)bytes;
#endif
}

void show(const void* pointer, std::size_t bytes) {
#if defined(__SANITIZE_ADDRESS__)
  __asan_unpoison_memory_region(pointer, bytes);
#else
  (void)pointer, (void)bytes;
#endif
}

}  // namespace

thread_local int Machine::device = 0;

Machine& machine() {
  static Machine machine;
  return machine;
}

void start(const Settings& settings) { machine().start(settings); }
void inject(const Faults& faults) { machine().inject(faults); }
Counts counts() { return machine().counts(); }
std::vector<Span> device_memory() { return machine().device_memory(); }
std::string complaints() { return machine().complaints(); }
std::int64_t alive() { return machine().alive(); }

void Machine::start(const Settings& settings) {
  const std::lock_guard lock(mutex_);
  settings_ = settings;
  counts_ = {};
  complaints_.clear();
  lost_.clear();
  freed_too_soon_.clear();
}

void Machine::inject(const Faults& faults) {
  const std::lock_guard lock(mutex_);
  settings_.faults = faults;
}

Settings Machine::settings() const {
  const std::lock_guard lock(mutex_);
  return settings_;
}

Counts Machine::counts() const {
  const std::lock_guard lock(mutex_);
  return counts_;
}

std::string Machine::complaints() const {
  const std::lock_guard lock(mutex_);
  std::string all = complaints_;
  for (const auto& [pointer, allocation] : allocations_)
    if (!intact(allocation)) all += "an allocation was overrun\n";
  return all;
}

std::int64_t Machine::alive() const {
  const std::lock_guard lock(mutex_);
  return static_cast<std::int64_t>(allocations_.size() + streams_.size()) + made_;
}

void Machine::complain(const std::string& what) {
  const std::lock_guard lock(mutex_);
  complaints_ += what + "\n";
}

cudaError_t Machine::state() const {
  const std::lock_guard lock(mutex_);
  if (settings_.old_driver) return cudaErrorInsufficientDriver;
  if (settings_.devices == 0) return cudaErrorNoDevice;
  if (lost_.contains(device)) return cudaErrorLaunchFailure;
  return cudaSuccess;
}

bool Machine::strikes(int Faults::*fault) {
  const std::lock_guard lock(mutex_);
  int& count = settings_.faults.*fault;
  if (count == 0) return false;
  return --count == 0;
}

void Machine::lose_device(int which) {
  const std::lock_guard lock(mutex_);
  lost_.insert(which);
}

std::size_t Machine::used() const {
  const std::lock_guard lock(mutex_);
  std::size_t bytes = 0;
  for (const auto& [pointer, allocation] : allocations_)
    if (allocation.on_device && allocation.device == device) bytes += allocation.bytes;
  return bytes;
}

std::vector<Span> Machine::device_memory() const {
  const std::lock_guard lock(mutex_);
  std::vector<Span> spans;
  for (const auto& [begin, allocation] : allocations_)
    if (allocation.on_device) spans.push_back({begin, allocation.bytes});
  return spans;
}

void* Machine::allocate(std::size_t bytes, bool on_device) {
  const std::lock_guard lock(mutex_);
  ++counts_.allocations;
  if (strikes(&Faults::allocation)) return nullptr;
  if (on_device && used() + bytes > settings_.device.memory) return nullptr;
  // 256-byte alignment, as cudaMalloc gives it.
  Allocation allocation{bytes, on_device, device,
                        std::make_unique_for_overwrite<char[]>(bytes + 3 * guard_bytes)};
  const auto raw = reinterpret_cast<std::uintptr_t>(allocation.memory.get());
  char* const begin =
      allocation.memory.get() + ((raw + 2 * guard_bytes - 1) / guard_bytes * guard_bytes - raw);
  std::memset(allocation.memory.get(), guard, bytes + 3 * guard_bytes);
  std::memset(begin, device_host::poison, bytes);
  hide(allocation.memory.get(), static_cast<std::size_t>(begin - allocation.memory.get()));
  hide(begin + bytes, guard_bytes);
  allocations_.emplace(begin, std::move(allocation));
  return begin;
}

bool Machine::intact(const Allocation& allocation) const {
  const auto found = std::find_if(allocations_.begin(), allocations_.end(),
                                  [&](const auto& a) { return &a.second == &allocation; });
  const char* const begin = found->first;
  const char* const low = allocation.memory.get();
  show(low, allocation.bytes + 3 * guard_bytes);
  const auto changed = [](char c) { return c != guard; };
  const bool ok =
      std::none_of(low, begin, changed) &&
      std::none_of(begin + allocation.bytes, begin + allocation.bytes + guard_bytes, changed);
  hide(const_cast<char*>(low), static_cast<std::size_t>(begin - low));
  hide(const_cast<char*>(begin) + allocation.bytes, guard_bytes);
  return ok;
}

bool Machine::release(void* pointer, bool on_device) {
  const std::lock_guard lock(mutex_);
  const auto found = allocations_.find(static_cast<char*>(pointer));
  if (found == allocations_.end() || found->second.on_device != on_device) {
    complain("what was freed had not been allocated");
    return false;
  }
  if (!intact(found->second)) complain("an allocation was overrun");
  show(found->second.memory.get(), found->second.bytes + 3 * guard_bytes);
  // Work that is queued by mistake may still use it: that is to show in the results, not to break
  // the test's own memory.
  if (std::any_of(streams_.begin(), streams_.end(),
                  [](cudaStream_t stream) { return !stream->queue.empty(); }))
    freed_too_soon_.push_back(std::move(found->second.memory));
  allocations_.erase(found);
  return true;
}

bool Machine::holds(const void* pointer, std::size_t bytes, bool on_device, const char* who) {
  const std::lock_guard lock(mutex_);
  const char* const begin = static_cast<const char*>(pointer);
  auto found = allocations_.upper_bound(begin);
  if (found != allocations_.begin()) {
    --found;
    if (begin + bytes <= found->first + found->second.bytes && found->second.on_device == on_device)
      return true;
  }
  complain(std::string(who) + ": " + std::to_string(bytes) + " bytes are not in one allocation " +
           (on_device ? "on the device" : "of pinned memory"));
  return false;
}

cudaStream_t Machine::make_stream() {
  const std::lock_guard lock(mutex_);
  auto* const stream = new CUstream_st;
  stream->device = device;
  streams_.insert(stream);
  return stream;
}

cudaError_t Machine::end_stream(cudaStream_t stream) {
  const std::lock_guard lock(mutex_);
  if (streams_.erase(stream) == 0) return cudaErrorInvalidResourceHandle;
  if (!stream->queue.empty() && !lost_.contains(stream->device))
    complain("a stream was destroyed with work that nobody waited for");
  delete stream;
  return cudaSuccess;
}

cudaError_t Machine::queue(cudaStream_t stream, std::function<void()> work) {
  const std::lock_guard lock(mutex_);
  if (!streams_.contains(stream)) {
    complain("work for the default stream, or for one that does not exist");
    return cudaErrorInvalidResourceHandle;
  }
  stream->queue.push_back(std::move(work));
  ++stream->queued;
  counts_.busy_streams = std::max<std::int64_t>(
      counts_.busy_streams, std::count_if(streams_.begin(), streams_.end(),
                                          [](cudaStream_t s) { return !s->queue.empty(); }));
  return cudaSuccess;
}

std::uint64_t Machine::position(cudaStream_t stream) const {
  const std::lock_guard lock(mutex_);
  return stream->queued;
}

bool Machine::is_skipped_wait(cudaStream_t stream) {
  const std::lock_guard lock(mutex_);
  ++counts_.waits;
  if (strikes(&Faults::wait)) lost_.insert(stream->device);
  return strikes(&Faults::skipped_wait);
}

bool Machine::ask_for(CUevent_st& event) {
  if (!std::exchange(event.asked_for, true)) event.skipped = is_skipped_wait(event.stream);
  return event.skipped;
}

cudaError_t Machine::run_until(cudaStream_t stream, std::uint64_t position) {
  {
    const std::lock_guard lock(mutex_);
    const auto has_work = [&](cudaStream_t other) {
      return other != stream && other->device == stream->device && !other->queue.empty();
    };
    if (stream->done < position && std::any_of(streams_.begin(), streams_.end(), has_work))
      ++counts_.waits_beside_others;
  }
  for (;;) switch (step(stream, position)) {
      case Step::worked: break;
      case Step::none_left: return cudaSuccess;
      case Step::lost: return cudaErrorLaunchFailure;
    }
}

cudaError_t Machine::wait(cudaStream_t stream, std::uint64_t position) {
  {
    const std::lock_guard lock(mutex_);
    if (!streams_.contains(stream)) return cudaErrorInvalidResourceHandle;
  }
  return is_skipped_wait(stream) ? cudaSuccess : run_until(stream, position);
}

cudaError_t Machine::wait(CUevent_st& event) {
  return ask_for(event) ? cudaSuccess : run_until(event.stream, event.position);
}

cudaError_t Machine::poll(CUevent_st& event) {
  if (ask_for(event)) return cudaSuccess;
  if (step(event.stream, event.position) == Step::lost) return cudaErrorLaunchFailure;
  const std::lock_guard lock(mutex_);
  return event.stream->done >= event.position ? cudaSuccess : cudaErrorNotReady;
}

Machine::Step Machine::step(cudaStream_t stream, std::uint64_t position) {
  std::function<void()> work;
  {
    const std::lock_guard lock(mutex_);
    if (lost_.contains(stream->device)) return Step::lost;
    if (stream->done >= position) return Step::none_left;
    work = std::move(stream->queue.front());
    stream->queue.pop_front();
    ++stream->done;
  }
  try {
    work();
  } catch (const std::exception& error) {
    complain(error.what());
    lose_device(stream->device);
  }
  return Step::worked;
}

void Machine::count(std::int64_t Counts::*what, std::int64_t by) {
  const std::lock_guard lock(mutex_);
  counts_.*what += by;
}

void Machine::made(int by) {
  const std::lock_guard lock(mutex_);
  made_ += by;
}

}  // namespace standin
