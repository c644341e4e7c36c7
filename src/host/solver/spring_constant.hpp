// SPDX-License-Identifier: MIT
// Solvers work on springs of constant 1, so that no spring constant decides which modes count as
// zero or how exact the others are; the network's own is put in at the end.
#pragma once

#include <modesweep/modes.hpp>
#include <modesweep/network.hpp>

namespace modesweep {

/// From the modes of unit springs to those of the network.
inline void apply_spring_constant(const Network& network, Modes& modes) {
  for (double& value : modes.eigenvalues) value *= network.gamma;
  for (double& value : modes.square_fluctuations) value /= network.gamma;
  for (double& value : modes.all_fluctuations) value /= network.gamma;
}

}  // namespace modesweep
