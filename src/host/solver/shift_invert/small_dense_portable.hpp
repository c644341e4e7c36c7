// SPDX-License-Identifier: MIT
// What small dense problems, and products of fronts, take from LAPACK and BLAS, by Eigen: it is
// compiled for any x86-64 processor, and gives the same digits on all of them.
#pragma once

#include <cstddef>
#include <vector>

#include "solver/shift_invert/small_dense.hpp"

namespace modesweep::shift_invert::portable {

/// All eigenpairs of a symmetric tridiagonal matrix, ascending. Empty where it did not converge.
SmallEigenpairs eigenpairs(const std::vector<double>& diagonal,
                           const std::vector<double>& off_diagonal);

/// As the function of the same name beside it.
SmallEigenpairs generalised_eigenpairs(const std::vector<double>& a, const std::vector<double>& m,
                                       int n);

}  // namespace modesweep::shift_invert::portable
