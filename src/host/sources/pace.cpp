// SPDX-License-Identifier: MIT
#include "sources/pace.hpp"

#include <algorithm>
#include <cmath>
#include <random>
#include <thread>

#include <modesweep/outcome.hpp>

namespace modesweep {
namespace {

class RealClock final : public Clock {
 public:
  Time now() override { return std::chrono::steady_clock::now(); }

  // A signal handler can only set a flag, so the flag is looked at.
  void wait_until(Time time, const CancelToken& cancel) override {
    constexpr Milliseconds look{20};
    for (;;) {
      if (cancel.is_cancelled()) throw Cancelled();
      const Time t = now();
      if (t >= time) return;
      std::this_thread::sleep_for(std::min<Time::duration>(time - t, look));
    }
  }
};

double random_factor(double jitter) {
  thread_local std::minstd_rand engine(std::random_device{}());
  return std::uniform_real_distribution<double>(1 - jitter, 1 + jitter)(engine);
}

}  // namespace

Clock& Clock::real() {
  static RealClock clock;
  return clock;
}

Pace& Pace::process() {
  static Pace pace;
  return pace;
}

void Pace::wait_for_turn(const std::string& server, Milliseconds spacing,
                         const CancelToken& cancel) {
  Clock::Time turn;
  {
    const std::lock_guard lock(mutex_);
    Clock::Time& next = next_start_[server];
    turn = std::max(next, clock_.now());
    next = turn + spacing;
  }
  clock_.wait_until(turn, cancel);
}

void Pace::hold(const std::string& server, Milliseconds time) {
  const std::lock_guard lock(mutex_);
  Clock::Time& next = next_start_[server];
  next = std::max(next, clock_.now() + time);
}

std::optional<Milliseconds> Backoff::next_wait(Clock::Time now, Milliseconds retry_after) {
  if (++failed_ >= rules_.tries) return std::nullopt;
  const double own = static_cast<double>((rules_.first_wait * (1LL << (failed_ - 1))).count()) *
                     random_factor(rules_.jitter);
  const Milliseconds asked = std::clamp(retry_after, Milliseconds(0), rules_.longest_retry_after);
  const double wait = std::max(own, static_cast<double>(asked.count())) * rules_.scale;
  const Milliseconds rounded(std::llround(wait));
  if (now - start_ + rounded > rules_.budget) return std::nullopt;
  return rounded;
}

}  // namespace modesweep
