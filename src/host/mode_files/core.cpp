// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include <utility>

#include <modesweep/mode_files.hpp>

namespace modesweep {

Outcome<EntryModes> core_of(EntryModes entry) {
  if (!entry.core_modes || entry.core_modes->eigenvalues.empty())
    return fail(Stage::rank, "coreless",
                fmt::format("{} of {} residues are in its core, fewer than half of them, or they "
                            "have no mode",
                            entry.core.nodes.size(), entry.core.whole));
  std::vector<Node> nodes;
  for (const std::int32_t node : entry.core.nodes)
    nodes.push_back(std::move(entry.structure.nodes[static_cast<std::size_t>(node)]));
  entry.structure.nodes = std::move(nodes);
  entry.modes = *std::move(entry.core_modes);
  entry.core_modes.reset();
  return entry;
}

}  // namespace modesweep
