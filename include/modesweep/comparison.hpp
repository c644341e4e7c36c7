// SPDX-License-Identifier: MIT
// The modes of two structures of one protein against each other, and against the step between them.
#pragma once

#include <cstddef>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include <tl/expected.hpp>

#include <modesweep/mode_files.hpp>
#include <modesweep/structure.hpp>

namespace modesweep {

/// C-alphas of two structures that are the same residue: places among the nodes of each.
struct NodeMatch {
  std::vector<std::size_t> first, second;  ///< as many
  std::size_t identical = 0;  ///< pairs with the same residue, modified ones as parents
};

/// Of each two chains, by residue numbers where nine of ten agree in number and amino acid, else by
/// sequence alignment (Needleman-Wunsch, BLOSUM62, gap costs 10 and 1, free where numbers jump).
/// Nodes stand in the order of the file: where the numbers of one chain name begin again, another
/// chain begins. Forms of an amino acid by the names of force fields are that amino acid.
/// Chains with the most identical residues become a pair first, of equal ones those of one name,
/// then those that come first. Chains with less than 30 % of the shorter one's residues identical
/// are no pair. A sentence where fewer than three residues are left.
tl::expected<NodeMatch, std::string> match_nodes(const std::vector<Node>& first,
                                                 const std::vector<Node>& second);

/// Modes are those of each whole network. Over the matched residues (in number `matched`) each mode
/// is the part of its vector that belongs to them, scaled to length 1, as ProDy's `sliceModel` with
/// `norm=True`; those of the second are turned as its matched residues are laid on the first's
/// (least squares; Kabsch 1976, Umeyama 1991). Such parts are not quite at right angles: what
/// speaks of the space that several modes span takes them orthonormalised (Gram-Schmidt, from mode
/// 1). Where all residues match neither changes anything. Signs being arbitrary, overlaps are
/// absolute.
struct Comparison {
  std::string first, second;  ///< names of the entries
  std::size_t first_nodes = 0, second_nodes = 0;
  std::size_t matched = 0;
  double identity = 0;  ///< of the matched residues, from 0 to 1
  double rmsd = 0;      ///< of the matched residues once superposed, angstrom
  std::vector<double> first_eigenvalues, second_eigenvalues;
  /// `overlaps[i][j]`: |cosine| of mode i of the first and mode j of the second, as ProDy's
  /// `calcOverlap`.
  std::vector<std::vector<double>> overlaps;
  /// Of each mode, with the deformation from the first structure to the second; empty where they do
  /// not differ.
  std::vector<double> first_deformation, second_deformation;
  /// Length of the part of the deformation that modes 1 to k span, as ProDy's `calcCumulOverlap`.
  std::vector<double> first_cumulative, second_cumulative;
  /// Root-mean-square inner product of the spaces of as many modes of both, sqrt(sum O_ij^2 /
  /// modes), from 0 to 1, as ProDy's `calcSubspaceOverlap` (Amadei 1999): of the first ten, where
  /// both have them, and of the `common_modes`.
  std::optional<double> rmsip10;
  double rmsip = 0;

  /// Modes that both have.
  std::size_t common_modes() const;
};

/// Both of ANMs. A sentence where the structures do not match.
tl::expected<Comparison, std::string> compare_modes(const EntryModes& first,
                                                    const EntryModes& second);

/// For people: what matched, RMSIP, the overlaps of the first ten modes, four decimals.
void write_comparison_table(std::ostream& out, const Comparison& comparison);

/// One line a mode of the first, tab-separated, 12 significant digits: what
/// `comparison_column_help` lists.
void write_comparison_tsv(std::ostream& out, const Comparison& comparison);

/// The same as one JSON object a line.
void write_comparison_jsonl(std::ostream& out, const Comparison& comparison);

/// The columns of both and what they are, a line each.
std::string comparison_column_help();

}  // namespace modesweep
