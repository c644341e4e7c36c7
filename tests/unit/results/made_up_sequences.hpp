// SPDX-License-Identifier: MIT
// Families of sequences as structures have them: point mutations, insertions, loops and ends that
// were not seen.
#pragma once

#include <algorithm>
#include <cstddef>
#include <random>
#include <string>

namespace modesweep {

class MadeUpSequences {
 public:
  /// Few letters make many alignments that are as good as each other.
  explicit MadeUpSequences(unsigned seed, std::string letters = "ACDEFGHIKLMNPQRSTVWY")
      : random_(seed), letters_(std::move(letters)) {}

  std::size_t below(std::size_t limit) {
    return std::uniform_int_distribution<std::size_t>(0, limit - 1)(random_);
  }

  std::string sequence(std::size_t residues) {
    std::string sequence;
    for (std::size_t i = 0; i < residues; ++i) sequence += letters_[below(letters_.size())];
    return sequence;
  }

  /// So many percent of the residues are drawn again; up to `gaps` loops are missing or added.
  std::string relative(std::string sequence, std::size_t percent, std::size_t gaps) {
    for (char& residue : sequence)
      if (below(100) < percent) residue = letters_[below(letters_.size())];
    for (std::size_t gap = below(gaps + 1); gap > 0; --gap) {
      const std::size_t place = below(sequence.size());
      if (below(2) == 0)
        sequence.insert(place, this->sequence(1 + below(15)));
      else
        sequence.erase(place, std::min(1 + below(15), sequence.size() - 1));
    }
    sequence.erase(0, std::min(below(8), sequence.size() - 1));
    return sequence;
  }

  template <class Container>
  void shuffle(Container& container) {
    std::shuffle(container.begin(), container.end(), random_);
  }

 private:
  std::mt19937 random_;
  std::string letters_;
};

}  // namespace modesweep
