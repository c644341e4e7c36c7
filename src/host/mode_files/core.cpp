// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <numeric>
#include <utility>
#include <vector>

#include <modesweep/mode_files.hpp>

namespace modesweep {

Outcome<EntryModes> core_of(EntryModes entry) {
  if (!entry.core_modes || entry.core_modes->eigenvalues.empty())
    return fail(Stage::rank, "coreless",
                fmt::format("{} of {} residues are in its core, fewer than half of them, or they "
                            "have no mode",
                            entry.core.nodes.size(), entry.core.whole));
  std::vector<Node> nodes;
  std::vector<std::size_t> hinges;
  for (std::size_t i = 0; i < entry.core.nodes.size(); ++i) {
    const auto node = static_cast<std::size_t>(entry.core.nodes[i]);
    nodes.push_back(std::move(entry.structure.nodes[node]));
    if (entry.hinges && std::ranges::binary_search(*entry.hinges, node)) hinges.push_back(i);
  }
  entry.structure.nodes = std::move(nodes);
  if (entry.hinges) entry.hinges = std::move(hinges);
  entry.core.whole = std::ssize(entry.core.nodes);
  std::iota(entry.core.nodes.begin(), entry.core.nodes.end(), 0);
  entry.modes = *std::move(entry.core_modes);
  entry.core_modes.reset();
  return entry;
}

}  // namespace modesweep
