// SPDX-License-Identifier: MIT
// The memory of a thread that drives a device: what a batch gives back, the next one takes.
#pragma once

#include <cstddef>
#include <memory_resource>
#include <vector>

namespace modesweep::gpu {

/// Of the calling thread. Once it has seen batches of some size, those to come ask nobody for
/// memory.
std::pmr::memory_resource& driver_memory();

/// Takes from it; what it took is given back on the same thread.
template <class T>
struct DriverAllocator {
  using value_type = T;

  DriverAllocator() = default;
  template <class U>
  explicit(false) DriverAllocator(const DriverAllocator<U>&) {}

  T* allocate(std::size_t count) {
    return std::pmr::polymorphic_allocator<T>(&driver_memory()).allocate(count);
  }
  void deallocate(T* values, std::size_t count) {
    std::pmr::polymorphic_allocator<T>(&driver_memory()).deallocate(values, count);
  }
  template <class U>
  bool operator==(const DriverAllocator<U>&) const {
    return true;
  }
};

/// A list of a batch.
template <class T>
using List = std::vector<T, DriverAllocator<T>>;

}  // namespace modesweep::gpu
