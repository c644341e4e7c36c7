// SPDX-License-Identifier: MIT
// How far modes move the nodes of an entry.
#pragma once

#include <string>
#include <vector>

#include <tl/expected.hpp>

#include <modesweep/mode_files.hpp>

namespace modesweep {

/// From the structure to the first extreme of one mode.
struct Displacement {
  int mode;
  std::vector<double> at_extreme;  ///< 3N values, x y z of each node, angstrom
};

/// Of each mode of the motion: amplitude * sqrt(N) times the unit eigenvector. Or why there is
/// none: a GNM's modes have no directions, or there are fewer modes.
tl::expected<std::vector<Displacement>, std::string> displacements_of(const EntryModes& entry,
                                                                      const Motion& motion);

}  // namespace modesweep
