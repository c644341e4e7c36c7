// SPDX-License-Identifier: MIT
// One user-space thread with a stack of its own: what a CUDA thread becomes on the host.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>

namespace device_host {

/// Runs a function in pieces. The body may be replaced once it has ended, so that a stack is used
/// again and again. A fiber stays on the OS thread that first resumed it.
class Fiber {
 public:
  Fiber();
  ~Fiber();
  Fiber(const Fiber&) = delete;
  Fiber& operator=(const Fiber&) = delete;

  /// The next resume() begins this function; the last one must have ended. It must not throw.
  void start(std::function<void()> body);

  /// Runs until the body suspends or ends. Called from outside.
  void resume();

  /// Back to resume(). Called from inside the body.
  void suspend();

  bool done() const;

 private:
  class State;
  std::unique_ptr<State> state_;
};

}  // namespace device_host
