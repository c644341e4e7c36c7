// SPDX-License-Identifier: MIT
#include "solver/shift_invert/small_dense_portable.hpp"

#include <Eigen/Eigenvalues>

namespace modesweep::shift_invert::portable {
namespace {

template <class Solver>
SmallEigenpairs pairs_of(const Solver& solver) {
  if (solver.info() != Eigen::Success) return {};
  const auto& values = solver.eigenvalues();
  const auto& vectors = solver.eigenvectors();
  return {{values.data(), values.data() + values.size()},
          {vectors.data(), vectors.data() + vectors.size()}};
}

}  // namespace

SmallEigenpairs eigenpairs(const std::vector<double>& diagonal,
                           const std::vector<double>& off_diagonal) {
  const auto n = static_cast<Eigen::Index>(diagonal.size());
  Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver;
  solver.computeFromTridiagonal(Eigen::Map<const Eigen::VectorXd>(diagonal.data(), n),
                                Eigen::Map<const Eigen::VectorXd>(off_diagonal.data(), n - 1));
  return pairs_of(solver);
}

SmallEigenpairs generalised_eigenpairs(const std::vector<double>& a, const std::vector<double>& m,
                                       int n) {
  using Matrix = Eigen::Map<const Eigen::MatrixXd>;
  const Matrix mass(m.data(), n, n);
  // The solver does not say whether there is a factor.
  if (Eigen::LLT<Eigen::MatrixXd>(mass).info() != Eigen::Success) return {};
  return pairs_of(
      Eigen::GeneralizedSelfAdjointEigenSolver<Eigen::MatrixXd>(Matrix(a.data(), n, n), mass));
}

}  // namespace modesweep::shift_invert::portable
