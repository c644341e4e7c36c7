// SPDX-License-Identifier: MIT
#include "solver/null_space.hpp"

#include <algorithm>
#include <cmath>

namespace modesweep::shift_invert {
namespace {

constexpr std::ptrdiff_t b = block_width;

// What rounding leaves of the forces against a zero mode of unit length, and how often at most to
// come closer to it.
constexpr double negligible_force = 1e-12;
constexpr int most_passes = 8;

/// Column `column` of a block := minus column `freedom` of the Hessian.
void fill_with_forces(const Contacts& contacts, std::int64_t freedom, double* block,
                      std::ptrdiff_t column) {
  const std::int64_t node = freedom / 3, axis = freedom % 3;
  const double* const here = &contacts.positions[3 * node];
  for (std::int64_t k = contacts.offsets[node]; k < contacts.offsets[node + 1]; ++k) {
    const std::int64_t j = contacts.neighbours[k];
    const double* const there = &contacts.positions[3 * j];
    const double d[3] = {there[0] - here[0], there[1] - here[1], there[2] - here[2]};
    const double weight = 1 / (d[0] * d[0] + d[1] * d[1] + d[2] * d[2]);
    for (int a = 0; a < 3; ++a) {
      const double force = d[a] * d[axis] * weight;
      block[(3 * j + a) * b + column] += force;
      block[(3 * node + a) * b + column] -= force;
    }
  }
}

}  // namespace

std::optional<BlockBasis> null_space(const Contacts& contacts, Cholesky& factor,
                                     const Kernels& kernels,
                                     const std::vector<std::vector<double>>& rigid_motions) {
  const std::ptrdiff_t rows = 3 * contacts.nodes();
  BlockBasis basis(rows);
  Buffer forces(rows * b);
  double* const rigid = basis.append();
  std::fill_n(rigid, rows * b, 0.0);
  for (std::size_t c = 0; c < rigid_motions.size(); ++c)
    for (std::ptrdiff_t i = 0; i < rows; ++i)
      rigid[i * b + static_cast<std::ptrdiff_t>(c)] = rigid_motions[c][i];

  // A vanished pivot k says that the structure follows a displacement of k without resistance, in
  // the way that its forces on the others, undone by the grounded inverse, tell.
  const std::vector<std::int64_t>& vanished = factor.vanished();
  if (!vanished.empty() && contacts.has_blocks()) return std::nullopt;
  for (std::size_t first = 0; first < vanished.size(); first += b) {
    const auto columns =
        static_cast<std::ptrdiff_t>(std::min<std::size_t>(b, vanished.size() - first));
    const std::vector<const double*> earlier(basis.pointers(), basis.pointers() + basis.blocks());
    double* const motions = basis.append();
    std::fill_n(motions, rows * b, 0.0);
    for (std::ptrdiff_t c = 0; c < columns; ++c)
      fill_with_forces(contacts, vanished[first + c], motions, c);
    factor.solve(motions);
    for (std::ptrdiff_t c = 0; c < columns; ++c) motions[vanished[first + c] * b + c] = 1;
    bool settled = false;
    for (int pass = 0; pass < most_passes && !settled; ++pass) {
      Square r;
      project_out(kernels, earlier, motions, rows);
      const Rank rank = orthonormalise(kernels, motions, rows, columns, r);
      if (rank == Rank::lost) return std::nullopt;
      kernels.apply_hessian(contacts.view(), motions, forces.data());
      double worst = 0;
      for (std::ptrdiff_t i = 0; i < rows * b; ++i)
        worst = std::max(worst, std::abs(forces.data()[i]));
      settled = pass > 0 && rank == Rank::full && worst <= negligible_force;
      if (settled) break;
      // The forces that are left, undone by the grounded inverse.
      factor.solve(forces.data());
      for (std::ptrdiff_t i = 0; i < rows * b; ++i) motions[i] -= forces.data()[i];
    }
    if (!settled) return std::nullopt;
  }
  return basis;
}

}  // namespace modesweep::shift_invert
