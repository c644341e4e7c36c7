// SPDX-License-Identifier: MIT
#include "device/grid.hpp"

#include <algorithm>
#include <array>
#include <deque>
#include <exception>
#include <numeric>
#include <random>
#include <vector>

#include "device/fiber.hpp"

namespace device_host {
namespace {

constexpr int warp_size = 32;
constexpr int most_threads = 1024;
constexpr std::size_t guard_bytes = 64;
constexpr char guard = 0x5A;

enum class Wait { no, block, warp };

struct Thread {
  Fiber fiber;
  dim3 index;
  Wait wait = Wait::no;
  int exchanges = 0;  // parity chooses the slot: a lane is never two exchanges ahead of another
  std::array<std::array<char, 16>, 2> slot;
};

/// One block at a time; an OS thread has one of these.
class BlockRunner {
 public:
  void run(const Grid& grid, const std::function<void()>& thread) {
    if (running_) throw KernelError("a kernel was launched from inside a kernel");
    const std::uint64_t count = std::uint64_t{grid.threads.x} * grid.threads.y * grid.threads.z;
    if (count == 0 || count > most_threads)
      throw KernelError("a block of " + std::to_string(count) + " threads");
    running_ = true;
    try {
      prepare(grid, static_cast<int>(count));
      const std::uint64_t blocks = std::uint64_t{grid.blocks.x} * grid.blocks.y * grid.blocks.z;
      for (const int block : shuffled(block_order_, static_cast<int>(blocks))) {
        const auto b = static_cast<unsigned>(block);
        block_ = dim3(b % grid.blocks.x, b / grid.blocks.x % grid.blocks.y,
                      b / grid.blocks.x / grid.blocks.y);
        run_block(thread);
      }
    } catch (...) {
      threads_.clear();  // some may be in the middle of their function
      running_ = false;
      throw;
    }
    running_ = false;
  }

  void set_order(std::uint64_t seed) {
    seed_ = seed;
    random_.seed(seed);
  }

  Thread& current() {
    if (!running_) throw KernelError("device code was called outside of a kernel");
    return threads_[current_];
  }
  const dim3& block() const { return block_; }
  const Grid& grid() const { return grid_; }
  SharedSpan shared() { return {shared_begin(), grid_.shared_bytes}; }

  void wait(Wait kind) {
    Thread& thread = current();
    const std::size_t me = current_;
    thread.wait = kind;
    thread.fiber.suspend();
    current_ = me;
    if (failed_) throw Abandoned();
  }

  Thread& neighbour(int source) {
    const std::size_t warp = current_ / warp_size * warp_size;
    return threads_[warp + static_cast<std::size_t>(source)];
  }
  int lane() const { return static_cast<int>(current_ % warp_size); }
  bool whole_warps() const { return threads_in_use_ % warp_size == 0; }

 private:
  struct Abandoned {};

  char* shared_begin() {
    // 128-byte alignment, as a device gives it.
    const auto address = reinterpret_cast<std::uintptr_t>(shared_.data());
    return shared_.data() + ((address + 127) / 128 * 128 - address);
  }

  void prepare(const Grid& grid, int count) {
    grid_ = grid;
    threads_in_use_ = count;
    while (static_cast<int>(threads_.size()) < count) threads_.emplace_back();
    for (int i = 0; i < count; ++i) {
      const unsigned u = static_cast<unsigned>(i);
      threads_[i].index = dim3(u % grid.threads.x, u / grid.threads.x % grid.threads.y,
                               u / (grid.threads.x * grid.threads.y));
    }
    shared_.resize(grid.shared_bytes + guard_bytes + 128);
    warps_ = (count + warp_size - 1) / warp_size;
  }

