// SPDX-License-Identifier: MIT
// The Rayleigh-Ritz procedure with vectors as they are: nothing long is rotated before the end.
#pragma once

#include <vector>

#include "solver/shift_invert/block_basis.hpp"
#include "solver/shift_invert/small_dense.hpp"

namespace modesweep::filtered {

/// Blocks x of vectors and H x (Parlett, The Symmetric Eigenvalue Problem, 1980).
class RitzSpace {
 public:
  RitzSpace(const shift_invert::simd::Operations& operations, std::ptrdiff_t rows)
      : operations_(&operations), rows_(rows), x_(rows), hx_(rows) {}

  std::ptrdiff_t blocks() const { return x_.blocks(); }
  const shift_invert::BlockBasis& vectors() const { return x_; }
  /// Room for one more block of vectors and for H times it, to be filled before `solve`; what was
  /// solved before stays what it was.
  struct Pair {
    double *x, *hx;
  };
  Pair append() { return {x_.append(), hx_.append()}; }

  /// Ritz values, ascending, and coefficients. False where the vectors are dependent.
  bool solve();
  const std::vector<double>& values() const { return pairs_.values; }

  /// Ritz vectors 8 q to 8 q + 7, of length 1.
  void vectors(std::ptrdiff_t q, double* block) const { combine(x_, q, false, block); }
  /// H times them, as it follows from H x.
  void products(std::ptrdiff_t q, double* block) const { combine(hx_, q, false, block); }
  /// Those products less the vectors times their Ritz values.
  void residuals(std::ptrdiff_t q, double* block) const {
    combine(hx_, q, false, block);
    add(x_, q, true, block);
  }

 private:
  void combine(const shift_invert::BlockBasis& from, std::ptrdiff_t q, bool times_values,
               double* block) const;
  void add(const shift_invert::BlockBasis& from, std::ptrdiff_t q, bool times_values,
           double* block) const;

  const shift_invert::simd::Operations* operations_;
  std::ptrdiff_t rows_;
  shift_invert::BlockBasis x_, hx_;
  std::ptrdiff_t filled_ = 0;                          ///< blocks that the last solution is of
  std::vector<std::vector<double>> mass_, stiffness_;  ///< block columns, down to the diagonal
  shift_invert::SmallEigenpairs pairs_;
};

}  // namespace modesweep::filtered
