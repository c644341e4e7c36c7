// SPDX-License-Identifier: MIT
// The elastic network: nodes, contacts, connected components. Shared by all solvers.
#pragma once

#include <cstdint>
#include <vector>

#include <modesweep/outcome.hpp>
#include <modesweep/structure.hpp>

namespace modesweep {

struct NetworkOptions {
  double cutoff = 15.0;  ///< angstrom, inclusive
  double gamma = 1.0;    ///< spring constant; eigenvalues scale with it
};

/// An anisotropic network (ANM; Atilgan 2001, Doruker 2000): one spring per contact.
/// Contacts are compressed rows: the neighbours of node i, ascending and without i itself, are
/// `neighbours[offsets[i]] .. neighbours[offsets[i + 1]]`. The list is symmetric.
struct Network {
  std::vector<Vec3> positions;  ///< angstrom, in the file's order
  double gamma = 1.0;
  std::vector<std::int64_t> offsets;     ///< size nodes + 1
  std::vector<std::int32_t> neighbours;  ///< both directions of each contact
  std::vector<std::int32_t> component;   ///< connected component of each node, from 0
  int components = 0;

  std::int64_t nodes() const { return static_cast<std::int64_t>(positions.size()); }
  std::int64_t degrees_of_freedom() const { return 3 * nodes(); }
};

/// Finds contacts with cell lists in O(N). Two nodes are in contact unless
/// (dx*dx + dy*dy) + dz*dz > cutoff*cutoff in plain double arithmetic, which is ProDy's test to the
/// bit. Fails at stage network: `coincident_nodes` (two nodes at one point have no spring
/// direction), `bad_coordinates` (not finite), `no_nodes`.
Outcome<Network> build_network(std::vector<Vec3> positions, const NetworkOptions& options);

}  // namespace modesweep
