// SPDX-License-Identifier: MIT
// The softest modes of a component with none missing, however many of them are equal.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "solver/shift_invert/block_lanczos.hpp"

namespace modesweep::shift_invert {

/// The softest modes outside a null space: those wanted and, before them, those below the border
/// of zero.
struct SoftModes {
  struct Pair {
    double eigenvalue, residual;
    const double* vector;  ///< every block_width-th value, in elimination order
  };
  std::vector<Pair> pairs;            ///< by eigenvalue
  int zero_modes = 0;                 ///< further ones, of eigenvalues too small to list
  std::vector<LanczosResult> rounds;  ///< which own the vectors
};

/// By `softest_modes`, repeated outside the span of the modes found as long as others may hide
/// behind equal ones. Nothing where it does not converge.
std::optional<SoftModes> find_soft_modes(const Contacts& contacts, const BlockBasis& null_space,
                                         const std::function<void(double*)>& apply_inverse,
                                         const simd::Operations& operations,
                                         LanczosOptions options);

}  // namespace modesweep::shift_invert
