// SPDX-License-Identifier: MIT
#include "kernels/engine/driver_memory.hpp"

namespace modesweep::gpu {
namespace {

// A list of all networks of a batch stays below it.
constexpr std::size_t largest_kept = std::size_t{1} << 20;

}  // namespace

std::pmr::memory_resource& driver_memory() {
  thread_local std::pmr::unsynchronized_pool_resource memory(
      {.max_blocks_per_chunk = 0, .largest_required_pool_block = largest_kept});
  return memory;
}

}  // namespace modesweep::gpu
