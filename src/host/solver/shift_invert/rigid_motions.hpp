// SPDX-License-Identifier: MIT
// What is known of a component's zero modes without arithmetic: its motions as a rigid body.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "solver/shift_invert/memory_layout.hpp"

namespace modesweep::shift_invert {

/// Orthonormal rigid-body motions, each 3 nodes long: six, five of a straight line of nodes, three
/// of a single node.
std::vector<std::vector<double>> rigid_motions(const ContactView& contacts);

/// As many degrees of freedom, on three nodes at most, that hold the component in place when they
/// are fixed, chosen far apart so that what remains is well conditioned.
std::vector<std::int64_t> grounding(const ContactView& contacts, std::size_t rigid_motions);

}  // namespace modesweep::shift_invert
