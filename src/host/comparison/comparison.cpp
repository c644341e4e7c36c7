// SPDX-License-Identifier: MIT
#include <modesweep/comparison.hpp>

#include <Eigen/Dense>
#include <algorithm>
#include <cassert>
#include <cmath>
#include <span>

namespace modesweep {
namespace {

constexpr double same_structure = 1e-6;      // angstrom, of RMSD
constexpr double no_part = 1e-6;             // of a vector of length 1
constexpr std::size_t essential_modes = 10;  // of RMSIPs in the literature

using Points = Eigen::Matrix3Xd;

/// To length 1, or to 0 where there is nothing but rounding.
void scale(Eigen::Ref<Eigen::VectorXd> part) {
  const double length = part.norm();
  part *= length > no_part ? 1 / length : 0;
}

Points points(const std::vector<Node>& nodes, const std::vector<std::size_t>& places) {
  Points result(3, static_cast<Eigen::Index>(places.size()));
  for (std::size_t i = 0; i < places.size(); ++i)
    result.col(static_cast<Eigen::Index>(i)) =
        Eigen::Map<const Eigen::Vector3d>(nodes[places[i]].position.data());
  return result;
}

/// The parts of all modes that belong to these nodes, turned, as columns of length 1; 0 where a
/// mode leaves them at rest.
Eigen::MatrixXd parts_of_modes(const EntryModes& entry, const std::vector<std::size_t>& places,
                               const Eigen::Matrix3d& rotation) {
  Eigen::MatrixXd parts(static_cast<Eigen::Index>(3 * places.size()),
                        static_cast<Eigen::Index>(entry.modes.eigenvalues.size()));
  for (Eigen::Index k = 0; k < parts.cols(); ++k) {
    const std::span<const double> mode = entry.mode(static_cast<std::size_t>(k));
    for (std::size_t i = 0; i < places.size(); ++i)
      parts.col(k).segment<3>(static_cast<Eigen::Index>(3 * i)) =
          rotation * Eigen::Map<const Eigen::Vector3d>(&mode[3 * places[i]]);
    scale(parts.col(k));
  }
  return parts;
}

/// Of the spaces that the first columns span, one more each time.
Eigen::MatrixXd orthonormalised(const Eigen::MatrixXd& columns) {
  Eigen::MatrixXd basis = columns;
  for (Eigen::Index k = 0; k < basis.cols(); ++k) {
    const auto before = basis.leftCols(k);
    for (int pass = 0; pass < 2; ++pass)  // the second is for rounding
      basis.col(k) -= before * (before.transpose() * basis.col(k)).eval();
    scale(basis.col(k));
  }
  return basis;
}

double mean_inner_product(const Eigen::MatrixXd& overlaps, std::size_t modes) {
  const auto n = static_cast<Eigen::Index>(modes);
  return std::sqrt(overlaps.topLeftCorner(n, n).squaredNorm() / static_cast<double>(modes));
}

std::vector<double> numbers(const Eigen::VectorXd& values) {
  return {values.data(), values.data() + values.size()};
}

std::vector<double> cumulative(const Eigen::VectorXd& overlaps) {
  std::vector<double> result;
  double sum = 0;
  for (const double overlap : overlaps) result.push_back(std::sqrt(sum += overlap * overlap));
  return result;
}

}  // namespace

std::size_t Comparison::common_modes() const {
  return std::min(first_eigenvalues.size(), second_eigenvalues.size());
}

tl::expected<Comparison, std::string> compare_modes(const EntryModes& first,
                                                    const EntryModes& second) {
  assert(first.model.network.model == ElasticModel::anm &&
         second.model.network.model == ElasticModel::anm);
  const std::vector<Node>& our_nodes = first.structure.nodes;
  const std::vector<Node>& their_nodes = second.structure.nodes;
  const auto match = match_nodes(our_nodes, their_nodes);
  if (!match) return tl::unexpected(match.error());

  const Points fixed = points(our_nodes, match->first);
  const Points movable = points(their_nodes, match->second);
  const Eigen::Matrix4d motion = Eigen::umeyama(movable, fixed, false);
  const Eigen::Matrix3d rotation = motion.topLeftCorner<3, 3>();
  const Points step = ((rotation * movable).colwise() + motion.topRightCorner<3, 1>()) - fixed;

  Comparison result;
  result.first = first.structure.header.id;
  result.second = second.structure.header.id;
  result.first_nodes = our_nodes.size();
  result.second_nodes = their_nodes.size();
  result.matched = match->first.size();
  result.identity = static_cast<double>(match->identical) / static_cast<double>(result.matched);
  result.rmsd = step.norm() / std::sqrt(static_cast<double>(result.matched));

  result.first_eigenvalues = first.modes.eigenvalues;
  result.second_eigenvalues = second.modes.eigenvalues;
  const Eigen::MatrixXd ours = parts_of_modes(first, match->first, Eigen::Matrix3d::Identity());
  const Eigen::MatrixXd theirs = parts_of_modes(second, match->second, rotation);
  const Eigen::MatrixXd overlaps = (ours.transpose() * theirs).cwiseAbs();
  for (Eigen::Index i = 0; i < overlaps.rows(); ++i)
    result.overlaps.push_back(numbers(overlaps.row(i)));
  const Eigen::MatrixXd our_basis = orthonormalised(ours), their_basis = orthonormalised(theirs);
  const Eigen::MatrixXd of_bases = our_basis.transpose() * their_basis;
  result.rmsip = mean_inner_product(of_bases, result.common_modes());
  if (result.common_modes() >= essential_modes)
    result.rmsip10 = mean_inner_product(of_bases, essential_modes);
  if (result.rmsd > same_structure) {
    const Eigen::VectorXd deformation = step.reshaped().normalized();
    result.first_deformation = numbers((ours.transpose() * deformation).cwiseAbs());
    result.second_deformation = numbers((theirs.transpose() * deformation).cwiseAbs());
    result.first_cumulative = cumulative(our_basis.transpose() * deformation);
    result.second_cumulative = cumulative(their_basis.transpose() * deformation);
  }
  return result;
}

}  // namespace modesweep
