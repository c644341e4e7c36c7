// SPDX-License-Identifier: MIT
// The Hessian in single precision, and blocks of vectors that it is multiplied with.
#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <vector>

#include "solver/filtered/simd/operations.hpp"
#include "solver/shift_invert/block_basis.hpp"
#include "solver/shift_invert/threads.hpp"

namespace modesweep::filtered {

using shift_invert::block_width;
using shift_invert::ContactView;
using shift_invert::Square;
using shift_invert::Threads;

/// A block of vectors in single precision, row-major; not initialised.
class FloatBlock {
 public:
  explicit FloatBlock(std::ptrdiff_t rows) : buffer_(rows * block_width / 2) {}
  float* data() { return reinterpret_cast<float*>(buffer_.data()); }
  const float* data() const { return reinterpret_cast<const float*>(buffer_.data()); }

 private:
  shift_invert::Buffer buffer_;
};

/// With unit spring constant, as springs with their diagonal blocks apart, and who works on it. The
/// same bits with any number of threads: they share pieces of rows, and sums are of pieces.
class Hessian {
 public:
  Hessian(const ContactView& contacts, const simd::Operations& operations, const Threads& threads);

  std::ptrdiff_t rows() const { return 3 * nodes_; }
  const simd::Operations& operations() const { return operations_; }
  /// No eigenvalue is above it: twice the largest number of contacts that a node has.
  double bound() const { return bound_; }
  /// One is above it.
  double largest_diagonal() const { return largest_diagonal_; }

  void apply(const simd::FilterStep& step) const;
  /// y = H x.
  void multiply(const float* x, float* y) const { apply({x, y, 1, 0, 0, nullptr, nullptr}); }

  /// blocks^T w, a square for each block, each row-major.
  std::vector<double> inner_products(const std::vector<const float*>& blocks, const float* w) const;
  /// w += blocks coefficients.
  void add_combinations(const std::vector<const float*>& blocks,
                        const std::vector<float>& coefficients, float* w) const;
  /// w := w s.
  void multiply_right(float* w, const Square& s) const;

 private:
  template <class F>
  void for_each_piece(F&& f) const;

  const simd::Operations& operations_;
  const Threads& threads_;
  std::ptrdiff_t nodes_;
  const std::int64_t* offsets_;
  std::vector<simd::Spring> springs_;
  std::vector<float> diagonal_;
  double bound_ = 0, largest_diagonal_ = 0;
};

/// A block in the other precision.
void convert(const double* from, std::ptrdiff_t rows, float* to);
void convert(const float* from, std::ptrdiff_t rows, double* to);

using ColumnNorms = std::array<double, block_width>;

/// Of the columns of a block in either precision; sums in double precision.
template <class T>
ColumnNorms column_norms(const T* block, std::ptrdiff_t rows) {
  ColumnNorms norms = {};
  for (std::ptrdiff_t i = 0; i < rows; ++i)
    for (std::ptrdiff_t c = 0; c < block_width; ++c) {
      const double value = block[i * block_width + c];
      norms[c] += value * value;
    }
  for (double& norm : norms) norm = std::sqrt(norm);
  return norms;
}

/// Each column over its norm; zero where that is zero.
template <class T>
void scale_columns(T* block, std::ptrdiff_t rows, const ColumnNorms& norms) {
  std::array<T, block_width> factors;
  for (std::ptrdiff_t c = 0; c < block_width; ++c)
    factors[c] = norms[c] > 0 ? static_cast<T>(1 / norms[c]) : 0;
  for (std::ptrdiff_t i = 0; i < rows; ++i)
    for (std::ptrdiff_t c = 0; c < block_width; ++c) block[i * block_width + c] *= factors[c];
}

}  // namespace modesweep::filtered
