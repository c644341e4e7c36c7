// SPDX-License-Identifier: MIT
#include "mode_files/chain_bonds.hpp"

#include <cmath>

#include "structure/chain_copies.hpp"

namespace modesweep {

std::vector<std::size_t> chain_bonds(std::span<const Node> nodes) {
  const std::vector<std::size_t> copies = copy_of_each_node(chain_copies(nodes), nodes.size());
  std::vector<std::size_t> bonds;
  for (std::size_t i = 0; i + 1 < nodes.size(); ++i) {
    const Vec3 &a = nodes[i].position, &b = nodes[i + 1].position;
    if (copies[i] == copies[i + 1] &&
        std::hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]) <= longest_chain_bond)
      bonds.push_back(i);
  }
  return bonds;
}

}  // namespace modesweep
