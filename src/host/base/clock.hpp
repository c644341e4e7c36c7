// SPDX-License-Identifier: MIT
// Seconds that pass, and the time of day as files state it.
#pragma once

#include <chrono>
#include <string>

namespace modesweep {

/// Runs from where it is made, by a clock that nobody sets.
class Stopwatch {
 public:
  /// Seconds since it was made, or since the last lap.
  double seconds() const { return seconds_until(std::chrono::steady_clock::now()); }

  /// The same seconds, with which this lap ends and the next begins.
  double lap() {
    const auto now = std::chrono::steady_clock::now();
    const double seconds = seconds_until(now);
    start_ = now;
    return seconds;
  }

 private:
  double seconds_until(std::chrono::steady_clock::time_point time) const {
    return std::chrono::duration<double>(time - start_).count();
  }

  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

/// In whole seconds of UTC, as ISO 8601 has it: 2026-07-31T12:00:00Z.
std::string utc_time(std::chrono::system_clock::time_point time);

std::string utc_now();

}  // namespace modesweep
