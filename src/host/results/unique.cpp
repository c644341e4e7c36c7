// SPDX-License-Identifier: MIT
// Rows of one protein.
#include <algorithm>
#include <unordered_map>
#include <utility>

#include <modesweep/protein_clusters.hpp>
#include <modesweep/ranking.hpp>

namespace modesweep {

std::size_t keep_best_of_each_protein(std::vector<Row>& rows, std::optional<double> percent) {
  ProteinClusters clusters(percent);
  for (const Row& row : rows) clusters.add(row.header.protein, row.sequences);
  std::unordered_map<std::size_t, std::size_t> places;
  std::vector<Row> kept;
  for (std::size_t i = 0; const std::size_t cluster : clusters.of_entries()) {
    const auto [place, fresh] = places.emplace(cluster, kept.size());
    if (fresh)
      kept.push_back(std::move(rows[i]));
    else
      ++kept[place->second].entries;
    ++i;
  }
  rows = std::move(kept);
  return clusters.without_sequence();
}

std::optional<ProteinCount> dominant_protein(std::span<const Row> rows) {
  std::unordered_map<std::string, std::size_t> counts;
  for (const Row& row : rows)
    if (!row.header.protein.empty()) ++counts[row.header.protein];
  const auto most =
      std::max_element(counts.begin(), counts.end(),
                       [](const auto& a, const auto& b) { return a.second < b.second; });
  if (most == counts.end() || most->second < 2 || 2 * most->second <= rows.size())
    return std::nullopt;
  return ProteinCount{most->first, most->second};
}

}  // namespace modesweep
