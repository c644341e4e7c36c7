// SPDX-License-Identifier: MIT
#include "solver/small_dense.hpp"

#include <cstddef>

extern "C" {
void dsytrd_(const char* uplo, const int* n, double* a, const int* lda, double* d, double* e,
             double* tau, double* work, const int* lwork, int* info);
void dsterf_(const int* n, double* d, double* e, int* info);
void dstein_(const int* n, const double* d, const double* e, const int* m, const double* w,
             const int* iblock, const int* isplit, double* z, const int* ldz, double* work,
             int* iwork, int* ifail, int* info);
void dstedc_(const char* compz, const int* n, double* d, double* e, double* z, const int* ldz,
             double* work, const int* lwork, int* iwork, const int* liwork, int* info);
void dormtr_(const char* side, const char* uplo, const char* trans, const int* m, const int* n,
             const double* a, const int* lda, const double* tau, double* c, const int* ldc,
             double* work, const int* lwork, int* info);
void dsygv_(const int* itype, const char* jobz, const char* uplo, const int* n, double* a,
            const int* lda, double* b, const int* ldb, double* w, double* work, const int* lwork,
            int* info);
}

namespace modesweep::shift_invert {

namespace {

constexpr int most_by_inverse_iteration = 40;

/// A symmetric tridiagonal matrix.
struct Tridiagonal {
  std::vector<double> diagonal, off_diagonal;
  int order() const { return static_cast<int>(diagonal.size()); }
};

/// Its largest eigenpairs by QR for the values and inverse iteration for the vectors: the fastest
/// way to a few of them. False where an inverse iteration did not converge.
bool by_inverse_iteration(const Tridiagonal& t, int count, SmallEigenpairs& pairs) {
  const int n = t.order();
  const auto order = static_cast<std::size_t>(n);
  std::vector<double> values = t.diagonal, overwritten = t.off_diagonal;
  int info = 0;
  dsterf_(&n, values.data(), overwritten.data(), &info);
  if (info != 0) return false;
  pairs.values.assign(values.end() - count, values.end());
  pairs.vectors.resize(order * static_cast<std::size_t>(count));
  const std::vector<int> block(order, 1), split(order, n);
  std::vector<double> work(5 * order);
  std::vector<int> integer_work(order), failed(order);
  dstein_(&n, t.diagonal.data(), t.off_diagonal.data(), &count, pairs.values.data(), block.data(),
          split.data(), pairs.vectors.data(), &n, work.data(), integer_work.data(), failed.data(),
          &info);
  return info == 0;
}

/// The same by divide and conquer for all of them. False where it did not converge.
bool by_divide_and_conquer(Tridiagonal t, int count, SmallEigenpairs& pairs) {
  const int n = t.order();
  const auto order = static_cast<std::size_t>(n);
  std::vector<double> vectors(order * order), work(1 + 4 * order + order * order);
  std::vector<int> integer_work(3 + 5 * order);
  const int lwork = static_cast<int>(work.size()), liwork = static_cast<int>(integer_work.size());
  int info = 0;
  dstedc_("I", &n, t.diagonal.data(), t.off_diagonal.data(), vectors.data(), &n, work.data(),
          &lwork, integer_work.data(), &liwork, &info);
  pairs.values.assign(t.diagonal.end() - count, t.diagonal.end());
  pairs.vectors.assign(vectors.end() - static_cast<std::ptrdiff_t>(order) * count, vectors.end());
  return info == 0;
}

}  // namespace

SmallEigenpairs largest_eigenpairs(std::vector<double>& matrix, int n, int count) {
  const auto order = static_cast<std::size_t>(n);
  Tridiagonal t{std::vector<double>(order), std::vector<double>(order)};
  std::vector<double> reflectors(order), work(36 * order);
  const int lwork = static_cast<int>(work.size());
  int info = 0;
  dsytrd_("L", &n, matrix.data(), &n, t.diagonal.data(), t.off_diagonal.data(), reflectors.data(),
          work.data(), &lwork, &info);
  if (info != 0) return {};
  // Inverse iterations orthogonalise each vector against those before: dear where there are many.
  SmallEigenpairs pairs;
  if (!(count <= most_by_inverse_iteration && by_inverse_iteration(t, count, pairs)) &&
      !by_divide_and_conquer(t, count, pairs))
    return {};
  dormtr_("L", "L", "N", &n, &count, matrix.data(), &n, reflectors.data(), pairs.vectors.data(), &n,
          work.data(), &lwork, &info);
  if (info != 0) return {};
  return pairs;
}

SmallEigenpairs generalised_eigenpairs(std::vector<double>& a, std::vector<double>& m, int n) {
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
