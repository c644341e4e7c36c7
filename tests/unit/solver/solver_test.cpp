// SPDX-License-Identifier: MIT
// Every dense solver on networks whose answer is known in closed form or from ProDy.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <memory>
#include <numeric>
#include <string>
#include <thread>
#include <vector>

#include <modesweep/modes.hpp>
#include <modesweep/network.hpp>
#include <modesweep/properties.hpp>

#include "solver/cpu_solvers.hpp"
#include "unit/network/shapes.hpp"

namespace modesweep {
namespace {

Network network_of(std::vector<Vec3> positions, NetworkOptions options = {}) {
  Outcome<Network> network = build_network(std::move(positions), options);
  if (!network) throw std::runtime_error(network.error().message);
  return *std::move(network);
}

struct SolverCase {
  const char* name;
  std::unique_ptr<ModeSolver> (*make)();
};

class DenseSolver : public testing::TestWithParam<SolverCase> {
 protected:
  Modes solve(const Network& network, int modes = 20) const {
    const std::vector<Outcome<Modes>> outcomes = solver_->solve({&network, 1}, {modes});
    if (outcomes.size() != 1) throw std::runtime_error("one network, but not one outcome");
    if (!outcomes[0]) throw std::runtime_error(outcomes[0].error().message);
    return *outcomes[0];
  }

