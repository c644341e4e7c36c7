// SPDX-License-Identifier: MIT
#include "solver/shift_invert/component.hpp"

#include <algorithm>

namespace modesweep::shift_invert {

std::vector<Component> split_components(const Network& network) {
  std::vector<Component> parts(static_cast<std::size_t>(network.components));
  std::vector<std::int32_t> local(network.positions.size());
  for (std::int32_t i = 0; i < network.nodes(); ++i) {
    Component& part = parts[network.component[i]];
    local[i] = static_cast<std::int32_t>(part.nodes.size());
    part.nodes.push_back(i);
  }
  for (Component& part : parts) {
    Network& own = part.network;
    own.model = network.model;
    own.components = 1;
    own.component.assign(part.nodes.size(), 0);
    own.positions.reserve(part.nodes.size());
    own.offsets.reserve(part.nodes.size() + 1);
    own.offsets.push_back(0);
    for (const std::int32_t i : part.nodes) {
      own.positions.push_back(network.positions[i]);
      for (std::int64_t k = network.offsets[i]; k < network.offsets[i + 1]; ++k)
        own.neighbours.push_back(local[network.neighbours[k]]);
      own.offsets.push_back(static_cast<std::int64_t>(own.neighbours.size()));
    }
  }
  return parts;
}

void Contacts::apply(const simd::Operations& operations, const double* x, double* y) const {
  if (!has_blocks()) return operations.apply_hessian(view(), x, y);
  constexpr std::ptrdiff_t node_values = 3 * block_width;
  const auto add_product = [](const Block& block, const double* from, double* to) {
    for (int a = 0; a < 3; ++a)
      for (int c = 0; c < 3; ++c)
        for (std::ptrdiff_t k = 0; k < block_width; ++k)
          to[a * block_width + k] += block[3 * a + c] * from[c * block_width + k];
  };
  std::fill_n(y, nodes() * node_values, 0.0);
  for (std::ptrdiff_t i = 0; i < nodes(); ++i) {
    double* const own = y + i * node_values;
    add_product(diagonal_blocks[i], x + i * node_values, own);
    for (std::int64_t k = offsets[i]; k < offsets[i + 1]; ++k)
      add_product(blocks[k], x + neighbours[k] * node_values, own);
  }
}

Contacts reorder(const Network& network, std::span<const std::int32_t> order) {
  Contacts contacts;
  std::vector<std::int32_t> place(order.size());
  for (std::size_t k = 0; k < order.size(); ++k) place[order[k]] = static_cast<std::int32_t>(k);
  contacts.positions.reserve(3 * order.size());
  contacts.offsets.reserve(order.size() + 1);
  contacts.offsets.push_back(0);
  contacts.neighbours.resize(network.neighbours.size());
  auto end = contacts.neighbours.begin();
  for (const std::int32_t i : order) {
    const Vec3& position = network.positions[i];
    contacts.positions.insert(contacts.positions.end(), position.begin(), position.end());
    const auto first = end;
    for (std::int64_t k = network.offsets[i]; k < network.offsets[i + 1]; ++k)
      *end++ = place[network.neighbours[k]];
    std::sort(first, end);
    contacts.offsets.push_back(end - contacts.neighbours.begin());
  }
  return contacts;
}

}  // namespace modesweep::shift_invert
