// SPDX-License-Identifier: MIT
// The zero modes of a component, from structure and from vanished pivots.
#pragma once

#include <optional>

#include "solver/shift_invert/block_lanczos.hpp"
#include "solver/shift_invert/cholesky.hpp"

namespace modesweep::shift_invert {

struct NullSpace {
  BlockBasis basis;  ///< orthonormal; blocks may hold fewer than block_width modes, then zeros
  int dimension;     ///< number of zero modes
};

/// The rigid-body motions of a component and the motions that the vanished pivots of its factor
/// belong to. Empty where these are not independent to working accuracy, so that their number is in
/// doubt. Where a vanished pivot holds its part of the structure by a long lever, the Hessian is
/// factored again with other degrees of freedom grounded; pivots up to `tolerance` vanish.
std::optional<NullSpace> null_space(const Contacts& contacts, Cholesky& factor,
                                    const simd::Operations& operations,
                                    const std::vector<std::vector<double>>& rigid_motions,
                                    double tolerance);

}  // namespace modesweep::shift_invert
