// SPDX-License-Identifier: MIT
// What is known of each entry.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <modesweep/network.hpp>
#include <modesweep/outcome.hpp>
#include <modesweep/structure.hpp>

namespace modesweep {

/// The modes of the core network of an ANM.
struct CoreModes {
  std::vector<double> eigenvalues;     ///< of its non-zero modes, ascending, in units of gamma
  std::vector<double> shares;          ///< fractional variance of each of them
  std::vector<double> collectivities;  ///< of modes 1 to 3, over its own nodes
  int zero_modes = 0;
  int components = 0;
  bool uncertain_zero = false;  ///< an eigenvalue within its error of the border of zero
  int mode = 0;        ///< of the whole network, from 1: the one that its mode 1 overlaps most with
  double overlap = 0;  ///< of the two, |overlap|
  std::optional<double> rigid;      ///< `rigid_chains` of its mode 1; nothing of one chain
  std::optional<double> stability;  ///< the smaller of the best overlaps of mode 1 at 12 and 18 A
};

/// The core of an ANM: see core.hpp.
struct CoreOfRow {
  int residues = 0;                ///< nodes of the core network
  int linkers = 0;                 ///< those of linkers among them
  bool coreless = false;           ///< there is no core network, or it has too few modes
  std::optional<double> outside1;  ///< `outside` of mode 1; nothing where there is no core network
  std::optional<CoreModes> modes;  ///< where asked for, unless `coreless`
  /// Percent of the ranking's entries of about as many residues in their cores whose share of mode
  /// 1 of the core is smaller: the ranking's, and kept nowhere.
  std::optional<double> percentile;
};

/// One ranked entry. Everything that a column can show comes from here.
struct Row {
  Header header;
  std::filesystem::path file;
  std::optional<std::string>
      chain;           ///< author's name of the one that it is of, in a ranking by chain
  std::string sha256;  ///< of the file as it lies on disk
  ElasticModel enm = ElasticModel::anm;
  int chains = 0;
  int residues = 0;  ///< nodes of the network
  int models = 0;    ///< in the file
  int components = 0;
  int zero_modes = 0;
  bool nucleic_left_out = false;
  std::string assembly;  ///< as `Structure` has it
  bool no_assembly = false;
  bool partial_assembly = false;
  bool more_blocks = false;            ///< other data blocks of the file have atoms as well
  bool uncertain_zero = false;         ///< an eigenvalue within its error of the border of zero
  bool fallback = false;               ///< a device could not finish it, the CPU did
  bool few_modes = false;              ///< fewer non-zero modes than were asked for
  std::vector<double> eigenvalues;     ///< of the non-zero modes, ascending, in units of gamma
  std::vector<double> shares;          ///< fractional variance of each of them
  std::vector<double> collectivities;  ///< of modes 1 to 3
  std::vector<double> residuals;       ///< of the modes, as Modes has them
  /// Pearson's of the B factors that the file states and square fluctuations over the modes
  /// computed, and over all; nothing where fewer than three are stated or they do not vary, of
  /// predicted models, or where nobody asked for all modes.
  std::optional<double> bfactor_corr, bfactor_corr_all;
  std::optional<double> plddt_mean;  ///< of a predicted model's nodes, from 0 to 100
  std::optional<double> trace_all;   ///< sum of 1 / eigenvalue over all modes, where asked for
  std::vector<double> sq_flucts;     ///< of each node over the modes computed, where asked for
  /// Hinge residues of the slowest GNM mode (A45 and the like), where asked for.
  std::optional<std::vector<std::string>> hinges;
  std::optional<CoreOfRow> core;  ///< nothing of a GNM, and of a row kept before there were cores
  /// Of the network's nodes: the one-letter codes of each protein chain, equal ones once, the
  /// longest first.
  std::vector<std::string> sequences;
  int entries = 1;  ///< of the same protein that `keep_best_of_each_protein` made one row of
  std::string solver;
  std::string backend;
  bool from_cache = false;     ///< solved by an earlier run; the seconds are those it took then
  double seconds_parse = 0;    ///< reading, choosing nodes, hashing
  double seconds_network = 0;  ///< contacts and components
  double seconds_modes = 0;    ///< Hessian and modes
};

/// An entry that is not in the ranking.
struct LeftOut {
  std::string id;
  std::filesystem::path file;  ///< empty where there is none
  Failure failure;
};

/// A mode of a smaller collectivity moves a small part alone: note `local`.
inline constexpr double local_collectivity = 0.1;
/// A mode with more of its squared length outside of the core is one of loose ends: note `tail`.
inline constexpr double tail_outside = 0.5;
/// A mode of the core of which so much is chains moving as rigid bodies has the note `chains`.
inline constexpr double chains_rigid = 0.9;

/// A code of `notes`, and what it says of a row.
struct Note {
  std::string_view code, meaning;
};

/// All codes, in the order in which a row has them.
inline constexpr Note known_notes[] = {
    {"tail", "more than half of mode 1 is outside of the core (outside1)"},
    {"local", "coll1 below 0.1, and no tail; where the core is ranked coll1_core below 0.1"},
    {"coreless", "less than half of the residues are in the core: a tail cannot be told"},
    {"linked", "parts of the core are joined by residues that are not of it"},
    {"chains", "90 % of mode 1 of the core is chains that move as rigid bodies"},
    {"pieces", "more than one connected component"},
    {"loose", "more than six zero modes a component (gnm: one)"},
    {"nucleic", "nucleic acid in the file, not in the network"},
    {"asym", "no assembly 1 is stated, which was to be taken: the asymmetric unit"},
    {"part", "the asymmetric unit is not assembly 1"},
    {"blocks", "other data blocks of the file have atoms as well: the first is read"},
    {"unsure", "an eigenvalue within its error of 1e-6: zero modes may be one off"},
    {"few", "fewer non-zero modes than asked for"},
    {"fallback", "the GPU could not finish it: solved on the CPU"},
};

/// Which network's mode 1 the notes judge.
enum class Judged { whole, core };

/// The codes that a row has; they never change the order. Where the core is judged `local`,
/// `pieces`, `loose` and `unsure` are of its modes, and none is a `tail`.
std::vector<std::string_view> notes(const Row& row, Judged judged = Judged::whole);

}  // namespace modesweep
