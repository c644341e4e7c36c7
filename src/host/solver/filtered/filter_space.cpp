// SPDX-License-Identifier: MIT
#include "solver/filtered/filter_space.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "solver/shift_invert/small_dense.hpp"
#include "solver/shift_invert/smooth_start.hpp"

namespace modesweep::filtered {
namespace {

constexpr std::ptrdiff_t b = block_width;

// In small networks the second pass of orthogonalisation is against all blocks.
constexpr std::ptrdiff_t small_rows = 600;
constexpr std::ptrdiff_t near_blocks = 3;

/// A column whose part outside the others is so much smaller than itself, squared, is dependent as
/// far as single precision can tell.
constexpr double dependent = 1e-13;

/// Where gram = r^T r with r upper triangular: r, and its inverse. False where it is not so to
/// working accuracy.
bool factor(const double* gram, Square& r, Square& inverse) {
  r = {};
  inverse = {};
  for (std::ptrdiff_t j = 0; j < b; ++j) {
    for (std::ptrdiff_t i = 0; i <= j; ++i) {
      double sum = (gram[i * b + j] + gram[j * b + i]) / 2;
      for (std::ptrdiff_t k = 0; k < i; ++k) sum -= r[k * b + i] * r[k * b + j];
      if (i < j)
        r[i * b + j] = sum / r[i * b + i];
      else if (!(sum > dependent * gram[j * b + j]))
        return false;
      else
        r[j * b + j] = std::sqrt(sum);
    }
    shift_invert::invert_column(r, j, inverse);
  }
  return true;
}

std::vector<float> negated(const std::vector<double>& values) {
  std::vector<float> result;
  result.reserve(values.size());
  for (const double value : values) result.push_back(static_cast<float>(-value));
  return result;
}

class Builder {
 public:
  Builder(const Hessian& hessian, const ContactView& contacts, const double* rigid,
          const shift_invert::simd::Operations& operations, const FilterSpaceOptions& options)
      : hessian_(hessian),
        contacts_(contacts),
        operations_(operations),
        options_(options),
        rows_(hessian.rows()),
        rigid_(rows_),
        block_(std::make_unique<FloatBlock>(rows_)),
        next_(std::make_unique<FloatBlock>(rows_)),
        all_{rigid_.data()} {
    convert(rigid, rows_, rigid_.data());
  }

  tl::expected<FilterSpace, std::string> run() {
    constexpr const char* spoilt = "single precision cannot tell its vectors apart";
    if (!start()) return hand_over(spoilt);
    Looks looks(rows_, options_.kept, options_.most);
    for (std::ptrdiff_t vectors = b;; vectors += b) {
      keep();
      filter();
      if (!orthogonalise(rows_ > small_rows)) return hand_over(spoilt);
      project();
      if (!looks.is_due(vectors)) continue;
      const double error = look(vectors);
      if (!(error >= 0)) return hand_over(spoilt);
      const Looks::Verdict verdict = looks.judge(vectors, error);
      if (verdict == Looks::Verdict::enough) return std::move(space_);
      if (verdict != Looks::Verdict::more) return hand_over(Looks::reason(verdict));
    }
  }

 private:
  /// An orthonormal block of smooth displacements, and the filter that goes by it.
  bool start() {
    std::vector<double> smooth(static_cast<std::size_t>(rows_ * b));
    shift_invert::fill_smooth(contacts_, smooth.data());
    convert(smooth.data(), rows_, block_->data());
    if (!orthogonalise(false)) return false;
    hessian_.multiply(block_->data(), next_->data());
    const std::vector<double> projected = hessian_.inner_products({block_->data()}, next_->data());
    const shift_invert::LargestEigenpairs pairs =
        shift_invert::largest_eigenpairs(operations_, symmetric(projected), b, b);
    if (pairs.values.empty()) return false;
    const double high = spectral_bound();
    space_.interval = {filter_low(pairs.values.front(), high, rows_), high};
    return true;
  }

