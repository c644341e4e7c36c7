// SPDX-License-Identifier: MIT
// H times a block of vectors straight from contacts and coordinates: what the products in double
// precision and the filter in single precision have in common.
#pragma once

#include <cstddef>
#include <cstdint>

#include <device_layer.cuh>

#include "kernels/device/subspace.hpp"
#include "kernels/device/tiles.hpp"

namespace modesweep::gpu {

// Blocks have `columns` x `lanes` threads: a thread works on one column, of one node at a time
// where it multiplies by H.
constexpr int lanes = tile_size;
constexpr int warp_threads = 32;

struct Thread {
  int column;
  int lane;
};
__device__ inline Thread this_thread() {
  return {static_cast<int>(threadIdx.x), static_cast<int>(threadIdx.y)};
}

/// The active network that has this block of a launch; `first_block` is the member that counts
/// them.
__device__ inline Active active_of_block(const Subspaces& s, std::int32_t Active::*first_block,
                                         int block) {
  int low = 0, high = s.active_networks;
  while (high - low > 1) {
    const int middle = (low + high) / 2;
    if (s.active[middle].*first_block <= block)
      low = middle;
    else
      high = middle;
  }
  return s.active[low];
}

/// The node of this thread where each block has a tile of nodes; it may be beyond the last one.
struct TileNode {
  Active active;
  int node;
};
__device__ inline TileNode node_of_tile(const Subspaces& s, int block) {
  const Active active = active_of_block(s, &Active::tile_block, block);
  return {active, (block - active.tile_block) * tile_size + this_thread().lane};
}

/// Who touches whom in one network.
struct Contacts {
  const std::int32_t* offsets;
  const std::int32_t* neighbours;
  int nodes;
};
__device__ inline Contacts contacts_of(const Subspaces& s, const BatchEntry& entry) {
  return {s.batch.offsets + entry.first_offset, s.batch.neighbours + entry.first_contact,
          entry.nodes};
}

/// A coordinate as the sum of two floats: differences come out as exact as single precision holds
/// them, also far from the origin, and cost nothing where double precision is slow.
struct SplitCoordinate {
  float high, low;
};
__device__ inline SplitCoordinate split(double x) {
  const float high = static_cast<float>(x);
  return {high, static_cast<float>(x - static_cast<double>(high))};
}

__device__ inline double difference(const double& to, const double& from) { return to - from; }
__device__ inline float difference(const SplitCoordinate& to, const SplitCoordinate& from) {
  return (to.high - from.high) + (to.low - from.low);
}

/// product = (H x) of one node and column, where `block` has `width` columns. `width` threads work
/// on a node together, and with them those of the other `peers` - 1 nodes that share their
/// barriers: all of the block, or one warp. They look up their springs `width` at a time, a thread
/// one, into `springs`, which has room for one a thread. A node beyond the last has no contacts;
/// its threads only keep the barriers. Contacts are summed in their order.
template <int width, int peers, class Real, class Coordinate>
__device__ void hessian_times(const Contacts& contacts, const Coordinate* positions,
                              const Real* block, int node, Spring<Real>* springs,
                              Real (&product)[3]) {
  constexpr bool one_warp = width * peers == warp_threads;
  const auto barrier = [] {
    if constexpr (one_warp)
      __syncwarp();
    else
      __syncthreads();
  };
  const Thread thread = this_thread();
  const std::int32_t* const offsets = contacts.offsets;
  int most = 0;
  const int first_peer = node - thread.lane % peers;
  for (int other = first_peer; other < first_peer + peers && other < contacts.nodes; ++other) {
    const int count = offsets[other + 1] - offsets[other];
    most = count > most ? count : most;
  }
  const bool real = node < contacts.nodes;
  const int begin = real ? offsets[node] : 0;
  const int count = real ? offsets[node + 1] - begin : 0;
  springs += thread.lane * width;
  Real x[3] = {};
  if (real)
    for (int a = 0; a < 3; ++a)
      x[a] = block[static_cast<std::size_t>(3 * node + a) * width + thread.column];
  Real sum[3] = {};
  for (int first = 0; first < most; first += width) {
    barrier();
    if (first + thread.column < count) {
      Spring<Real> mine;
      mine.other = contacts.neighbours[begin + first + thread.column];
      for (int a = 0; a < 3; ++a)
        mine.direction[a] =
            static_cast<Real>(difference(positions[3 * mine.other + a], positions[3 * node + a]));
      const Real(&d)[3] = mine.direction;
      const Real scale = inverse_root((d[0] * d[0] + d[1] * d[1]) + d[2] * d[2]);
      for (Real& e : mine.direction) e *= scale;
      springs[thread.column] = mine;
    }
    barrier();
    const int here = count - first < width ? count - first : width;
    MODESWEEP_UNROLL_BY(2)
    for (int k = 0; k < here; ++k) {
      const Spring<Real> spring = springs[k];
      const Real(&e)[3] = spring.direction;
      const Real* const y =
          block + static_cast<std::size_t>(3 * spring.other) * width + thread.column;
      const Real pull =
          e[0] * (x[0] - y[0]) + e[1] * (x[1] - y[width]) + e[2] * (x[2] - y[2 * width]);
      for (int a = 0; a < 3; ++a) sum[a] += pull * e[a];
    }
  }
  for (int a = 0; a < 3; ++a) product[a] = sum[a];
}

}  // namespace modesweep::gpu
