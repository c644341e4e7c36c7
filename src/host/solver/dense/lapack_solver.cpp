// SPDX-License-Identifier: MIT
// Dense solve by LAPACK's dsyevr (Dhillon, Parlett & Voemel, ACM Trans. Math. Softw. 32:533, 2006).
// It has one BLAS thread, since our own workers use the cores.
#include <cblas.h>
#include <fmt/format.h>

#include <utility>
#include <vector>

#include "base/abandonable.hpp"
#include "base/text.hpp"
#include "solver/blas.hpp"
#include "solver/cpu_solvers.hpp"
#include "solver/dense/dense.hpp"

extern "C" {
void dsyevr_(const char* jobz, const char* range, const char* uplo, const int* n, double* a,
             const int* lda, const double* vl, const double* vu, const int* il, const int* iu,
             const double* abstol, int* m, double* w, double* z, const int* ldz, int* isuppz,
             double* work, const int* lwork, int* iwork, const int* liwork, int* info);
}

namespace modesweep {
namespace {

/// The lowest of a matrix, which is overwritten.
Outcome<dense::Eigenpairs> eigenpairs_of(std::vector<double>& matrix, int n, int count) {
  const blas::Call held;
  if (!held) return blas::no_buffer();
  dense::Eigenpairs pairs;
  pairs.values.resize(static_cast<std::size_t>(n));
  pairs.vectors.resize(static_cast<std::size_t>(n) * static_cast<std::size_t>(count));
  std::vector<int> support(2 * static_cast<std::size_t>(n));
  const int one = 1;
  const double unused = 0, tolerance = 0;
  int found = 0, info = 0;
  double work_size = 0;
  int integer_work_size = 0;
  const int query = -1;
  const auto call = [&](double* work, const int* lwork, int* iwork, const int* liwork) {
    dsyevr_("V", "I", "L", &n, matrix.data(), &n, &unused, &unused, &one, &count, &tolerance,
            &found, pairs.values.data(), pairs.vectors.data(), &n, support.data(), work, lwork,
            iwork, liwork, &info);
  };
  call(&work_size, &query, &integer_work_size, &query);
  std::vector<double> work(static_cast<std::size_t>(work_size));
  std::vector<int> integer_work(static_cast<std::size_t>(integer_work_size));
  const int lwork = static_cast<int>(work.size());
  const int liwork = static_cast<int>(integer_work.size());
  call(work.data(), &lwork, integer_work.data(), &liwork);
  if (info != 0 || found != count)
    return fail(
        Stage::solve, "not_converged",
        fmt::format("LAPACK dsyevr gave {} of {} (info {})", found, counted(count, "mode"), info));
  pairs.values.resize(static_cast<std::size_t>(count));
  return pairs;
}

Outcome<dense::Eigenpairs> lowest_eigenpairs(const Network& network, int count) {
  const int n = static_cast<int>(network.degrees_of_freedom());
  auto solve = [n, count, matrix = dense::unit_hessian(network)]() mutable {
    return eigenpairs_of(matrix, n, count);
  };
  // Who has a call already must not wait for another thread's.
  return n < dense::long_order || blas::Call::is_held() ? solve() : abandonable(std::move(solve));
}

class LapackSolver final : public ModeSolver {
 public:
  LapackSolver() { blas::take_buffers(); }

  std::string_view name() const override { return "lapack"; }

  std::uint64_t memory_needed(const Network& network, const ModeRequest& request) const override {
    const auto n = static_cast<std::uint64_t>(network.degrees_of_freedom());
    const auto vectors = static_cast<std::uint64_t>(dense::expected_count(network, request));
    return 8 * n * (n + 2 * vectors + 64);
  }

  std::vector<Outcome<Modes>> solve(std::span<const Network> networks,
                                    const ModeRequest& request) const override {
    return dense::solve_each(networks, request, "lapack", lowest_eigenpairs);
  }
};

}  // namespace

std::string blas_kernels() {
  const std::string_view release = openblas_get_config();  // "OpenBLAS 0.3.21 NO_LAPACKE ..."
  return fmt::format("{}, kernels of {}",
                     release.substr(0, release.find(' ', release.find(' ') + 1)),
                     openblas_get_corename());
}

std::unique_ptr<ModeSolver> make_lapack_solver() { return std::make_unique<LapackSolver>(); }

}  // namespace modesweep
