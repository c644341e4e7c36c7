// SPDX-License-Identifier: MIT
#include "kernels/engine/item.hpp"

#include <algorithm>
#include <functional>

#include "kernels/device/mode_properties.hpp"

namespace modesweep::gpu {
namespace {

constexpr std::size_t longest_name = 127;  // of a device, which is not known yet

}  // namespace

Item::Item(const Network& wanted, const ModeRequest& request, bool by_subspace) : network(&wanted) {
  if (by_subspace) layout.emplace(wanted);
  const auto count = static_cast<std::size_t>(request.modes);
  const std::size_t nodes = wanted.positions.size();
  Modes& found = *outcome;
  found.eigenvalues.reserve(count);
  found.residuals.reserve(count);
  found.collectivities.reserve(modes_with_collectivity);
  found.square_amplitudes.reserve(nodes);
  if (request.square_fluctuations) found.square_fluctuations.reserve(nodes);
  // Of value, not of room alone: the pages are there then, and copying finds them.
  if (request.vectors) found.eigenvectors.resize(3 * nodes * count);
  found.backend.reserve(longest_name);
}

Modes& Item::modes() {
  if (!outcome) outcome = Modes{};  // another device gave up before
  return *outcome;
}

void sort_longest_first(std::span<Item*> items) {
  // Not a stable sort, which takes memory: by their places in the call instead.
  std::sort(items.begin(), items.end(), [](const Item* a, const Item* b) {
    if (a->network->nodes() != b->network->nodes())
      return a->network->nodes() > b->network->nodes();
    return std::less<>()(a, b);
  });
}

}  // namespace modesweep::gpu
