// SPDX-License-Identifier: MIT
// The zero modes of a component, from structure and from vanished pivots.
#pragma once

#include <optional>

#include "solver/block_lanczos.hpp"
#include "solver/cholesky.hpp"

namespace modesweep::shift_invert {

/// Orthonormal zero modes: the rigid-body motions, and one for each vanished pivot. Empty where
/// these are not independent to working accuracy, so that their number is in doubt.
std::optional<BlockBasis> null_space(const Contacts& contacts, Cholesky& factor,
                                     const Kernels& kernels,
                                     const std::vector<std::vector<double>>& rigid_motions);

}  // namespace modesweep::shift_invert
