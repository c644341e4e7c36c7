// SPDX-License-Identifier: MIT
// Both searches for contacts, and their comparisons of eight at a time.
#include "network/contact_rows.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <limits>
#include <random>

#include "network/lane_masks.hpp"
#include "unit/network/shapes.hpp"

namespace modesweep {
namespace {

struct Row {
  std::vector<std::int32_t> nodes;
  bool coincides = false;
  bool operator==(const Row&) const = default;
};

template <class Search>
std::vector<Row> rows_by(const std::vector<Vec3>& positions, double cutoff) {
  Search search(positions, cutoff);
  std::vector<Row> rows;
  for (std::size_t i = 0; i < positions.size(); ++i) {
    const ContactRow row = search.row(static_cast<std::int32_t>(i));
    rows.push_back({{row.nodes.begin(), row.nodes.end()}, row.coincides});
  }
  return rows;
}

std::vector<Row> rows_of_all_pairs(const std::vector<Vec3>& positions, double cutoff) {
  std::vector<Row> rows(positions.size());
  for (std::size_t i = 0; i < positions.size(); ++i)
    for (std::size_t j = 0; j < positions.size(); ++j) {
      volatile double x2 = positions[j][0] - positions[i][0],
                      y2 = positions[j][1] - positions[i][1],
                      z2 = positions[j][2] - positions[i][2];
      x2 = x2 * x2;
      y2 = y2 * y2;
      z2 = z2 * z2;
      const double distance2 = (x2 + y2) + z2;
      if (i == j || distance2 > cutoff * cutoff) continue;
      rows[i].nodes.push_back(static_cast<std::int32_t>(j));
      rows[i].coincides |= distance2 == 0;
    }
  return rows;
}

void expect_all_contacts(const std::vector<Vec3>& positions, double cutoff) {
  const std::vector<Row> all = rows_of_all_pairs(positions, cutoff);
  EXPECT_EQ(rows_by<NodeRuns>(positions, cutoff), all) << positions.size() << ' ' << cutoff;
  EXPECT_EQ(rows_by<CellList>(positions, cutoff), all) << positions.size() << ' ' << cutoff;
}

/// A walk of steps of 3.8 angstrom, as a chain's.
std::vector<Vec3> walk(int nodes, unsigned seed) {
  std::mt19937 random(seed);
  std::normal_distribution<double> normal;
  std::vector<Vec3> positions = {{0, 0, 0}};
  while (std::ssize(positions) < nodes) {
    Vec3 next = positions.back();
    for (double& x : next) x = shapes::thousandths(x + 2.2 * normal(random));
    positions.push_back(next);
  }
  return positions;
}

TEST(ContactRows, AreThoseOfAllPairs) {
  for (const int nodes : {1, 2, 7, 8, 9, 63, 64, 65, 200, 577})
    for (const double cutoff : {4.0, 7.3, 15.0, 60.0, 1000.0})
      expect_all_contacts(walk(nodes, static_cast<unsigned>(nodes)), cutoff);
}

TEST(ContactRows, DoNotDependOnTheOrderOfNodes) {
  std::vector<Vec3> positions = walk(600, 3);
  std::mt19937 random(5);
  std::shuffle(positions.begin(), positions.end(), random);
  expect_all_contacts(positions, 15);
}

TEST(ContactRows, OnTheCutoffAndFarFromTheOriginAreDecidedAlike) {
  // Whole numbers, most of whose distances are those of the cutoff's sphere or next to it.
  std::vector<Vec3> grid;
  for (int x = 0; x < 5; ++x)
    for (int y = 0; y < 5; ++y)
      for (int z = 0; z < 5; ++z) grid.push_back({5.0 * x, 5.0 * y, 5.0 * z});
  for (const double far : {0.0, 999'900.0, -999'999.99}) {
    std::vector<Vec3> moved = grid;
    for (Vec3& p : moved)
      for (double& x : p) x += far / 2;
    for (const double cutoff : {5.0, 15.0, std::nextafter(15.0, 0), std::nextafter(15.0, 16)})
      expect_all_contacts(moved, cutoff);
  }
}

TEST(ContactRows, KnowNodesAtOnePoint) {
  for (const std::size_t twin : {0u, 3u, 7u, 8u, 70u}) {
    std::vector<Vec3> positions = walk(80, 9);
    positions[twin] = positions[5];
    positions.push_back(positions[40]);
    expect_all_contacts(positions, 15);
    const std::vector<Row> rows = rows_by<NodeRuns>(positions, 15);
    EXPECT_TRUE(rows[40].coincides && rows[80].coincides && rows[5].coincides);
    EXPECT_FALSE(rows[20].coincides);
  }
}

TEST(ContactRows, OddCutoffs) {
  const std::vector<Vec3> positions = walk(100, 4);
  for (const double cutoff : {1e-200, 1e-30, 0.5, 1e100, 1e200, 1e300})
    expect_all_contacts(positions, cutoff);
}

TEST(ContactRows, OfAsManyNodesAsGoByCells) {
  const std::vector<Vec3> positions = walk(20'500, 8);
  ContactRows rows(positions, 15);
  NodeRuns runs(positions, 15);
  for (std::int32_t i = 0; i < std::ssize(positions); ++i) {
    const ContactRow one = rows.row(i), other = runs.row(i);
    ASSERT_TRUE(
        std::equal(one.nodes.begin(), one.nodes.end(), other.nodes.begin(), other.nodes.end()))
        << i;
  }
}

TEST(LaneMasks, AreThoseOfOneAtATime) {
  std::mt19937 random(1);
  const auto number = [&] { return std::uniform_real_distribution<double>(-9, 9)(random); };
  for (int round = 0; round < 2000; ++round) {
    std::array<std::array<double, lanes>, 3> nodes;
    std::array<std::array<float, lanes>, 3> low, high;
    double point[3];
    float from[3], to[3];
    for (std::size_t a = 0; a < 3; ++a) {
      point[a] = number();
      from[a] = static_cast<float>(number());
      to[a] = from[a] + static_cast<float>(number() + 9);
      for (std::size_t i = 0; i < lanes; ++i) {
        nodes[a][i] = random() % 9 == 0 ? std::numeric_limits<double>::quiet_NaN() : number();
        if (random() % 9 == 0) nodes[a][i] = point[a];
        low[a][i] = static_cast<float>(number());
        high[a][i] = low[a][i] + static_cast<float>(number() + 9);
        if (random() % 9 > 0) continue;
        low[a][i] = std::numeric_limits<float>::infinity();
        high[a][i] = -low[a][i];
      }
    }
    const Axes axes = {nodes[0].data(), nodes[1].data(), nodes[2].data()};
    double one = 50, other = one;
    EXPECT_EQ(nodes_within(axes, 0, point, 100, one),
              portable::nodes_within(axes, 0, point, 100, other));
    EXPECT_EQ(one, other);
    const Boxes boxes = {{low[0].data(), low[1].data(), low[2].data()},
                         {high[0].data(), high[1].data(), high[2].data()}};
    EXPECT_EQ(boxes_within(boxes, 0, from, to, 20), portable::boxes_within(boxes, 0, from, to, 20));
  }
}

TEST(LaneMasks, AreWrittenAsPlaces) {
  for (unsigned mask = 0; mask < 256; ++mask) {
    std::array<std::int32_t, 2 * lanes> places{};
    const std::int32_t* const end = write_lanes(places.data(), 40, mask);
    ASSERT_EQ(end - places.data(), std::popcount(mask));
    unsigned again = 0;
    for (const std::int32_t* place = places.data(); place != end; ++place) {
      again |= 1u << (*place - 40);
      EXPECT_TRUE(place == places.data() || place[-1] < *place);
    }
    EXPECT_EQ(again, mask);
  }
}

}  // namespace
}  // namespace modesweep