  static std::vector<double> symmetric(const std::vector<double>& square) {
    std::vector<double> result(square.size());
    for (std::ptrdiff_t i = 0; i < b; ++i)
      for (std::ptrdiff_t j = 0; j < b; ++j)
        result[i * b + j] = (square[i * b + j] + square[j * b + i]) / 2;
    return result;
  }

  /// No eigenvalue is above it: each column by Lanczos' method by itself, the largest Ritz value
  /// and what its residual adds.
  double spectral_bound() {
    std::vector<double> random(static_cast<std::size_t>(rows_ * b));
    for (std::size_t i = 0; i < random.size(); ++i) random[i] = shift_invert::random_value(i);
    FloatBlock now(rows_), before(rows_);
    convert(random.data(), rows_, now.data());
    std::fill_n(before.data(), rows_ * b, 0.0f);
    std::array<std::array<double, b>, bound_steps> diagonal = {}, below = {};
    ColumnNorms beta = column_norms(now.data(), rows_);
    scale_columns(now.data(), rows_, beta);
    beta = {};
    for (int step = 0; step < bound_steps; ++step) {
      hessian_.multiply(now.data(), next_->data());
      std::array<double, b> alpha = {};
      for (std::ptrdiff_t i = 0; i < rows_; ++i)
        for (std::ptrdiff_t c = 0; c < b; ++c)
          alpha[c] += double{next_->data()[i * b + c]} * double{now.data()[i * b + c]};
      for (std::ptrdiff_t i = 0; i < rows_; ++i)
        for (std::ptrdiff_t c = 0; c < b; ++c)
          next_->data()[i * b + c] -= static_cast<float>(alpha[c]) * now.data()[i * b + c] +
                                      static_cast<float>(beta[c]) * before.data()[i * b + c];
      diagonal[step] = alpha;
      beta = below[step] = column_norms(next_->data(), rows_);
      std::copy_n(now.data(), rows_ * b, before.data());
      std::copy_n(next_->data(), rows_ * b, now.data());
      scale_columns(now.data(), rows_, beta);
    }
    double bound = 0;
    for (std::ptrdiff_t c = 0; c < b; ++c)
      bound = std::max(bound, column_bound(diagonal, below, c));
    return std::min(bound, hessian_.bound());
  }

  template <class Steps>
  double column_bound(const Steps& diagonal, const Steps& below, std::ptrdiff_t c) const {
    std::vector<double> matrix(static_cast<std::size_t>(b * b));
    for (std::ptrdiff_t i = 0; i < bound_steps; ++i) {
      matrix[i * b + i] = diagonal[i][c];
      if (i + 1 < bound_steps) matrix[i * b + i + 1] = matrix[(i + 1) * b + i] = below[i][c];
    }
    const shift_invert::LargestEigenpairs pairs =
        shift_invert::largest_eigenpairs(operations_, matrix, b, b);
    if (pairs.values.empty()) return hessian_.bound();
    const double last = pairs.vectors[(bound_steps - 1) * b];
    return pairs.values.front() + below[bound_steps - 1][c] * std::abs(last);
  }

  /// The block becomes the next of the basis, and stays to be filtered.
  void keep() {
    auto copy = std::make_unique<FloatBlock>(rows_);
    std::copy_n(block_->data(), rows_ * b, copy->data());
    all_.push_back(copy->data());
    space_.basis.push_back(std::move(copy));
  }

  void filter() {
    Chebyshev term(space_.interval.low, space_.interval.high);
    hessian_.apply({block_->data(), next_->data(), static_cast<float>(term.sigma / term.half),
                    static_cast<float>(term.centre), 0, nullptr, nullptr});
    for (int degree = 2; degree <= filter_degree; ++degree) {
      const double next = term.next();
      hessian_.apply({next_->data(), block_->data(), static_cast<float>(2 * next / term.half),
                      static_cast<float>(term.centre), static_cast<float>(term.sigma * next),
                      nullptr, nullptr});
      std::swap(block_, next_);
      term.sigma = next;
    }
    std::swap(block_, next_);
  }

