// SPDX-License-Identifier: MIT
#include <modesweep/ranked_rows.hpp>

#include <algorithm>
#include <span>
#include <utility>

#include "results/percentiles.hpp"

namespace modesweep {
namespace {

class RowsInMemory final : public RankedRows {
 public:
  RowsInMemory(std::vector<Row> rows, const RowOrder& order) : rows_(std::move(rows)) {
    ranked_ = rows_.size();
    if (order.percentiles) add_percentiles();
    if (order.where)
      std::erase_if(rows_, [&](const Row& row) { return !order.where->is_met_by(row); });
    matching_ = rows_.size();
    if (order.column)
      sort_rows(rows_, *order.column, order.descending);
    else
      sort_rows(rows_);
    if (order.unique) without_sequence_ = keep_best_of_each_protein(rows_, order.unique_identity);
    const std::size_t shown = order.top > 0 ? std::min(order.top, rows_.size()) : rows_.size();
    shown_ = {rows_.data(), shown};
  }

  std::size_t ranked() const override { return ranked_; }
  std::size_t matching() const override { return matching_; }
  std::size_t rows() const override { return rows_.size(); }
  std::size_t shown() const override { return shown_.size(); }
  std::size_t without_sequence() const override { return without_sequence_; }
  void for_each(const std::function<void(const Row&)>& visit) const override {
    for (const Row& row : shown_) visit(row);
  }
  std::optional<ProteinCount> dominant_protein() const override {
    return modesweep::dominant_protein(shown_);
  }

 private:
  void add_percentiles() {
    std::vector<CorePlace> places;
    for (const Row& row : rows_) places.push_back(core_place(row));
    const std::vector<std::optional<double>> percentiles = core_percentiles(places);
    for (std::size_t i = 0; i < rows_.size(); ++i)
      if (rows_[i].core) rows_[i].core->percentile = percentiles[i];
  }

  std::vector<Row> rows_;
  std::span<const Row> shown_;
  std::size_t ranked_ = 0, matching_ = 0, without_sequence_ = 0;
};

}  // namespace

std::unique_ptr<RankedRows> rank_rows(std::vector<Row> rows, const RowOrder& order) {
  return std::make_unique<RowsInMemory>(std::move(rows), order);
}

}  // namespace modesweep
