// SPDX-License-Identifier: MIT
// What the program takes from gemmi: its table of residues, its syntax of selections, and its
// alignment of sequences. gemmi changes its interface from version to version; that it is 0.5.7 in
// one place, and 0.6 or 0.7 in another, is known in gemmi_adapter.cpp alone.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <modesweep/structure.hpp>

namespace modesweep {

/// A line of gemmi's table of residues; as here where a residue is not in it.
struct TabulatedResidue {
  char one_letter_code = ' ';  ///< of a modified residue its parent's, in lower case
  bool amino_acid = false;
  bool d_amino_acid = false;
  bool nucleic_acid = false;
};

TabulatedResidue tabulated_residue(std::string_view name);

/// A selection in the syntax of CIDs, coordinate IDs: //A/10-50
/// (https://gemmi.readthedocs.io/en/stable/analysis.html#selections). One number is one residue.
class CidSelection {
 public:
  /// Throws std::runtime_error where it is none, or looks at what nodes do not have.
  explicit CidSelection(const std::string& cid);
  ~CidSelection();

  int model() const;  ///< 0: all
  bool has_chain(const std::string& name) const;
  bool is_of_other_chains() const;  ///< than those that it names
  /// Whether residue and atom are selected, of whatever chain. A number or a B factor that the file
  /// does not state is neither within a range nor outside of it.
  bool matches(const Node& node) const;

 private:
  struct Parsed;
  std::unique_ptr<const Parsed> parsed_;
};

/// The places in `query` and `target` that their best global alignment puts together, in order.
/// Both are sequences of one-letter codes in upper case. Residues score by BLOSUM62 (Henikoff and
/// Henikoff 1992), or 1 and -4 where the matrix lacks a letter; a gap costs 10, and 1 for each of
/// its residues (Gotoh 1982). The 10 are saved where `free_gaps` has it, which stands for the
/// places before each residue of `target` and at its end.
std::vector<std::pair<std::size_t, std::size_t>> align_sequences(
    const std::string& query, const std::string& target, const std::vector<bool>& free_gaps);

}  // namespace modesweep
