// SPDX-License-Identifier: MIT
// The diagonal of the inverse of a factored matrix, without the inverse.
#pragma once

#include <cstdint>
#include <vector>

#include "solver/cholesky.hpp"

namespace modesweep::shift_invert {

/// The diagonal of the grounded inverse, in elimination order, zero at grounded degrees of freedom.
/// From the root down, each front takes the inverse at its rows below from its parent's
/// (Takahashi, Fagan & Chen 1973; Erisman & Tinney, Commun. ACM 18:177, 1975).
std::vector<double> diagonal_of_inverse(const Symbolic& symbolic, const Cholesky& factor);

/// Doubles that it holds at most.
std::int64_t inverse_values(const Symbolic& symbolic);

}  // namespace modesweep::shift_invert
