// SPDX-License-Identifier: MIT
// A clock on which waits take no time.
#pragma once

#include <algorithm>

#include <modesweep/outcome.hpp>

#include "sources/pace.hpp"

namespace test_support {

class FakeClock final : public modesweep::Clock {
 public:
  Time now() override { return now_; }
  void wait_until(Time time, const modesweep::CancelToken& cancel) override {
    if (cancel.is_cancelled()) throw modesweep::Cancelled();
    now_ = std::max(now_, time);
  }
  void pass(modesweep::Milliseconds time) { now_ += time; }
  /// Milliseconds.
  long elapsed() const { return long((now_ - Time{}) / modesweep::Milliseconds(1)); }

 private:
  Time now_{};
};

}  // namespace test_support
