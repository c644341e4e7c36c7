// SPDX-License-Identifier: MIT
#include "kernels/device/tiles.hpp"

#include <cstdint>

#include "kernels/device/filter_step.cuh"
#include "kernels/device/hessian_times.cuh"

namespace modesweep::gpu {
namespace {

constexpr int own_columns = 4;  // of a thread, which loads as many values at once

struct alignas(16) Quad {
  float value[own_columns];
};

/// The threads of a block that have a tile each, side by side as many as its columns need.
template <int columns>
struct Groups {
  static constexpr int block = tile_threads(columns);
  static constexpr int threads = columns / own_columns;
  static constexpr int count = block / threads;
};

/// The tile that a group has in this launch; its first node may be beyond the last one.
struct Tile {
  Active active;
  BatchEntry entry;
  int first;  ///< node
};
template <int columns, int nodes>
__device__ Tile tile_of_group(const Subspaces& s, int group) {
  const int block = static_cast<int>(blockIdx.x);
  Tile tile;
  tile.active = active_of_block(s, &Active::step_block, block);
  tile.entry = s.batch.entries[tile.active.network];
  tile.first = ((block - tile.active.step_block) * Groups<columns>::count + group) * nodes;
  return tile;
}

/// A thread a tile: merges the lists of its nodes, which ascend.
template <int columns, int nodes>
__global__ void __launch_bounds__(Groups<columns>::count)
    spring_tiles(Subspaces s, SpringTiles tiles) {
  const Tile tile = tile_of_group<columns, nodes>(s, static_cast<int>(threadIdx.x));
  const BatchEntry& entry = tile.entry;
  if (tile.first >= entry.nodes) return;
  const Contacts contacts = contacts_of(s, entry);
  const double* const positions = s.batch.positions + 3 * entry.first_node;
  std::int32_t next[nodes], end[nodes];
  double diagonal[nodes][6] = {};
  for (int n = 0; n < nodes; ++n) {
    const bool real = tile.first + n < entry.nodes;
    next[n] = real ? contacts.offsets[tile.first + n] : std::int32_t{0};
    end[n] = real ? contacts.offsets[tile.first + n + 1] : std::int32_t{0};
  }
  Spring<float>* spring =
      tiles.springs + (entry.first_contact + contacts.offsets[tile.first]) * nodes;
  int count = 0;
  for (;; ++count, spring += nodes) {
    int other = entry.nodes;
    MODESWEEP_UNROLL
    for (int n = 0; n < nodes; ++n)
      if (next[n] < end[n] && contacts.neighbours[next[n]] < other)
        other = contacts.neighbours[next[n]];
    if (other == entry.nodes) break;
    MODESWEEP_UNROLL
    for (int n = 0; n < nodes; ++n) {
      double e[3] = {0, 0, 0};
      if (next[n] < end[n] && contacts.neighbours[next[n]] == other) {
        next[n] += 1;
        for (int a = 0; a < 3; ++a)
          e[a] = positions[3 * other + a] - positions[3 * (tile.first + n) + a];
        const double scale = inverse_root((e[0] * e[0] + e[1] * e[1]) + e[2] * e[2]);
        for (int a = 0; a < 3; ++a) e[a] *= scale;
        int element = 0;
        for (int a = 0; a < 3; ++a)
          for (int b = a; b < 3; ++b) diagonal[n][element++] += e[a] * e[b];
      }
      for (int a = 0; a < 3; ++a) spring[n].direction[a] = static_cast<float>(e[a]);
      spring[n].other = other;
    }
  }
  tiles.neighbours[entry.first_node + tile.first] = count;
  for (int n = 0; n < nodes && tile.first + n < entry.nodes; ++n)
    for (int i = 0; i < 6; ++i)
      tiles.diagonal[6 * (entry.first_node + tile.first + n) + i] =
          static_cast<float>(diagonal[n][i]);
}

/// sum = the springs' part of (H z) of a tile's nodes, of the columns that `z` begins with.
template <int columns, int nodes>
__device__ void pull_of_neighbours(const Spring<float>* __restrict__ springs, int count,
                                   const float* __restrict__ z,
                                   float (&sum)[nodes][3][own_columns]) {
  MODESWEEP_UNROLL_BY(2)
  for (int k = 0; k < count; ++k, springs += nodes) {
    Spring<float> spring[nodes];
    MODESWEEP_UNROLL
    for (int n = 0; n < nodes; ++n) spring[n] = springs[n];
    const float* const row = z + 3 * columns * spring[0].other;
    Quad y[3];
    MODESWEEP_UNROLL
    for (int a = 0; a < 3; ++a) y[a] = *reinterpret_cast<const Quad*>(row + a * columns);
    MODESWEEP_UNROLL
    for (int n = 0; n < nodes; ++n) {
      const float(&e)[3] = spring[n].direction;
      MODESWEEP_UNROLL
      for (int c = 0; c < own_columns; ++c) {
        const float pull = e[0] * y[0].value[c] + e[1] * y[1].value[c] + e[2] * y[2].value[c];
        MODESWEEP_UNROLL
        for (int a = 0; a < 3; ++a) sum[n][a][c] -= pull * e[a];
      }
    }
  }
}

/// What a step makes of one node's H z; the node's rows begin at `first`.
template <int columns>
__device__ void finish_node(const TileStep& step, const Step (&scalars)[own_columns],
                            const float* diagonal, std::size_t first,
                            float (&sum)[3][own_columns]) {
  Quad x[3];
  MODESWEEP_UNROLL
  for (int a = 0; a < 3; ++a) x[a] = *reinterpret_cast<const Quad*>(step.z + first + a * columns);
  MODESWEEP_UNROLL
  for (int a = 0; a < 3; ++a) MODESWEEP_UNROLL
  for (int b = 0; b < 3; ++b) {
    const float d = diagonal[a < b ? a * (5 - a) / 2 + b : b * (5 - b) / 2 + a];
    MODESWEEP_UNROLL
    for (int c = 0; c < own_columns; ++c) sum[a][c] += d * x[b].value[c];
  }
  MODESWEEP_UNROLL
  for (int a = 0; a < 3; ++a) {
    Quad result;
    if (step.index < 0) {
      MODESWEEP_UNROLL
      for (int c = 0; c < own_columns; ++c) result.value[c] = sum[a][c];
    } else {
      Quad before, residual = {};
      before = *reinterpret_cast<const Quad*>(step.before + first + a * columns);
      if (step.residuals)
        residual = *reinterpret_cast<const Quad*>(step.residuals + first + a * columns);
      MODESWEEP_UNROLL
      for (int c = 0; c < own_columns; ++c)
        result.value[c] =
            scalars[c].next(sum[a][c], x[a].value[c], residual.value[c], before.value[c]);
    }
    *reinterpret_cast<Quad*>(step.out + first + a * columns) = result;
  }
}

template <int columns, int nodes>
__global__ void __launch_bounds__(Groups<columns>::block)
    tile_step(Subspaces s, SpringTiles tiles, TileStep step) {
  const int thread = static_cast<int>(threadIdx.x);
  const int group = thread / Groups<columns>::threads;
  const int column = thread % Groups<columns>::threads * own_columns;
  const Tile tile = tile_of_group<columns, nodes>(s, group);
  const BatchEntry& entry = tile.entry;
  if (group >= Groups<columns>::count || tile.first >= entry.nodes ||
      step.index >= tile.active.degree)
    return;
  const std::size_t first_row = static_cast<std::size_t>(3 * entry.first_node) * columns + column;
  const auto first_spring = entry.first_contact + s.batch.offsets[entry.first_offset + tile.first];
  float sum[nodes][3][own_columns] = {};
  pull_of_neighbours<columns, nodes>(tiles.springs + first_spring * nodes,
                                     tiles.neighbours[entry.first_node + tile.first],
                                     step.z + first_row, sum);
  Step scalars[own_columns];
  if (step.index >= 0)
    for (int c = 0; c < own_columns; ++c)
      scalars[c] = Step::of<columns>(s, tile.active.network, step.index, column + c);
  MODESWEEP_UNROLL
  for (int n = 0; n < nodes; ++n) {
    if (tile.first + n >= entry.nodes) break;
    finish_node<columns>(step, scalars, tiles.diagonal + 6 * (entry.first_node + tile.first + n),
                         first_row + static_cast<std::size_t>(3 * (tile.first + n)) * columns,
                         sum[n]);
  }
}

/// f(columns, nodes) as constants.
template <class F>
cudaError_t with_shape(int columns, int nodes, F&& f) {
  const auto with_nodes = [&](auto width) {
    return nodes == 2 ? f(width, std::integral_constant<int, 2>())
                      : f(width, std::integral_constant<int, 4>());
  };
  switch (columns) {
    case 8: return with_nodes(std::integral_constant<int, 8>());
    case 32: return with_nodes(std::integral_constant<int, 32>());
    case 40: return with_nodes(std::integral_constant<int, 40>());
    default: return cudaErrorInvalidValue;
  }
}

}  // namespace

cudaError_t tile_kernels_load() {
  cudaFuncAttributes attributes;
  return cudaFuncGetAttributes(&attributes, reinterpret_cast<const void*>(&tile_step<8, 2>));
}

cudaError_t launch_spring_tiles(const Subspaces& s, const SpringTiles& tiles, cudaStream_t stream) {
  return with_shape(s.columns, tiles.nodes, [&](auto columns, auto nodes) {
    return launch(spring_tiles<columns(), nodes()>, dim3(s.step_blocks),
                  dim3(Groups<columns()>::count), 0, stream, s, tiles);
  });
}

cudaError_t launch_tile_step(const Subspaces& s, const SpringTiles& tiles, const TileStep& step,
                             cudaStream_t stream) {
  return with_shape(s.columns, tiles.nodes, [&](auto columns, auto nodes) {
    return launch(tile_step<columns(), nodes()>, dim3(s.step_blocks),
                  dim3(Groups<columns()>::block), 0, stream, s, tiles, step);
  });
}

}  // namespace modesweep::gpu
