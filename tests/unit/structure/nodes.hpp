// SPDX-License-Identifier: MIT
// Nodes made up by their names and numbers, for what asks for nothing else.
#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <vector>

#include <modesweep/structure.hpp>

namespace modesweep {

inline Node named_node(const std::string& chain, std::optional<int> number, char insertion = ' ',
                       const std::string& residue = "ALA") {
  return {{}, std::nullopt, chain, residue, "CA", number, insertion};
}

/// A chain of these numbers.
inline void add_nodes(std::vector<Node>& nodes, const std::string& chain,
                      std::initializer_list<std::optional<int>> numbers) {
  for (const std::optional<int>& number : numbers) nodes.push_back(named_node(chain, number));
}

/// A chain of these residues, counted from 1.
inline void add_nodes(std::vector<Node>& nodes, const std::string& chain,
                      const std::vector<std::string>& residues) {
  for (std::size_t i = 0; i < residues.size(); ++i)
    nodes.push_back(named_node(chain, static_cast<int>(i) + 1, ' ', residues[i]));
}

}  // namespace modesweep
