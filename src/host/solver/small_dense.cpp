// SPDX-License-Identifier: MIT
#include "solver/small_dense.hpp"

#include <cstddef>

extern "C" {
void dsyevr_(const char* jobz, const char* range, const char* uplo, const int* n, double* a,
             const int* lda, const double* vl, const double* vu, const int* il, const int* iu,
             const double* abstol, int* m, double* w, double* z, const int* ldz, int* isuppz,
             double* work, const int* lwork, int* iwork, const int* liwork, int* info);
void dsygv_(const int* itype, const char* jobz, const char* uplo, const int* n, double* a,
            const int* lda, double* b, const int* ldb, double* w, double* work, const int* lwork,
            int* info);
}

namespace modesweep::shift_invert {

SmallEigenpairs largest_eigenpairs(std::vector<double>& matrix, int n, int count) {
  const auto order = static_cast<std::size_t>(n);
  SmallEigenpairs pairs;
  pairs.values.resize(order);
  pairs.vectors.resize(order * static_cast<std::size_t>(count));
  std::vector<int> support(2 * order);
  std::vector<double> work(40 * order);
  std::vector<int> integer_work(10 * order);
  const int lwork = static_cast<int>(work.size()), liwork = static_cast<int>(integer_work.size());
  const int first = n - count + 1;
  const double unused = 0, tolerance = 0;
  int found = 0, info = 0;
  dsyevr_("V", "I", "L", &n, matrix.data(), &n, &unused, &unused, &first, &n, &tolerance, &found,
          pairs.values.data(), pairs.vectors.data(), &n, support.data(), work.data(), &lwork,
          integer_work.data(), &liwork, &info);
  if (info != 0 || found != count) return {};
  pairs.values.resize(static_cast<std::size_t>(count));
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
