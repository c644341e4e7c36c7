// SPDX-License-Identifier: MIT
// Elimination orders of the nodes of one component.
#pragma once

#include <cstdint>
#include <vector>

#include <modesweep/network.hpp>

namespace modesweep::shift_invert {

/// Approximate minimum degree (Amestoy, Davis & Duff, SIAM J. Matrix Anal. Appl. 17:886, 1996;
/// AMD): it is quick, and the best order for all but large networks.
std::vector<std::int32_t> minimum_degree_order(const Network& network);

/// Nested dissection (Karypis & Kumar, SIAM J. Sci. Comput. 20:359, 1998; METIS), the same order
/// every time. One call at a time runs, since METIS draws from the C library's rand(), which it
/// seeds first.
std::vector<std::int32_t> dissection_order(const Network& network);

}  // namespace modesweep::shift_invert
