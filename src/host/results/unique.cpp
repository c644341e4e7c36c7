// SPDX-License-Identifier: MIT
// Rows of one protein.
#include <algorithm>
#include <unordered_map>
#include <utility>

#include <modesweep/ranking.hpp>

namespace modesweep {

void keep_best_of_each_protein(std::vector<Row>& rows) {
  std::unordered_map<std::string, std::size_t> places;
  std::vector<Row> kept;
  for (Row& row : rows) {
    const std::string& protein = row.header.protein;
    if (!protein.empty()) {
      const auto [place, fresh] = places.emplace(protein, kept.size());
      if (!fresh) {
        ++kept[place->second].entries;
        continue;
      }
    }
    kept.push_back(std::move(row));
  }
  rows = std::move(kept);
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
