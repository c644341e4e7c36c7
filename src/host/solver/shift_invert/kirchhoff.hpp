// SPDX-License-Identifier: MIT
// A GNM in the form of the sparse solver, whose matrices have blocks of three rows.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "solver/shift_invert/component.hpp"

namespace modesweep::shift_invert {

// The sparse solver factors matrices of 3 x 3 blocks, since in an ANM a node has three degrees of
// freedom. A node of a GNM has one. So that one factorisation serves both, three nodes that follow
// one another in the file stand in a GNM for the three axes of one node: in a protein they are
// neighbours in space as well, share most of their contacts, and would be eliminated together
// anyway. What stands in a block is then -1 where two of these nodes are in contact, and their
// numbers of contacts on the diagonal. The permutation changes no eigenvalue; a vector is read back
// node by node.

/// Three nodes of a connected GNM that follow one another in the file are one node here, in contact
/// with whatever one of them is; its degrees of freedom are theirs. Where the number of nodes is no
/// multiple of three, the last one has degrees of freedom that nothing is coupled to.
Network node_triples(const Network& gnm);

/// The blocks of the Kirchhoff matrix with unit spring constant, for contacts made of the triples
/// in `order`.
void add_kirchhoff_blocks(const Network& gnm, std::span<const std::int32_t> order,
                          Contacts& contacts);

/// Orthonormal vectors of the null space, in elimination order: all nodes alike, and each degree of
/// freedom that nothing is coupled to.
std::vector<std::vector<double>> kirchhoff_null_space(const Network& gnm,
                                                      std::span<const std::int32_t> order);

/// As many degrees of freedom that leave a well conditioned matrix when they are fixed: those that
/// nothing is coupled to and the node with most contacts.
std::vector<std::int64_t> kirchhoff_grounding(const Network& gnm,
                                              std::span<const std::int32_t> order);

}  // namespace modesweep::shift_invert
