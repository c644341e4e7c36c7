// SPDX-License-Identifier: MIT
#include "solver/shift_invert/block_basis.hpp"

#include <algorithm>
#include <cmath>

namespace modesweep::shift_invert {
namespace {

constexpr std::ptrdiff_t b = block_width;

// A column whose part outside the others is this much smaller than itself, squared, is dependent as
// far as w^T w can tell. Cholesky goes on with a pivot of this size, which makes the columns less
// dependent for the next pass.
constexpr double dependent = 1e-13;
constexpr int most_passes = 6;

}  // namespace

Square product(const Square& x, const Square& y) {
  Square result = {};
  for (std::ptrdiff_t i = 0; i < b; ++i)
    for (std::ptrdiff_t k = 0; k < b; ++k)
      for (std::ptrdiff_t j = 0; j < b; ++j) result[i * b + j] += x[i * b + k] * y[k * b + j];
  return result;
}

void invert_column(const Square& upper, std::ptrdiff_t j, Square& inverse) {
  inverse[j * b + j] = 1 / upper[j * b + j];
  for (std::ptrdiff_t i = 0; i < j; ++i) {
    double sum = 0;
    for (std::ptrdiff_t k = i; k < j; ++k) sum += inverse[i * b + k] * upper[k * b + j];
    inverse[i * b + j] = -sum * inverse[j * b + j];
  }
}

double* BlockBasis::append() {
  storage_.emplace_back(rows_ * b);
  pointers_.push_back(storage_.back().data());
  return pointers_.back();
}

std::vector<double> project_out(const simd::Operations& operations,
                                std::span<const double* const> blocks, double* w,
                                std::ptrdiff_t rows) {
  const auto count = static_cast<std::ptrdiff_t>(blocks.size());
  std::vector<double> products(blocks.size() * Square().size());
  operations.inner_products(blocks.data(), count, w, rows, products.data());
  operations.add_combinations(blocks.data(), count, products.data(), -1, w, rows);
  return products;
}

Rank orthonormalise(const simd::Operations& operations, double* w, std::ptrdiff_t rows,
                    std::ptrdiff_t columns, Square& r) {
  Rank rank = Rank::full;
  int good_passes = 0;
  for (int pass = 0; pass < most_passes; ++pass) {
    Square gram, upper = {}, inverse = {};
    const double* const pointer = w;
    operations.inner_products(&pointer, 1, w, rows, gram.data());
    ++good_passes;
    for (std::ptrdiff_t j = 0; j < columns; ++j) {
      if (!(gram[j * b + j] > 0)) return Rank::lost;
      for (std::ptrdiff_t i = 0; i <= j; ++i) {
        double sum = gram[i * b + j];
        for (std::ptrdiff_t k = 0; k < i; ++k) sum -= upper[k * b + i] * upper[k * b + j];
        if (i < j) {
          upper[i * b + j] = sum / upper[i * b + i];
        } else {
          if (!(sum > dependent * gram[j * b + j])) {
            sum = dependent * gram[j * b + j];
            rank = Rank::doubtful;
            good_passes = 0;
          }
          upper[j * b + j] = std::sqrt(sum);
        }
      }
      invert_column(upper, j, inverse);
    }
    operations.multiply_right(w, inverse.data(), rows);
    r = pass == 0 ? upper : product(upper, r);
    if (good_passes == 2) return rank;
  }
  return Rank::lost;
}

}  // namespace modesweep::shift_invert
