// SPDX-License-Identifier: MIT
// Products with the Hessian in single precision, by spring tiles: two or four nodes that follow one
// another in the file share the list of all that any of them touches, so that what is loaded of a
// neighbour's row serves all of them. Diagonal blocks are held apart:
// (H x)_i = D_i x_i - sum_j e_ij (e_ij . x_j), which is six operations a contact and column.
#pragma once

#include <cuda_runtime_api.h>

#include <cstddef>
#include <cstdint>

#include "kernels/device/subspace.hpp"

namespace modesweep::gpu {

/// A contact seen from one of its nodes: its part of H x is e (e . (x - x_other)), where e has
/// length 1. In a tile e is 0 where that node does not touch the other.
template <class Real>
struct alignas(16) Spring {
  Real direction[3];
  std::int32_t other;
};

/// Of a batch, made once.
struct SpringTiles {
  int nodes;  ///< of a tile: 2 or 4
  /// `nodes` for each neighbour of a tile, which has room for so many neighbours as its nodes have
  /// contacts: tile t of a network begins at (first_contact + offsets[nodes t]) * nodes.
  Spring<float>* springs;
  std::int32_t* neighbours;  ///< how many a tile has, where its first node is in the batch
  float* diagonal;           ///< xx xy xz yy yz zz of each node
};

/// Nodes of a tile in the engine: an H100 took two in 0.67 of the time of one, four in more
/// (docs/gpu.md).
inline constexpr int spring_tile_nodes = 2;

/// What is done with H Z: by the step of a Chebyshev filter that `index` counts, with the scalars
/// of the table, to factor (H Z - centre Z + residuals weights) - keep before, of networks whose
/// filter has such a step; or nothing where `index` is negative.
struct TileStep {
  const float* z;
  const float* before;  ///< may be `out`
  float* out;
  const float* residuals;  ///< null: none
  int index;
};

/// Of a block: a multiple of 128, for the four parts of a multiprocessor to have the same, of which
/// at most one in forty has no columns.
constexpr int tile_threads(int columns) { return columns == 40 ? 256 : 128; }

/// Blocks of a launch that a network has.
constexpr int step_blocks(int nodes, int columns, int tile_nodes) {
  const int of_block = tile_threads(columns) / (columns / 4) * tile_nodes;
  return (nodes + of_block - 1) / of_block;
}

/// Whether this device can run the kernels of tiles.cu: cudaSuccess, or why not.
cudaError_t tile_kernels_load();

cudaError_t launch_spring_tiles(const Subspaces& s, const SpringTiles& tiles, cudaStream_t stream);
cudaError_t launch_tile_step(const Subspaces& s, const SpringTiles& tiles, const TileStep& step,
                             cudaStream_t stream);

/// The filter of subspace.hpp for all active networks, of 32 or 40 columns, a launch a step;
/// `degree` is the largest of theirs.
cudaError_t launch_tile_filter(const Subspaces& s, const SpringTiles& tiles, int degree,
                               cudaStream_t stream);

}  // namespace modesweep::gpu
