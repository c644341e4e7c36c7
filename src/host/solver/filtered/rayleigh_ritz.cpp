// SPDX-License-Identifier: MIT
#include "solver/filtered/rayleigh_ritz.hpp"

#include <algorithm>

namespace modesweep::filtered {
namespace {

constexpr std::ptrdiff_t b = shift_invert::block_width;

/// Block columns down to the diagonal as a full symmetric matrix of order n.
std::vector<double> symmetric(const std::vector<std::vector<double>>& columns, std::ptrdiff_t n) {
  std::vector<double> matrix(static_cast<std::size_t>(n * n));
  for (std::ptrdiff_t q = 0; q < n / b; ++q)
    for (std::ptrdiff_t i = 0; i < (q + 1) * b; ++i)
      for (std::ptrdiff_t j = 0; j < b; ++j)
        matrix[(q * b + j) * n + i] = matrix[i * n + q * b + j] = columns[q][i * b + j];
  return matrix;
}

}  // namespace

bool RitzSpace::solve() {
  for (; filled_ < blocks(); ++filled_) {
    const std::ptrdiff_t count = filled_ + 1;
    std::vector<double>& mass = mass_.emplace_back(static_cast<std::size_t>(count * b * b));
    std::vector<double>& stiffness =
        stiffness_.emplace_back(static_cast<std::size_t>(count * b * b));
    const double* const x = x_.pointers()[filled_];
    operations_->inner_products(x_.pointers(), count, x, rows_, mass.data());
    operations_->inner_products(hx_.pointers(), count, x, rows_, stiffness.data());
  }
  const std::ptrdiff_t order = blocks() * b;
  std::vector<double> a = symmetric(stiffness_, order), m = symmetric(mass_, order);
  pairs_ = shift_invert::generalised_eigenpairs(operations_->isa, a, m, static_cast<int>(order));
  return !pairs_.values.empty();
}

void RitzSpace::combine(const shift_invert::BlockBasis& from, std::ptrdiff_t q, bool times_values,
                        double* block) const {
  std::fill_n(block, rows_ * b, 0.0);
  add(from, q, times_values, block);
}

void RitzSpace::add(const shift_invert::BlockBasis& from, std::ptrdiff_t q, bool times_values,
                    double* block) const {
  const std::ptrdiff_t order = filled_ * b;
  std::vector<double> coefficients(static_cast<std::size_t>(order * b));
  for (std::ptrdiff_t j = 0; j < b; ++j) {
    const std::ptrdiff_t k = q * b + j;
    const double factor = times_values ? -pairs_.values[k] : 1;
    for (std::ptrdiff_t i = 0; i < order; ++i)
      coefficients[i * b + j] = factor * pairs_.vectors[k * order + i];
  }
  operations_->add_combinations(from.pointers(), filled_, coefficients.data(), 1, block, rows_);
}

}  // namespace modesweep::filtered
