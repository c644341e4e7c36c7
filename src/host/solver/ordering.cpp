// SPDX-License-Identifier: MIT
#include "solver/ordering.hpp"

#include <suitesparse/amd.h>

#include <new>
#include <stdexcept>

namespace modesweep::shift_invert {

std::vector<std::int32_t> elimination_order(const Network& network) {
  // Approximate minimum degree (Amestoy, Davis, Duff) on the graph of nodes.
  const int nodes = static_cast<int>(network.nodes());
  const std::vector<int> offsets(network.offsets.begin(), network.offsets.end());
  std::vector<std::int32_t> order(static_cast<std::size_t>(nodes));
  double control[AMD_CONTROL], info[AMD_INFO];
  amd_defaults(control);
  const int status =
      amd_order(nodes, offsets.data(), network.neighbours.data(), order.data(), control, info);
  if (status == AMD_OUT_OF_MEMORY) throw std::bad_alloc();
  if (status != AMD_OK) throw std::logic_error("the contact graph is not a graph");
  return order;
}

}  // namespace modesweep::shift_invert
