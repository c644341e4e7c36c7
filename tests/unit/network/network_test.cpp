// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <set>
#include <utility>
#include <vector>

#include <modesweep/network.hpp>

#include "base/cancel_scope.hpp"
#include "network/contacts.hpp"
#include "unit/network/shapes.hpp"

namespace modesweep {
namespace {

using Contacts = std::set<std::pair<std::int64_t, std::int64_t>>;

Contacts contacts_of(const Network& network) {
  Contacts contacts;
  for (std::int64_t i = 0; i < network.nodes(); ++i)
    for (std::int64_t k = network.offsets[i]; k < network.offsets[i + 1]; ++k)
      contacts.emplace(i, network.neighbours[k]);
  return contacts;
}

/// Every pair by ProDy's test, in double and without a fused multiply-add: each product is rounded
/// when it is stored.
Contacts contacts_of_all_pairs(const std::vector<Vec3>& positions, double cutoff) {
  const auto square = [](double x) {
    volatile double product = x * x;
    return product;
  };
  Contacts contacts;
  for (std::size_t i = 0; i < positions.size(); ++i)
    for (std::size_t j = 0; j < positions.size(); ++j) {
      const double x2 = square(positions[j][0] - positions[i][0]);
      const double y2 = square(positions[j][1] - positions[i][1]);
      const double z2 = square(positions[j][2] - positions[i][2]);
      if (i != j && !((x2 + y2) + z2 > cutoff * cutoff)) contacts.emplace(i, j);
    }
  return contacts;
}

std::vector<Vec3> random_cloud(int nodes, double side, unsigned seed) {
  std::mt19937 random(seed);
  const auto coordinate = [&] {
    return shapes::thousandths(side * (static_cast<double>(random()) / 4294967296.0 - 0.5));
  };
  std::vector<Vec3> positions;
  for (int i = 0; i < nodes; ++i) {
    const double x = coordinate(), y = coordinate(), z = coordinate();
    positions.push_back({x, y, z});
  }
  return positions;
}

Network network_of(std::vector<Vec3> positions, NetworkOptions options = {}) {
  Outcome<Network> network = build_network(std::move(positions), options);
  if (!network) throw std::runtime_error(network.error().message);
  return *std::move(network);
}

bool in_contact(const Vec3& a, const Vec3& b) { return !network_of({a, b}).neighbours.empty(); }

TEST(Network, FindsTheContactsOfAllPairs) {
  for (const double cutoff : {4.0, 7.3, 10.0, 15.0, 24.0})
    for (const double side : {20.0, 70.0, 300.0}) {
      const std::vector<Vec3> positions = random_cloud(300, side, 7);
      const Contacts expected = contacts_of_all_pairs(positions, cutoff);
      EXPECT_EQ(contacts_of(network_of(positions, {cutoff, 1.0})), expected)
          << "cutoff " << cutoff << ", side " << side;
    }
}

TEST(Network, CountsTheContactsThatItWouldKeep) {
  const std::vector<Vec3> positions = random_cloud(300, 70, 7);
  for (const NetworkOptions& options : {NetworkOptions{}, {7.3, 1.0}, {500.0, 1.0}}) {
    const auto kept = std::ssize(network_of(positions, options).neighbours);
    EXPECT_EQ(count_contacts(positions, options, kept), kept);
    const Outcome<std::int64_t> most = count_contacts(positions, options, kept / 2);
    EXPECT_GT(*most, kept / 2);
    EXPECT_LT(*most, kept);
    EXPECT_EQ(build_network(positions, options, kept)->neighbours,
              network_of(positions, options).neighbours);
  }
  EXPECT_EQ(count_contacts({}, {}, 1).error().code, "no_nodes");
}

TEST(Network, ACancellationEndsTheSearchForContacts) {
  const CancelSource source;
  const CancelToken token = source.token();
  const std::vector<Vec3> positions = random_cloud(6000, 70, 7);
  const CancelScope scope(&token);
  EXPECT_NO_THROW(count_contacts(positions, {500.0, 1.0}, 100'000'000));
  source.cancel();
  EXPECT_THROW(count_contacts(positions, {500.0, 1.0}, 100'000'000), Cancelled);
  EXPECT_THROW(network_of(positions, {500.0, 1.0}), Cancelled);
}

TEST(Network, FindsContactsFarFromTheOrigin) {
  std::vector<Vec3> positions = random_cloud(200, 60, 11);
  for (Vec3& p : positions) p = {p[0] - 990'000, p[1] + 990'000, p[2] + 12'345};
  positions.push_back({990'000, -990'000, -990'000});
  EXPECT_EQ(contacts_of(network_of(positions)), contacts_of_all_pairs(positions, 15.0));
}

TEST(Network, KeepsPairsOnTheGridOfTheCutoffItself) {
  // Every neighbour on the grid is exactly one cutoff away: each lies on a border between cells.
  std::vector<Vec3> positions;
  for (int x = -2; x <= 2; ++x)
    for (int y = -2; y <= 2; ++y)
      for (int z = -2; z <= 2; ++z) positions.push_back({15.0 * x, 15.0 * y, 15.0 * z});
  const Network network = network_of(positions);
  EXPECT_EQ(network.neighbours.size(), 2u * 3u * 4u * 5u * 5u);
  EXPECT_EQ(contacts_of(network), contacts_of_all_pairs(positions, 15.0));
}

TEST(Network, TheCutoffIsInclusive) {
  EXPECT_TRUE(in_contact({0, 0, 0}, {15, 0, 0}));
  EXPECT_TRUE(in_contact({0, 0, 0}, {9, 12, 0}));
  EXPECT_FALSE(in_contact({0, 0, 0}, {std::nextafter(15.0, 16.0), 0, 0}));
}

// Separations of 15.000 angstrom (3.816, 14.112, 3.360 and 5.776, 6.832, 12.040) at which rounding
// decides. ProDy's order of operations gives the first answer each time; the comments say what
// another arithmetic would have given.
TEST(Network, PairsAtTheCutoffAreDecidedAsProDyDecidesThem) {
  EXPECT_FALSE(in_contact({-34.962, -65.396, 37.888}, {-29.186, -58.564, 49.928}));
  EXPECT_TRUE(in_contact({59.213, -73.457, -23.136}, {63.029, -59.345, -19.776}));
  // All squares fused: in contact.
  EXPECT_FALSE(in_contact({-10.474, -15.510, 64.030}, {-6.658, -1.398, 67.390}));
  // All squares fused, or the last one: not in contact.
  EXPECT_TRUE(in_contact({30.100, 67.248, -82.667}, {35.876, 74.080, -70.627}));
  // y and z added first: not in contact, and in contact.
  EXPECT_TRUE(in_contact({-21.884, 15.926, 3.286}, {-16.108, 22.758, 15.326}));
  EXPECT_FALSE(in_contact({23.189, -60.972, -32.550}, {27.005, -46.860, -29.190}));
}

TEST(Network, NeighboursAscendAndAreSymmetric) {
  const Network network = network_of(random_cloud(150, 40, 3), {15.0, 2.5});
  EXPECT_EQ(network.gamma, 2.5);
  ASSERT_EQ(network.offsets.size(), 151u);
  EXPECT_EQ(network.offsets.front(), 0);
  EXPECT_EQ(network.offsets.back(), static_cast<std::int64_t>(network.neighbours.size()));
  const Contacts contacts = contacts_of(network);
  EXPECT_EQ(contacts.size(), network.neighbours.size());
  for (const auto& [i, j] : contacts) EXPECT_TRUE(contacts.contains({j, i})) << i << " " << j;
  for (std::int64_t i = 0; i < network.nodes(); ++i)
    EXPECT_TRUE(std::is_sorted(network.neighbours.begin() + network.offsets[i],
                               network.neighbours.begin() + network.offsets[i + 1]));
}

TEST(Network, OneNodeHasNoContacts) {
  const Network network = network_of({{1, 2, 3}});
  EXPECT_EQ(network.nodes(), 1);
  EXPECT_EQ(network.degrees_of_freedom(), 3);
  EXPECT_TRUE(network.neighbours.empty());
  EXPECT_EQ(network.components, 1);
}

TEST(Network, NumbersComponentsInTheOrderOfTheirFirstNodes) {
  const Network five = network_of(shapes::bodies(5));
  EXPECT_EQ(five.components, 5);
  EXPECT_TRUE(std::is_sorted(five.component.begin(), five.component.end()));
  EXPECT_EQ(five.component.front(), 0);
  EXPECT_EQ(five.component.back(), 4);

  const Network lone = network_of(shapes::isolated_node());
  EXPECT_EQ(lone.components, 2);
  EXPECT_EQ(std::count(lone.component.begin(), lone.component.end(), 1), 1);

  // Two pieces whose nodes take turns in the file.
  const Network mixed = network_of({{0, 0, 0}, {50, 0, 0}, {5, 0, 0}, {55, 0, 0}});
  EXPECT_EQ(mixed.component, (std::vector<std::int32_t>{0, 1, 0, 1}));
}

TEST(Network, TwoNodesAtOnePointAreRefused) {
  std::vector<Vec3> positions = shapes::helix(10);
  positions.push_back(positions[3]);
  const Outcome<Network> network = build_network(positions, {});
  ASSERT_FALSE(network);
  EXPECT_EQ(network.error().stage, Stage::network);
  EXPECT_EQ(network.error().code, "coincident_nodes");
  EXPECT_NE(network.error().message.find("nodes 4 and 11"), std::string::npos)
      << network.error().message;
}

TEST(Network, NodesThatOnlyNearlyCoincideAreFine) {
  EXPECT_TRUE(in_contact({10, 10, 10}, {10.0001, 10, 10}));
}

TEST(Network, CoordinatesThatAreNotFiniteAreRefused) {
  for (const double bad :
       {std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity(),
        -std::numeric_limits<double>::infinity()})
    for (int axis = 0; axis < 3; ++axis) {
      std::vector<Vec3> positions = shapes::helix(10);
      positions[4][axis] = bad;
      const Outcome<Network> network = build_network(positions, {});
      ASSERT_FALSE(network) << bad;
      EXPECT_EQ(network.error().code, "bad_coordinates");
      EXPECT_NE(network.error().message.find("node 5"), std::string::npos)
          << network.error().message;
    }
}

TEST(Network, NoNodesAreRefused) {
  const Outcome<Network> network = build_network({}, {});
  ASSERT_FALSE(network);
  EXPECT_EQ(network.error().code, "no_nodes");
}

}  // namespace
}  // namespace modesweep
