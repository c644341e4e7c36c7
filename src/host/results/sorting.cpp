// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <tuple>

#include <modesweep/ranking.hpp>

#include "results/order_key.hpp"

namespace modesweep {
namespace {

/// Negative, zero or positive; values of one column have one type.
int compare(const Value& a, const Value& b) { return a < b ? -1 : (b < a ? 1 : 0); }

}  // namespace

double order_key(std::span<const double> shares) {
  return shares.empty() ? -1 : std::strtod(fmt::format("{:.8e}", shares[0]).c_str(), nullptr);
}

void sort_rows(std::vector<Row>& rows) {
  std::sort(rows.begin(), rows.end(), [](const Row& a, const Row& b) {
    return std::forward_as_tuple(-order_key(a.shares), a.header.id, a.file) <
           std::forward_as_tuple(-order_key(b.shares), b.header.id, b.file);
  });
}

void sort_ranking(Ranking& ranking) {
  sort_rows(ranking.rows);
  std::sort(ranking.left_out.begin(), ranking.left_out.end(),
            [](const LeftOut& a, const LeftOut& b) {
              return std::tie(a.id, a.file) < std::tie(b.id, b.file);
            });
}

void sort_rows(std::vector<Row>& rows, const Column& column, std::optional<bool> descending) {
  sort_rows(rows);
  std::stable_sort(rows.begin(), rows.end(), [&](const Row& a, const Row& b) {
    const Value left = column.get(a, 0, column.index);
    const Value right = column.get(b, 0, column.index);
    const bool left_empty = std::holds_alternative<std::monostate>(left);
    const bool right_empty = std::holds_alternative<std::monostate>(right);
    if (left_empty || right_empty) return right_empty && !left_empty;
    const int order = compare(left, right);
    return descending.value_or(column.type != ValueType::text) ? order > 0 : order < 0;
  });
}

}  // namespace modesweep
