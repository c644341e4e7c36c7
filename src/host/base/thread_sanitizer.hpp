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

/// A join that oneTBB makes by atomics of its own, which are not instrumented: what threads did
/// before `leave` comes before what follows `joined`. Without ThreadSanitizer it does nothing.
class SeenJoin {
 public:
  void leave() {
#if defined(__SANITIZE_THREAD__)
    __tsan_release(this);
#endif
  }
  void joined() {
#if defined(__SANITIZE_THREAD__)
    __tsan_acquire(this);
#endif
  }
};

}  // namespace modesweep
