// SPDX-License-Identifier: MIT
#include "solver/shift_invert/threads.hpp"

#include <tbb/info.h>
#include <tbb/parallel_for.h>
#include <tbb/partitioner.h>
#include <tbb/task_arena.h>

#include <algorithm>
#include <system_error>
#include <thread>

#include "base/cancel_scope.hpp"

#ifdef MODESWEEP_TSAN
#include <sanitizer/tsan_interface.h>
#endif

namespace modesweep::shift_invert {
namespace {

// oneTBB's library is not instrumented, and what its headers leave in this file must not be either
// (CMakeLists.txt): ThreadSanitizer is told that an item comes after what was done before for_each,
// and before what is done after it.
#ifdef MODESWEEP_TSAN
void publish(void* order) { __tsan_release(order); }
void observe(void* order) { __tsan_acquire(order); }
#else
void publish(void*) {}
void observe(void*) {}
#endif

}  // namespace

struct Threads::Arena {
  explicit Arena(int count) : arena(count) {}
  tbb::task_arena arena;
};

namespace {

/// oneTBB ends the process where it cannot start a thread.
bool can_start_a_thread() {
  try {
    const std::jthread thread([] {});
    return true;
  } catch (const std::system_error&) {
    return false;
  }
}

}  // namespace

// oneTBB warns, on standard error, of more threads than CPUs.
Threads::Threads(int count)
    : count_(count > 1 && can_start_a_thread() ? std::min(count, tbb::info::default_concurrency())
                                               : 1) {
  if (count_ > 1) arena_ = std::make_unique<Arena>(count_);
}

Threads::~Threads() = default;

void Threads::for_each(std::ptrdiff_t count, void (*body)(void*, std::ptrdiff_t),
                       void* context) const {
  if (!arena_) {
    for (std::ptrdiff_t i = 0; i < count; ++i) body(context, i);
    return;
  }
  const CancelToken* const token = CancelScope::current();
  char before, after;
  publish(&before);
  arena_->arena.execute([&] {
    tbb::parallel_for(
        std::ptrdiff_t{0}, count,
        [&](std::ptrdiff_t i) {
          observe(&before);
          const CancelScope scope(token);
          body(context, i);
          publish(&after);
        },
        tbb::simple_partitioner());
  });
  observe(&after);
}

void Threads::for_each(std::ptrdiff_t count,
                       const std::function<void(std::ptrdiff_t)>& body) const {
  for_each(
      count,
      [](void* context, std::ptrdiff_t i) {
        (*static_cast<const std::function<void(std::ptrdiff_t)>*>(context))(i);
      },
      const_cast<std::function<void(std::ptrdiff_t)>*>(&body));
}

int Threads::index() const { return arena_ ? tbb::this_task_arena::current_thread_index() : 0; }

}  // namespace modesweep::shift_invert
