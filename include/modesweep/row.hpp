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

/// One ranked entry. Everything that a column can show comes from here.
struct Row {
  Header header;
  std::filesystem::path file;
  std::string sha256;  ///< of the file as it lies on disk
  ElasticModel enm = ElasticModel::anm;
  int chains = 0;
  int residues = 0;  ///< nodes of the network
  int models = 0;    ///< in the file
  int components = 0;
  int zero_modes = 0;
  bool nucleic_left_out = false;
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

/// A mode of a smaller collectivity moves a tail or another small part alone.
inline constexpr double tail_collectivity = 0.1;

/// Codes that never change the order: `tail` (coll1 < `tail_collectivity`), `pieces` (more than one
/// component), `loose` (more than six zero modes a component, of a GNM one), `nucleic` (nucleic
/// acid in the file, not in the network), `part` (the asymmetric unit is not assembly 1), `blocks`
/// (the first data block with atoms was read, and others of the file have atoms as well), `unsure`
/// (an eigenvalue lies within its error of 1e-6: one zero mode more or less), `few` (fewer modes
/// than asked for), `fallback` (a device could not finish it, the CPU did).
std::vector<std::string_view> notes(const Row& row);

}  // namespace modesweep
