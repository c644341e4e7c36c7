// SPDX-License-Identifier: MIT
// How often a service is asked, and how long to wait before it is asked again.
#pragma once

#include <chrono>
#include <map>
#include <mutex>
#include <optional>
#include <string>

#include <modesweep/cancel.hpp>

namespace modesweep {

using Milliseconds = std::chrono::milliseconds;

/// Time as the pace sees it; tests bring their own.
class Clock {
 public:
  using Time = std::chrono::steady_clock::time_point;
  virtual ~Clock() = default;
  virtual Time now() = 0;
  /// Throws Cancelled as soon as `cancel` says so, at once where it already does.
  virtual void wait_until(Time time, const CancelToken& cancel) = 0;

  /// The steady clock of this machine.
  static Clock& real();
};

/// Requests to one server (`host:port`) start at least a spacing apart, whoever asks and for
/// whatever reason.
class Pace {
 public:
  explicit Pace(Clock& clock = Clock::real()) : clock_(clock) {}

  /// Returns when the next request to `server` may start. Throws Cancelled.
  void wait_for_turn(const std::string& server, Milliseconds spacing, const CancelToken& cancel);

  /// No request to `server` starts before this much time has passed.
  void hold(const std::string& server, Milliseconds time);

  Clock& clock() { return clock_; }

  /// The one pace of this process.
  static Pace& process();

 private:
  Clock& clock_;
  std::mutex mutex_;
  std::map<std::string, Clock::Time> next_start_;
};

/// Which waits follow failed tries of one request.
struct BackoffRules {
  int tries = 5;                  ///< the first one counts
  Milliseconds first_wait{1000};  ///< doubled after each try
  double jitter = 0.25;           ///< each wait is 1 - jitter to 1 + jitter times as long
  Milliseconds longest_retry_after{60'000};
  Milliseconds budget{120'000};  ///< from the first try to the start of the last
  double scale = 1;              ///< of all waits; below 1 in tests only
};

class Backoff {
 public:
  Backoff(const BackoffRules& rules, Clock::Time start) : rules_(rules), start_(start) {}

  /// How long to wait before the next try, never less than what the service asked for; nothing
  /// where the tries or the budget are used up.
  std::optional<Milliseconds> next_wait(Clock::Time now, Milliseconds retry_after);

  int failed_tries() const { return failed_; }

 private:
  BackoffRules rules_;
  Clock::Time start_;
  int failed_ = 0;
};

}  // namespace modesweep
