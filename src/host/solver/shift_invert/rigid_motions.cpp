// SPDX-License-Identifier: MIT
#include "solver/shift_invert/rigid_motions.hpp"

#include <algorithm>
#include <cmath>

#include <modesweep/structure.hpp>

namespace modesweep::shift_invert {
namespace {

// A rotation about the line of the nodes moves them by their distance from it. Coordinates carry
// some sixteen digits; a line that is straight to ten has no rotation about itself.
constexpr double straight = 1e-10;

Vec3 position(const ContactView& contacts, std::ptrdiff_t i) {
  const double* const p = contacts.positions + 3 * i;
  return {p[0], p[1], p[2]};
}
Vec3 minus(const Vec3& a, const Vec3& b) { return {a[0] - b[0], a[1] - b[1], a[2] - b[2]}; }
double dot(const Vec3& a, const Vec3& b) { return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]; }
Vec3 cross(const Vec3& a, const Vec3& b) {
  return {a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]};
}
int largest(const Vec3& a) {
  const Vec3 size = {std::abs(a[0]), std::abs(a[1]), std::abs(a[2])};
  return static_cast<int>(std::max_element(size.begin(), size.end()) - size.begin());
}

double dot(const std::vector<double>& a, const std::vector<double>& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum;
}

/// The node for which `distance` is largest among those with at least `degree` contacts; among all
/// where none of those is farther than `least`.
template <class F>
std::ptrdiff_t farthest(const ContactView& contacts, std::int64_t degree, double least,
                        F&& distance) {
  std::ptrdiff_t best = 0;
  double best_distance = -1;
  for (std::ptrdiff_t i = 0; i < contacts.nodes; ++i) {
    if (contacts.offsets[i + 1] - contacts.offsets[i] < degree) continue;
    const double d = distance(position(contacts, i));
    if (d > best_distance) {
      best = i;
      best_distance = d;
    }
  }
  if (best_distance <= least && degree > 0) return farthest(contacts, 0, least, distance);
  return best;
}

}  // namespace

std::vector<std::vector<double>> rigid_motions(const ContactView& contacts) {
  const std::ptrdiff_t nodes = contacts.nodes;
  Vec3 centre{};
  for (std::ptrdiff_t i = 0; i < nodes; ++i)
    for (int a = 0; a < 3; ++a) centre[a] += position(contacts, i)[a] / static_cast<double>(nodes);

  std::vector<std::vector<double>> motions;
  const auto add = [&](auto&& displacement) {
    std::vector<double> motion;
    motion.reserve(3 * static_cast<std::size_t>(nodes));
    for (std::ptrdiff_t i = 0; i < nodes; ++i) {
      const Vec3 d = displacement(minus(position(contacts, i), centre));
      motion.insert(motion.end(), d.begin(), d.end());
    }
    motions.push_back(std::move(motion));
  };
  for (int a = 0; a < 3; ++a)
    add([a](const Vec3&) {
      Vec3 e{};
      e[a] = 1;
      return e;
    });
  if (nodes > 1) {
    // About the line from the centre to the farthest node last: that is the rotation which a
    // straight component lacks.
    const std::ptrdiff_t end = farthest(
        contacts, 0, 0, [&](const Vec3& p) { return dot(minus(p, centre), minus(p, centre)); });
    const Vec3 axis = minus(position(contacts, end), centre);
    Vec3 e{};
    e[(largest(axis) + 1) % 3] = 1;
    const Vec3 second = cross(axis, e);
    const Vec3 third = cross(axis, second);
    for (const Vec3& about : {second, third, axis})
      add([about](const Vec3& r) { return cross(about, r); });
    const double scale = std::sqrt(dot(axis, axis));
    double distance2 = 0;
    for (const double d : motions.back()) distance2 = std::max(distance2, d * d);
    if (std::sqrt(distance2) <= straight * scale * scale) motions.pop_back();
  }
  // Twice is enough: the second pass removes what rounding left of the first.
  for (std::size_t k = 0; k < motions.size(); ++k)
    for (int pass = 0; pass < 2; ++pass) {
      for (std::size_t j = 0; j < k; ++j) {
        const double overlap = dot(motions[j], motions[k]);
        for (std::size_t i = 0; i < motions[k].size(); ++i)
          motions[k][i] -= overlap * motions[j][i];
      }
      const double length = std::sqrt(dot(motions[k], motions[k]));
      for (double& d : motions[k]) d /= length;
    }
  return motions;
}

std::vector<std::int64_t> grounding(const ContactView& contacts, std::size_t rigid_motions) {
  std::int64_t most_contacts = 0;
  for (std::ptrdiff_t i = 0; i < contacts.nodes; ++i)
    most_contacts = std::max(most_contacts, contacts.offsets[i + 1] - contacts.offsets[i]);
  const std::int64_t well_held = most_contacts / 2;

  const std::ptrdiff_t a = farthest(contacts, well_held, 0, [&](const Vec3& p) {
    const Vec3 r = minus(p, position(contacts, 0));
    return dot(r, r);
  });
  std::vector<std::int64_t> fixed = {3 * a, 3 * a + 1, 3 * a + 2};
  if (rigid_motions == 3) return fixed;

  const Vec3 origin = position(contacts, a);
  const std::ptrdiff_t b = farthest(contacts, well_held, 0, [&](const Vec3& p) {
    const Vec3 r = minus(p, origin);
    return dot(r, r);
  });
  const Vec3 axis = minus(position(contacts, b), origin);
  for (int k = 1; k < 3; ++k) fixed.push_back(3 * b + (largest(axis) + k) % 3);
  if (rigid_motions == 5) return fixed;

  const std::ptrdiff_t c =
      farthest(contacts, well_held, 1e-6 * dot(axis, axis) * dot(axis, axis), [&](const Vec3& p) {
        const Vec3 swing = cross(axis, minus(p, origin));
        return dot(swing, swing);
      });
  fixed.push_back(3 * c + largest(cross(axis, minus(position(contacts, c), origin))));
  return fixed;
}

}  // namespace modesweep::shift_invert
