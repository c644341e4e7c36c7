// SPDX-License-Identifier: MIT
#include "solver/threads.hpp"

#include <tbb/info.h>
#include <tbb/parallel_for.h>
#include <tbb/partitioner.h>
#include <tbb/task_arena.h>

#include <algorithm>

namespace modesweep::shift_invert {

struct Threads::Arena {
  explicit Arena(int count) : arena(count) {}
  tbb::task_arena arena;
};

// oneTBB warns, on standard error, of more threads than CPUs.
Threads::Threads(int count) : count_(std::min(count, tbb::info::default_concurrency())) {
  if (count_ > 1) arena_ = std::make_unique<Arena>(count_);
}

Threads::~Threads() = default;

void Threads::for_each(std::ptrdiff_t count, void (*body)(void*, std::ptrdiff_t),
                       void* context) const {
  if (!arena_) {
    for (std::ptrdiff_t i = 0; i < count; ++i) body(context, i);
    return;
  }
  arena_->arena.execute([&] {
    tbb::parallel_for(
        std::ptrdiff_t{0}, count, [&](std::ptrdiff_t i) { body(context, i); },
        tbb::simple_partitioner());
  });
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
