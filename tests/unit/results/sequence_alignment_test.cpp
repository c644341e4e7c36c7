// SPDX-License-Identifier: MIT
#include "results/sequence_alignment.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include <modesweep/protein_clusters.hpp>

#include "unit/results/made_up_sequences.hpp"

namespace modesweep {
namespace {

/// By the definition, each gap of each length tried.
std::size_t plainly_aligned(const std::string& a, const std::string& b) {
  using Score = std::pair<int, int>;  // and the identical residues
  const auto after_gap = [](Score score) {
    return Score(score.first - static_cast<int>(gap_cost), score.second);
  };
  std::vector<std::vector<Score>> best(a.size() + 1, std::vector<Score>(b.size() + 1));
  Score whole;
  for (std::size_t i = 0; i <= a.size(); ++i)
    for (std::size_t j = 0; j <= b.size(); ++j) {
      Score& here = best[i][j];
      if (i > 0 && j > 0) {
        const bool same = a[i - 1] == b[j - 1] && is_known_residue(a[i - 1]);
        here = {best[i - 1][j - 1].first + same, best[i - 1][j - 1].second + same};
        for (std::size_t k = 0; k < i; ++k) here = std::max(here, after_gap(best[k][j]));
        for (std::size_t k = 0; k < j; ++k) here = std::max(here, after_gap(best[i][k]));
      }
      if (i == a.size() || j == b.size()) whole = std::max(whole, here);
    }
  return static_cast<std::size_t>(whole.second);
}

std::size_t plain_common_subsequence(const std::string& a, const std::string& b) {
  std::vector<std::vector<std::size_t>> length(a.size() + 1,
                                               std::vector<std::size_t>(b.size() + 1));
  for (std::size_t i = 1; i <= a.size(); ++i)
    for (std::size_t j = 1; j <= b.size(); ++j)
      length[i][j] = a[i - 1] == b[j - 1] && is_known_residue(a[i - 1])
                         ? length[i - 1][j - 1] + 1
                         : std::max(length[i - 1][j], length[i][j - 1]);
  return length[a.size()][b.size()];
}

std::size_t shared_kmers(const std::string& a, const std::string& b) {
  const auto counts = [](const std::string& sequence) {
    std::map<std::string, std::size_t> found;
    for (std::size_t i = 0; i + kmer_length <= sequence.size(); ++i)
      ++found[sequence.substr(i, kmer_length)];
    return found;
  };
  std::size_t shared = 0;
  auto others = counts(b);
  for (const auto& [kmer, count] : counts(a)) shared += std::min(count, others[kmer]);
  return shared;
}

TEST(SequenceAlignment, ByHand) {
  const std::string head = "MKTAYI", tail = "WQERTPLKDSAVGHFNCMWY";
  EXPECT_EQ(identical_residues("", ""), 0u);
  EXPECT_EQ(identical_residues("", head), 0u);
  EXPECT_EQ(identical_residues(head, head), 6u);
  EXPECT_EQ(identical_residues(tail, "GGG" + tail + "GG"), 20u) << "ends cost nothing";
  EXPECT_EQ(identical_residues("GGG" + tail, tail + "GG"), 20u);
  EXPECT_EQ(identical_residues("ACDEFGH", "ACWEFGH"), 6u);
  EXPECT_EQ(identical_residues("ACXEFGH", "ACXEFGH"), 6u) << "nobody knows what X is";
  EXPECT_EQ(identical_residues("aCDE", "aCDE"), 3u);
  // A loop that was not seen in one of them, wherever it is worth its gap: six residues are, five
  // are not.
  EXPECT_EQ(identical_residues(head + tail, head + "GGGGGGGG" + tail), 26u);
  EXPECT_EQ(identical_residues(head + "GGGGGGGG" + tail, head + tail), 26u);
  const std::string five = head.substr(0, 5);
  EXPECT_EQ(identical_residues(five + tail, five + "GGGGGGGG" + tail), 20u);
  // Between two gaps as well.
  EXPECT_EQ(identical_residues(tail + head + tail, tail + "GGGG" + head + "GGG" + tail), 46u);
  EXPECT_EQ(identical_residues(tail + five + tail, tail + "GGGG" + five + "GGG" + tail), 40u);
}

TEST(SequenceAlignment, IsThatOfThePlainDefinition) {
  for (const char* letters : {"AC", "ACDX", "ACDEFGHIKLMNPQRSTVWY"}) {
    MadeUpSequences made_up(20261129, letters);
    for (int i = 0; i < 300; ++i) {
      const std::string a = made_up.sequence(1 + made_up.below(60));
      const std::string b = i % 3 == 0 ? made_up.sequence(1 + made_up.below(60))
                                       : made_up.relative(a, made_up.below(60), 3);
      ASSERT_EQ(identical_residues(a, b), plainly_aligned(a, b)) << a << ' ' << b;
      ASSERT_EQ(identical_residues(b, a), identical_residues(a, b)) << a << ' ' << b;
    }
  }
}

// Whose scores fill more bits than two can have together in 32.
TEST(SequenceAlignment, OfVeryLongSequences) {
  MadeUpSequences made_up(1);
  const std::string head = made_up.sequence(33000), tail = made_up.sequence(100);
  EXPECT_EQ(identical_residues(head + tail, head + "GGGGG" + tail), 33100u);
}

TEST(SequenceAlignment, CommonSubsequenceIsThatOfThePlainDefinition) {
  MadeUpSequences made_up(2, "ACDEX");
  for (int i = 0; i < 200; ++i) {
    const std::string a = made_up.sequence(made_up.below(200));
    const std::string b = made_up.sequence(made_up.below(200));
    ASSERT_EQ(CommonSubsequence(a).length_with(b), plain_common_subsequence(a, b)) << a << ' ' << b;
  }
}

TEST(SequenceAlignment, NoBoundLosesAPair) {
  for (const char* letters : {"AC", "ACDE", "ACDEFGHIKLMNPQRSTVWY"}) {
    MadeUpSequences made_up(20261129, letters);
    for (int i = 0; i < 2000; ++i) {
      const std::string a = made_up.sequence(1 + made_up.below(150));
      const std::string b = made_up.relative(a, made_up.below(50), 6);
      const std::size_t shorter = std::min(a.size(), b.size());
      const std::size_t identical = identical_residues(a, b);
      ASSERT_GE(shared_kmers(a, b), fewest_shared_kmers(shorter, identical)) << a << ' ' << b;
      ASSERT_GE(CommonSubsequence(a).length_with(b), identical) << a << ' ' << b;
      ASSERT_FALSE(is_identical_without_gap(a, b, identical + 1)) << a << ' ' << b;
    }
  }
}

TEST(SequenceAlignment, WithoutGap) {
  EXPECT_TRUE(is_identical_without_gap("CDEF", "ACDEFG", 4));
  EXPECT_TRUE(is_identical_without_gap("CDEFG", "ABCDE", 3)) << "ends that the other has not";
  EXPECT_TRUE(is_identical_without_gap("ABCDE", "CDEFG", 3));
  EXPECT_FALSE(is_identical_without_gap("ABCDE", "CDEFG", 4));
  EXPECT_FALSE(is_identical_without_gap("AXA", "AXA", 3));
  EXPECT_FALSE(is_identical_without_gap("AA", "AAA", 3));
}

TEST(SequenceAlignment, ResiduesNeeded) {
  EXPECT_EQ(identical_needed(20, 95), 19u);
  EXPECT_EQ(identical_needed(19, 95), 19u);
  EXPECT_EQ(identical_needed(1000, 99.9), 999u);
  EXPECT_EQ(identical_needed(7, 50), 4u);
  EXPECT_EQ(identical_needed(7, 100), 7u);
  // 300 residues, 15 of them others, 47 pieces between gaps at most.
  EXPECT_EQ(fewest_shared_kmers(300, 285), 285u - 2 * (15 + 47));
  EXPECT_EQ(fewest_shared_kmers(3, 3), 1u);
  EXPECT_EQ(fewest_shared_kmers(300, 150), 0u);
}

}  // namespace
}  // namespace modesweep
