// SPDX-License-Identifier: MIT
// What ThreadSanitizer has to be told of orders that it does not see.
#pragma once

#if defined(__SANITIZE_THREAD__)
extern "C" {
void __tsan_acquire(void* address);
void __tsan_release(void* address);
}
#endif

namespace modesweep {

/// The order of a fork and a join that oneTBB makes by atomics of its own, which are not
/// instrumented: what comes before `fork` comes before what follows `enter` in a task, and what
/// comes before a task's `leave` before what follows `join`. Without ThreadSanitizer it does
/// nothing.
class SeenForkJoin {
 public:
  void fork() { release(forked_); }
  void enter() { acquire(forked_); }
  void leave() { release(joined_); }
  void join() { acquire(joined_); }

 private:
#if defined(__SANITIZE_THREAD__)
  static void acquire(char& at) { __tsan_acquire(&at); }
  static void release(char& at) { __tsan_release(&at); }
#else
  static void acquire(char&) {}
  static void release(char&) {}
#endif
  char forked_ = 0, joined_ = 0;  // their addresses count
};

}  // namespace modesweep
