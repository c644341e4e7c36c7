// SPDX-License-Identifier: MIT
#include <modesweep/shape_null.hpp>

#include <gtest/gtest.h>

#include <cmath>

#include <modesweep/properties.hpp>
#include <modesweep/solve.hpp>

namespace modesweep {
namespace {

/// A block of nodes on a lattice, `length` times as long as it is thick.
std::vector<Vec3> block(int thickness, int length) {
  std::vector<Vec3> nodes;
  for (int i = 0; i < thickness * length; ++i)
    for (int j = 0; j < thickness; ++j)
      for (int k = 0; k < thickness; ++k) nodes.push_back({5.0 * i, 5.0 * j + 0.3 * i, 5.0 * k});
  return nodes;
}

double share_of(const std::vector<Vec3>& nodes) {
  return fractional_variances(solve_coordinates(nodes).value().eigenvalues).front();
}

TEST(ShapeNull, ARodIsARodWhateverItsNodes) {
  const std::vector<Vec3> rod = block(3, 6), cube = block(5, 1);
  const double share = share_of(rod);
  const ShapeNull null = shape_null(rod, share, {}, {}, {.networks = 5}).value();
  EXPECT_EQ(null.networks, 5);
  // Much of the share is shape: random rods have more of it than the cube.
  EXPECT_GT(null.mean_share, share_of(cube) + 0.05);
  EXPECT_NEAR(null.mean_share, share, 0.15);
  EXPECT_GT(null.error, std::sqrt(1.0 / 5));
  // z grows with the share and is 0 at about the mean.
  EXPECT_GT(shape_null(rod, 0.9, {}, {}, {.networks = 5})->z, null.z);
  EXPECT_NEAR(shape_null(rod, null.mean_share, {}, {}, {.networks = 5})->z, 0, 0.3);
}

TEST(ShapeNull, TheSameSeedGivesTheSameNumbers) {
  const std::vector<Vec3> rod = block(3, 3);
  const auto z = [&](std::uint64_t seed) {
    return shape_null(rod, 0.2, {}, {}, {.networks = 4, .seed = seed})->z;
  };
  EXPECT_EQ(z(7), z(7));
  EXPECT_NE(z(7), z(8));
}

TEST(ShapeNull, WhatCannotBeFilledHasNone) {
  // Nodes so near to each other that no others have room in their place.
  std::vector<Vec3> dense;
  for (int i = 0; i < 300; ++i) dense.push_back({0.1 * i, 0.05 * (i % 7), 0.03 * (i % 5)});
  EXPECT_EQ(shape_null(dense, 0.2, {}, {}, {.networks = 3}).error().code, "no_null");
  EXPECT_EQ(shape_null(block(3, 3), 0.2, {}, {}, {.networks = 2}).error().code, "no_null");
  CancelSource stop;
  stop.cancel();
  EXPECT_THROW(shape_null(block(3, 3), 0.2, {}, {}, {}, stop.token()), Cancelled);
}

}  // namespace
}  // namespace modesweep
