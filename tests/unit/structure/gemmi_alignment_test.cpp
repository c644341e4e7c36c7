// SPDX-License-Identifier: MIT
#include "structure/gemmi_adapter.hpp"

#include <gtest/gtest.h>

namespace modesweep {
namespace {

using Pairs = std::vector<std::pair<std::size_t, std::size_t>>;

TEST(GemmiAlignment, LeavesOutWhatOneLacks) {
  EXPECT_EQ(align_sequences("ARND", "ARND", {}), (Pairs{{0, 0}, {1, 1}, {2, 2}, {3, 3}}));
  // A, N and D score 4 + 6 + 6; with the gap at an end or at N pairs score 11 at most.
  EXPECT_EQ(align_sequences("ARND", "AND", {}), (Pairs{{0, 0}, {2, 1}, {3, 2}}));
  EXPECT_EQ(align_sequences("AND", "ARND", {}), (Pairs{{0, 0}, {1, 2}, {2, 3}}));
  // To pair both C scores 18 and takes two gaps, 11 each; without a gap pairs score -2 + 9 - 2.
  EXPECT_EQ(align_sequences("CCW", "WCC", {}), (Pairs{{0, 0}, {1, 1}, {2, 2}}));
  EXPECT_EQ(align_sequences("", "AND", {}), Pairs());
}

TEST(GemmiAlignment, OpensAGapWhereItIsFree) {
  const auto aligned = [](std::size_t place) {
    std::vector<bool> free_gaps(4);
    free_gaps[place] = true;
    return align_sequences("AAAAA", "AAA", free_gaps);
  };
  EXPECT_EQ(aligned(0), (Pairs{{2, 0}, {3, 1}, {4, 2}}));
  EXPECT_EQ(aligned(1), (Pairs{{0, 0}, {3, 1}, {4, 2}}));
  EXPECT_EQ(aligned(2), (Pairs{{0, 0}, {1, 1}, {4, 2}}));
  EXPECT_EQ(aligned(3), (Pairs{{0, 0}, {1, 1}, {2, 2}}));
}

TEST(GemmiAlignment, LettersWithoutAScoreLeaveThoseOfTheOthersAsTheyAre) {
  for (const char letter : {'X', 'B', 'Z', 'U', 'O', 'J'}) {
    SCOPED_TRACE(letter);
    const std::string tail = std::string("GGCVQ") + letter;
    EXPECT_EQ(align_sequences("WTM" + tail, "WT" + tail, {}),
              (Pairs{{0, 0}, {1, 1}, {3, 2}, {4, 3}, {5, 4}, {6, 5}, {7, 6}, {8, 7}}));
  }
}

}  // namespace
}  // namespace modesweep
