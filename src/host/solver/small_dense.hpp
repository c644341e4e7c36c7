// SPDX-License-Identifier: MIT
// Small dense symmetric eigenproblems, by LAPACK.
#pragma once

#include <vector>

namespace modesweep::shift_invert {

struct SmallEigenpairs {
  std::vector<double> values;   ///< ascending
  std::vector<double> vectors;  ///< vector after vector
};

/// The `count` largest eigenpairs of a symmetric matrix of order n (row- or column-major, full),
/// which is overwritten. Empty where LAPACK does not converge.
SmallEigenpairs largest_eigenpairs(std::vector<double>& matrix, int n, int count);

/// All eigenpairs of A x = lambda M x, vectors with x^T M x = 1; both are overwritten. Empty where
/// M is not positive definite.
SmallEigenpairs generalised_eigenpairs(std::vector<double>& a, std::vector<double>& m, int n);

}  // namespace modesweep::shift_invert
