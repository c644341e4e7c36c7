// SPDX-License-Identifier: MIT
// What modes say of a core.
#include <modesweep/core.hpp>

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <map>

namespace modesweep {
namespace {

using Vectors = Eigen::Matrix<double, Eigen::Dynamic, 6>;

/// The translations and rotations of nodes about their centre, a column each.
Vectors rigid_motions_of(const std::vector<Eigen::Vector3d>& positions) {
  Eigen::Vector3d centre = Eigen::Vector3d::Zero();
  for (const Eigen::Vector3d& position : positions) centre += position;
  centre /= static_cast<double>(positions.size());
  Vectors motions(3 * static_cast<Eigen::Index>(positions.size()), 6);
  for (Eigen::Index i = 0; i < std::ssize(positions); ++i)
    for (int axis = 0; axis < 3; ++axis) {
      const Eigen::Vector3d unit = Eigen::Vector3d::Unit(axis);
      const Eigen::Vector3d arm = positions[static_cast<std::size_t>(i)] - centre;
      motions.col(axis).segment<3>(3 * i) = unit;
      motions.col(3 + axis).segment<3>(3 * i) = unit.cross(arm);
    }
  return motions;
}

}  // namespace

double outside(const Core& core, std::span<const double> square_amplitudes) {
  double total = 0, loose = 0;
  auto next = core.nodes.begin();
  for (std::size_t node = 0; node < square_amplitudes.size(); ++node) {
    total += square_amplitudes[node];
    if (next != core.nodes.end() && *next == static_cast<std::int32_t>(node))
      ++next;
    else
      loose += square_amplitudes[node];
  }
  return loose / total;
}

double overlap(const Core& core, std::span<const double> of_core,
               std::span<const double> of_whole) {
  double sum = 0;
  for (std::size_t i = 0; i < core.nodes.size(); ++i)
    for (std::size_t axis = 0; axis < 3; ++axis)
      sum += of_core[3 * i + axis] * of_whole[3 * static_cast<std::size_t>(core.nodes[i]) + axis];
  return std::min(std::abs(sum), 1.0);
}

double rigid_chains(std::span<const Vec3> positions, std::span<const std::int32_t> chain,
                    std::span<const double> mode) {
  std::map<std::int32_t, std::vector<std::size_t>> nodes_of;
  for (std::size_t i = 0; i < chain.size(); ++i) nodes_of[chain[i]].push_back(i);
  double rigid = 0;
  for (const auto& [name, nodes] : nodes_of) {
    std::vector<Eigen::Vector3d> where;
    Eigen::VectorXd moves(3 * std::ssize(nodes));
    for (std::size_t k = 0; k < nodes.size(); ++k) {
      where.emplace_back(positions[nodes[k]].data());
      moves.segment<3>(3 * static_cast<Eigen::Index>(k)) =
          Eigen::Map<const Eigen::Vector3d>(&mode[3 * nodes[k]]);
    }
    // Fewer than three nodes, or nodes on a line, have fewer than six motions.
    Eigen::ColPivHouseholderQR<Eigen::MatrixXd> basis(rigid_motions_of(where));
    basis.setThreshold(1e-9);
    const Eigen::VectorXd turned = basis.householderQ().transpose() * moves;
    rigid += turned.head(basis.rank()).squaredNorm();
  }
  return std::min(rigid, 1.0);
}

}  // namespace modesweep