  /// The block against all before it, and in itself. Leaves what it was along them in `along_`, and
  /// in `last_` the triangular factor of what was outside.
  bool orthogonalise(bool is_local) {
    along_ = hessian_.inner_products(all_, block_->data());
    hessian_.add_combinations(all_, negated(along_), block_->data());
    std::vector<const float*> near = all_;
    if (is_local && std::ssize(all_) > 1 + near_blocks)
      near.erase(near.begin() + 1, near.end() - near_blocks);
    near.push_back(block_->data());
    std::vector<double> again = hessian_.inner_products(near, block_->data());
    near.pop_back();
    const std::size_t square = Square().size();
    Square own;
    std::copy_n(again.end() - static_cast<std::ptrdiff_t>(square), square, own.begin());
    again.resize(again.size() - square);
    for (std::size_t k = 0; k < again.size(); k += b)
      for (std::ptrdiff_t i = 0; i < b; ++i)
        for (std::ptrdiff_t j = 0; j < b; ++j) own[i * b + j] -= again[k + i] * again[k + j];
    hessian_.add_combinations(near, negated(again), block_->data());
    Square inverse, rest;
    const bool is_independent = factor(own.data(), last_, inverse);
    if (is_independent) hessian_.multiply_right(block_->data(), inverse);
    const std::vector<double> gram = hessian_.inner_products({block_->data()}, block_->data());
    if (!factor(gram.data(), is_independent ? rest : last_, inverse)) return false;
    hessian_.multiply_right(block_->data(), inverse);
    return true;
  }

  /// The newest block column of the filter in the basis.
  void project() {
    columns_.emplace_back(along_.begin() + static_cast<std::ptrdiff_t>(Square().size()),
                          along_.end());
  }

  /// What the Ritz vectors wanted leave of the filter, the most of them; negative where there are
  /// none.
  double look(std::ptrdiff_t vectors) {
    std::vector<double> matrix(static_cast<std::size_t>(vectors * vectors));
    for (std::ptrdiff_t q = 0; q < vectors / b; ++q)
      for (std::ptrdiff_t i = 0; i < (q + 1) * b; ++i)
        for (std::ptrdiff_t j = 0; j < b; ++j) {
          const std::ptrdiff_t column = q * b + j;
          double value = columns_[q][i * b + j];
          if (i >= q * b) value = (value + columns_[q][column * b + i - q * b]) / 2;
          matrix[i * vectors + column] = matrix[column * vectors + i] = value;
        }
    const std::ptrdiff_t kept = std::min(options_.kept, vectors);
    shift_invert::LargestEigenpairs pairs = shift_invert::largest_eigenpairs(
        operations_, matrix, static_cast<int>(vectors), static_cast<int>(kept));
    if (pairs.values.empty()) return -1;
    double error = 0;
    for (std::ptrdiff_t k = 0; k < options_.modes; ++k) {
      const double* const end = &pairs.vectors[((k / b + 1) * vectors - b) * b + k % b];
      double norm2 = 0;
      for (std::ptrdiff_t i = 0; i < b; ++i) {
        double sum = 0;
        for (std::ptrdiff_t l = i; l < b; ++l) sum += last_[i * b + l] * end[l * b];
        norm2 += sum * sum;
      }
      error = std::max(error, std::sqrt(norm2));
    }
    space_.vectors = vectors;
    space_.ritz = std::move(pairs.vectors);
    return error;
  }

  const Hessian& hessian_;
  const ContactView contacts_;
  const shift_invert::simd::Operations& operations_;
  const FilterSpaceOptions options_;
  const std::ptrdiff_t rows_;
  FloatBlock rigid_;
  std::unique_ptr<FloatBlock> block_, next_;
  std::vector<const float*> all_;  ///< the rigid motions, then the basis
  FilterSpace space_;
  std::vector<double> along_;
  Square last_ = {};
  std::vector<std::vector<double>> columns_;  ///< block columns of the projected filter, above
};

}  // namespace

tl::expected<FilterSpace, std::string> filter_space(
    const Hessian& hessian, const ContactView& contacts, const double* rigid,
    const shift_invert::simd::Operations& operations, const FilterSpaceOptions& options) {
  return Builder(hessian, contacts, rigid, operations, options).run();
}

}  // namespace modesweep::filtered
