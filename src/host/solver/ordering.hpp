// SPDX-License-Identifier: MIT
// Fill-reducing elimination orders for contact graphs.
#pragma once

#include <cstdint>
#include <vector>

#include <modesweep/network.hpp>

namespace modesweep::shift_invert {

/// The order in which to eliminate the nodes of a connected network: entry k is the k-th node.
std::vector<std::int32_t> elimination_order(const Network& network);

}  // namespace modesweep::shift_invert
