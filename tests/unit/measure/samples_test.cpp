// SPDX-License-Identifier: MIT
#include "measure/samples.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "support/data_files.hpp"

namespace modesweep::measure {
namespace {

double distance(const Vec3& a, const Vec3& b) {
  return std::hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);
}

TEST(Globule, IsAsDenseAsAProtein) {
  for (const int nodes : {37, 60, 150, 500}) {
    const auto network = build_network(globule(nodes), {});
    ASSERT_TRUE(network) << nodes;
    EXPECT_EQ(network->nodes(), nodes);
    EXPECT_EQ(network->components, 1);
  }
  const auto network = build_network(globule(500), {});
  // Proteins of this size have 45 to 60 neighbours within 15 angstrom.
  const double neighbours = static_cast<double>(network->neighbours.size()) / 500;
  EXPECT_GT(neighbours, 45);
  EXPECT_LT(neighbours, 65);
  EXPECT_EQ(globule(150), globule(150));
}

TEST(JoinedCopies, TouchAndKeepTheirShape) {
  const std::vector<Vec3> one = globule(80);
  const std::vector<Vec3> all = joined_copies(one, 4);
  ASSERT_EQ(all.size(), 320u);
  for (std::size_t copy = 0; copy < 4; ++copy) {
    EXPECT_NEAR(distance(all[copy * 80], all[copy * 80 + 57]), distance(one[0], one[57]), 1e-9);
    double nearest = std::numeric_limits<double>::infinity();
    for (std::size_t i = 0; i < copy * 80; ++i)
      for (std::size_t j = copy * 80; j < (copy + 1) * 80; ++j)
        nearest = std::min(nearest, distance(all[i], all[j]));
    if (copy > 0) {
      EXPECT_NEAR(nearest, 5.0, 1e-6) << copy;
    }
  }
  // Rotated, not only moved.
  EXPECT_GT(std::abs((all[80][1] - all[137][1]) - (all[0][1] - all[57][1])), 0.1);
  const auto network = build_network(all, {});
  ASSERT_TRUE(network);
  EXPECT_EQ(network->components, 1);
}

TEST(Samples, OfFilesAscendAndEndWithCopies) {
  const auto demo = test_support::source_dir() / "data" / "demo";
  const std::vector<Sample> samples =
      samples_of_files({demo / "ubiquitin" / "pdb1ubi.pdb.gz", demo / "trypsin" / "1TAB_E.pdb.gz",
                        demo / "no-such-file.pdb"},
                       900);
  ASSERT_EQ(samples.size(), 4u);
  EXPECT_EQ(samples[0].network.nodes(), 76);
  EXPECT_EQ(samples[1].network.nodes(), 223);
  EXPECT_EQ(samples[2].network.nodes(), 2 * 223);
  EXPECT_EQ(samples[3].network.nodes(), 4 * 223);
  EXPECT_TRUE(samples[3].name.ends_with(" x4"));
}

TEST(Samples, ToCheckHaveOneInPieces) {
  const std::vector<Network> networks = networks_to_check();
  EXPECT_EQ(std::count_if(networks.begin(), networks.end(),
                          [](const Network& n) { return n.components == 2; }),
            1);
}

}  // namespace
}  // namespace modesweep::measure
