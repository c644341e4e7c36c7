// SPDX-License-Identifier: MIT
#include "solver/shift_invert/soft_modes.hpp"

#include <algorithm>

namespace modesweep::shift_invert {
namespace {

constexpr auto width = static_cast<std::size_t>(block_width);

// Eigenvalues this close to one another, relative to the largest eigenvalue and to themselves, are
// not told apart before the residuals are as small as they must be.
constexpr double cluster_width = 1e-8;
constexpr double cluster_relative_width = 1e-2;

/// Whether, of the ascending eigenvalues up to `last_wanted`, a whole block agree: where identical
/// parts of a structure move each by itself. Of such modes a block Krylov space holds as many as a
/// block has columns; there may be others.
bool can_hide_others(const std::vector<double>& values, double largest, double last_wanted) {
  for (std::size_t k = 0; k + width <= values.size() && values[k] <= last_wanted; ++k) {
    const double first = values[k], last = values[k + width - 1];
    if (last - first <= std::min(cluster_width * largest, cluster_relative_width * last))
      return true;
  }
  return false;
}

void append_all(const BlockBasis& from, BlockBasis& to) {
  for (std::ptrdiff_t k = 0; k < from.blocks(); ++k)
    std::copy_n(from.pointers()[k], from.rows() * block_width, to.append());
}

void append_columns(const BlockBasis& from, std::size_t columns, BlockBasis& to) {
  for (std::size_t first = 0; first < columns; first += width) {
    const double* const block = from.pointers()[first / width];
    double* const copy = to.append();
    for (std::size_t i = 0; i < static_cast<std::size_t>(to.rows()) * width; ++i)
      copy[i] = first + i % width < columns ? block[i] : 0;
  }
}

}  // namespace

std::optional<SoftModes> find_soft_modes(const Contacts& contacts, const BlockBasis& null_space,
                                         const std::function<void(double*)>& apply_inverse,
                                         const simd::Operations& operations,
                                         LanczosOptions options) {
  SoftModes found;
  const auto wanted = static_cast<std::size_t>(options.modes);
  std::optional<BlockBasis> known;  // the null space and what earlier rounds found
  for (;;) {
    LanczosResult round =
        softest_modes(contacts, known ? *known : null_space, apply_inverse, operations, options);
    if (!round.converged) return std::nullopt;
    for (std::size_t k = 0; k < round.eigenvalues.size(); ++k)
      found.pairs.push_back({round.eigenvalues[k], round.residuals[k],
                             round.vectors.pointers()[k / width] + k % width});
    found.zero_modes += round.zero_modes;
    const std::vector<double> values = round.eigenvalues;
    found.rounds.push_back(std::move(round));

    std::sort(found.pairs.begin(), found.pairs.end(),
              [](const auto& a, const auto& b) { return a.eigenvalue < b.eigenvalue; });
    const auto soft = static_cast<std::size_t>(
        std::count_if(found.pairs.begin(), found.pairs.end(),
                      [&](const auto& pair) { return pair.eigenvalue < options.zero; }));
    found.pairs.resize(std::min(found.pairs.size(), soft + wanted));
    const double last_wanted = found.pairs.empty() ? 0 : found.pairs.back().eigenvalue;
    if ((values.empty() || values.back() >= last_wanted) &&
        !can_hide_others(values, options.largest, last_wanted))
      return found;

    if (!known) {
      known.emplace(null_space.rows());
      append_all(null_space, *known);
    }
    const LanczosResult& last = found.rounds.back();
    append_all(last.zero_vectors, *known);
    append_columns(last.vectors, values.size(), *known);
    options.modes = static_cast<int>(block_width);
    options.dimension -= static_cast<std::ptrdiff_t>(values.size()) + last.zero_modes;
  }
}

}  // namespace modesweep::shift_invert
