// SPDX-License-Identifier: MIT
// Networks that are hard on a sparse solver: in pieces, loose, straight, flat, symmetric.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numbers>
#include <vector>

#include <modesweep/structure.hpp>

namespace shift_invert_shapes {

using Positions = std::vector<modesweep::Vec3>;

/// Uniform in (0, 1), the same everywhere (splitmix64).
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}
  double operator()() {
    std::uint64_t z = state_ += 0x9e3779b97f4a7c15;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return (static_cast<double>((z ^ (z >> 31)) >> 11) + 0.5) * 0x1p-53;
  }

 private:
  std::uint64_t state_;
};

inline Positions moved(Positions positions, const modesweep::Vec3& by) {
  for (modesweep::Vec3& p : positions)
    for (int a = 0; a < 3; ++a) p[a] += by[a];
  return positions;
}

inline Positions joined(Positions first, const Positions& second) {
  first.insert(first.end(), second.begin(), second.end());
  return first;
}

/// Points in a cube, as dense as the residues of a protein where volume is 140 a node.
inline Positions random_points(int nodes, double volume, std::uint64_t seed) {
  Random random(seed);
  const double side = std::cbrt(nodes * volume);
  Positions positions;
  for (int i = 0; i < nodes; ++i)
    positions.push_back({side * random(), side * random(), side * random()});
  return positions;
}

inline Positions helix(int nodes) {
  Positions positions;
  for (int i = 0; i < nodes; ++i) {
    const double turn = 100.0 * i * std::numbers::pi / 180;
    positions.push_back({2.3 * std::cos(turn), 2.3 * std::sin(turn), 1.5 * i});
  }
  return positions;
}

/// Along the diagonal of space, where coordinates round.
inline Positions collinear(int nodes) {
  Positions positions;
  for (int i = 0; i < nodes; ++i) positions.push_back({1.1 * i, 2.2 * i, 3.3 * i});
  return positions;
}

inline Positions planar_zigzag(int nodes) {
  Positions positions;
  for (int i = 0; i < nodes; ++i) positions.push_back({3.0 * i, i % 2 ? 2.0 : 0.0, 0.0});
  return positions;
}

inline Positions ring(int subunits, int nodes, double radius) {
  const Positions unit = moved(random_points(nodes, 140, 24), {radius, -8, -8});
  Positions positions;
  for (int s = 0; s < subunits; ++s) {
    const double angle = 2 * std::numbers::pi * s / subunits;
    for (const modesweep::Vec3& p : unit)
      positions.push_back({p[0] * std::cos(angle) - p[1] * std::sin(angle),
                           p[0] * std::sin(angle) + p[1] * std::cos(angle), p[2]});
  }
  return positions;
}

/// A slab from which 18 octahedra hang, each by one contact that goes through two of its vertices:
/// some of its vibrations do not pull at that contact, and are the same 18 times to the last digit.
inline Positions with_equal_pendants() {
  const double spacing = 6, reach = 14.9, radius = 1.4;
  Positions positions;
  for (int x = 0; x < 9; ++x)
    for (int y = 0; y < 9; ++y)
      for (int z = 0; z < 3; ++z) {
        const modesweep::Vec3 here = {spacing * x, spacing * y, spacing * z};
        positions.push_back(here);
        if (x % 3 != 1 || y % 3 != 1 || z == 1) continue;
        modesweep::Vec3 centre = here;
        centre[2] += (z == 0 ? -1 : 1) * (reach + radius);
        for (std::size_t axis = 0; axis < 3; ++axis)
          for (const int sign : {-1, 1}) {
            positions.push_back(centre);
            positions.back()[axis] += sign * radius;
          }
      }
  return positions;
}

inline Positions dipeptides(int count) {
  Positions positions;
  for (int i = 0; i < count; ++i) {
    positions.push_back({40.0 * i, 0, 0});
    positions.push_back({40.0 * i + 3.8, 0, 0});
  }
  return positions;
}

inline Positions lattice(int side) {
  Positions positions;
  for (int x = 0; x < side; ++x)
    for (int y = 0; y < side; ++y)
      for (int z = 0; z < side; ++z) positions.push_back({5.0 * x, 5.0 * y, 5.0 * z});
  return positions;
}

/// Two bodies that hang together by one node in reach of both.
inline Positions joined_by_one_node() {
  Positions positions =
      joined(random_points(80, 140, 1), moved(random_points(90, 140, 2), {47, 0, 0}));
  positions.push_back({34, 11, 11});
  return positions;
}

/// Two chains, end to end, with one node between them that alone is in reach of both.
inline Positions chains_joined_by_one_node() {
  Positions positions = joined(helix(100), moved(helix(120), {0, 0, 148.5 + 2 * 9}));
  positions.push_back({0, 0, 148.5 + 9});
  return positions;
}

/// Bodies in a row, each pushed against the one before until a node of either is within `reach`:
/// they hang together by few contacts, so that each swings about the next without resistance, on a
/// long lever where a contact's own nodes hold it.
inline Positions touching_bodies(int bodies, int nodes, double reach, std::uint64_t seed) {
  Positions positions, last;
  for (int k = 0; k < bodies; ++k) {
    Positions body = random_points(nodes, 140, seed + static_cast<std::uint64_t>(k));
    double shift = 0;
    for (const modesweep::Vec3& p : body)
      for (const modesweep::Vec3& q : last) {
        const double aside = std::hypot(p[1] - q[1], p[2] - q[2]);
        if (aside < reach)
          shift = std::max(shift, q[0] - p[0] + std::sqrt(reach * reach - aside * aside));
      }
    last = moved(std::move(body), {shift, 0, 0});
    positions = joined(std::move(positions), last);
  }
  return positions;
}

/// A body with a straight tail that nothing else touches.
inline Positions with_tail() {
  Positions positions = random_points(150, 140, 3);
  for (int i = 0; i < 12; ++i) positions.push_back({28 + 3.8 * i, 14, 14});
  return positions;
}

/// A chain that meanders: motions over many orders of magnitude, many of them zero.
inline Positions meander(int nodes) {
  Random random(5);
  Positions positions;
  modesweep::Vec3 here{};
  for (int i = 0; i < nodes; ++i) {
    positions.push_back(here);
    here = {here[0] + 3 + 5 * (random() - 0.5), here[1] + random() - 0.5, here[2] + random() - 0.5};
  }
  return positions;
}

}  // namespace shift_invert_shapes
