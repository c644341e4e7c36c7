// SPDX-License-Identifier: MIT
#include "solver/ordering.hpp"

#include <suitesparse/camd.h>

#include <stdexcept>

namespace modesweep::shift_invert {
namespace {

/// Constrained approximate minimum degree (Amestoy, Davis, Duff): all nodes of a lower stage come
/// before those of a higher one.
std::vector<std::int32_t> minimum_degree(const Network& network, std::vector<int> stages) {
  const int nodes = static_cast<int>(network.nodes());
  const std::vector<int> offsets(network.offsets.begin(), network.offsets.end());
  std::vector<std::int32_t> order(static_cast<std::size_t>(nodes));
  double control[CAMD_CONTROL], info[CAMD_INFO];
  camd_defaults(control);
  const int status = camd_order(nodes, offsets.data(), network.neighbours.data(), order.data(),
                                control, info, stages.empty() ? nullptr : stages.data());
  if (status == CAMD_OUT_OF_MEMORY) throw std::bad_alloc();
  if (status != CAMD_OK) throw std::logic_error("the contact graph is not a graph");
  return order;
}

}  // namespace

std::vector<std::int32_t> elimination_order(const Network& network) {
  return minimum_degree(network, {});
}

}  // namespace modesweep::shift_invert
