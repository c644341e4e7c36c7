// SPDX-License-Identifier: MIT
// Which entries are of one protein by their sequences.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace modesweep {

/// How many residues stand beside the same one in the best alignment of two sequences, of
/// one-letter codes in upper case. X, and what is no letter, is identical to nothing. The alignment
/// is semi-global: each identical residue scores 1, a mismatch nothing, and a gap costs 6 whatever
/// its length (constant gap costs, as a loop that was not seen is one event), but nothing at the
/// ends. Of the alignments with the best score it is one with the most identical residues.
std::size_t identical_residues(std::string_view a, std::string_view b);

/// Sequences are put together greedily, as CD-HIT does (Li & Godzik, Bioinformatics 22:1658, 2006):
/// from the longest on, each joins the first representative that it is like, or becomes one. It is
/// like one that it equals, or of which it has 80 % of the length at least and with which it is
/// identical (`identical_residues`) to so many percent of its own length. Entries are of one
/// protein whose sequences are of the same clusters, however often. What comes of it does not
/// depend on the order of entries and sequences.
class ProteinClusters {
 public:
  /// Without `percent`, which is above 0 and 100 at most, entries go by their proteins alone.
  explicit ProteinClusters(std::optional<double> percent) : percent_(percent) {}

  /// The next entry: its protein, as `Header::protein` has it, and its sequences, of which each
  /// counts once. Where there is no sequence it goes by the protein, and without either it is
  /// alone.
  void add(const std::string& protein, const std::vector<std::string>& sequences);

  /// How many of them go by the protein, or alone, for want of a sequence.
  std::size_t without_sequence() const { return without_sequence_; }

  /// Of each entry, in the order of `add`, a number: those of one protein have the same.
  std::vector<std::size_t> of_entries() const;

 private:
  using Sequence = std::uint32_t;  // its number
  std::vector<std::size_t> cluster_sequences() const;

  std::optional<double> percent_;
  std::size_t without_sequence_ = 0;
  std::unordered_map<std::string, Sequence> sequences_;
  std::map<std::vector<Sequence>, std::size_t> sets_;  // of an entry's sequences, ascending
  std::unordered_map<std::string, std::size_t> proteins_;
  struct Entry {
    enum class By { sequences, protein, itself } by;
    std::size_t number;  // of the set, or of the protein
  };
  std::vector<Entry> entries_;
};

}  // namespace modesweep
