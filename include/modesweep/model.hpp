// SPDX-License-Identifier: MIT
// What is computed of each structure.
#pragma once

#include <optional>

#include <modesweep/modes.hpp>
#include <modesweep/network.hpp>
#include <modesweep/structure.hpp>

namespace modesweep {

/// Why a model cannot be both by chain and of an assembly.
constexpr const char* chains_of_assembly =
    "a ranking by chain is of the chains of the asymmetric unit, not of an assembly's copies";

/// From the atoms of a file to the numbers of a row.
struct Model {
  ReadOptions read;        ///< which atoms are nodes
  NetworkOptions network;  ///< which springs join them
  int modes = 20;          ///< non-zero modes wanted, the softest first
  /// Unset: entries with fewer non-zero modes than wanted are left out. Set: entries with at least
  /// so many residues are all let in, smaller ones left out.
  std::optional<int> min_residues;
  bool by_chain = false;             ///< each author's chain is a network and a row of its own
  bool all_fluctuations = false;     ///< rows have what all modes give; on the CPU alone
  bool hinges = false;               ///< rows have them: a GNM is solved too, on the CPU
  bool square_fluctuations = false;  ///< rows have those of each node
  /// Every residual is below 1e-10, as most solvers have it in any case; false: `filtered` may stop
  /// where shares and collectivities are exact.
  bool residuals = true;
  bool core = false;            ///< the core of an ANM (core.hpp) is solved too
  bool core_stability = false;  ///< and twice more, at other cutoffs
  int method = method_version;  ///< the one that results are of

  /// What rows need of a solver: vectors where modes are compared or hinges looked for.
  ModeRequest request() const {
    ModeRequest request{modes, 1, all_fluctuations};
    request.vectors = core || (hinges && network.model == ElasticModel::gnm);
    request.residuals = residuals || square_fluctuations;
    return request;
  }
};

}  // namespace modesweep
