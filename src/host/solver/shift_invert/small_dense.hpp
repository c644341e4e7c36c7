// SPDX-License-Identifier: MIT
// Small dense symmetric eigenproblems, of the projected matrices.
#pragma once

#include <optional>
#include <vector>

#include "solver/dense/dense.hpp"
#include "solver/shift_invert/simd/operations.hpp"

namespace modesweep::shift_invert {

/// The largest eigenpairs of a small matrix.
struct LargestEigenpairs {
  std::vector<double> values;   ///< descending
  std::vector<double> vectors;  ///< blocks of block_width columns; unit length
};

/// The `count` largest eigenpairs of a symmetric matrix of order n (full); both are multiples of
/// block_width. Vectors of eigenvalues that agree to many digits are independent, not orthogonal.
/// Empty where nothing converges.
LargestEigenpairs largest_eigenpairs(const simd::Operations& operations,
                                     const std::vector<double>& matrix, int n, int count);

/// From one row of a matrix to the next where `lowest_eigenpairs` takes it.
constexpr std::size_t padded_order(std::size_t n) {
  return (n + block_width - 1) / block_width * block_width;
}

/// At least the `count` lowest eigenpairs of a positive semidefinite matrix of order n (which three
/// divides), of which those below `zero_eigenvalue` are counted only: values and vectors zero.
/// `negative` is the matrix times -1 in rows of padded_order(n) values, zeros at their ends; it is
/// overwritten. Nothing where eigenvalues are too close for it.
std::optional<dense::Eigenpairs> lowest_eigenpairs(const simd::Operations& operations,
                                                   double* negative, int n, int count);

struct SmallEigenpairs {
  std::vector<double> values;   ///< ascending
  std::vector<double> vectors;  ///< vector after vector
};

/// All eigenpairs of A x = lambda M x, vectors with x^T M x = 1; both are overwritten. Empty where
/// M is not positive definite. By LAPACK, or by Eigen where `isa` is portable, since OpenBLAS has
/// kernels of its own for each processor.
SmallEigenpairs generalised_eigenpairs(Isa isa, std::vector<double>& a, std::vector<double>& m,
                                       int n);

}  // namespace modesweep::shift_invert
