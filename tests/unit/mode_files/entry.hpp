// SPDX-License-Identifier: MIT
// A small structure with its modes, for the writers.
#pragma once

#include <cmath>
#include <string>
#include <vector>

#include <modesweep/mode_files.hpp>

#include "solver/cpu_solvers.hpp"

namespace modesweep {

/// Nodes on a coil that closes on nothing symmetric, numbered from -2, with the usual fields.
inline std::vector<Node> coil(int nodes) {
  std::vector<Node> result;
  for (int i = 0; i < nodes; ++i) {
    Node node;
    const double angle = 1.7 * i;
    node.position = {2.3 * std::cos(angle) + 0.01 * i * i, 2.3 * std::sin(angle), 1.5 * i - 7.25};
    node.b_factor = 10 + 0.37 * i;
    node.chain = "A";
    node.residue = i % 2 == 0 ? "ALA" : "MSE";
    node.atom = "CA";
    node.number = i - 2;
    result.push_back(node);
  }
  return result;
}

inline EntryModes solved(std::vector<Node> nodes, int modes = 5) {
  EntryModes entry;
  std::vector<Vec3> positions;
  for (const Node& node : nodes) positions.push_back(node.position);
  entry.structure.nodes = std::move(nodes);
  entry.structure.header.id = "1ABC";
  entry.file_sha256 = std::string(64, 'e');
  entry.model.modes = modes;
  const Network network = build_network(std::move(positions), entry.model.network).value();
  ModeRequest request = entry.model.request();
  request.vectors = true;
  entry.modes = make_lapack_solver()->solve({&network, 1}, request)[0].value();
  return entry;
}

inline std::span<const double> mode_of(const EntryModes& entry, int mode) {
  const std::size_t size = 3 * entry.structure.nodes.size();
  return std::span(entry.modes.eigenvectors).subspan((mode - 1) * size, size);
}

}  // namespace modesweep
