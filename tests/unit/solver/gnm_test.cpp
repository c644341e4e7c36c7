// SPDX-License-Identifier: MIT
// Gaussian networks by all solvers of the CPU.
#include <gtest/gtest.h>

#include <cmath>
#include <numbers>
#include <numeric>

#include <modesweep/modes.hpp>

#include "shift_invert_shapes.hpp"
#include "solver/cpu_solvers.hpp"

namespace modesweep {
namespace {

using namespace shift_invert_shapes;

Network gnm_of(Positions positions, double cutoff = 10, double gamma = 1) {
  return build_network(std::move(positions), {cutoff, gamma, ElasticModel::gnm}).value();
}

Modes solve(const ModeSolver& solver, const Network& network, int modes = 20, int threads = 1) {
  return solver.solve({&network, 1}, {modes, threads}).at(0).value();
}

TEST(Gnm, OfThreeNodesInALine) {
  // 1-2-3 without a contact of 1 and 3: the path graph, with eigenvalues 0, 1, 3.
  const Network network = gnm_of({{0, 0, 0}, {9, 0, 0}, {18, 0, 0}}, 10, 2);
  EXPECT_EQ(network.degrees_of_freedom(), 3);
  EXPECT_EQ(dense_hessian(network), (std::vector<double>{2, -2, 0, -2, 4, -2, 0, -2, 2}));
  for (const auto& solver :
       {make_shift_invert_solver(), make_lapack_solver(), make_eigen_solver()}) {
    const Modes modes = solve(*solver, network);
    EXPECT_EQ(modes.zero_modes, 1);
    ASSERT_EQ(modes.eigenvalues.size(), 2u);
    EXPECT_NEAR(modes.eigenvalues[0], 2, 1e-14);
    EXPECT_NEAR(modes.eigenvalues[1], 6, 1e-14);
    ASSERT_EQ(modes.eigenvectors.size(), 6u);
    EXPECT_NEAR(std::abs(modes.eigenvectors[0]), std::sqrt(0.5), 1e-14);
    EXPECT_NEAR(modes.eigenvectors[1], 0, 1e-14);
  }
}

TEST(Gnm, TakesTwoNodesAtOnePoint) {
  EXPECT_EQ(solve(*make_shift_invert_solver(), gnm_of({{0, 0, 0}, {0, 0, 0}})).eigenvalues,
            std::vector<double>{2});
}

struct Shape {
  std::string name;
  Positions positions;
};
void PrintTo(const Shape& shape, std::ostream* out) { *out << shape.name; }

class GnmShape : public testing::TestWithParam<Shape> {};

// Sizes of all remainders by three, on both sides of the border to the sparse solver.
INSTANTIATE_TEST_SUITE_P(
    Shape, GnmShape,
    testing::Values(Shape{"dense238", random_points(238, 140, 1)},
                    Shape{"dense240", random_points(240, 140, 2)},
                    Shape{"dense241", random_points(241, 140, 3)},
                    Shape{"dense400", random_points(400, 140, 4)},
                    Shape{"dense401", random_points(401, 140, 5)},
                    Shape{"loose600", random_points(600, 700, 6)},
                    Shape{"pieces", joined(random_points(301, 140, 7),
                                           moved(random_points(250, 140, 8), {500, 0, 0}))},
                    Shape{"helix500", helix(500)}, Shape{"line300", collinear(300)},
                    Shape{"ring", ring(6, 60, 30)}),
    [](const auto& test) { return test.param.name; });

TEST_P(GnmShape, AgreesWithLapack) {
  const Network network = gnm_of(GetParam().positions);
  const Modes ours = solve(*make_shift_invert_solver(), network);
  const Modes lapack = solve(*make_lapack_solver(), network);
  EXPECT_EQ(ours.solver, "shift-invert");
  EXPECT_EQ(ours.zero_modes, network.components);
  EXPECT_EQ(lapack.zero_modes, network.components);
  ASSERT_EQ(ours.eigenvalues.size(), 20u);
  const auto n = static_cast<std::size_t>(network.nodes());
  ASSERT_EQ(ours.eigenvectors.size(), 20 * n);
  const auto most_contacts =
      static_cast<double>(*std::max_element(lapack.eigenvalues.begin(), lapack.eigenvalues.end()));
  for (std::size_t k = 0; k < 20; ++k) {
    // What a backward stable solver is sure of, as in tests/golden.
    EXPECT_NEAR(ours.eigenvalues[k], lapack.eigenvalues[k],
                std::max(1e-9 * lapack.eigenvalues[k], 1e-13 * most_contacts));
    const double* const v = &ours.eigenvectors[k * n];
    EXPECT_NEAR(std::inner_product(v, v + n, v, 0.0), 1, 1e-10);
    double residual2 = 0;
    for (std::size_t i = 0; i < n; ++i) {
      double force = -ours.eigenvalues[k] * v[i];
      for (std::int64_t e = network.offsets[i]; e < network.offsets[i + 1]; ++e)
        force += v[i] - v[network.neighbours[e]];
      residual2 += force * force;
    }
    EXPECT_LE(std::sqrt(residual2), 1e-8);
    for (std::size_t j = 0; j < k; ++j)
      EXPECT_NEAR(std::inner_product(v, v + n, &ours.eigenvectors[j * n], 0.0), 0, 1e-8);
  }
}

/// A chain that winds through space in helices side by side, none like another.
Positions bundle(int helices, int length) {
  Random random(9);
  Positions positions;
  for (int h = 0; h < helices; ++h)
    for (int i = 0; i < length; ++i) {
      const double turn = 100.0 * i * std::numbers::pi / 180;
      const double up = h % 2 == 0 ? i : length - 1 - i;
      positions.push_back({10.0 * (h / 10) + 2.3 * std::cos(turn) + 0.5 * random(),
                           10.0 * (h % 10) + 2.3 * std::sin(turn) + 0.5 * random(),
                           1.5 * up + 0.5 * random()});
    }
  return positions;
}

TEST(Gnm, LargeOnesNeedNoDenseMatrixAndThreadsChangeNoBit) {
  const Network network = gnm_of(bundle(100, 71));
  const std::unique_ptr<ModeSolver> solver = make_shift_invert_solver();
  EXPECT_LT(solver->memory_needed(network, {20}), 8u * 7100 * 7100);
  const Modes modes = solve(*solver, network);
  EXPECT_EQ(modes.solver, "shift-invert");
  ASSERT_EQ(modes.eigenvalues.size(), 20u);
  for (const double residual : modes.residuals) EXPECT_LE(residual, 1e-10);
  EXPECT_EQ(solve(*solver, network, 20, 2).eigenvectors, modes.eigenvectors);
}

}  // namespace
}  // namespace modesweep
