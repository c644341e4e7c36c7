// SPDX-License-Identifier: MIT
#include <modesweep/core.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>
#include <random>

#include <modesweep/modes.hpp>

#include "solver/cpu_solvers.hpp"
#include "unit/network/shapes.hpp"

namespace modesweep {
namespace {

using shapes::Positions;

/// An ideal alpha-helix whose axis stands at (x, y), turned by `phase` degrees.
Positions helix(int nodes, double x = 0, double y = 0, double phase = 0) {
  Positions positions;
  for (int t = 0; t < nodes; ++t) {
    const double turn = (100.0 * t + phase) * std::numbers::pi / 180;
    positions.push_back({2.3 * std::cos(turn) + x, 2.3 * std::sin(turn) + y, 1.5 * t});
  }
  return positions;
}

Positions strand(double x) {
  Positions positions;
  for (int t = 0; t < 15; ++t) positions.push_back({x, t % 2 == 0 ? 0.9 : -0.9, 3.3 * t});
  return positions;
}

void append(Positions& to, const Positions& more, const Vec3& shift = {}) {
  for (const Vec3& p : more) to.push_back({p[0] + shift[0], p[1] + shift[1], p[2] + shift[2]});
}

/// Three packed helices.
Positions bundle(int nodes = 60) {
  Positions positions = helix(nodes);
  append(positions, helix(nodes, 9.8, 0, 50));
  append(positions, helix(nodes, 4.9, 8.5, 100));
  return positions;
}

Core core_of(const Positions& positions, std::vector<std::int32_t> chain = {}) {
  chain.resize(positions.size(), 0);
  return find_core(build_network(positions, {}).value(), chain);
}

TEST(Core, OfIdealElements) {
  Positions two = helix(60);
  append(two, helix(60, 9.8, 0, 50));
  Positions hairpin = strand(0);
  append(hairpin, strand(4.8));
  for (const Positions& arm : {helix(60), two, hairpin}) {
    const Core core = core_of(arm);
    EXPECT_TRUE(core.coreless);
    EXPECT_TRUE(core.nodes.empty());
  }
  const Core three = core_of(bundle());
  EXPECT_FALSE(three.coreless);
  EXPECT_TRUE(three.is_whole());
}

/// A fold with an arm: the arm alone is not of its core.
TEST(Core, ArmsAreOutside) {
  Positions positions = bundle();
  for (int i = 1; i <= 8; ++i) positions.push_back({0, -3.8 * i - 12.0, 0});
  const Core core = core_of(positions);
  EXPECT_EQ(core.nodes.size(), 180u);
  EXPECT_EQ(core.whole, 188);
  EXPECT_EQ(core.linkers, 0);
  std::vector<double> square_amplitudes(positions.size());
  square_amplitudes[185] = 9;
  square_amplitudes[10] = 16;
  EXPECT_DOUBLE_EQ(outside(core, square_amplitudes), 9.0 / 25);
  EXPECT_EQ(outside(core_of(bundle()), std::vector<double>(180, 1)), 0);
}

/// Two folds on a string in one chain, as an antibody's hinge.
Positions two_folds(int linker = 10) {
  Positions positions = bundle();
  for (int i = 1; i <= linker; ++i) positions.push_back({-12 - 3.8 * i, 0, 0});
  append(positions, bundle(), {-12 - 3.8 * linker - 30, 0, 0});
  return positions;
}

TEST(Core, LinkersArePutBackWithinAChain) {
  const Core linked = core_of(two_folds());
  EXPECT_FALSE(linked.coreless);
  EXPECT_EQ(linked.linkers, 10);
  EXPECT_TRUE(linked.is_whole());
  // Another chain on either side, or in between, is no linker.
  for (const std::size_t border : {std::size_t{180}, std::size_t{185}, std::size_t{190}}) {
    std::vector<std::int32_t> chain(370, 0);
    std::fill(chain.begin() + static_cast<std::ptrdiff_t>(border), chain.end(), 1);
    EXPECT_EQ(core_of(two_folds(), chain).linkers, 0) << border;
  }
  // A loop between nodes of one component is none, nor is an end.
  Positions loop = helix(60);
  for (int i = 1; i <= 6; ++i) loop.push_back({0, -12 - 3.8 * i, 40});
  append(loop, helix(60, 9.8, 0, 50));
  append(loop, helix(60, 4.9, 8.5, 100));
  const Core core = core_of(loop);
  EXPECT_EQ(core.linkers, 0);
  EXPECT_EQ(core.nodes.size(), 180u);
}

TEST(Core, DoesNotDependOnTheOrderOfNodes) {
  Positions positions = bundle(40);
  for (int i = 1; i <= 12; ++i) positions.push_back({0, -3.0 * i - 9.0, 1.0 * i});
  const Core core = core_of(positions);
  std::mt19937 random(7);
  for (int trial = 0; trial < 20; ++trial) {
    std::vector<std::size_t> order(positions.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::shuffle(order.begin(), order.end(), random);
    Positions shuffled;
    for (const std::size_t i : order) shuffled.push_back(positions[i]);
    // A chain of its own for each node, so that there are no linkers.
    std::vector<std::int32_t> chain(positions.size());
    std::iota(chain.begin(), chain.end(), 0);
    std::vector<std::int32_t> nodes;
    for (const std::int32_t node : core_of(shuffled, chain).nodes)
      nodes.push_back(static_cast<std::int32_t>(order[static_cast<std::size_t>(node)]));
    std::sort(nodes.begin(), nodes.end());
    EXPECT_EQ(nodes, core.nodes);
  }
}

TEST(Core, PiecesEachHaveOne) {
  Positions positions = bundle();
  append(positions, bundle(), {200, 0, 0});
  append(positions, helix(30), {0, 200, 0});
  const Core core = core_of(positions);
  EXPECT_EQ(core.nodes.size(), 360u);
  EXPECT_FALSE(core.coreless);
  append(positions, shapes::bodies(20), {0, 0, 900});
  EXPECT_TRUE(core_of(positions).coreless) << "more loose bodies than folds";
}

TEST(Core, OverlapFillsUpWithZeros) {
  Core core;
  core.nodes = {1, 3};
  core.whole = 4;
  const std::vector<double> of_core = {0.6, 0, 0, 0, 0.8, 0};
  std::vector<double> of_whole(12);
  of_whole[3] = -0.6;
  of_whole[10] = -0.8;
  EXPECT_DOUBLE_EQ(overlap(core, of_core, of_whole), 1);
  of_whole[0] = of_whole[3];
  of_whole[3] = 0;
  EXPECT_DOUBLE_EQ(overlap(core, of_core, of_whole), 0.64);
}

/// Chains that turn as bodies have all of the mode, whatever else they are.
TEST(Core, RigidChainsOfBodies) {
  const Positions positions = {{0, 0, 0}, {1, 0, 0}, {0, 2, 0}, {0, 0, 3},
                               {9, 0, 0}, {9, 1, 0}, {7, 7, 7}};
  const std::vector<std::int32_t> chain = {5, 5, 5, 5, 2, 2, 9};
  std::vector<double> mode(21);
  for (std::size_t i = 0; i < 4; ++i) {  // about z, and along x
    mode[3 * i] = 0.5 - positions[i][1];
    mode[3 * i + 1] = positions[i][0];
  }
  mode[12] = mode[15] = 1;  // two nodes along x
  mode[18] = 0.3;           // one node anywhere
  const auto unit = [](std::vector<double> v) {
    double sum = 0;
    for (const double x : v) sum += x * x;
    for (double& x : v) x /= std::sqrt(sum);
    return v;
  };
  EXPECT_NEAR(rigid_chains(positions, chain, unit(mode)), 1, 1e-12);
  // Two nodes that part are no body, nor is a body that bends.
  std::vector<double> parting(21);
  parting[13] = -1;
  parting[16] = 1;
  EXPECT_NEAR(rigid_chains(positions, chain, unit(parting)), 0, 1e-12);
}

}  // namespace
}  // namespace modesweep
