// SPDX-License-Identifier: MIT
// How well modes satisfy the eigenvalue equation, told from the contacts alone.
#pragma once

#include <vector>

#include <modesweep/modes.hpp>

namespace modesweep {

/// |H x - lambda x| of each mode, as `Modes::residuals` wants it. Solvers that have these norms in
/// hand need not ask.
std::vector<double> relative_residuals(const Network& network, const Modes& modes);

}  // namespace modesweep
