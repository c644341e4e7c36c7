// SPDX-License-Identifier: MIT
// The diagonal of the pseudo-inverse of a factored matrix, without the pseudo-inverse.
#pragma once

#include <cstdint>
#include <vector>

#include "solver/shift_invert/block_basis.hpp"
#include "solver/shift_invert/cholesky.hpp"

namespace modesweep::shift_invert {

/// Square fluctuation of each degree of freedom over all modes outside the null space, in
/// elimination order: the diagonal of the pseudo-inverse P G P, G being the grounded inverse and P
/// the projector that takes the null space off.
std::vector<double> pseudo_inverse_diagonal(const Symbolic& symbolic, Cholesky& factor,
                                            const BlockBasis& null_space,
                                            const simd::Operations& operations);

/// Doubles that the inverse at the factor's places takes at most.
std::int64_t inverse_values(const Symbolic& symbolic);

}  // namespace modesweep::shift_invert
