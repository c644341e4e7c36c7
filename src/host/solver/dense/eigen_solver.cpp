// SPDX-License-Identifier: MIT
// Dense solve by Eigen alone.
#include <Eigen/Eigenvalues>

#include <cstdint>
#include <utility>
#include <vector>

#include "base/abandonable.hpp"
#include "solver/cpu_solvers.hpp"
#include "solver/dense/dense.hpp"

namespace modesweep {
namespace {

Outcome<dense::Eigenpairs> eigenpairs_of(const std::vector<double>& matrix, Eigen::Index n) {
  const Eigen::Map<const Eigen::MatrixXd> hessian(matrix.data(), n, n);
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver(hessian);
  if (solver.info() != Eigen::Success)
    return fail(Stage::solve, "not_converged", "Eigen's QR iteration did not converge");
  const Eigen::VectorXd& values = solver.eigenvalues();
  const Eigen::MatrixXd& vectors = solver.eigenvectors();
  return dense::Eigenpairs{{values.data(), values.data() + values.size()},
                           {vectors.data(), vectors.data() + vectors.size()}};
}

Outcome<dense::Eigenpairs> all_eigenpairs(const Network& network, int) {
  const std::int64_t n = network.degrees_of_freedom();
  auto solve = [n, matrix = dense::unit_hessian(network)] { return eigenpairs_of(matrix, n); };
  return n < dense::long_order ? solve() : abandonable(std::move(solve));
}

class EigenSolver final : public ModeSolver {
 public:
  std::string_view name() const override { return "eigen"; }

  std::uint64_t memory_needed(const Network& network, const ModeRequest& request) const override {
    const auto n = static_cast<std::uint64_t>(network.degrees_of_freedom());
    // the Hessian, the eigenvectors in the solver and out of it, those kept
    return 8 * n * (3 * n + static_cast<std::uint64_t>(request.modes) + 16);
  }

  std::vector<Outcome<Modes>> solve(std::span<const Network> networks,
                                    const ModeRequest& request) const override {
    return dense::solve_each(networks, request, "eigen", all_eigenpairs);
  }
};

}  // namespace

std::unique_ptr<ModeSolver> make_eigen_solver() { return std::make_unique<EigenSolver>(); }

}  // namespace modesweep
