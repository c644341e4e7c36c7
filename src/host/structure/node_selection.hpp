// SPDX-License-Identifier: MIT
// A part of a structure: chains by their names, residues and atoms by a selection.
#pragma once

#include <filesystem>

#include <modesweep/structure.hpp>

namespace modesweep {

inline bool selects(const ReadOptions& options) {
  return !options.chains.empty() || !options.selection.empty();
}

/// Leaves the nodes that the options select, in their order. Stage parse: `no_chain`,
/// `nothing_selected`.
Outcome<void> select_nodes(Structure& structure, const ReadOptions& options,
                           const std::filesystem::path& path);

}  // namespace modesweep
