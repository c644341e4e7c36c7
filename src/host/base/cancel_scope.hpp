// SPDX-License-Identifier: MIT
// How long loops learn that the work they are a part of was called off.
#pragma once

#include <cstddef>

#include <modesweep/cancel.hpp>

namespace modesweep {

/// While it lasts, what the calling thread does may be called off by the token, which outlives it.
class CancelScope {
 public:
  explicit CancelScope(const CancelToken* token);
  ~CancelScope();
  CancelScope(const CancelScope&) = delete;
  CancelScope& operator=(const CancelScope&) = delete;

  /// The token of the calling thread's scope, for a thread that takes a part of its work; may be
  /// null.
  static const CancelToken* current();

 private:
  const CancelToken* outer_;
};

/// Throws Cancelled where the calling thread's work was called off.
void check_cancelled();

/// Looks now and then: entries of the usual size are finished, whatever they cost to look at.
class CancelCheck {
 public:
  /// `steps` of some nanoseconds each were done. Throws as check_cancelled does.
  void after(std::size_t steps) {
    if ((done_ += steps) < steps_between) return;
    done_ = 0;
    check_cancelled();
  }

 private:
  static constexpr std::size_t steps_between = std::size_t{1} << 24;
  std::size_t done_ = 0;
};

}  // namespace modesweep
