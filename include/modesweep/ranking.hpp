// SPDX-License-Identifier: MIT
// In which order entries stand.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <modesweep/columns.hpp>
#include <modesweep/row.hpp>

namespace modesweep {

struct Ranking {
  std::vector<Row> rows;
  std::vector<LeftOut> left_out;
};

/// The order of a ranking: by the share of mode 1 rounded to 9 significant digits, the largest
/// first, then by ID, then by path.
void sort_rows(std::vector<Row>& rows);

/// That, and what was left out by ID, then by path.
void sort_ranking(Ranking& ranking);

/// By another column, numbers from the largest, text from A; `descending` overrules. Rows without
/// a value come last; ties stand in the order of `sort_rows`.
void sort_rows(std::vector<Row>& rows, const Column& column, std::optional<bool> descending);

/// Of rows in the order of their ranking: leaves the first of each protein (`Header::protein`; a
/// row without one stays), which counts those that it stands for. With `percent` a protein is one
/// of `ProteinClusters`. Gives how many rows had no sequence to go by, where that was asked for.
std::size_t keep_best_of_each_protein(std::vector<Row>& rows,
                                      std::optional<double> percent = std::nullopt);

/// A protein, and how many of the rows are of it.
struct ProteinCount {
  std::string protein;
  std::size_t rows = 0;
};

/// The protein that two or more of the rows, and more than half of them, are of.
std::optional<ProteinCount> dominant_protein(std::span<const Row> rows);

}  // namespace modesweep
