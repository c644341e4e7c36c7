// SPDX-License-Identifier: MIT
#include "solver/blas.hpp"

#include <cblas.h>
#include <fmt/format.h>
#include <sys/mman.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <set>
#include <thread>
#include <vector>

#include "base/cancel_scope.hpp"

// OpenBLAS's own, exported by it: where its functions take the buffer that each call works in, and
// give it back to be used by the next.
extern "C" {
void* blas_memory_alloc(int);
void blas_memory_free(void*);
}

namespace modesweep::blas {
namespace {

constexpr std::size_t buffer_bytes = std::size_t{128} << 20;  // of OpenBLAS on x86-64
constexpr unsigned most_buffers = 128;  // it has room for two for each of 128 threads

struct Buffers {
  std::mutex mutex;
  std::condition_variable returned;
  std::set<void*> known;
  int in_use = 0;
};

Buffers& buffers() {
  static Buffers instance;
  return instance;
}

thread_local int nested = 0;

/// Whether OpenBLAS would get another buffer and leave so much for everything else.
bool has_room(std::size_t rest) {
  const std::size_t bytes = buffer_bytes + rest;
  void* const room =
      ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (room == MAP_FAILED) return false;
  ::munmap(room, bytes);
  return true;
}

}  // namespace

void take_buffers() {
  Buffers& all = buffers();
  const std::lock_guard lock(all.mutex);
  openblas_set_num_threads(1);
  const auto wanted = std::clamp(std::thread::hardware_concurrency(), 1U, most_buffers);
  constexpr std::size_t little = std::size_t{32} << 20;  // does for small structures
  std::vector<void*> held;  // OpenBLAS gives out those it has before it takes a new one
  while (all.known.size() < wanted && all.in_use == 0 &&
         has_room(all.known.empty() ? little : buffer_bytes)) {
    held.push_back(blas_memory_alloc(0));
    all.known.insert(held.back());
  }
  for (void* const buffer : held) blas_memory_free(buffer);
}

Call::Call() : granted_(true) {
  constexpr std::chrono::milliseconds look{100};
  if (nested == 0) {
    Buffers& all = buffers();
    std::unique_lock lock(all.mutex);
    granted_ = !all.known.empty();
    // A call that was left behind keeps its buffer.
    while (!all.returned.wait_for(lock, look,
                                  [&] { return !granted_ || all.in_use < std::ssize(all.known); }))
      check_cancelled();
    all.in_use += granted_;
  }
  ++nested;
}

Call::~Call() {
  if (--nested > 0 || !granted_) return;
  Buffers& all = buffers();
  const std::lock_guard lock(all.mutex);
  --all.in_use;
  all.returned.notify_one();
}

bool Call::is_held() { return nested > 0; }

tl::unexpected<Failure> no_buffer() {
  return fail(Stage::solve, "out_of_memory",
              fmt::format("OpenBLAS needs a buffer of {} MB, and the address space (ulimit -v) has "
                          "no room for it: solver eigen does without",
                          buffer_bytes >> 20));
}

}  // namespace modesweep::blas
