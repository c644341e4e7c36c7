// SPDX-License-Identifier: MIT
// Which segment a block of a launch has, and what the rigid-body modes are there.
#pragma once

#include <cstddef>

#include <device_layer.cuh>

#include "kernels/device/hessian_times.cuh"
#include "kernels/device/subspace.hpp"

namespace modesweep::gpu {

constexpr int rigid_modes = 6;

/// One segment of a block of vectors.
struct Place {
  Active active;
  Segment segment;
  int index;              ///< of the segment in the batch
  std::size_t first_row;  ///< of the segment, in rows of `columns` values
  int rows;
};
__device__ inline Place segment_of_block(const Subspaces& s) {
  Place place;
  place.active = active_of_block(s, &Active::segment_block, static_cast<int>(blockIdx.x));
  place.index =
      place.active.first_segment + static_cast<int>(blockIdx.x) - place.active.segment_block;
  place.segment = s.segments[place.index];
  place.first_row =
      3 * (static_cast<std::size_t>(s.batch.entries[place.active.network].first_node) +
           place.segment.first_node);
  place.rows = 3 * place.segment.nodes;
  return place;
}

/// The three components at one node of rigid-body mode `mode`.
__device__ inline void rigid_mode(const RigidBody& body, const double* position, int mode,
                                  double (&value)[3]) {
  if (mode < 3) {
    for (int a = 0; a < 3; ++a) value[a] = a == mode ? body.translation : 0;
    return;
  }
  const double(&axis)[3] = body.axis[mode - 3];
  const double scale = body.scale[mode - 3];
  double r[3];
  for (int a = 0; a < 3; ++a) r[a] = position[a] - body.centre[a];
  value[0] = (axis[1] * r[2] - axis[2] * r[1]) * scale;
  value[1] = (axis[2] * r[0] - axis[0] * r[2]) * scale;
  value[2] = (axis[0] * r[1] - axis[1] * r[0]) * scale;
}

}  // namespace modesweep::gpu
