// SPDX-License-Identifier: MIT
#include "solver/shift_invert/small_dense.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "solver/shift_invert/block_basis.hpp"
#include "solver/shift_invert/small_dense_portable.hpp"

extern "C" {
void dstedc_(const char* compz, const int* n, double* d, double* e, double* z, const int* ldz,
             double* work, const int* lwork, int* iwork, const int* liwork, int* info);
void dsygv_(const int* itype, const char* jobz, const char* uplo, const int* n, double* a,
            const int* lda, double* b, const int* ldb, double* w, double* work, const int* lwork,
            int* info);
}

namespace modesweep::shift_invert {

namespace {

constexpr std::ptrdiff_t b = block_width;

/// What an eigenpair of a matrix of norm one may leave of (T - theta) x, and the cosine of two
/// vectors of neighbouring eigenvalues from which on divide and conquer takes over.
constexpr double accurate = 1e-13;
constexpr double parallel = 1e-3;

/// A symmetric tridiagonal matrix.
struct Tridiagonal {
  std::vector<double> diagonal, off_diagonal;
  std::ptrdiff_t order() const { return static_cast<std::ptrdiff_t>(diagonal.size()); }
};

double norm_bound(const Tridiagonal& t) {
  double norm = 0, before = 0;
  for (std::size_t i = 0; i < t.diagonal.size(); ++i) {
    const double after = i + 1 < t.diagonal.size() ? std::abs(t.off_diagonal[i]) : 0;
    norm = std::max(norm, before + std::abs(t.diagonal[i]) + after);
    before = after;
  }
  return norm;
}

/// How many eigenvalues lie above `bound`, by the signs of the pivots.
std::ptrdiff_t count_above(const Tridiagonal& t, double bound) {
  constexpr double tiny = 1e-300;
  std::ptrdiff_t count = 0;
  double pivot = 1, square = 0;
  for (std::size_t i = 0; i < t.diagonal.size(); ++i) {
    pivot = t.diagonal[i] - bound - square / pivot;
    if (std::abs(pivot) < tiny) pivot = -tiny;
    if (pivot > 0) ++count;
    square = t.off_diagonal[i] * t.off_diagonal[i];
  }
  return count;
}

/// The vector of an eigenvalue from the pivots on both sides of the row where they meet best
/// (twisted factorisation: Fernando, SIAM J. Matrix Anal. Appl. 18:1013, 1997), in column `column`
/// of a block. False where it is not one.
bool twisted_vector(const Tridiagonal& t, double theta, const std::vector<double>& forward,
                    const std::vector<double>& backward, std::ptrdiff_t column, double* block) {
  const std::ptrdiff_t n = t.order();
  std::ptrdiff_t best = 0;
  double least = 0, norm2 = 1;
  for (std::ptrdiff_t i = 0; i < n; ++i) {
    const double twist =
        std::abs(forward[i * b + column] + backward[i * b + column] - (t.diagonal[i] - theta));
    if (i > 0 && !(twist < least)) continue;
    best = i;
    least = twist;
  }
  double* const x = block + column;
  x[best * b] = 1;
  for (std::ptrdiff_t i = best; i-- > 0;) {
    x[i * b] = -t.off_diagonal[i] * x[(i + 1) * b] / forward[i * b + column];
    norm2 += x[i * b] * x[i * b];
  }
  for (std::ptrdiff_t i = best + 1; i < n; ++i) {
    x[i * b] = -t.off_diagonal[i - 1] * x[(i - 1) * b] / backward[i * b + column];
    norm2 += x[i * b] * x[i * b];
  }
  const double scale = 1 / std::sqrt(norm2);
  for (std::ptrdiff_t i = 0; i < n; ++i) x[i * b] *= scale;
  double worst = 0;
  for (std::ptrdiff_t i = 0; i < n; ++i) {
    double rest = (t.diagonal[i] - theta) * x[i * b];
    if (i > 0) rest += t.off_diagonal[i - 1] * x[(i - 1) * b];
    if (i + 1 < n) rest += t.off_diagonal[i] * x[(i + 1) * b];
    worst = std::max(worst, std::abs(rest));
  }
  return std::isfinite(norm2) && worst <= accurate;
}

/// The largest eigenpairs but for some, by bisection and twisted factorisations: the fastest way to
/// a few of them. False where two eigenvalues are too close for it.
bool by_bisection(const simd::Operations& operations, Tridiagonal t, std::ptrdiff_t skipped,
                  std::ptrdiff_t count, LargestEigenpairs& pairs) {
  const std::ptrdiff_t n = t.order();
  const double norm = norm_bound(t);
  if (!(norm > 0)) return false;
  // Smaller off-diagonal elements than this change nothing.
  constexpr double negligible = 1e-40, margin = 1e-12;
  std::vector<double> squares(t.diagonal.size());
  for (double& d : t.diagonal) d /= norm;
  for (std::ptrdiff_t i = 0; i + 1 < n; ++i) {
    t.off_diagonal[i] /= norm;
    squares[i] = std::max(t.off_diagonal[i] * t.off_diagonal[i], negligible);
  }
  pairs.values.resize(static_cast<std::size_t>(count));
  pairs.vectors.resize(static_cast<std::size_t>(n * count));
  std::vector<double> forward(static_cast<std::size_t>(n * b)), backward(forward.size());
  const double* last = nullptr;  // the vector before
  for (std::ptrdiff_t first = 0; first < count; first += b) {
    double* const values = &pairs.values[first];
    double* const block = &pairs.vectors[first * n];
    operations.bisect(t.diagonal.data(), squares.data(), n, skipped + first, -1 - margin,
                      1 + margin, values);
    operations.twisted_pivots(t.diagonal.data(), squares.data(), n, values, forward.data(),
                              backward.data());
    for (std::ptrdiff_t j = 0; j < b; ++j) {
      if (!twisted_vector(t, values[j], forward, backward, j, block)) return false;
      double cosine = 0;
      for (std::ptrdiff_t i = 0; last && i < n; ++i) cosine += last[i * b] * block[i * b + j];
      if (std::abs(cosine) > parallel) return false;
      last = block + j;
      values[j] *= norm;
    }
  }
  return true;
}

/// The same by divide and conquer for all of them (Cuppen, Numer. Math. 36:177, 1981; LAPACK's
/// dstedc, or QR by Eigen). False where it did not converge.
bool by_divide_and_conquer(Isa isa, Tridiagonal t, std::ptrdiff_t count, LargestEigenpairs& pairs) {
  const int n = static_cast<int>(t.order());
  const std::size_t order = t.diagonal.size();
  std::vector<double> vectors(order * order), work(1 + 4 * order + order * order);
  std::vector<int> integer_work(3 + 5 * order);
  const int lwork = static_cast<int>(work.size()), liwork = static_cast<int>(integer_work.size());
  int info = 0;
  if (isa == Isa::portable) {
    SmallEigenpairs all = portable::eigenpairs(t.diagonal, t.off_diagonal);
    if (all.values.empty()) return false;
    t.diagonal = std::move(all.values);
    vectors = std::move(all.vectors);
  } else {
    dstedc_("I", &n, t.diagonal.data(), t.off_diagonal.data(), vectors.data(), &n, work.data(),
            &lwork, integer_work.data(), &liwork, &info);
    if (info != 0) return false;
  }
  pairs.values.assign(t.diagonal.rbegin(), t.diagonal.rbegin() + count);
  pairs.vectors.resize(static_cast<std::size_t>(n * count));
  for (std::ptrdiff_t k = 0; k < count; ++k)
    for (std::ptrdiff_t i = 0; i < n; ++i)
      pairs.vectors[(k / b * n + i) * b + k % b] = vectors[(n - 1 - k) * n + i];
  return true;
}

}  // namespace

LargestEigenpairs largest_eigenpairs(const simd::Operations& operations,
                                     const std::vector<double>& matrix, int n, int count) {
  const auto order = static_cast<std::size_t>(n);
  std::vector<double> reflectors = matrix;
  Tridiagonal t{std::vector<double>(order), std::vector<double>(order)};
  std::vector<double> scales(order), scratch(3 * order);
  operations.tridiagonalise(reflectors.data(), n, n, t.diagonal.data(), t.off_diagonal.data(),
                            scales.data(), scratch.data());
  LargestEigenpairs pairs;
  if (!by_bisection(operations, t, 0, count, pairs) &&
      !by_divide_and_conquer(operations.isa, t, count, pairs))
    return {};
  for (std::ptrdiff_t first = 0; first < count; first += b)
    operations.reflect(reflectors.data(), n, n, scales.data(), &pairs.vectors[first * n]);
  return pairs;
}

std::optional<dense::Eigenpairs> lowest_eigenpairs(const simd::Operations& operations,
                                                   double* negative, int n, int count) {
  const auto order = static_cast<std::size_t>(n);
  const std::size_t leading = padded_order(order);
  Tridiagonal t{std::vector<double>(order), std::vector<double>(order)};
  std::vector<double> scales(order), scratch(3 * leading);
  const auto width = static_cast<std::ptrdiff_t>(leading);
  operations.tridiagonalise(negative, n, width, t.diagonal.data(), t.off_diagonal.data(),
                            scales.data(), scratch.data());

  // Zero modes, too close to each other for vectors of their own, are counted only.
  const std::ptrdiff_t zeros = count_above(t, -zero_eigenvalue);
  const std::ptrdiff_t wanted = (std::max<std::ptrdiff_t>(count - zeros, 1) + b - 1) / b * b;
  LargestEigenpairs pairs;
  if (zeros + wanted > n || !by_bisection(operations, t, zeros, wanted, pairs)) return std::nullopt;
  dense::Eigenpairs lowest;
  lowest.values.assign(static_cast<std::size_t>(zeros), 0.0);
  lowest.vectors.assign(order * static_cast<std::size_t>(zeros + wanted), 0.0);
  std::vector<const double*> done;
  for (std::ptrdiff_t first = 0; first < wanted; first += b) {
    double* const block = &pairs.vectors[first * n];
    operations.reflect(negative, n, width, scales.data(), block);
    Square unused;
    project_out(operations, done, block, n);
    if (orthonormalise(operations, block, n, b, unused) != Rank::full) return std::nullopt;
    done.push_back(block);
    for (std::ptrdiff_t j = 0; j < b; ++j) {
      lowest.values.push_back(-pairs.values[first + j]);
      for (std::ptrdiff_t i = 0; i < n; ++i)
        lowest.vectors[(zeros + first + j) * n + i] = block[i * b + j];
    }
  }
  return lowest;
}

SmallEigenpairs generalised_eigenpairs(Isa isa, std::vector<double>& a, std::vector<double>& m,
                                       int n) {
  if (isa == Isa::portable) return portable::generalised_eigenpairs(a, m, n);
  SmallEigenpairs pairs;
  pairs.values.resize(static_cast<std::size_t>(n));
  std::vector<double> work(36 * static_cast<std::size_t>(n));
  const int lwork = static_cast<int>(work.size()), type = 1;
  int info = 0;
  dsygv_(&type, "V", "L", &n, a.data(), &n, m.data(), &n, pairs.values.data(), work.data(), &lwork,
         &info);
  if (info != 0) return {};
  pairs.vectors = a;
  return pairs;
}

}  // namespace modesweep::shift_invert