  std::unique_ptr<ModeSolver> solver_ = GetParam().make();
};

INSTANTIATE_TEST_SUITE_P(Solver, DenseSolver,
                         testing::Values(SolverCase{"lapack", make_lapack_solver},
                                         SolverCase{"eigen", make_eigen_solver}),
                         [](const auto& solver) { return std::string(solver.param.name); });

void expect_eigenvalues(const Modes& modes, const std::vector<double>& expected) {
  ASSERT_EQ(modes.eigenvalues.size(), expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i)
    EXPECT_NEAR(modes.eigenvalues[i], expected[i], 1e-13 * expected.back()) << "mode " << i + 1;
}

// Closed forms: a spring between two nodes has 2 gamma; an equilateral triangle 3/2, 3/2, 3; a
// regular tetrahedron 1, 1, 2, 2, 2, 4. The length of the springs does not matter.

TEST_P(DenseSolver, OneNodeHasNoModes) {
  const Modes modes = solve(network_of({{1, 2, 3}}));
  EXPECT_TRUE(modes.eigenvalues.empty());
  EXPECT_TRUE(modes.eigenvectors.empty());
  EXPECT_EQ(modes.zero_modes, 3);
}

TEST_P(DenseSolver, TwoNodesHaveOneMode) {
  const Modes modes = solve(network_of({{0, 0, 0}, {3, 4, 0}}));
  EXPECT_EQ(modes.zero_modes, 5);
  expect_eigenvalues(modes, {2});
  ASSERT_EQ(modes.eigenvectors.size(), 6u);
  const double sign = modes.eigenvectors[0] > 0 ? 1 : -1;
  const std::vector<double> stretch = {0.6, 0.8, 0, -0.6, -0.8, 0};
  for (std::size_t i = 0; i < 6; ++i)
    EXPECT_NEAR(sign * modes.eigenvectors[i], stretch[i] / std::sqrt(2.0), 1e-14);
}

TEST_P(DenseSolver, TwoNodesApartHaveNoModes) {
  const Modes modes = solve(network_of({{0, 0, 0}, {16, 0, 0}}));
  EXPECT_TRUE(modes.eigenvalues.empty());
  EXPECT_EQ(modes.zero_modes, 6);
}

TEST_P(DenseSolver, TriangleAndTetrahedron) {
  const Modes triangle = solve(network_of({{0, 0, 0}, {6, 0, 0}, {3, 3 * std::sqrt(3.0), 0}}));
  EXPECT_EQ(triangle.zero_modes, 6);
  expect_eigenvalues(triangle, {1.5, 1.5, 3});
  const Modes tetrahedron = solve(network_of({{0, 0, 0}, {5, 5, 0}, {5, 0, 5}, {0, 5, 5}}));
  EXPECT_EQ(tetrahedron.zero_modes, 6);
  expect_eigenvalues(tetrahedron, {1, 1, 2, 2, 2, 4});
}

TEST_P(DenseSolver, EigenvaluesScaleWithGamma) {
  const Modes tetrahedron =
      solve(network_of({{0, 0, 0}, {5, 5, 0}, {5, 0, 5}, {0, 5, 5}}, {15.0, 2.5}));
  expect_eigenvalues(tetrahedron, {2.5, 2.5, 5, 5, 5, 10});
}

// What ProDy 2.3.1 gives for the same coordinates: ANM.buildHessian and calcModes with defaults,
// but for 7 and 8 nodes, where it asks LAPACK for more eigenvalues than there are and ends; there
// the numbers are those of numpy.linalg.eigvalsh of its Hessian.
struct ProdyCase {
  const char* name;
  std::function<shapes::Positions()> positions;
  int zero_modes;
  std::size_t modes;
  double ev1, ev_last, fv1;
};

const std::vector<ProdyCase>& prody_cases() {
  using namespace shapes;
  static const std::vector<ProdyCase> cases = {
      {"three", [] { return helix(3); }, 6, 3, 0.993668954167414, 3, 0.547498301749427},
      {"four", [] { return helix(4); }, 6, 6, 0.269123580843287, 4, 0.611595791170455},
      {"five", [] { return helix(5); }, 6, 9, 0.691665245279586, 5, 0.253389525712441},
      {"six", [] { return helix(6); }, 6, 12, 0.509907256907397, 6, 0.260305577698112},
      {"seven", [] { return helix(7); }, 6, 15, 0.520895551650816, 7, 0.206776629536547},
      {"eight", [] { return helix(8); }, 6, 18, 0.492196659173611, 8, 0.195425629153746},
      {"nine", [] { return helix(9); }, 6, 20, 0.4786919576233, 7.28792005205995,
       0.183395799433713},
      {"ten", [] { return helix(10); }, 6, 20, 0.425476018070999, 6.56929877040765,
       0.186129245762857},
      {"line of 10", [] { return line(10); }, 21, 9, 1.24301160285671, 7.64311771817964,
       0.353597319281864},
      {"line of 30", [] { return line(30); }, 61, 20, 0.152289185028237, 7.13581902734902,
       0.52810070084407},
      {"plane of 30", [] { return plane(); }, 33, 20, 1.66942023052424, 10.1275049011007,
       0.175290925169961},
      {"two bodies", [] { return bodies(2); }, 12, 20, 0.237426539176532, 1.5540375059277,
       0.125653518106577},
      {"five bodies", [] { return bodies(5); }, 30, 20, 0.175370398274385, 0.657825448778631,
       0.0886805342793734},
      {"isolated node", [] { return isolated_node(); }, 9, 20, 0.161342899281475, 2.4371960117607,
       0.198994436688551},
      {"tail", [] { return tail(); }, 13, 20, 0.00192194709726157, 1.84314794235634,
       0.890899855308792},
  };
  return cases;
}

// |error| of an eigenvalue: 1e-14 of the largest one that a protein has (tests/golden/README.md).
constexpr double eigenvalue_error = 1e-14 * 52;

void expect_prodys(const Modes& modes, const ProdyCase& expected) {
  EXPECT_EQ(modes.zero_modes, expected.zero_modes);
  ASSERT_EQ(modes.eigenvalues.size(), expected.modes);
  EXPECT_NEAR(modes.eigenvalues.front(), expected.ev1, eigenvalue_error);
  EXPECT_NEAR(modes.eigenvalues.back(), expected.ev_last, eigenvalue_error);
  // ProDy's shares are those of at most 20 modes.
  EXPECT_NEAR(fractional_variances(modes.eigenvalues).front(), expected.fv1,
              expected.fv1 * std::max(1e-13, eigenvalue_error / expected.ev1));
}

TEST_P(DenseSolver, GivesWhatProDyGives) {
  for (const ProdyCase& expected : prody_cases()) {
    SCOPED_TRACE(expected.name);
    expect_prodys(solve(network_of(expected.positions())), expected);
  }
}

// A helix of 500 is so soft that two real modes lie below ProDy's zero: it counts eight.
// Eigen's solver takes all 1,500 eigenpairs, which is slow, not different.
TEST(LapackSolver, CountsRealModesBelowTheThresholdAsZero) {
  const Network network = network_of(shapes::helix(500));
  const std::vector<Outcome<Modes>> outcomes = make_lapack_solver()->solve({&network, 1}, {});
  ASSERT_TRUE(outcomes.at(0));
  expect_prodys(
      *outcomes[0],
      {"helix of 500", {}, 8, 20, 6.69010207037408e-06, 0.00203039651044804, 0.341548958624663});
}

TEST_P(DenseSolver, ModesAreOrthonormalAndSolveTheEigenproblem) {
  const Network network = network_of(shapes::bodies(2));
  const std::vector<double> hessian = dense_hessian(network);
  const Modes modes = solve(network);
  const auto n = static_cast<std::size_t>(network.degrees_of_freedom());
  const std::size_t count = modes.eigenvalues.size();
  ASSERT_EQ(modes.eigenvectors.size(), n * count);
  EXPECT_TRUE(std::is_sorted(modes.eigenvalues.begin(), modes.eigenvalues.end()));
  for (std::size_t k = 0; k < count; ++k) {
    const double* v = &modes.eigenvectors[k * n];
    for (std::size_t l = 0; l <= k; ++l)
      EXPECT_NEAR(std::inner_product(v, v + n, &modes.eigenvectors[l * n], 0.0), k == l, 1e-13);
    for (std::size_t row = 0; row < n; ++row)
      EXPECT_NEAR(std::inner_product(v, v + n, &hessian[row * n], 0.0),
                  modes.eigenvalues[k] * v[row], 1e-12)
          << "mode " << k + 1;
  }
}

TEST_P(DenseSolver, GivesAsManyModesAsAreAskedFor) {
  const Network network = network_of(shapes::helix(30));
  const Modes all = solve(network, 1000);
  EXPECT_EQ(all.eigenvalues.size(), 84u);
  for (const int count : {1, 6, 20, 83, 84}) {
    const Modes modes = solve(network, count);
    ASSERT_EQ(modes.eigenvalues.size(), static_cast<std::size_t>(count));
    EXPECT_EQ(modes.eigenvectors.size(), 90u * static_cast<std::size_t>(count));
    for (std::size_t i = 0; i < modes.eigenvalues.size(); ++i)
      EXPECT_NEAR(modes.eigenvalues[i], all.eigenvalues[i], eigenvalue_error);
  }
}

TEST_P(DenseSolver, KeepsABatchInOrder) {
  std::vector<Network> networks;
  for (const int nodes : {12, 1, 30, 2, 15}) networks.push_back(network_of(shapes::helix(nodes)));
  const std::vector<Outcome<Modes>> outcomes = solver_->solve(networks, {});
  ASSERT_EQ(outcomes.size(), networks.size());
  for (std::size_t i = 0; i < networks.size(); ++i) {
    ASSERT_TRUE(outcomes[i]);
    EXPECT_EQ(outcomes[i]->eigenvalues, solve(networks[i]).eigenvalues);
    EXPECT_EQ(outcomes[i]->solver, GetParam().name);
    EXPECT_EQ(outcomes[i]->backend, "cpu");
    EXPECT_GE(outcomes[i]->seconds, 0);
  }
  EXPECT_TRUE(solver_->solve({}, {}).empty());
}

TEST_P(DenseSolver, WorksInSeveralThreadsAtOnce) {
  const Network network = network_of(shapes::helix(40));
  const std::vector<double> expected = solve(network).eigenvalues;
  std::vector<std::vector<double>> found(4);
  std::vector<std::jthread> threads;
  for (std::vector<double>& values : found)
    threads.emplace_back([&] {
      for (int repeat = 0; repeat < 5; ++repeat) {
        const std::vector<Outcome<Modes>> outcomes = solver_->solve({&network, 1}, {});
        values = outcomes.at(0) ? outcomes[0]->eigenvalues : std::vector<double>();
      }
    });
  threads.clear();
  for (const std::vector<double>& values : found) EXPECT_EQ(values, expected);
}

TEST_P(DenseSolver, RefusesWhatLapacksIndicesCannotHold) {
  Network network;
  network.positions.resize(16'000);
  network.offsets.assign(16'001, 0);
  const std::vector<Outcome<Modes>> outcomes = solver_->solve({&network, 1}, {});
  ASSERT_FALSE(outcomes.at(0));
  EXPECT_EQ(outcomes[0].error().stage, Stage::solve);
  EXPECT_EQ(outcomes[0].error().code, "too_large");
}

TEST_P(DenseSolver, MemoryNeededHoldsTheHessianAtLeast) {
  const Network network = network_of(shapes::helix(100));
  EXPECT_GE(solver_->memory_needed(network, {}), 8u * 300u * 300u);
}

TEST(DenseHessian, IsThatOfOneSpring) {
  // Along (1, 2, 2) / 3: gamma times the outer product, with both signs.
  const std::vector<double> hessian =
      dense_hessian(network_of({{0, 0, 0}, {1, 2, 2}}, {15.0, 3.0}));
  const double e[3] = {1, 2, 2};
  ASSERT_EQ(hessian.size(), 36u);
  for (int row = 0; row < 6; ++row)
    for (int column = 0; column < 6; ++column) {
      const double sign = (row < 3) == (column < 3) ? 1 : -1;
      EXPECT_DOUBLE_EQ(hessian[6 * column + row], sign * e[row % 3] * e[column % 3] / 3);
    }
}

TEST(DenseHessian, IsSymmetricToTheBitAndItsBlocksSumToZero) {
  const Network network = network_of(shapes::bodies(2));
  const auto n = static_cast<std::size_t>(network.degrees_of_freedom());
  const std::vector<double> hessian = dense_hessian(network);
  for (std::size_t row = 0; row < n; ++row)
    for (std::size_t axis = 0; axis < 3; ++axis) {
      double sum = 0;
      for (std::size_t column = axis; column < n; column += 3) {
        EXPECT_EQ(hessian[column * n + row], hessian[row * n + column]);
        sum += hessian[column * n + row];
      }
      EXPECT_NEAR(sum, 0, 1e-13);
    }
}

}  // namespace
}  // namespace modesweep
