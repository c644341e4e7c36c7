// SPDX-License-Identifier: MIT
#include "base/closest.hpp"

#include <gtest/gtest.h>

namespace modesweep {
namespace {

const std::vector<std::string> known = {"rank", "resume", "report", "coll1", "coll2", "fv1"};

TEST(Closest, IsWhatAFewLettersAreWrongIn) {
  EXPECT_EQ(closest("rnak", known), "rank");   // two swapped
  EXPECT_EQ(closest("ran", known), "rank");    // one left out
  EXPECT_EQ(closest("ranks", known), "rank");  // one too many
  EXPECT_EQ(closest("RESUNE", known), "resume");
  EXPECT_EQ(closest("col1", known), "coll1");
  EXPECT_EQ(closest("col2", known), "coll2");
  EXPECT_EQ(closest("col", known), std::nullopt);
  EXPECT_EQ(closest("rank", known), "rank");
}

TEST(Closest, IsNothingWhereHalfTheWordWouldChange) {
  for (const char* typed : {"", "x", "f", "trypsin", "knar", "reusem?", "coll1_core"})
    EXPECT_EQ(closest(typed, known), std::nullopt) << typed;
  EXPECT_EQ(closest(std::string(100'000, 'r'), known), std::nullopt);
  EXPECT_EQ(closest("rank", {}), std::nullopt);
}

TEST(Closest, IsSaidInOneClause) {
  EXPECT_EQ(did_you_mean("rnak", known), "; did you mean rank?");
  EXPECT_EQ(did_you_mean("trypsin", known), "");
}

}  // namespace
}  // namespace modesweep
