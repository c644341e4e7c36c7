// SPDX-License-Identifier: MIT
#include "kernels/counted_allocations.hpp"

#include <atomic>
#include <cstdlib>
#include <new>
#include <thread>

#include "device/grid.hpp"

namespace {

std::atomic<std::int64_t> count = 0;
const std::thread::id first_thread = std::this_thread::get_id();

}  // namespace

std::int64_t counted_allocations::of_other_threads() { return count; }

void* operator new(std::size_t bytes) {
  if (!device_host::AtWork::is_any() && std::this_thread::get_id() != first_thread) ++count;
  if (void* const memory = std::malloc(bytes > 0 ? bytes : 1)) return memory;
  throw std::bad_alloc();
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
