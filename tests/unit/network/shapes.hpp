// SPDX-License-Identifier: MIT
// Small sets of nodes that are awkward for a network: too few, in a line, in pieces, nearly loose.
#pragma once

#include <cmath>
#include <numbers>
#include <vector>

#include <modesweep/network.hpp>

namespace shapes {

using Positions = std::vector<modesweep::Vec3>;

/// Three decimals as in a file, so that ProDy and the tests start from the same bits.
inline double thousandths(double x) { return std::round(x * 1000) / 1000; }

/// An ideal alpha-helix along z, one node every 1.5 angstrom, moved by `x`.
inline Positions helix(int nodes, double x = 0) {
  Positions positions;
  for (int i = 0; i < nodes; ++i) {
    const double turn = 100.0 * i * std::numbers::pi / 180;
    positions.push_back(
        {thousandths(2.3 * std::cos(turn)) + x, thousandths(2.3 * std::sin(turn)), 1.5 * i});
  }
  return positions;
}

/// An extended chain without any bend.
inline Positions line(int nodes) {
  Positions positions;
  for (int i = 0; i < nodes; ++i) positions.push_back({3.8 * i, 0, 0});
  return positions;
}

/// Thirty nodes in the plane z = 0, without symmetry.
inline Positions plane() {
  Positions positions;
  for (int i = 0; i < 6; ++i)
    for (int j = 0; j < 5; ++j)
      positions.push_back({3.8 * i + 0.1 * j * j, 3.8 * j + 0.2 * i * i, 0});
  return positions;
}

/// Helices of 15, 16, ... nodes, far out of each other's reach.
inline Positions bodies(int count) {
  Positions positions;
  for (int body = 0; body < count; ++body)
    for (const modesweep::Vec3& p : helix(15 + body, 100.0 * body)) positions.push_back(p);
  return positions;
}

/// A helix of 20 and one node that touches nothing.
inline Positions isolated_node() {
  Positions positions = helix(20);
  positions.push_back({60, 0, 0});
  return positions;
}

/// A helix of 20 with six nodes that reach straight out of it.
inline Positions tail() {
  Positions positions = helix(20);
  for (int k = 1; k <= 6; ++k) positions.push_back({2.3 + 3.8 * k + 3.0, 0, -1.0 * k});
  return positions;
}

}  // namespace shapes
