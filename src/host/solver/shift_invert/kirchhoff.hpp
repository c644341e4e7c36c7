// SPDX-License-Identifier: MIT
// A GNM in the form of the sparse solver, whose matrices have blocks of three rows.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "solver/shift_invert/component.hpp"

namespace modesweep::shift_invert {

/// Three nodes of a connected GNM that follow one another in the file, which share most of their
/// contacts, are one node here: its degrees of freedom are theirs. Where the number of nodes is no
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
