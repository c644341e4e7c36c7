// SPDX-License-Identifier: MIT
#include "kernels/engine/property_arrays.hpp"

#include <algorithm>

namespace modesweep::gpu {
namespace {

std::size_t doubles(std::size_t count) { return DeviceArena::padded(count * sizeof(double)); }

std::size_t partial_values(std::size_t nodes, std::size_t networks) {
  return 2 * modes_with_collectivity * node_runs(nodes, networks);
}

}  // namespace

std::size_t PropertyArrays::host_bytes(std::size_t nodes, std::size_t networks) {
  return 2 * doubles(nodes) + doubles(modes_with_collectivity * networks);
}

std::size_t PropertyArrays::device_bytes(std::size_t nodes, std::size_t networks) {
  return host_bytes(nodes, networks) + doubles(partial_values(nodes, networks));
}

PropertyArrays::PropertyArrays(DeviceResources& resources, std::size_t nodes, std::size_t networks,
                               const ModeRequest& request)
    : resources_(&resources), nodes_(nodes), networks_(networks) {
  DeviceArena& arena = resources.arena;
  on_device_.runs = static_cast<int>(node_runs(nodes, networks));
  on_device_.square_amplitudes = arena.take<double>(nodes);
  on_device_.collectivities = arena.take<double>(modes_with_collectivity * networks);
  on_device_.partial = arena.take<double>(partial_values(nodes, networks));
  square_amplitudes_ = resources.download.take<double>(nodes);
  collectivities_ = resources.download.take<double>(modes_with_collectivity * networks);
  if (!request.square_fluctuations) return;
  on_device_.square_fluctuations = arena.take<double>(nodes);
  square_fluctuations_ = resources.download.take<double>(nodes);
}

void PropertyArrays::make(const ModeArrays& modes) {
  check(launch_mode_properties(modes, on_device_, resources_->stream()),
        "kernels of mode_properties");
  resources_->copy_to_host(square_amplitudes_, on_device_.square_amplitudes, nodes_);
  if (square_fluctuations_)
    resources_->copy_to_host(square_fluctuations_, on_device_.square_fluctuations, nodes_);
  resources_->copy_to_host(collectivities_, on_device_.collectivities,
                           modes_with_collectivity * networks_);
}

void PropertyArrays::fill(Item& item, std::size_t k, std::size_t first_node) const {
  static const std::vector<std::int32_t> none;
  Modes& modes = item.modes();
  const std::size_t nodes = item.network->positions.size();
  const std::vector<std::int32_t>& order = item.layout ? item.layout->order : none;
  const double* const first = collectivities_ + modes_with_collectivity * k;
  const std::size_t count =
      std::min<std::size_t>(modes.eigenvalues.size(), modes_with_collectivity);
  modes.collectivities.assign(first, first + count);
  const auto fill_nodes = [&](std::vector<double>& to, const double* from) {
    to.resize(count > 0 && from ? nodes : 0);
    if (!to.empty()) copy_nodes(from + first_node, order, 1, nodes, to.data());
  };
  fill_nodes(modes.square_amplitudes, square_amplitudes_);
  fill_nodes(modes.square_fluctuations, square_fluctuations_);
}

void copy_nodes(const double* from, const std::vector<std::int32_t>& order, std::size_t width,
                std::size_t nodes, double* to) {
  if (order.empty()) {
    std::copy_n(from, width * nodes, to);
    return;
  }
  for (std::size_t i = 0; i < nodes; ++i)
    std::copy_n(from + width * i, width, to + width * static_cast<std::size_t>(order[i]));
}

}  // namespace modesweep::gpu
