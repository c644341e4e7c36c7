// SPDX-License-Identifier: MIT
#include <modesweep/comparison.hpp>

#include <fmt/format.h>

#include <Eigen/Dense>
#include <algorithm>
#include <cassert>
#include <cmath>
#include <iterator>
#include <map>
#include <span>

#include <modesweep/properties.hpp>

#include "structure/residue_names.hpp"

namespace modesweep {
namespace {

constexpr double same_structure = 1e-6;      // angstrom, of RMSD
constexpr double no_part = 1e-6;             // of a vector of length 1
constexpr std::size_t essential_modes = 10;  // of RMSIPs in the literature
constexpr std::size_t least_common = 3;      // a rotation needs them

using Points = Eigen::Matrix3Xd;
using Places = std::vector<std::size_t>;

/// To length 1, or to 0 where there is nothing but rounding.
void scale(Eigen::Ref<Eigen::VectorXd> part) {
  const double length = part.norm();
  part *= length > no_part ? 1 / length : 0;
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

/// What some nodes of a structure have of its modes, in the structure's own frame.
struct Part {
  Points points;
  Eigen::MatrixXd modes;  // as columns of length 1; 0 where a mode leaves the nodes at rest
  Eigen::MatrixXd basis;  // these orthonormalised
};

Part part_of(const EntryModes& entry, const Places& places) {
  assert(entry.model.network.model == ElasticModel::anm);
  const auto nodes = static_cast<Eigen::Index>(places.size());
  Part part;
  part.points.resize(3, nodes);
  for (Eigen::Index i = 0; i < nodes; ++i)
    part.points.col(i) = Eigen::Map<const Eigen::Vector3d>(
        entry.structure.nodes[places[static_cast<std::size_t>(i)]].position.data());
  part.modes.resize(3 * nodes, std::ssize(entry.modes.eigenvalues));
  for (Eigen::Index k = 0; k < part.modes.cols(); ++k) {
    const std::span<const double> mode = entry.mode(static_cast<std::size_t>(k));
    for (Eigen::Index i = 0; i < nodes; ++i)
      part.modes.col(k).segment<3>(3 * i) =
          Eigen::Map<const Eigen::Vector3d>(&mode[3 * places[static_cast<std::size_t>(i)]]);
    scale(part.modes.col(k));
  }
  part.basis = orthonormalised(part.modes);
  return part;
}

Eigen::MatrixXd turned(const Eigen::MatrixXd& vectors, const Eigen::Matrix3d& rotation) {
  Eigen::MatrixXd result(vectors.rows(), vectors.cols());
  const Eigen::Map<const Points> from(vectors.data(), 3, vectors.size() / 3);
  Eigen::Map<Points>(result.data(), 3, vectors.size() / 3).noalias() = rotation * from;
  return result;
}

/// The second structure laid on the first.
struct Superposition {
  Superposition(const Points& fixed, const Points& movable) {
    const Eigen::Matrix4d motion = Eigen::umeyama(movable, fixed, false);
    rotation = motion.topLeftCorner<3, 3>();
    step = ((rotation * movable).colwise() + motion.topRightCorner<3, 1>()) - fixed;
    rmsd = step.norm() / std::sqrt(static_cast<double>(step.cols()));
  }
  Eigen::Matrix3d rotation;
  Points step;  // from the first to the second
  double rmsd;
  bool differ() const { return rmsd > same_structure; }
};

double mean_inner_product(const Eigen::MatrixXd& overlaps, Eigen::Index modes) {
  return std::sqrt(overlaps.topLeftCorner(modes, modes).squaredNorm() / static_cast<double>(modes));
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

/// What of a comparison is of the matched parts alone.
Comparison compare_parts(const Part& ours, const Part& theirs) {
  const Superposition laid(ours.points, theirs.points);
  const Eigen::MatrixXd their_modes = turned(theirs.modes, laid.rotation);
  const Eigen::MatrixXd their_basis = turned(theirs.basis, laid.rotation);
  Comparison result;
  result.rmsd = laid.rmsd;
  const Eigen::MatrixXd overlaps = (ours.modes.transpose() * their_modes).cwiseAbs();
  for (Eigen::Index i = 0; i < overlaps.rows(); ++i)
    result.overlaps.push_back(numbers(overlaps.row(i)));
  const Eigen::MatrixXd of_bases = ours.basis.transpose() * their_basis;
  const Eigen::Index common = std::min(of_bases.rows(), of_bases.cols());
  result.rmsip = mean_inner_product(of_bases, common);
  if (common >= static_cast<Eigen::Index>(essential_modes))
    result.rmsip10 = mean_inner_product(of_bases, essential_modes);
  if (laid.differ()) {
    const Eigen::VectorXd deformation = laid.step.reshaped().normalized();
    result.first_deformation = numbers((ours.modes.transpose() * deformation).cwiseAbs());
    result.second_deformation = numbers((their_modes.transpose() * deformation).cwiseAbs());
    result.first_cumulative = cumulative(ours.basis.transpose() * deformation);
    result.second_cumulative = cumulative(their_basis.transpose() * deformation);
  }
  return result;
}

double part_of_pairs(std::size_t identical, std::size_t pairs) {
  return static_cast<double>(identical) / static_cast<double>(pairs);
}

std::optional<double> at(const std::vector<double>& values, std::size_t k) {
  return values.empty() ? std::nullopt : std::optional(values[std::min(k, values.size() - 1)]);
}

std::vector<double> values_at(const std::vector<double>& values, const Places& places) {
  std::vector<double> result;
  for (const std::size_t place : places) result.push_back(values[place]);
  return result;
}

std::vector<Node> nodes_at(const EntryModes& entry, const Places& places) {
  std::vector<Node> result;
  for (const std::size_t place : places) result.push_back(entry.structure.nodes[place]);
  return result;
}

std::vector<double> fluctuations_at(const EntryModes& entry, const Places& places) {
  return values_at(square_fluctuations(entry.modes.eigenvalues, entry.modes.eigenvectors), places);
}

/// What the modes of the first have of the step.
void add_modes(StepOfResidues& result, const Part& ours, const Superposition& laid) {
  const Eigen::VectorXd step = laid.step.reshaped();
  for (Eigen::Index k = 0; k < ours.modes.cols(); ++k) {
    const double along = ours.modes.col(k).dot(step);
    result.mode_displacements.push_back(displacements(numbers(along * ours.modes.col(k))));
  }
  const Eigen::VectorXd along = ours.basis.transpose() * step;
  result.held_displacement = displacements(numbers(ours.basis * along));
  const double whole = step.squaredNorm();
  Eigen::Index modes = 0;
  for (double held = 0; modes < along.size() && held < least_morph_part * whole; ++modes)
    held += along[modes] * along[modes];
  result.morph = numbers(ours.basis.leftCols(modes) * along.head(modes));
  result.morph_modes = static_cast<std::size_t>(modes);
  result.morph_part = along.head(modes).squaredNorm() / whole;
}

/// The structures that match the first, and over which residues.
struct Matched {
  std::vector<const EntryModes*> entries;
  std::vector<Places> places;  // of the residues that all have, in the order of the first
};

std::size_t identical(const Matched& all, std::size_t i, std::size_t j) {
  std::size_t count = 0;
  for (std::size_t k = 0; k < all.places[i].size(); ++k)
    count += one_letter_code(all.entries[i]->structure.nodes[all.places[i][k]].residue) ==
             one_letter_code(all.entries[j]->structure.nodes[all.places[j][k]].residue);
  return count;
}

/// Fills in what of the matrix is known without modes.
Matched match_all(const std::vector<EntryModes>& entries, ComparisonMatrix& matrix) {
  using Partners = std::map<std::size_t, std::size_t>;  // of places in the first
  std::vector<Partners> partners;
  Matched result;
  for (const EntryModes& entry : entries) {
    const auto match = match_nodes(entries.front().structure.nodes, entry.structure.nodes);
    if (!match) {
      matrix.left_out.emplace_back(entry.structure.header.id, match.error());
      continue;
    }
    Partners of_first;
    for (std::size_t i = 0; i < match->first.size(); ++i)
      of_first.emplace(match->first[i], match->second[i]);
    partners.push_back(std::move(of_first));
    result.entries.push_back(&entry);
    matrix.names.push_back(entry.structure.header.id);
    matrix.residues.push_back(entry.structure.nodes.size());
    matrix.matched.push_back(match->first.size());
  }
  result.places.resize(result.entries.size());
  for (std::size_t node = 0; node < entries.front().structure.nodes.size(); ++node) {
    if (!std::all_of(partners.begin(), partners.end(),
                     [&](const Partners& known) { return known.contains(node); }))
      continue;
    for (std::size_t k = 0; k < partners.size(); ++k)
      result.places[k].push_back(partners[k].at(node));
  }
  matrix.common = result.places.empty() ? 0 : result.places.front().size();
  return result;
}

}  // namespace

std::size_t Comparison::common_modes() const {
  return std::min(first_eigenvalues.size(), second_eigenvalues.size());
}

tl::expected<Comparison, std::string> compare_modes(const EntryModes& first,
                                                    const EntryModes& second) {
  auto match = match_nodes(first.structure.nodes, second.structure.nodes);
  if (!match) return tl::unexpected(std::move(match.error()));
  Comparison result = compare_parts(part_of(first, match->first), part_of(second, match->second));
  result.first = first.structure.header.id;
  result.second = second.structure.header.id;
  result.first_nodes = first.structure.nodes.size();
  result.second_nodes = second.structure.nodes.size();
  result.matched = match->first.size();
  result.identity = part_of_pairs(match->identical, result.matched);
  result.pieces = std::move(match->pieces);
  result.first_eigenvalues = first.modes.eigenvalues;
  result.second_eigenvalues = second.modes.eigenvalues;
  return result;
}

tl::expected<StepOfResidues, std::string> step_of_residues(const EntryModes& first,
                                                           const EntryModes& second) {
  auto match = match_nodes(first.structure.nodes, second.structure.nodes);
  if (!match) return tl::unexpected(std::move(match.error()));
  const Part ours = part_of(first, match->first);
  const Superposition laid(ours.points, part_of(second, match->second).points);
  StepOfResidues result;
  result.first = first.structure.header.id;
  result.second = second.structure.header.id;
  result.first_nodes = nodes_at(first, match->first);
  result.second_nodes = nodes_at(second, match->second);
  result.pieces = std::move(match->pieces);
  result.step = numbers(laid.step.reshaped());
  result.displacement = displacements(result.step);
  result.first_fluctuations = fluctuations_at(first, match->first);
  result.second_fluctuations = fluctuations_at(second, match->second);
  if (laid.differ()) add_modes(result, ours, laid);
  return result;
}

const PairComparison& ComparisonMatrix::pair(std::size_t i, std::size_t j) const {
  const auto [low, high] = std::minmax(i, j);
  // Before those of `low` stand low rows of n - 1, n - 2 ... pairs.
  return pairs[low * names.size() - low * (low + 1) / 2 + high - low - 1];
}

tl::expected<ComparisonMatrix, std::string> compare_all(const std::vector<EntryModes>& entries) {
  ComparisonMatrix matrix;
  const Matched matched = match_all(entries, matrix);
  if (matched.entries.size() < 2)
    return tl::unexpected(
        fmt::format("none of the others matches {}: {}", entries.front().structure.header.id,
                    matrix.left_out.empty() ? "there is none" : matrix.left_out.front().second));
  if (matrix.common < least_common)
    return tl::unexpected(fmt::format("{} residues are common to all of them: {} are needed",
                                      matrix.common, least_common));
  std::vector<Part> parts;
  for (std::size_t k = 0; k < matched.entries.size(); ++k)
    parts.push_back(part_of(*matched.entries[k], matched.places[k]));
  for (std::size_t i = 0; i < parts.size(); ++i)
    for (std::size_t j = i + 1; j < parts.size(); ++j) {
      const Comparison both = compare_parts(parts[i], parts[j]);
      PairComparison pair;
      pair.first = i;
      pair.second = j;
      pair.identity = part_of_pairs(identical(matched, i, j), matrix.common);
      pair.rmsd = both.rmsd;
      pair.rmsip10 = both.rmsip10;
      pair.rmsip = both.rmsip;
      pair.overlap = both.overlaps[0][0];
      pair.first_deformation = at(both.first_deformation, 0);
      pair.first_cumulative = at(both.first_cumulative, essential_modes - 1);
      pair.second_deformation = at(both.second_deformation, 0);
      pair.second_cumulative = at(both.second_cumulative, essential_modes - 1);
      matrix.pairs.push_back(pair);
    }
  return matrix;
}

}  // namespace modesweep
