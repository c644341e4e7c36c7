// SPDX-License-Identifier: MIT
#include "solver/shift_invert/ordering.hpp"

#include <metis.h>
#include <suitesparse/amd.h>

#include <mutex>
#include <new>
#include <stdexcept>
#include <type_traits>

namespace modesweep::shift_invert {
namespace {

static_assert(std::is_same_v<idx_t, std::int32_t>, "METIS is built with 32-bit indices");

constexpr char not_a_graph[] = "the contact graph is not a graph";

}  // namespace

std::vector<std::int32_t> minimum_degree_order(const Network& network) {
  const int nodes = static_cast<int>(network.nodes());
  const std::vector<int> offsets(network.offsets.begin(), network.offsets.end());
  std::vector<std::int32_t> order(static_cast<std::size_t>(nodes));
  double control[AMD_CONTROL], info[AMD_INFO];
  amd_defaults(control);
  const int status =
      amd_order(nodes, offsets.data(), network.neighbours.data(), order.data(), control, info);
  if (status == AMD_OUT_OF_MEMORY) throw std::bad_alloc();
  if (status != AMD_OK) throw std::logic_error(not_a_graph);
  return order;
}

std::vector<std::int32_t> dissection_order(const Network& network) {
  static std::mutex one_at_a_time;
  const std::lock_guard lock(one_at_a_time);
  idx_t nodes = static_cast<idx_t>(network.nodes());
  std::vector<idx_t> offsets(network.offsets.begin(), network.offsets.end());
  std::vector<idx_t> neighbours = network.neighbours;
  std::vector<idx_t> order(network.positions.size()), place(network.positions.size());
  idx_t options[METIS_NOPTIONS];
  METIS_SetDefaultOptions(options);
  options[METIS_OPTION_SEED] = 1;
  // Halves of a protein need not be equal, and a looser balance is found sooner.
  options[METIS_OPTION_UFACTOR] = 100;
  const int status = METIS_NodeND(&nodes, offsets.data(), neighbours.data(), nullptr, options,
                                  order.data(), place.data());
  if (status == METIS_ERROR_MEMORY) throw std::bad_alloc();
  if (status != METIS_OK) throw std::logic_error(not_a_graph);
  return order;
}

}  // namespace modesweep::shift_invert
