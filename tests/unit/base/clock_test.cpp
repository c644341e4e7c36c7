// SPDX-License-Identifier: MIT
#include "base/clock.hpp"

#include <gtest/gtest.h>

#include <regex>
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

TEST(Clock, NowHasTheSameForm) {
  // Which time it is is not asked: the clock may be set at any moment.
  const std::string now = utc_now();
  EXPECT_TRUE(std::regex_match(now, std::regex("[0-9]{4}(-[0-9]{2}){2}T([0-9]{2}:){2}[0-9]{2}Z")))
      << now;
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
