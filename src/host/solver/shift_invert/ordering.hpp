// SPDX-License-Identifier: MIT
// Elimination orders of the nodes of one component.
#pragma once

#include <cstdint>
#include <vector>

#include <modesweep/network.hpp>

namespace modesweep::shift_invert {

/// Approximate minimum degree: quick, and the best order for all but large networks.
std::vector<std::int32_t> minimum_degree_order(const Network& network);

/// Nested dissection by METIS, the same order every time. One call at a time runs: METIS draws from
/// the C library's rand(), which it seeds first.
std::vector<std::int32_t> dissection_order(const Network& network);

}  // namespace modesweep::shift_invert
