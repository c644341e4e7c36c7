// SPDX-License-Identifier: MIT
#include "sources/pace.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <latch>
#include <thread>
#include <vector>

#include <modesweep/outcome.hpp>

#include "support/fake_clock.hpp"

namespace modesweep {
namespace {

using test_support::FakeClock;

TEST(Pace, RequestsStartASpacingApart) {
  FakeClock clock;
  Pace pace(clock);
  std::vector<long> starts;
  for (int i = 0; i < 4; ++i) {
    pace.wait_for_turn("ncbi:443", Milliseconds(370), {});
    starts.push_back(clock.elapsed());
  }
  EXPECT_EQ(starts, (std::vector<long>{0, 370, 740, 1110}));
}

TEST(Pace, TimeThatPassedCounts) {
  FakeClock clock;
  Pace pace(clock);
  pace.wait_for_turn("a", Milliseconds(370), {});
  clock.pass(Milliseconds(300));
  pace.wait_for_turn("a", Milliseconds(370), {});
  EXPECT_EQ(clock.elapsed(), 370);
  clock.pass(Milliseconds(5000));
  pace.wait_for_turn("a", Milliseconds(370), {});
  EXPECT_EQ(clock.elapsed(), 5370);
}

TEST(Pace, ServersDoNotWaitForEachOther) {
  FakeClock clock;
  Pace pace(clock);
  pace.wait_for_turn("a", Milliseconds(370), {});
  pace.wait_for_turn("b", Milliseconds(370), {});
  EXPECT_EQ(clock.elapsed(), 0);
}

TEST(Pace, AHoldDelaysTheNextTurnAndIsNeverShortened) {
  FakeClock clock;
  Pace pace(clock);
  pace.wait_for_turn("a", Milliseconds(370), {});
  pace.hold("a", Milliseconds(8000));
  pace.hold("a", Milliseconds(100));
  pace.wait_for_turn("a", Milliseconds(370), {});
  EXPECT_EQ(clock.elapsed(), 8000);
  pace.hold("a", Milliseconds(10));  // shorter than the spacing
  pace.wait_for_turn("a", Milliseconds(370), {});
  EXPECT_EQ(clock.elapsed(), 8370);
}

TEST(Pace, ThreadsShareIt) {
  Pace pace;
  std::atomic<int> turns{0};
  const auto start = std::chrono::steady_clock::now();
  std::vector<std::thread> threads;
  for (int t = 0; t < 3; ++t)
    threads.emplace_back([&] {
      for (int i = 0; i < 4; ++i) {
        pace.wait_for_turn("a", Milliseconds(20), {});
        ++turns;
      }
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(turns, 12);
  EXPECT_GE(std::chrono::steady_clock::now() - start, Milliseconds(11 * 20));
}

/// The real one, which says when somebody begins to wait.
class WatchedClock final : public Clock {
 public:
  Time now() override { return Clock::real().now(); }
  void wait_until(Time time, const CancelToken& cancel) override {
    waiting.count_down();
    Clock::real().wait_until(time, cancel);
  }
  std::latch waiting{1};
};

TEST(Pace, AnInterruptEndsTheWait) {
  WatchedClock clock;
  Pace pace(clock);
  CancelSource cancel;
  pace.hold("a", std::chrono::hours(24));  // nobody sees it out
  std::thread interrupt([&] {
    clock.waiting.wait();
    cancel.cancel();
  });
  EXPECT_THROW(pace.wait_for_turn("a", Milliseconds(0), cancel.token()), Cancelled);
  interrupt.join();
}

TEST(Backoff, DoublesWithJitterAndEndsAfterFiveTries) {
  for (int repeat = 0; repeat < 200; ++repeat) {
    Backoff backoff({}, {});
    for (const double seconds : {1, 2, 4, 8}) {
      const auto wait = backoff.next_wait({}, Milliseconds(0));
      ASSERT_TRUE(wait);
      EXPECT_GE(wait->count(), 750 * seconds);
      EXPECT_LE(wait->count(), 1250 * seconds);
    }
    EXPECT_FALSE(backoff.next_wait({}, Milliseconds(0)));
    EXPECT_EQ(backoff.failed_tries(), 5);
  }
}

TEST(Backoff, JitterSpreads) {
  std::vector<long> waits;
  for (int i = 0; i < 50; ++i) waits.push_back(Backoff({}, {}).next_wait({}, {})->count());
  EXPECT_NE(*std::min_element(waits.begin(), waits.end()),
            *std::max_element(waits.begin(), waits.end()));
}

TEST(Backoff, NeverLessThanRetryAfterUpToTheCap) {
  EXPECT_EQ(Backoff({}, {}).next_wait({}, Milliseconds(30'000)), Milliseconds(30'000));
  EXPECT_EQ(Backoff({}, {}).next_wait({}, Milliseconds(3'600'000)), Milliseconds(60'000));
  EXPECT_GE(Backoff({}, {}).next_wait({}, Milliseconds(-5'000)), Milliseconds(750));
}

TEST(Backoff, EndsWithItsBudget) {
  FakeClock clock;
  Backoff backoff({}, clock.now());
  clock.pass(Milliseconds(50'000));
  EXPECT_TRUE(backoff.next_wait(clock.now(), Milliseconds(60'000)));
  clock.pass(Milliseconds(60'000));
  EXPECT_FALSE(backoff.next_wait(clock.now(), Milliseconds(60'000)));
}

}  // namespace
}  // namespace modesweep
