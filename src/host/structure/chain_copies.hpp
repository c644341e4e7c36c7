// SPDX-License-Identifier: MIT
// Chains by the places of their residues in the file, where names alone do not tell them apart.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include <modesweep/structure.hpp>

namespace modesweep {

/// A chain, or one of several that a file gives the same name, or none.
struct ChainCopy {
  std::string name;
  std::vector<std::size_t> nodes;  ///< their places among all, ascending
};

/// The chains of nodes that stand in the order of the file, in the order in which they begin. Where
/// a number with its insertion code comes back that a chain had before, another copy has begun:
/// there, or where its numbers fell last, since ends that were not seen differ. Neighbours of one
/// number are one residue, and a missing number begins nothing.
std::vector<ChainCopy> chain_copies(std::span<const Node> nodes);

/// Of each node, its place among the `copies`.
std::vector<std::size_t> copy_of_each_node(const std::vector<ChainCopy>& copies, std::size_t nodes);

}  // namespace modesweep
