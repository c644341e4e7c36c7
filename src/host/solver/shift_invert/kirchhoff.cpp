// SPDX-License-Identifier: MIT
#include "solver/shift_invert/kirchhoff.hpp"

#include <algorithm>
#include <cmath>

namespace modesweep::shift_invert {
namespace {

/// Where each node of the GNM, and behind them what is coupled to nothing, stands in elimination
/// order.
std::vector<std::int64_t> places(std::span<const std::int32_t> order) {
  std::vector<std::int64_t> place(3 * order.size());
  for (std::size_t k = 0; k < order.size(); ++k)
    for (std::size_t a = 0; a < 3; ++a)
      place[3 * static_cast<std::size_t>(order[k]) + a] = static_cast<std::int64_t>(3 * k + a);
  return place;
}

}  // namespace

Network node_triples(const Network& gnm) {
  Network triples;
  triples.components = 1;
  const auto nodes = static_cast<std::int32_t>(gnm.nodes());
  const std::int32_t count = (nodes + 2) / 3;
  triples.component.assign(static_cast<std::size_t>(count), 0);
  triples.offsets.push_back(0);
  for (std::int32_t t = 0; t < count; ++t) {
    const std::int32_t first = 3 * t, last = std::min(first + 3, nodes);
    Vec3 centre{};
    const std::int64_t begin = triples.offsets.back();
    for (std::int32_t i = first; i < last; ++i) {
      for (int a = 0; a < 3; ++a) centre[a] += gnm.positions[i][a] / (last - first);
      for (std::int64_t k = gnm.offsets[i]; k < gnm.offsets[i + 1]; ++k)
        if (gnm.neighbours[k] / 3 != t) triples.neighbours.push_back(gnm.neighbours[k] / 3);
    }
    triples.positions.push_back(centre);
    std::sort(triples.neighbours.begin() + begin, triples.neighbours.end());
    triples.neighbours.erase(
        std::unique(triples.neighbours.begin() + begin, triples.neighbours.end()),
        triples.neighbours.end());
    triples.offsets.push_back(static_cast<std::int64_t>(triples.neighbours.size()));
  }
  return triples;
}

void add_kirchhoff_blocks(const Network& gnm, std::span<const std::int32_t> order,
                          Contacts& contacts) {
  const std::vector<std::int64_t> place = places(order);
  contacts.diagonal_blocks.assign(order.size(), {});
  contacts.blocks.assign(contacts.neighbours.size(), {});
  for (std::size_t i = 0; i < gnm.positions.size(); ++i) {
    const std::int64_t row = place[i];
    const std::int64_t row_axis = row % 3;
    Block& diagonal = contacts.diagonal_blocks[row / 3];
    const auto first = contacts.neighbours.begin() + contacts.offsets[row / 3];
    const auto last = contacts.neighbours.begin() + contacts.offsets[row / 3 + 1];
    diagonal[4 * row_axis] = static_cast<double>(gnm.offsets[i + 1] - gnm.offsets[i]);
    for (std::int64_t k = gnm.offsets[i]; k < gnm.offsets[i + 1]; ++k) {
      const std::int64_t column = place[gnm.neighbours[k]];
      const auto found = std::lower_bound(first, last, static_cast<std::int32_t>(column / 3));
      Block& block =
          column / 3 == row / 3 ? diagonal : contacts.blocks[found - contacts.neighbours.begin()];
      block[3 * row_axis + column % 3] = -1;
    }
  }
}

std::vector<std::vector<double>> kirchhoff_null_space(const Network& gnm,
                                                      std::span<const std::int32_t> order) {
  const std::vector<std::int64_t> place = places(order);
  const std::size_t nodes = gnm.positions.size();
  std::vector<std::vector<double>> vectors = {std::vector<double>(place.size(), 0.0)};
  for (std::size_t i = 0; i < nodes; ++i)
    vectors[0][place[i]] = 1 / std::sqrt(static_cast<double>(nodes));
  for (std::size_t i = nodes; i < place.size(); ++i) {
    vectors.emplace_back(place.size(), 0.0);
    vectors.back()[place[i]] = 1;
  }
  return vectors;
}

std::vector<std::int64_t> kirchhoff_grounding(const Network& gnm,
                                              std::span<const std::int32_t> order) {
  const std::vector<std::int64_t> place = places(order);
  const std::size_t nodes = gnm.positions.size();
  std::size_t best = 0;
  for (std::size_t i = 1; i < nodes; ++i)
    if (gnm.offsets[i + 1] - gnm.offsets[i] > gnm.offsets[best + 1] - gnm.offsets[best]) best = i;
  std::vector<std::int64_t> grounded = {place[best]};
  for (std::size_t i = nodes; i < place.size(); ++i) grounded.push_back(place[i]);
  return grounded;
}

}  // namespace modesweep::shift_invert