  void run_block(const std::function<void()>& body) {
    std::memset(shared_begin(), poison, grid_.shared_bytes);
    std::memset(shared_begin() + grid_.shared_bytes, guard, guard_bytes);
    failed_ = false;
    error_ = nullptr;
    for (int i = 0; i < threads_in_use_; ++i) {
      threads_[i].wait = Wait::no;
      threads_[i].exchanges = 0;
      threads_[i].fiber.start([this, &body] {
        try {
          body();
        } catch (const Abandoned&) {
        } catch (...) {
          if (!error_) error_ = std::current_exception();
        }
      });
    }
    for (;;) {
      for (const int warp : shuffled(warp_order_, warps_)) run_warp(warp);
      if (error_) std::rethrow_exception(error_);
      int waiting = 0;
      for (int i = 0; i < threads_in_use_; ++i) waiting += !threads_[i].fiber.done();
      if (waiting == 0) break;
      if (waiting < threads_in_use_)
        give_up(std::to_string(threads_in_use_ - waiting) + " threads of the block left while " +
                std::to_string(waiting) + " wait at __syncthreads");
      for (int i = 0; i < threads_in_use_; ++i) threads_[i].wait = Wait::no;
    }
    const char* const end = shared_begin() + grid_.shared_bytes;
    if (std::any_of(end, end + guard_bytes, [](char c) { return c != guard; }))
      throw KernelError("shared memory was written beyond its end");
  }

  /// Until every lane has left or waits for the block.
  void run_warp(int warp) {
    const int begin = warp * warp_size;
    const int lanes = std::min(warp_size, threads_in_use_ - begin);
    for (;;) {
      for (const int lane : shuffled(lane_order_, lanes)) {
        Thread& thread = threads_[begin + lane];
        if (thread.fiber.done() || thread.wait != Wait::no) continue;
        current_ = static_cast<std::size_t>(begin + lane);
        thread.fiber.resume();
        if (error_) return;
      }
      int at_warp = 0;
      for (int i = begin; i < begin + lanes; ++i)
        at_warp += !threads_[i].fiber.done() && threads_[i].wait == Wait::warp;
      if (at_warp == 0) return;
      if (at_warp < lanes)
        give_up(std::to_string(at_warp) + " lanes of a warp wait for " +
                std::to_string(lanes - at_warp) + " that left or wait at __syncthreads");
      for (int i = begin; i < begin + lanes; ++i) threads_[i].wait = Wait::no;
    }
  }

  /// Lets every thread that is in the middle of something unwind, then throws.
  [[noreturn]] void give_up(const std::string& why) {
    failed_ = true;
    for (int i = 0; i < threads_in_use_; ++i)
      while (!threads_[i].fiber.done()) {
        current_ = static_cast<std::size_t>(i);
        threads_[i].fiber.resume();
      }
    throw KernelError(why + " (block " + std::to_string(block_.x) + "," + std::to_string(block_.y) +
                      "," + std::to_string(block_.z) + ")");
  }

  const std::vector<int>& shuffled(std::vector<int>& order, int count) {
    order.resize(static_cast<std::size_t>(count));
    std::iota(order.begin(), order.end(), 0);
    if (seed_ != 0) std::shuffle(order.begin(), order.end(), random_);
    return order;
  }

  Grid grid_;
  dim3 block_;
  std::deque<Thread> threads_;
  int threads_in_use_ = 0;
  int warps_ = 0;
  std::size_t current_ = 0;
  std::vector<char> shared_;
  bool running_ = false;
  bool failed_ = false;
  std::exception_ptr error_;
  std::uint64_t seed_ = 0;
  std::mt19937_64 random_;
  std::vector<int> block_order_, warp_order_, lane_order_;
};

BlockRunner& runner() {
  thread_local BlockRunner runner;
  return runner;
}

}  // namespace

void set_thread_order(std::uint64_t seed) { runner().set_order(seed); }
void run_grid(const Grid& grid, const std::function<void()>& thread) { runner().run(grid, thread); }

const dim3& thread_index() { return runner().current().index; }
const dim3& block_index() { return runner().block(); }
const dim3& block_size() { return runner().grid().threads; }
const dim3& grid_size() { return runner().grid().blocks; }
SharedSpan shared_memory() { return runner().shared(); }
int lane() { return runner().lane(); }

void block_barrier() { runner().wait(Wait::block); }

void warp_barrier() {
  if (!runner().whole_warps()) throw KernelError("warp operations in a block of broken warps");
  runner().wait(Wait::warp);
}

void warp_exchange(const void* in, void* out, std::size_t bytes, int source) {
  Thread& thread = runner().current();
  const std::size_t parity = static_cast<std::size_t>(thread.exchanges++ & 1);
  std::memcpy(thread.slot[parity].data(), in, bytes);
  warp_barrier();
  std::memcpy(out, runner().neighbour(source & (warp_size - 1)).slot[parity].data(), bytes);
}

}  // namespace device_host
