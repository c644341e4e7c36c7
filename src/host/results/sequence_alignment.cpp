// SPDX-License-Identifier: MIT
#include "results/sequence_alignment.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <utility>

#include <modesweep/protein_clusters.hpp>

namespace modesweep {
namespace {

/// The shorter sequence and the longer. Of the former what is identical to nothing is no letter, so
/// that equal characters are identical residues.
struct Pair {
  Pair(std::string_view a, std::string_view b)
      : shorter(a.size() <= b.size() ? a : b), longer(a.size() <= b.size() ? b : a) {
    for (char& residue : shorter)
      if (!is_known_residue(residue)) residue = '\0';
  }
  std::string shorter;
  std::string_view longer;
};

/// Score and identical residues of an alignment are one number, the score in the bits above the
/// first `bits`: the largest has the best score, and of those the most identical residues.
template <class Packed, int bits>
std::size_t identical_in_best_alignment(std::string_view rows, std::string_view columns) {
  constexpr Packed one_more = (Packed{1} << bits) + 1;
  constexpr Packed gap = static_cast<Packed>(gap_cost) << bits;
  const std::size_t width = columns.size();
  // Of the alignments of a row's residues with those before each column's end: `above` has the best
  // of all rows before it. The first row and the first column are zero, as gaps at the ends are
  // free.
  std::vector<Packed> previous(width + 1), current(width + 1), above(width + 1);
  Packed best = 0;
  for (const char residue : rows) {
    for (std::size_t j = 0; j <= width; ++j) above[j] = std::max(above[j], previous[j]);
    for (std::size_t j = 0; j < width; ++j)
      current[j + 1] =
          std::max(previous[j] + (columns[j] == residue ? one_more : 0), above[j + 1] - gap);
    Packed left = 0;  // the best of the columns before
    for (std::size_t j = 1; j <= width; ++j) {
      const Packed without_gap = current[j];
      current[j] = std::max(without_gap, left - gap);
      left = std::max(left, without_gap);
    }
    best = std::max(best, current[width]);
    std::swap(previous, current);
  }
  for (const Packed packed : previous) best = std::max(best, packed);
  return static_cast<std::size_t>(best & ((Packed{1} << bits) - 1));
}

}  // namespace

std::size_t identical_residues(std::string_view a, std::string_view b) {
  const Pair pair(a, b);
  if (pair.shorter.size() <= std::numeric_limits<std::int16_t>::max())
    return identical_in_best_alignment<std::int32_t, 16>(pair.shorter, pair.longer);
  return identical_in_best_alignment<std::int64_t, 32>(pair.shorter, pair.longer);
}

std::size_t identical_needed(std::size_t residues, double percent) {
  constexpr double rounding = 1e-9;
  return static_cast<std::size_t>(
      std::ceil(percent * static_cast<double>(residues) / 100 - rounding));
}

std::size_t fewest_shared_kmers(std::size_t shorter, std::size_t identical) {
  const std::size_t between_gaps = std::max<std::size_t>(1, identical / gap_cost);
  const std::size_t lost = (kmer_length - 1) * (shorter - identical + between_gaps);
  return identical - std::min(identical, lost);
}

bool is_identical_without_gap(std::string_view a, std::string_view b, std::size_t identical) {
  const Pair pair(a, b);
  const std::size_t rows = pair.shorter.size(), columns = pair.longer.size();
  if (identical > rows) return false;
  // `ahead` and `behind`: residues of the shorter and of the longer that the other begins after.
  const auto has_enough = [&](std::size_t ahead, std::size_t behind) {
    const std::size_t beside = std::min(rows - ahead, columns - behind);
    std::size_t found = 0;
    for (std::size_t i = 0; i < beside; ++i)
      found += pair.shorter[ahead + i] == pair.longer[behind + i];
    return found >= identical;
  };
  for (std::size_t behind = 0; behind + identical <= columns; ++behind)
    if (has_enough(0, behind)) return true;
  for (std::size_t ahead = 1; ahead + identical <= rows; ++ahead)
    if (has_enough(ahead, 0)) return true;
  return false;
}

CommonSubsequence::CommonSubsequence(std::string_view sequence)
    : residues_(sequence.size()), words_((sequence.size() + 63) / 64), row_(words_) {
  places_.fill(std::vector<Word>(words_));
  for (std::size_t i = 0; i < residues_; ++i)
    if (is_known_residue(sequence[i]))
      places_[static_cast<std::size_t>(sequence[i] - 'A')][i / 64] |= Word{1} << (i % 64);
}

std::size_t CommonSubsequence::length_with(std::string_view other) {
  // A bit that is zero is a place where the subsequence grows.
  std::fill(row_.begin(), row_.end(), ~Word{0});
  for (const char residue : other) {
    if (!is_known_residue(residue)) continue;
    const std::vector<Word>& places = places_[static_cast<std::size_t>(residue - 'A')];
    Word carry = 0;
    for (std::size_t w = 0; w < words_; ++w) {
      const Word row = row_[w], matched = row & places[w];
      const Word partial = row + matched, sum = partial + carry;
      carry = static_cast<Word>(partial < row) | static_cast<Word>(sum < partial);
      row_[w] = sum | (row & ~matched);
    }
  }
  std::size_t length = 0;
  for (std::size_t i = 0; i < residues_; ++i) length += ((row_[i / 64] >> (i % 64)) & 1) == 0;
  return length;
}

}  // namespace modesweep
