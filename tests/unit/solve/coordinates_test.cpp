// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>
#include <vector>

#include <modesweep/properties.hpp>
#include <modesweep/solve.hpp>

#include "solver/cpu_solvers.hpp"
#include "support/data_files.hpp"

namespace modesweep {
namespace {

Structure ubiquitin() {
  return read_structure(test_support::source_dir() / "data/demo/ubiquitin/pdb1ubi.pdb.gz", {})
      .value();
}

std::vector<double> coordinates_of(const Structure& structure) {
  std::vector<double> coordinates;
  for (const Node& node : structure.nodes)
    coordinates.insert(coordinates.end(), node.position.begin(), node.position.end());
  return coordinates;
}

TEST(SolveCoordinates, GivesTheModesOfTheFileThatTheyAreFrom) {
  const Structure structure = ubiquitin();
  std::vector<Vec3> positions;
  for (const Node& node : structure.nodes) positions.push_back(node.position);
  const Network network = build_network(positions, {}).value();
  const Modes of_file =
      std::move(make_shift_invert_solver()->solve({&network, 1}, ModeRequest{}).front().value());

  const Modes modes = solve_coordinates(coordinates_of(structure)).value();
  EXPECT_EQ(modes.eigenvalues, of_file.eigenvalues);
  // ProDy's, as tests/golden/prody.tsv has it.
  EXPECT_NEAR(fractional_variances(modes.eigenvalues)[0], 0.645976230404, 1e-9);
  ASSERT_EQ(modes.eigenvectors.size(), of_file.eigenvectors.size());
  const std::size_t size = 3 * positions.size();
  for (std::size_t k = 0; k < modes.eigenvalues.size(); ++k) {
    std::vector<double> mode(
        of_file.eigenvectors.begin() + static_cast<std::ptrdiff_t>(k * size),
        of_file.eigenvectors.begin() + static_cast<std::ptrdiff_t>((k + 1) * size));
    orient_mode(mode);
    EXPECT_TRUE(std::equal(mode.begin(), mode.end(),
                           modes.eigenvectors.begin() + static_cast<std::ptrdiff_t>(k * size)))
        << "mode " << k + 1;
  }
  EXPECT_EQ(solve_coordinates(positions).value().eigenvectors, modes.eigenvectors);
}

TEST(SolveCoordinates, TakesTheModelTheRequestAndTheSolver) {
  const std::vector<double> coordinates = coordinates_of(ubiquitin());
  NetworkOptions gnm;
  gnm.model = ElasticModel::gnm;
  gnm.cutoff = default_cutoff(gnm.model);
  ModeRequest five;
  five.modes = 5;
  const Modes modes = solve_coordinates(coordinates, gnm, five, Solver::lapack).value();
  EXPECT_EQ(modes.solver, "lapack");
  EXPECT_EQ(modes.eigenvalues.size(), 5u);
  EXPECT_EQ(modes.eigenvectors.size(), 5 * coordinates.size() / 3);
  EXPECT_EQ(modes.zero_modes, 1);
}

TEST(SolveCoordinates, FailsWithAValue) {
  const auto code = [](std::vector<double> coordinates) {
    const Outcome<Modes> modes = solve_coordinates(coordinates);
    return modes ? "none" : std::string(to_string(modes.error().stage)) + ' ' + modes.error().code;
  };
  EXPECT_EQ(code({0, 0, 0, 1}), "network bad_shape");
  EXPECT_EQ(code({}), "network no_nodes");
  EXPECT_EQ(code({0, 0, std::numeric_limits<double>::quiet_NaN()}), "network bad_coordinates");
  EXPECT_EQ(code({1, 2, 3, 1, 2, 3}), "network coincident_nodes");
  EXPECT_EQ(code({1, 2, 3}), "none");
}

TEST(SolveCoordinates, HasNoModesWhereNothingIsHeld) {
  EXPECT_TRUE(solve_coordinates(std::vector<double>{1, 2, 3}).value().eigenvalues.empty());
}

}  // namespace
}  // namespace modesweep
