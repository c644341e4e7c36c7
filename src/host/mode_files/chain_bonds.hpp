// SPDX-License-Identifier: MIT
// Which nodes follow one another in a chain, for viewers to join.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include <modesweep/structure.hpp>

namespace modesweep {

/// In angstrom. C-alphas of neighbours are 3.8 apart, 2.9 across a cis peptide; where a residue is
/// missing between them, 5 at least.
inline constexpr double longest_chain_bond = 4.5;

/// Nodes that are bonded to the next one: of the same copy of a chain, and as near as neighbours.
std::vector<std::size_t> chain_bonds(std::span<const Node> nodes);

}  // namespace modesweep
