// SPDX-License-Identifier: MIT
#include "cli/wrapped.hpp"

#include <gtest/gtest.h>

namespace modesweep::cli {
namespace {

TEST(Wrapped, BreaksBetweenWordsAlone) {
  EXPECT_EQ(wrapped("one two three", 0), "one two three");
  EXPECT_EQ(wrapped("one two three", 13), "one two three");
  EXPECT_EQ(wrapped("one two three", 12), "one two\nthree");
  EXPECT_EQ(wrapped("one two three", 7), "one two\nthree");
  EXPECT_EQ(wrapped("one two three", 1), "one\ntwo\nthree");
  EXPECT_EQ(wrapped("folder/of/a/long/name is there", 10), "folder/of/a/long/name\nis there");
}

TEST(Wrapped, KeepsLinesAndIndentsWhatGoesOn) {
  EXPECT_EQ(wrapped("\na b c\nd\n", 3), "\na b\nc\nd\n");
  EXPECT_EQ(wrapped("found   one two", 11, 8), "found   one\n        two");
  EXPECT_EQ(wrapped("  one two", 6), "  one\ntwo");
  EXPECT_EQ(wrapped("h\xc3\xa9 h\xc3\xa9 h\xc3\xa9", 5), "h\xc3\xa9 h\xc3\xa9\nh\xc3\xa9");
}

}  // namespace
}  // namespace modesweep::cli
