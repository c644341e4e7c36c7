// SPDX-License-Identifier: MIT
// Where the share of an entry's core stands among those of cores of about its size.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include <modesweep/row.hpp>

namespace modesweep {

/// The larger of two cores of about the same size has at most 1 / so many times the nodes of the
/// smaller one.
inline constexpr double like_size = 0.75;
/// With fewer such entries, itself among them, an entry has no percentile.
inline constexpr int fewest_of_like_size = 20;

/// Of one entry; both nothing where it has no core network.
struct CorePlace {
  int residues = 0;
  std::optional<double> share;  ///< of mode 1 of the core
};
CorePlace core_place(const Row& row);

/// Of each entry the percent of those of like size that have a smaller share, in O(n log n).
std::vector<std::optional<double>> core_percentiles(std::span<const CorePlace> entries);

}  // namespace modesweep
