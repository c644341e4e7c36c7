// SPDX-License-Identifier: MIT
#include "solver/shift_invert/null_space.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>

#include "network/spring.hpp"

namespace modesweep::shift_invert {
namespace {

constexpr std::ptrdiff_t b = block_width;

// What rounding may leave of the forces against a zero mode of unit length, and how often at most
// to come closer to none. Forces f leave f / lambda_1 of the softest mode in the zero mode.
constexpr double negligible_force = 1e-12;
constexpr int most_passes = 10;

// A part that moves so many times as far as the degree of freedom that holds it multiplies rounding
// errors by the square of that.
constexpr double long_lever = 1e3;

constexpr int most_factorisations = 5;

/// Column `column` of a block := minus column `freedom` of the Hessian.
void fill_with_forces(const Contacts& contacts, std::int64_t freedom, double* block,
                      std::ptrdiff_t column) {
  const std::int64_t node = freedom / 3, axis = freedom % 3;
  const double* const here = &contacts.positions[3 * node];
  for (std::int64_t k = contacts.offsets[node]; k < contacts.offsets[node + 1]; ++k) {
    const std::int64_t j = contacts.neighbours[k];
    const double* const there = &contacts.positions[3 * j];
    const Spring s = spring(here, there, 1.0);
    for (int a = 0; a < 3; ++a) {
      const double force = s.element(a, static_cast<int>(axis));
      block[(3 * j + a) * b + column] += force;
      block[(3 * node + a) * b + column] -= force;
    }
  }
}

/// Appends the motions that vanished pivots belong to, and says how far one goes at most where its
/// degree of freedom goes by one. A vanished pivot k says that the structure follows a displacement
/// of k without resistance, in the way that its forces on the others, undone by the grounded
/// inverse, tell.
double append_motions(const Contacts& contacts, Cholesky& factor, BlockBasis& basis,
                      std::vector<std::ptrdiff_t>& columns) {
  const std::vector<std::int64_t>& vanished = factor.vanished();
  double lever = 1;
  for (std::size_t first = 0; first < vanished.size(); first += b) {
    double* const motions = basis.append();
    columns.push_back(
        static_cast<std::ptrdiff_t>(std::min<std::size_t>(b, vanished.size() - first)));
    std::fill_n(motions, basis.rows() * b, 0.0);
    for (std::ptrdiff_t c = 0; c < columns.back(); ++c)
      fill_with_forces(contacts, vanished[first + c], motions, c);
    factor.solve(motions);
    for (std::ptrdiff_t c = 0; c < columns.back(); ++c) motions[vanished[first + c] * b + c] = 1;
    for (std::ptrdiff_t i = 0; i < basis.rows() * b; ++i)
      lever = std::max(lever, std::abs(motions[i]));
  }
  return lever;
}

/// Degrees of freedom which, held fixed, stop all motions of a basis, none by a long lever: the
/// pivots of Gaussian elimination.
std::vector<std::int64_t> firm_grounding(BlockBasis& basis,
                                         const std::vector<std::ptrdiff_t>& columns) {
  std::vector<std::vector<double>> motions;
  for (std::ptrdiff_t k = 0; k < basis.blocks(); ++k)
    for (std::ptrdiff_t c = 0; c < columns[k]; ++c) {
      std::vector<double>& motion = motions.emplace_back(static_cast<std::size_t>(basis.rows()));
      for (std::ptrdiff_t i = 0; i < basis.rows(); ++i) motion[i] = basis.block(k)[i * b + c];
    }
  std::vector<std::int64_t> pivots;
  for (std::size_t c = 0; c < motions.size(); ++c) {
    const std::vector<double>& column = motions[c];
    const auto largest = std::max_element(
        column.begin(), column.end(), [](double x, double y) { return std::abs(x) < std::abs(y); });
    const std::int64_t pivot = largest - column.begin();
    pivots.push_back(pivot);
    for (std::size_t d = c + 1; d < motions.size(); ++d) {
      const double multiple = motions[d][pivot] / *largest;
      for (std::size_t i = 0; i < column.size(); ++i) motions[d][i] -= multiple * column[i];
      motions[d][pivot] = 0;
    }
  }
  return pivots;
}

/// Makes block k of a basis orthonormal, to the blocks before it too, and frees it of forces.
bool settle_block(const Contacts& contacts, Cholesky& factor, const simd::Operations& operations,
                  BlockBasis& basis, std::ptrdiff_t k, std::ptrdiff_t columns) {
  const std::ptrdiff_t rows = basis.rows();
  const std::span earlier(basis.pointers(), static_cast<std::size_t>(k));
  double* const motions = basis.block(k);
  Buffer forces(rows * b);
  double before = std::numeric_limits<double>::infinity();
  for (int pass = 0; pass < most_passes; ++pass) {
    Square r;
    project_out(operations, earlier, motions, rows);
    const Rank rank = orthonormalise(operations, motions, rows, columns, r);
    if (rank == Rank::lost) return false;
    operations.apply_hessian(contacts.view(), motions, forces.data());
    double worst = 0;
    for (std::ptrdiff_t i = 0; i < rows * b; ++i)
      worst = std::max(worst, std::abs(forces.data()[i]));
    // As close as can be where another pass does not halve them.
    if (rank == Rank::full && worst <= negligible_force && worst >= before / 2) return true;
    before = worst;
    // The forces that are left, undone by the grounded inverse.
    factor.solve(forces.data());
    for (std::ptrdiff_t i = 0; i < rows * b; ++i) motions[i] -= forces.data()[i];
  }
  return false;
}

}  // namespace

std::optional<NullSpace> null_space(const Contacts& contacts, Cholesky& factor,
                                    const simd::Operations& operations,
                                    const std::vector<std::vector<double>>& rigid_motions,
                                    double tolerance) {
  const std::ptrdiff_t rows = 3 * contacts.nodes();
  BlockBasis basis(rows);
  std::vector<std::ptrdiff_t> columns = {static_cast<std::ptrdiff_t>(rigid_motions.size())};
  double* const rigid = basis.append();
  std::fill_n(rigid, rows * b, 0.0);
  for (std::ptrdiff_t c = 0; c < columns[0]; ++c)
    for (std::ptrdiff_t i = 0; i < rows; ++i) rigid[i * b + c] = rigid_motions[c][i];

  for (int round = 0; round < most_factorisations; ++round) {
    if (!factor.vanished().empty() && contacts.has_blocks()) return std::nullopt;
    const double lever = append_motions(contacts, factor, basis, columns);
    for (std::ptrdiff_t k = 1; k < basis.blocks(); ++k)
      if (!settle_block(contacts, factor, operations, basis, k, columns[k])) return std::nullopt;
    if (lever <= long_lever)
      return NullSpace{std::move(basis), static_cast<int>(std::accumulate(
                                             columns.begin(), columns.end(), std::ptrdiff_t{0}))};
    // Rounding may have hidden a vanishing pivot: the next factorisation shows it.
    factor.factor(contacts, firm_grounding(basis, columns), tolerance);
  }
  return std::nullopt;
}

}  // namespace modesweep::shift_invert
