// SPDX-License-Identifier: MIT
// Bounds of `identical_residues` that are cheaper than the alignment, none of which loses a pair.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace modesweep {

/// Identical residues that a gap costs. It has to bring at least as many.
constexpr std::size_t gap_cost = 6;

/// Residues of a k-mer. Sequences that are identical to more than three quarters share some of
/// three.
constexpr std::size_t kmer_length = 3;

constexpr bool is_known_residue(char letter) {
  return letter >= 'A' && letter <= 'Z' && letter != 'X';
}

/// How many identical residues `percent` of so many are, rounded up.
std::size_t identical_needed(std::size_t residues, double percent);

/// How many k-mers two sequences share at least, each with its counts, where so many of the
/// shorter's residues are identical to the other's. Runs of identical residues end at the residues
/// that are not identical and at gaps; what an alignment has between two gaps, or between one and
/// an end, has `gap_cost` identical residues, as one with a gap less would be better else; and a
/// run of n residues has n - k + 1 k-mers (the q-gram lemma: Jokinen & Ukkonen, MFCS 1991).
std::size_t fewest_shared_kmers(std::size_t shorter, std::size_t identical);

/// Whether they have so many identical residues beside each other without a gap: then so has the
/// best alignment, whose score is as good.
bool is_identical_without_gap(std::string_view a, std::string_view b, std::size_t identical);

/// The longest common subsequence, of which no alignment has more identical residues: bit-parallel,
/// 64 residues at a time (Hyyro, AWOCA 2004).
class CommonSubsequence {
 public:
  explicit CommonSubsequence(std::string_view sequence);
  std::size_t length_with(std::string_view other);

 private:
  using Word = std::uint64_t;
  std::size_t residues_, words_;
  std::array<std::vector<Word>, 26> places_;  // of each letter
  std::vector<Word> row_;
};

}  // namespace modesweep
