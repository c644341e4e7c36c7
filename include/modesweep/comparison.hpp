// SPDX-License-Identifier: MIT
// The modes of structures of one protein against each other, and against the steps between them.
#pragma once

#include <cstddef>
#include <optional>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include <tl/expected.hpp>

#include <modesweep/mode_files.hpp>
#include <modesweep/structure.hpp>

namespace modesweep {

/// Two chains that were matched.
struct MatchedPiece {
  /// The chains by the author's names: `_` has none, and A-2 is the second that is called A.
  std::string first, second;
  /// Residue numbers with insertion codes of the first and the last residue that is matched, such
  /// as "3-52A"; empty where the file states none.
  std::string first_range, second_range;
  std::size_t residues = 0;
  std::size_t identical = 0;  ///< of them
  bool by_numbers = false;    ///< else by sequence
};

/// C-alphas of two structures that are the same residue: places among the nodes of each.
struct NodeMatch {
  std::vector<std::size_t> first, second;  ///< as many
  std::size_t identical = 0;           ///< pairs with the same residue, modified ones as parents
  std::vector<MatchedPiece> pieces{};  ///< in the order of both lists
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
  std::vector<MatchedPiece> pieces;
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

/// Of the square length of a step: a morph goes along the first modes that hold so much of it.
inline constexpr double least_morph_part = 0.95;

/// The step from the first structure to the second, residue by residue: `residues` of both, in the
/// order of `NodeMatch`. Vectors of the step are x y z of each residue, in angstrom, in the frame
/// of the first.
struct StepOfResidues {
  std::string first, second;  ///< names of the entries
  std::vector<Node> first_nodes, second_nodes;
  std::vector<MatchedPiece> pieces;
  std::vector<double> step;          ///< once superposed
  std::vector<double> displacement;  ///< length of the step of each residue
  /// `square_fluctuations` of each residue in its own whole network.
  std::vector<double> first_fluctuations, second_fluctuations;
  /// `mode_displacements[k][i]`: length at residue i of the part of the step that lies along mode k
  /// of the first, in angstrom: |step| times the overlap times the length of the mode's part there.
  /// Empty where the structures do not differ, as the next three.
  std::vector<std::vector<double>> mode_displacements;
  std::vector<double> held_displacement;  ///< the same of what all modes of the first span
  /// The part of the step that lies in the span of the first modes that hold `least_morph_part`,
  /// or of all of them where they hold less.
  std::vector<double> morph;
  std::size_t morph_modes = 0;
  double morph_part = 0;  ///< of the square length of the step, from 0 to 1
};

/// Both of ANMs. A sentence where the structures do not match.
tl::expected<StepOfResidues, std::string> step_of_residues(const EntryModes& first,
                                                           const EntryModes& second);

/// Two of several structures, over the residues that all have.
struct PairComparison {
  std::size_t first = 0, second = 0;  ///< places among the structures
  double identity = 0;                ///< from 0 to 1
  double rmsd = 0;                    ///< of these two laid on each other, angstrom
  std::optional<double> rmsip10;      ///< as of `Comparison`, like all that follows
  double rmsip = 0;
  double overlap = 0;  ///< of mode 1 of the first with mode 1 of the second
  /// Overlap of mode 1, and cumulative overlap of the first ten modes (of all where there are
  /// fewer), of the first and of the second with the step; nothing where they do not differ.
  std::optional<double> first_deformation, first_cumulative;
  std::optional<double> second_deformation, second_cumulative;
};

/// Several structures of one protein.
struct ComparisonMatrix {
  std::vector<std::string> names;
  std::vector<std::size_t> residues;  ///< of each structure
  std::vector<std::size_t> matched;   ///< of each, with the first structure
  std::size_t common = 0;             ///< residues that all of them have
  std::vector<PairComparison> pairs;  ///< (0, 1) (0, 2) ... (1, 2) ...
  /// Structures that do not match the first, which are not among the others, and why.
  std::vector<std::pair<std::string, std::string>> left_out;

  /// In either order of i and j, which differ.
  const PairComparison& pair(std::size_t i, std::size_t j) const;
};

/// ANMs, one at least. Each is matched with the first; the modes of each are taken over the
/// residues of the first that all have, as `compare_modes` takes them over the matched ones. A
/// sentence where fewer than two structures, or three such residues, are left.
tl::expected<ComparisonMatrix, std::string> compare_all(const std::vector<EntryModes>& entries);

/// The answer in a sentence or two: how much of the step mode 1 holds, that is, the square of its
/// overlap, and how much the first ten modes do.
std::string comparison_sentence(const Comparison& comparison);
std::string comparison_sentence(const ComparisonMatrix& matrix);

/// For people: the sentence, what matched, RMSIP, the overlaps of the first ten modes, or of `all`,
/// four decimals. The matrix has as many columns as fit `width` characters, 0: any; other lines are
/// as long as they are. Whether anything was cut that `all` has.
bool write_comparison_table(std::ostream& out, const Comparison& comparison, bool all = false,
                            std::size_t width = 0);

/// The same of several structures: the steps from the first, RMSD and RMSIP of each two of the
/// first ten structures, or of `all`.
bool write_comparison_table(std::ostream& out, const ComparisonMatrix& matrix, bool all = false,
                            std::size_t width = 0);

/// Lines for programs, 12 significant digits: separated by tabs, by commas with the quotes of RFC
/// 4180, or one JSON object each.
enum class LineFormat { tsv, csv, jsonl };

/// A line a mode of the first.
void write_comparison_lines(std::ostream& out, const Comparison& comparison, LineFormat format);
/// A line a matched residue.
void write_comparison_lines(std::ostream& out, const StepOfResidues& step, LineFormat format);
/// A line a pair of structures.
void write_comparison_lines(std::ostream& out, const ComparisonMatrix& matrix, LineFormat format);

/// The columns of each and what they are, a line each.
std::string comparison_column_help();
std::string comparison_residue_column_help();
std::string comparison_pair_column_help();

/// PDB models from the first structure along `morph`, of the matched residues: `frames` of them,
/// two at least, equal steps, the first one the structure itself. Refused where the structures do
/// not differ, and what `write_pdb_animation` refuses of PDB format.
Written write_morph(std::ostream& out, const StepOfResidues& step, int frames);

}  // namespace modesweep
