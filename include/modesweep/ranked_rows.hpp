// SPDX-License-Identifier: MIT
// The rows of a ranking one at a time, in their order, wherever they are kept.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include <modesweep/condition.hpp>
#include <modesweep/ranking.hpp>

namespace modesweep {

/// Which rows of a ranking are shown, and in which order.
struct RowOrder {
  std::optional<Column> column;  ///< nothing: the order of `sort_rows`, that of the ranking
  std::optional<bool>
      descending;            ///< of the column; nothing: numbers from the largest, text from A
  bool unique = false;       ///< of each protein the first row alone, which counts the others
  std::size_t top = 0;       ///< so many rows at most; 0: all
  bool percentiles = false;  ///< rows get `CoreOfRow::percentile`, among all that are ranked
  std::optional<Condition> where{};  ///< met by all of them, before `unique` and `top` choose
  /// Of `unique`: proteins are those of `ProteinClusters` with so many percent of identity.
  std::optional<double> unique_identity{};
};

/// A ranking in an order that was asked for.
class RankedRows {
 public:
  virtual ~RankedRows() = default;

  virtual std::size_t ranked() const = 0;    ///< rows there are
  virtual std::size_t matching() const = 0;  ///< those that meet `RowOrder::where`
  virtual std::size_t rows() const = 0;      ///< of them those left by `RowOrder::unique`
  virtual std::size_t shown() const = 0;     ///< of them those left by `RowOrder::top`

  /// Rows that go by `Header::protein` for want of a sequence that `RowOrder::unique_identity`
  /// could go by.
  virtual std::size_t without_sequence() const { return 0; }

  /// Calls `visit` with each row that is shown, made when it is its turn. What `visit` throws ends
  /// it.
  virtual void for_each(const std::function<void(const Row&)>& visit) const = 0;

  /// The protein that two or more of the rows shown, and more than half of them, are of.
  virtual std::optional<ProteinCount> dominant_protein() const = 0;
};

/// Of rows in memory.
std::unique_ptr<RankedRows> rank_rows(std::vector<Row> rows, const RowOrder& order);

/// Calls what it is given with each entry that is not in the ranking.
using LeftOutSource = std::function<void(const std::function<void(const LeftOut&)>&)>;

}  // namespace modesweep
