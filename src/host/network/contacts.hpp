// SPDX-License-Identifier: MIT
// Contacts counted before they are kept.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include <modesweep/network.hpp>

namespace modesweep {

/// How many neighbours all nodes have, both directions of each contact, as `build_network` finds
/// them; where there are more than `most`, some number above it. Fails as `build_network` does,
/// but for nodes that coincide.
Outcome<std::int64_t> count_contacts(std::span<const Vec3> positions, const NetworkOptions& options,
                                     std::int64_t most);

/// As the one of network.hpp, with room for so many neighbours from the start.
Outcome<Network> build_network(std::vector<Vec3> positions, const NetworkOptions& options,
                               std::int64_t expected);

}  // namespace modesweep
