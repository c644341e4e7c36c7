// SPDX-License-Identifier: MIT
#include "solver/filtered/filter_space.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <utility>

#include "solver/shift_invert/small_dense.hpp"
#include "solver/shift_invert/smooth_start.hpp"

namespace modesweep::filtered {
namespace {

constexpr std::ptrdiff_t b = block_width;

constexpr int filter_degree = 10;
constexpr int bound_steps = 5;

// Where the filter ends below: a quarter of the largest Ritz value of the start, but no less than
// where some forty eigenvalues lie as a rule, since networks of one density have spectra of one
// shape; measured on networks of 76 to 8,000 nodes.
constexpr double start_part = 0.25, typical_low = 0.9, typical_vectors = 40;
constexpr double highest_low = 0.5;  // of the interval

/// What the Ritz vectors wanted may leave of the filter, whose largest eigenvalue is one at most:
/// about what single precision can tell.
constexpr double converged = 3e-6;

/// Digits that a block wins once it converges, and most blocks until the next look.
constexpr double digits_a_block = 1.25;
constexpr std::ptrdiff_t most_blocks_blind = 6;

/// What is left after a block at least, where it converges at all.
constexpr double slowest = 0.5;

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
    std::ptrdiff_t next_look = first_look();
    double last_error = std::numeric_limits<double>::infinity();
    for (std::ptrdiff_t vectors = b, last_look = 0;; vectors += b) {
      keep();
      filter();
      if (!orthogonalise(rows_ > small_rows)) return hand_over(spoilt);
      project();
      if (vectors < next_look) continue;
      const double error = look(vectors);
      if (!(error >= 0)) return hand_over(spoilt);
      if (error < converged) return std::move(space_);
      const std::ptrdiff_t blocks = (vectors - last_look) / b;
      if (error > last_error * std::pow(slowest, static_cast<double>(blocks)))
        return hand_over("it converges too slowly");
      const double to_go = std::log10(error / converged) / digits_a_block;
      if (static_cast<double>(vectors) + b * std::ceil(to_go) > static_cast<double>(options_.most))
        return hand_over("it would take too many vectors");
      next_look = vectors + b * std::clamp(static_cast<std::ptrdiff_t>(to_go), std::ptrdiff_t{1},
                                           most_blocks_blind);
      last_look = vectors;
      last_error = error;
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
    // As a float, so that the last bit of the C library's power, which depends on the processor, is
    // of no consequence.
    const double typical =
        typical_low * high *
        static_cast<float>(std::pow(typical_vectors / static_cast<double>(rows_), 2.0 / 3));
    const double low = std::max(start_part * pairs.values.front(), typical);
    space_.interval = {std::min(low, highest_low * high), high};
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

  /// As few vectors as hold what is wanted, and as a network of this size needs at least.
  std::ptrdiff_t first_look() const {
    constexpr std::pair<std::ptrdiff_t, std::ptrdiff_t> usual[] = {
        {9000, 48}, {3000, 32}, {1500, 24}, {600, 16}, {0, 8}};
    for (const auto& [rows, more] : usual)
      if (rows_ > rows) return options_.kept + more;
    return options_.kept + b;
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
