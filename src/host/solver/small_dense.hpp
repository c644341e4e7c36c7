// SPDX-License-Identifier: MIT
// Small dense symmetric eigenproblems, of the projected matrices.
#pragma once

#include <optional>
#include <vector>

#include "solver/dense.hpp"
#include "solver/kernels.hpp"

namespace modesweep::shift_invert {

/// The largest eigenpairs of a small matrix.
struct LargestEigenpairs {
  std::vector<double> values;   ///< descending
  std::vector<double> vectors;  ///< blocks of block_width columns; unit length
};

/// The `count` largest eigenpairs of a symmetric matrix of order n (full); both are multiples of
/// block_width. Vectors of eigenvalues that agree to many digits are independent, not orthogonal.
/// Empty where nothing converges.
LargestEigenpairs largest_eigenpairs(const Kernels& kernels, const std::vector<double>& matrix,
                                     int n, int count);

/// At least the `count` lowest eigenpairs of a positive semidefinite matrix (full, of an order that
/// three divides), of which those below `zero_eigenvalue` are counted only: values and vectors
/// zero. Nothing where eigenvalues are too close for it.
std::optional<dense::Eigenpairs> lowest_eigenpairs(const Kernels& kernels,
                                                   const std::vector<double>& matrix, int n,
                                                   int count);

struct SmallEigenpairs {
  std::vector<double> values;   ///< ascending
  std::vector<double> vectors;  ///< vector after vector
};

/// All eigenpairs of A x = lambda M x, vectors with x^T M x = 1; both are overwritten. Empty where
/// M is not positive definite.
SmallEigenpairs generalised_eigenpairs(std::vector<double>& a, std::vector<double>& m, int n);

}  // namespace modesweep::shift_invert
