// SPDX-License-Identifier: MIT
// What has to be the same whatever version of gemmi is there.
#include "structure/gemmi_adapter.hpp"

#include <gtest/gtest.h>

namespace modesweep {
namespace {

TEST(GemmiAdapter, TellsWhatResiduesAre) {
  EXPECT_EQ(tabulated_residue("GLY").one_letter_code, 'G');
  EXPECT_TRUE(tabulated_residue("GLY").amino_acid);
  EXPECT_FALSE(tabulated_residue("GLY").d_amino_acid);
  EXPECT_EQ(tabulated_residue("MSE").one_letter_code, 'm');
  EXPECT_TRUE(tabulated_residue("DAL").d_amino_acid);
  EXPECT_TRUE(tabulated_residue("DAL").amino_acid);
  EXPECT_TRUE(tabulated_residue("DA").nucleic_acid);
  EXPECT_FALSE(tabulated_residue("DA").amino_acid);
  const TabulatedResidue unknown = tabulated_residue("?!?");
  EXPECT_EQ(unknown.one_letter_code, ' ');
  EXPECT_FALSE(unknown.amino_acid || unknown.d_amino_acid || unknown.nucleic_acid);
}

/// The numbers from 1 to 5 that a selection takes, of residues with the insertion code A where they
/// are `inserted`.
std::string numbers_of(const std::string& cid, bool inserted = false) {
  const CidSelection selection(cid);
  std::string numbers;
  for (int number = 1; number <= 5; ++number) {
    Node node{{}, 0, "A", "GLY", "CA", number, inserted ? 'A' : ' '};
    if (selection.matches(node)) numbers += std::to_string(number);
  }
  return numbers;
}

TEST(GemmiAdapter, OneNumberIsOneResidue) {
  for (const char* cid : {"//A/3", "/1/A/3/CA", "A/3", "3", "3/CA", "//A/3.", "//A/3(GLY)"})
    EXPECT_EQ(numbers_of(cid), "3") << cid;
  EXPECT_EQ(numbers_of("//A/3", true), "");
  EXPECT_EQ(numbers_of("//A/3A", true), "3");
}

TEST(GemmiAdapter, RangesMayHaveNoEnd) {
  for (const char* cid : {"//A/3-", "/1/A/3-/CA", "A/3-", "3-"})
    EXPECT_EQ(numbers_of(cid), "345") << cid;
  EXPECT_EQ(numbers_of("//A/2-4"), "234");
  EXPECT_EQ(numbers_of("//A/*"), "12345");
  EXPECT_EQ(numbers_of("//A/(GLY)"), "12345");
  EXPECT_EQ(numbers_of("//A/(ALA)"), "");
}

TEST(GemmiAdapter, WhatNodesDoNotHaveIsRefused) {
  for (const char* cid : {"//A//CA:B", "//A//;q<1", "//A/3]"})
    EXPECT_THROW(CidSelection{cid}, std::runtime_error) << cid;
}

using Pairs = std::vector<std::pair<std::size_t, std::size_t>>;

// A gap of two costs 12: less than two mismatches of 4 and the four matches that they would shift.
TEST(GemmiAdapter, AlignsAroundAGap) {
  const Pairs expected = {{0, 0}, {1, 1}, {2, 2}, {3, 5}, {4, 6}, {5, 7}};
  EXPECT_EQ(align_sequences("WCHWCH", "WCHGAWCH", {}), expected);
}

// One alanine of three is paired: the one that leaves the gap where it opens for nothing.
TEST(GemmiAdapter, GapsOpenForNothingWhereTheyMay) {
  const std::string first = "WAAAW", second = "WAW";
  const std::vector<bool> before = {false, true, false, false}, after = {false, false, true, false};
  EXPECT_EQ(align_sequences(first, second, before), (Pairs{{0, 0}, {3, 1}, {4, 2}}));
  EXPECT_EQ(align_sequences(first, second, after), (Pairs{{0, 0}, {1, 1}, {4, 2}}));
}

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
