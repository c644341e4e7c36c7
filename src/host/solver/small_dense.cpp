// SPDX-License-Identifier: MIT
#include "solver/small_dense.hpp"

#include <cstddef>

extern "C" {
void dsytrd_(const char* uplo, const int* n, double* a, const int* lda, double* d, double* e,
             double* tau, double* work, const int* lwork, int* info);
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

// LAPACK's drivers for some of the eigenpairs bisect; for matrices this small divide and conquer
// for all of them is faster.
SmallEigenpairs largest_eigenpairs(std::vector<double>& matrix, int n, int count) {
  const auto order = static_cast<std::size_t>(n);
  std::vector<double> diagonal(order), off_diagonal(order), reflectors(order);
  std::vector<double> work(1 + 4 * order + order * order + 36 * order);
  std::vector<int> integer_work(3 + 5 * order);
  const int lwork = static_cast<int>(work.size()), liwork = static_cast<int>(integer_work.size());
  int info = 0;
  dsytrd_("L", &n, matrix.data(), &n, diagonal.data(), off_diagonal.data(), reflectors.data(),
          work.data(), &lwork, &info);
  if (info != 0) return {};
  std::vector<double> vectors(order * order);
  dstedc_("I", &n, diagonal.data(), off_diagonal.data(), vectors.data(), &n, work.data(), &lwork,
          integer_work.data(), &liwork, &info);
  if (info != 0) return {};
  SmallEigenpairs pairs;
  pairs.values.assign(diagonal.end() - count, diagonal.end());
  pairs.vectors.assign(vectors.end() - static_cast<std::ptrdiff_t>(order) * count, vectors.end());
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
