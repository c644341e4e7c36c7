// SPDX-License-Identifier: MIT
// How solver `chebyshev` cuts a network: nodes by component, components into segments, and the
// rigid-body modes of each component.
#pragma once

#include <optional>
#include <vector>

#include <modesweep/network.hpp>

#include "kernels/device/subspace.hpp"

namespace modesweep::gpu {

/// A function of the network alone. Indices begin at 0 for each network.
struct Layout {
  explicit Layout(const Network& network);

  const Network& network() const { return sorted ? *sorted : *original; }

  const Network* original;
  std::optional<Network> sorted;    ///< where the components do not follow one another already
  std::vector<std::int32_t> order;  ///< old index of each node of `sorted`
  std::vector<Segment> segments;
  std::vector<RigidBody> bodies;
  int rigid_modes = 0;
};

}  // namespace modesweep::gpu
