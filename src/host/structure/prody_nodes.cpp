// SPDX-License-Identifier: MIT
#include <modesweep/prody_nodes.hpp>

#include "structure/node_collector.hpp"

namespace modesweep {

std::vector<std::size_t> prody_nodes(std::span<const AtomNames> atoms) {
  std::vector<std::size_t> places;
  for (const ProdyRelease release : {ProdyRelease::v2_3_1, ProdyRelease::v2_6_1}) {
    NodeCollector collector({NodeRule::prody, release});
    for (std::size_t i = 0; i < atoms.size(); ++i) {
      ResidueSite site;
      site.name = atoms[i].residue;
      collector.enter(site, atoms[i].altloc);
      if (collector.takes(atoms[i].atom)) places.push_back(i);
    }
    if (!places.empty()) break;
  }
  return places;
}

}  // namespace modesweep
