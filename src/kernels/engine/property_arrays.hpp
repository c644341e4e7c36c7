// SPDX-License-Identifier: MIT
// What is told of a batch's modes, made on the device and copied from there.
#pragma once

#include <cstddef>

#include <modesweep/modes.hpp>

#include "kernels/device/mode_properties.hpp"
#include "kernels/engine/item.hpp"
#include "kernels/engine/resources.hpp"

namespace modesweep::gpu {

/// Of one batch: 16 bytes a node, or 8 where nobody wants square fluctuations, and 24 a network.
class PropertyArrays {
 public:
  /// Bytes of the device's arena, and of the one for downloads.
  static std::size_t device_bytes(std::size_t nodes, std::size_t networks);
  static std::size_t host_bytes(std::size_t nodes, std::size_t networks);

  /// Takes those of the arenas.
  PropertyArrays(DeviceResources& resources, std::size_t nodes, std::size_t networks,
                 const ModeRequest& request);

  /// Queues the kernels and the copies.
  void make(const ModeArrays& modes);

  /// Those of network k, once they are there: into `item.modes()`, which has its eigenvalues, in
  /// the network's own order of nodes.
  void fill(Item& item, std::size_t k, std::size_t first_node) const;

 private:
  DeviceResources* resources_;
  std::size_t nodes_, networks_;
  ModeProperties on_device_{};
  double* square_amplitudes_;
  double* square_fluctuations_ = nullptr;
  double* collectivities_;
};

/// `width` values of each node from one order to another: `order`, where there is any, has the
/// place of each in `to`.
void copy_nodes(const double* from, const std::vector<std::int32_t>& order, std::size_t width,
                std::size_t nodes, double* to);

}  // namespace modesweep::gpu
