// SPDX-License-Identifier: MIT
// A part of a structure: chains by their names, residues and atoms by a selection.
#pragma once

#include <algorithm>
#include <filesystem>
#include <vector>

#include <modesweep/structure.hpp>

namespace modesweep {

inline bool selects(const ReadOptions& options) {
  return !options.chains.empty() || !options.selection.empty();
}

/// Which of the nodes the options select. `_` and a blank name the chain without a name, the former
/// where no chain is called so. Stage parse: `no_chain`, `nothing_selected`.
Outcome<std::vector<bool>> selected_nodes(const std::vector<Node>& nodes,
                                          const ReadOptions& options,
                                          const std::filesystem::path& path);

/// Leaves those of as many values.
template <class T>
void keep_selected(std::vector<T>& values, const std::vector<bool>& selected) {
  std::size_t i = 0;
  values.erase(
      std::remove_if(values.begin(), values.end(), [&](const T&) { return !selected[i++]; }),
      values.end());
}

/// How many chains own a node.
int count_chains(const std::vector<Node>& nodes);

}  // namespace modesweep
