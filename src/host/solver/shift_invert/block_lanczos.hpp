// SPDX-License-Identifier: MIT
// Block Lanczos iteration on the pseudo-inverse of a component's Hessian.
#pragma once

#include <functional>
#include <vector>

#include "solver/shift_invert/block_basis.hpp"
#include "solver/shift_invert/component.hpp"
#include "solver/shift_invert/simd/operations.hpp"

namespace modesweep::shift_invert {

struct LanczosOptions {
  int modes = 20;       ///< eigenvalues of at least `zero` that are wanted
  bool twice = false;   ///< orthogonalise each block twice: of a GNM, whose spectrum is flat
  double zero = 0;      ///< eigenvalues below it are counted, not wanted
  double residual = 0;  ///< |H x - lambda x| that every wanted mode and zero mode reaches
  double largest = 0;   ///< eigenvalue, about; with factor_values decides when to check
  std::ptrdiff_t dimension = 0;    ///< of the range of the Hessian
  std::int64_t factor_values = 0;  ///< which a solve reads twice
};

struct LanczosResult {
  bool converged = false;
  std::vector<double> eigenvalues;  ///< ascending, those below `zero` too; unit spring constant
  BlockBasis vectors;               ///< column c of block b belongs to eigenvalue 8 b + c
  std::vector<double> residuals;    ///< |H x - lambda x| of each of them
  int zero_modes = 0;               ///< further ones, of eigenvalues too small to list
  BlockBasis zero_vectors;          ///< theirs, blocks padded with zeros
};

/// Blocks of vectors that the iteration holds at most beside the null space (its basis, its modes
/// and what refines them), as long as few real modes are below the border of zero.
std::ptrdiff_t lanczos_blocks(int modes);

/// The softest modes outside the span of `null_space`, in elimination order. `apply_inverse`
/// replaces a block by the inverse of the Hessian times it, up to a part in the null space.
LanczosResult softest_modes(const Contacts& contacts, const BlockBasis& null_space,
                            const std::function<void(double*)>& apply_inverse,
                            const simd::Operations& operations, const LanczosOptions& options);

}  // namespace modesweep::shift_invert
