// SPDX-License-Identifier: MIT
// Runs a kernel on the host: one fiber a CUDA thread, one block after another.
#pragma once

#include <vector_types.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <stdexcept>
#include <string>
#include <type_traits>

namespace device_host {

/// What a device would answer with a hang, garbage or an error of its own.
class KernelError : public std::logic_error {
 public:
  using std::logic_error::logic_error;
};

struct Grid {
  dim3 blocks;
  dim3 threads;
  std::size_t shared_bytes = 0;
};

/// While there is one, the calling OS thread plays the device: what it allocates then is nothing
/// that the program under test asked for.
class AtWork {
 public:
  AtWork() { ++count_; }
  ~AtWork() { --count_; }
  AtWork(const AtWork&) = delete;
  AtWork& operator=(const AtWork&) = delete;
  static bool is_any() { return count_ > 0; }

 private:
  static inline thread_local int count_ = 0;
};

/// In which order the blocks of a grid run, and the threads of a block take turns between two
/// barriers. A kernel is right only if it gives the same under every order. 0 is that of their
/// index, others shuffle blocks, and warps and lanes anew at every turn. It holds for the calling
/// OS thread.
void set_thread_order(std::uint64_t seed);

/// Runs `thread` once for each thread of the grid. Shared memory is poisoned before each block.
/// Throws KernelError where the block cannot go on (a thread left while others wait, barriers that
/// differ), where shared memory is overrun, and what `thread` throws.
void run_grid(const Grid& grid, const std::function<void()>& thread);

/// Bytes of the poison are all this: NaN as floating point, -1 as integer.
inline constexpr int poison = 0xFF;

// What a running thread sees. All of it is private to the calling OS thread.
const dim3& thread_index();
const dim3& block_index();
const dim3& block_size();
const dim3& grid_size();

/// Waits for all threads of the block; throws where one has left.
void block_barrier();

/// The block's shared memory.
struct SharedSpan {
  char* begin;
  std::size_t bytes;
};
SharedSpan shared_memory();

/// Hands `bytes` to the warp and gives what lane `source` handed in. Waits for all 32 lanes.
void warp_exchange(const void* in, void* out, std::size_t bytes, int source);
void warp_barrier();
int lane();

template <class T>
T shuffle(T value, int source) {
  static_assert(std::is_trivially_copyable_v<T> && sizeof(T) <= 16);
  T result;
  warp_exchange(&value, &result, sizeof(T), source);
  return result;
}

}  // namespace device_host
