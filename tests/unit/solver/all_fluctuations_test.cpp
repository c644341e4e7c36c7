// SPDX-License-Identifier: MIT
// The diagonal of the pseudo-inverse by selected inversion, against all eigenpairs.
#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>
#include <numeric>

#include <modesweep/modes.hpp>
#include <modesweep/structure.hpp>

#include "shift_invert_shapes.hpp"
#include "solver/cpu_solvers.hpp"
#include "support/data_files.hpp"

namespace modesweep {
namespace {

using namespace shift_invert_shapes;

constexpr double agreement = 1e-9;
constexpr bool every_file = ALL_FILES;
constexpr std::size_t quick_files = 20, quick_nodes = 350, most_nodes = 800;

double total(const Modes& modes) {
  return std::accumulate(modes.all_fluctuations.begin(), modes.all_fluctuations.end(), 0.0);
}

/// Relative difference of the traces; each node's part is checked as well.
double compare(const Network& network) {
  ModeRequest request;
  request.all_fluctuations = true;
  const Modes ours = make_shift_invert_solver()->solve({&network, 1}, request).at(0).value();
  const Modes all = make_lapack_solver()->solve({&network, 1}, request).at(0).value();
  EXPECT_EQ(ours.zero_modes, all.zero_modes);
  EXPECT_EQ(ours.all_fluctuations.size(), network.positions.size());
  EXPECT_EQ(all.all_fluctuations.size(), network.positions.size());
  if (ours.all_fluctuations.size() != all.all_fluctuations.size()) return 1;
  for (std::size_t i = 0; i < ours.all_fluctuations.size(); ++i)
    EXPECT_NEAR(ours.all_fluctuations[i], all.all_fluctuations[i],
                1e-8 * all.all_fluctuations[i] + 1e-10 * total(all))
        << "node " << i;
  return std::abs(total(ours) / total(all) - 1);
}

TEST(AllFluctuations, OfShapes) {
  if (every_file) GTEST_SKIP() << "the other program has them";
  for (const ElasticModel model : {ElasticModel::anm, ElasticModel::gnm})
    for (const Positions& positions :
         {random_points(300, 140, 1), random_points(301, 140, 2), helix(90), ring(6, 40, 30),
          collinear(200), planar_zigzag(120),
          joined(random_points(150, 140, 3), moved(random_points(100, 140, 4), {500, 0, 0}))}) {
      const Network network = build_network(positions, {default_cutoff(model), 2.5, model}).value();
      EXPECT_LE(compare(network), agreement) << to_string(model) << " " << positions.size();
    }
}

TEST(AllFluctuations, OfRealFiles) {
  std::size_t files = 0;
  double largest = 0;
  for (const std::filesystem::path& file : test_support::real_structure_files()) {
    const Outcome<Structure> structure = read_structure(file, {});
    if (!structure || structure->nodes.size() < 60 ||
        structure->nodes.size() > (every_file ? most_nodes : quick_nodes))
      continue;
    std::vector<Vec3> positions;
    for (const Node& node : structure->nodes) positions.push_back(node.position);
    const Outcome<Network> network = build_network(std::move(positions), {});
    if (!network) continue;
    const double difference = compare(*network);
    EXPECT_LE(difference, agreement) << file;
    largest = std::max(largest, difference);
    if (++files == quick_files && !every_file) break;
  }
  std::printf("%zu real files, largest relative difference of a trace %.1e\n", files, largest);
  if (files < quick_files) GTEST_SKIP() << "only " << files << " files are here";
}

}  // namespace
}  // namespace modesweep
