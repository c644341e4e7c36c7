// SPDX-License-Identifier: MIT
#include "base/clock.hpp"

#include <gtest/gtest.h>

#include <string>

namespace modesweep {
namespace {

using namespace std::chrono_literals;

TEST(Clock, WritesUtcInWholeSeconds) {
  const std::chrono::system_clock::time_point epoch;
  EXPECT_EQ(utc_time(epoch), "1970-01-01T00:00:00Z");
  EXPECT_EQ(utc_time(epoch + 951782399s + 900ms), "2000-02-28T23:59:59Z");
  EXPECT_EQ(utc_time(epoch + 951782400s), "2000-02-29T00:00:00Z");
}

TEST(Clock, NowIsBetweenBeforeAndAfter) {
  // Times of this form stand in the order of their letters.
  const std::string before = utc_time(std::chrono::system_clock::now());
  const std::string now = utc_now();
  EXPECT_LE(before, now);
  EXPECT_LE(now, utc_time(std::chrono::system_clock::now()));
}

TEST(Clock, LapsFollowEachOther) {
  Stopwatch whole, laps;
  double sum = 0;
  for (int i = 0; i < 1000; ++i) {
    const double lap = laps.lap();
    EXPECT_GE(lap, 0);
    sum += lap;
  }
  // The two were made one after the other, so that the older holds all laps of the younger.
  EXPECT_LE(sum, whole.seconds() + 1e-9);
}

}  // namespace
}  // namespace modesweep
