// SPDX-License-Identifier: MIT
#include <modesweep/core.hpp>

#include <algorithm>

namespace modesweep {
namespace {

std::span<const std::int32_t> neighbours_of(const Network& network, std::int32_t node) {
  return std::span(network.neighbours)
      .subspan(static_cast<std::size_t>(network.offsets[node]),
               static_cast<std::size_t>(network.offsets[node + 1] - network.offsets[node]));
}

/// Which nodes are left once those with too few contacts are removed, until there are none.
std::vector<bool> nodes_of_core(const Network& contacts) {
  const auto nodes = static_cast<std::int32_t>(contacts.nodes());
  std::vector<bool> is_left(contacts.positions.size(), true);
  std::vector<std::int32_t> left(contacts.positions.size()), removed;
  const auto remove = [&](std::int32_t node) {
    is_left[node] = false;
    removed.push_back(node);
  };
  for (std::int32_t i = 0; i < nodes; ++i)
    left[i] = static_cast<std::int32_t>(neighbours_of(contacts, i).size());
  for (std::int32_t i = 0; i < nodes; ++i)
    if (left[i] < core_contacts) remove(i);
  while (!removed.empty()) {
    const std::int32_t node = removed.back();
    removed.pop_back();
    for (const std::int32_t j : neighbours_of(contacts, node))
      if (is_left[j] && --left[j] < core_contacts) remove(j);
  }
  return is_left;
}

/// The connected component of each node of the core, from 0; -1 of the others.
std::vector<std::int32_t> components_of(const Network& contacts, const std::vector<bool>& is_core) {
  std::vector<std::int32_t> component(is_core.size(), -1), stack;
  std::int32_t components = 0;
  for (std::int32_t seed = 0; seed < static_cast<std::int32_t>(is_core.size()); ++seed) {
    if (!is_core[seed] || component[seed] >= 0) continue;
    component[seed] = components;
    stack.push_back(seed);
    while (!stack.empty()) {
      const std::int32_t i = stack.back();
      stack.pop_back();
      for (const std::int32_t j : neighbours_of(contacts, i)) {
        if (!is_core[j] || component[j] >= 0) continue;
        component[j] = components;
        stack.push_back(j);
      }
    }
    ++components;
  }
  return component;
}

/// The nodes of all linkers, ascending.
std::vector<std::int32_t> find_linkers(const std::vector<std::int32_t>& component,
                                       std::span<const std::int32_t> chain) {
  std::vector<std::int32_t> linkers;
  std::int32_t before = -1;  // the last node of the core
  for (std::int32_t node = 0; node < static_cast<std::int32_t>(component.size()); ++node) {
    if (component[node] < 0) continue;
    const bool joins = before >= 0 && component[before] != component[node] &&
                       std::all_of(chain.begin() + before, chain.begin() + node,
                                   [&](std::int32_t one) { return one == chain[node]; });
    for (std::int32_t between = before + 1; joins && between < node; ++between)
      linkers.push_back(between);
    before = node;
  }
  return linkers;
}

}  // namespace

Core find_core(const Network& contacts, std::span<const std::int32_t> chain) {
  const std::vector<bool> is_core = nodes_of_core(contacts);
  Core core;
  core.whole = contacts.nodes();
  for (std::int32_t i = 0; i < static_cast<std::int32_t>(is_core.size()); ++i)
    if (is_core[i]) core.nodes.push_back(i);
  core.coreless = 2 * core.nodes.size() < is_core.size();
  if (core.coreless || core.is_whole()) return core;
  const std::vector<std::int32_t> linkers = find_linkers(components_of(contacts, is_core), chain);
  core.linkers = static_cast<std::int32_t>(linkers.size());
  std::vector<std::int32_t> all(core.nodes.size() + linkers.size());
  std::merge(core.nodes.begin(), core.nodes.end(), linkers.begin(), linkers.end(), all.begin());
  core.nodes = std::move(all);
  return core;
}

}  // namespace modesweep
