// SPDX-License-Identifier: MIT
// Numbers derived from modes.
#pragma once

#include <span>
#include <vector>

namespace modesweep {

/// Share of each mode in the variance of the modes given: (1/l_i) / sum_k (1/l_k), as ProDy's
/// `calcFractVariance`. A share of the computed modes, not of all motion. `eigenvalues` positive.
std::vector<double> fractional_variances(std::span<const double> eigenvalues);

/// Degree of collectivity of one mode (3N values x y z of each node), between 1/N and 1:
/// exp(-sum u_i^2 ln u_i^2) / N with u_i^2 the squared displacement of node i, scaled to sum 1
/// (Bruschweiler, J. Chem. Phys. 102:3396, 1995; as ProDy's `calcCollectivity`).
double collectivity(std::span<const double> mode);

}  // namespace modesweep
