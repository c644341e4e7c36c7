// SPDX-License-Identifier: MIT
#include "kernels/engine/upload.hpp"

#include <algorithm>

namespace modesweep::gpu {
namespace {

struct Sizes {
  std::size_t nodes = 0, contacts = 0;
};

Sizes sizes_of(std::span<const Network* const> networks) {
  Sizes sizes;
  for (const Network* network : networks) {
    sizes.nodes += network->positions.size();
    sizes.contacts += network->neighbours.size();
  }
  return sizes;
}

/// Takes `count` values of both arenas and has them copied once `fill` has written them.
template <class T, class F>
const T* stage(DeviceResources& resources, std::size_t count, F&& fill) {
  T* const staged = resources.upload.take<T>(count);
  T* const placed = resources.arena.take<T>(count);
  fill(staged);
  resources.copy_to_device(placed, staged, count);
  return placed;
}

}  // namespace

std::size_t batch_bytes(std::span<const Network* const> networks) {
  const Sizes sizes = sizes_of(networks);
  return DeviceArena::padded(networks.size() * sizeof(BatchEntry)) +
         DeviceArena::padded(3 * sizes.nodes * sizeof(double)) +
         DeviceArena::padded((sizes.nodes + networks.size()) * sizeof(std::int32_t)) +
         DeviceArena::padded(sizes.contacts * sizeof(std::int32_t));
}

DeviceBatch upload_batch(DeviceResources& resources, std::span<const Network* const> networks) {
  const Sizes sizes = sizes_of(networks);
  DeviceBatch batch{};
  batch.networks = static_cast<int>(networks.size());
  batch.entries = stage<BatchEntry>(resources, networks.size(), [&](BatchEntry* entries) {
    BatchEntry next{};
    for (const Network* network : networks) {
      next.nodes = static_cast<std::int32_t>(network->nodes());
      next.components = network->components;
      *entries++ = next;
      next.first_node += network->nodes();
      next.first_offset += network->nodes() + 1;
      next.first_contact += static_cast<std::int64_t>(network->neighbours.size());
      batch.largest = std::max(batch.largest, static_cast<int>(network->nodes()));
    }
  });
  batch.positions = stage<double>(resources, 3 * sizes.nodes, [&](double* positions) {
    for (const Network* network : networks)
      for (const Vec3& position : network->positions)
        positions = std::copy(position.begin(), position.end(), positions);
  });
  batch.offsets =
      stage<std::int32_t>(resources, sizes.nodes + networks.size(), [&](std::int32_t* offsets) {
        for (const Network* network : networks)
          for (const std::int64_t offset : network->offsets)
            *offsets++ = static_cast<std::int32_t>(offset);
      });
  batch.neighbours = stage<std::int32_t>(resources, sizes.contacts, [&](std::int32_t* neighbours) {
    for (const Network* network : networks)
      neighbours = std::copy(network->neighbours.begin(), network->neighbours.end(), neighbours);
  });
  return batch;
}

}  // namespace modesweep::gpu
