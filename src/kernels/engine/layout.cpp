// SPDX-License-Identifier: MIT
#include "kernels/engine/layout.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace modesweep::gpu {
namespace {

using Matrix3 = double[3][3];

/// Eigenvectors of a symmetric matrix by Jacobi rotations, in the rows of `vectors`; the matrix
/// becomes diagonal.
void diagonalise(Matrix3& m, Matrix3& vectors) {
  for (int i = 0; i < 3; ++i)
    for (int j = 0; j < 3; ++j) vectors[i][j] = i == j;
  for (int sweep = 0; sweep < 30; ++sweep)
    for (const auto& [p, q] : {std::pair(0, 1), std::pair(0, 2), std::pair(1, 2)}) {
      if (m[p][q] == 0) continue;
      const double ratio = (m[q][q] - m[p][p]) / (2 * m[p][q]);
      const double tangent = (ratio >= 0 ? 1 : -1) / (std::abs(ratio) + std::hypot(1, ratio));
      const double c = 1 / std::hypot(1, tangent);
      const double s = tangent * c;
      for (int k = 0; k < 3; ++k) {
        const double a = m[p][k];
        m[p][k] = c * a - s * m[q][k];
        m[q][k] = s * a + c * m[q][k];
        const double v = vectors[p][k];
        vectors[p][k] = c * v - s * vectors[q][k];
        vectors[q][k] = s * v + c * vectors[q][k];
      }
      for (int k = 0; k < 3; ++k) {
        const double a = m[k][p];
        m[k][p] = c * a - s * m[k][q];
        m[k][q] = s * a + c * m[k][q];
      }
    }
}

// An axis that all nodes lie this close to (of the largest moment) is none to rotate about. Should
// a rotation be missed, the solver finds it as one more zero mode.
constexpr double least_moment = 1e-12;

RigidBody rigid_body(const Vec3* positions, std::int32_t nodes) {
  RigidBody body{};
  for (std::int32_t i = 0; i < nodes; ++i)
    for (int a = 0; a < 3; ++a) body.centre[a] += positions[i][a];
  for (double& c : body.centre) c /= nodes;
  body.translation = 1 / std::sqrt(static_cast<double>(nodes));
  Matrix3 inertia{};
  for (std::int32_t i = 0; i < nodes; ++i) {
    double r[3];
    for (int a = 0; a < 3; ++a) r[a] = positions[i][a] - body.centre[a];
    const double square = r[0] * r[0] + r[1] * r[1] + r[2] * r[2];
    for (int a = 0; a < 3; ++a)
      for (int b = 0; b < 3; ++b) inertia[a][b] += (a == b ? square : 0) - r[a] * r[b];
  }
  diagonalise(inertia, body.axis);
  const double largest = std::max({inertia[0][0], inertia[1][1], inertia[2][2]});
  for (int a = 0; a < 3; ++a)
    if (inertia[a][a] > least_moment * largest) body.scale[a] = 1 / std::sqrt(inertia[a][a]);
  return body;
}

Network reordered(const Network& network, const std::vector<std::int32_t>& order) {
  std::vector<std::int32_t> place(order.size());
  for (std::size_t i = 0; i < order.size(); ++i) place[order[i]] = static_cast<std::int32_t>(i);
  Network sorted;
  sorted.components = network.components;
  sorted.offsets.push_back(0);
  for (const std::int32_t old : order) {
    sorted.positions.push_back(network.positions[old]);
    sorted.component.push_back(network.component[old]);
    for (std::int64_t k = network.offsets[old]; k < network.offsets[old + 1]; ++k)
      sorted.neighbours.push_back(place[network.neighbours[k]]);
    std::sort(sorted.neighbours.begin() + sorted.offsets.back(), sorted.neighbours.end());
    sorted.offsets.push_back(static_cast<std::int64_t>(sorted.neighbours.size()));
  }
  return sorted;
}

}  // namespace

Layout::Layout(const Network& network) : original(&network) {
  if (!std::is_sorted(network.component.begin(), network.component.end())) {
    order.resize(network.positions.size());
    std::iota(order.begin(), order.end(), 0);
    std::stable_sort(order.begin(), order.end(), [&](std::int32_t a, std::int32_t b) {
      return network.component[a] < network.component[b];
    });
    sorted = reordered(network, order);
  }
  const Network& n = this->network();
  for (std::int32_t begin = 0; begin < n.nodes();) {
    const auto range =
        std::equal_range(n.component.begin() + begin, n.component.end(), n.component[begin]);
    const auto end = static_cast<std::int32_t>(range.second - n.component.begin());
    RigidBody body = rigid_body(&n.positions[begin], end - begin);
    body.first_segment = static_cast<std::int32_t>(segments.size());
    for (std::int32_t first = begin; first < end; first += segment_nodes)
      segments.push_back(
          {first, std::min(segment_nodes, end - first), static_cast<std::int32_t>(bodies.size())});
    body.segments = static_cast<std::int32_t>(segments.size()) - body.first_segment;
    rigid_modes += 3 + static_cast<int>(std::count_if(std::begin(body.scale), std::end(body.scale),
                                                      [](double s) { return s != 0; }));
    bodies.push_back(body);
    begin = end;
  }
}

}  // namespace modesweep::gpu
