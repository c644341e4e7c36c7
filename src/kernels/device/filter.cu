// SPDX-License-Identifier: MIT
#include <cstdint>

#include "kernels/device/filter_step.cuh"
#include "kernels/device/hessian_times.cuh"
#include "kernels/device/subspace.hpp"

namespace modesweep::gpu {
namespace {

/// The ends of the interval that the filter damps: from the block's largest Ritz value up.
template <int columns>
__device__ double half_width(const Subspaces& s, int network) {
  return (s.ends[network] - s.theta[static_cast<std::size_t>(network + 1) * columns - 1]) / 2;
}
template <int columns>
__device__ double centre(const Subspaces& s, int network) {
  return (s.ends[network] + s.theta[static_cast<std::size_t>(network + 1) * columns - 1]) / 2;
}

/// Scalars of the filter, one block a network. With e and c half width and centre of the interval:
/// weight_1 = (theta - c) sigma / e, and weight_k+1 = 2 sigma' / e (theta - c) weight_k -
/// sigma sigma' weight_k-1.
template <int columns>
__global__ void __launch_bounds__(columns) filter_table(Subspaces s) {
  const Active active = s.active[blockIdx.x];
  const int column = static_cast<int>(threadIdx.x);
  const double half = half_width<columns>(s, active.network);
  const double middle = centre<columns>(s, active.network);
  const double theta = s.theta[static_cast<std::size_t>(active.network) * columns + column];
  const double first_sigma = half / middle;
  double sigma = first_sigma;
  double before = 1;
  double weight = (theta - middle) * (sigma / half);
  for (int step = 0; step < active.degree; ++step) {
    float* const row = step_scalars<columns>(s, active.network, step);
    const double next_sigma = 1 / (2 / first_sigma - sigma);
    // Step 0 begins the recurrence: Z_1 = sigma / e R.
    const double factor = step == 0 ? sigma / half : 2 * next_sigma / half;
    const double keep = step == 0 ? 0 : sigma * next_sigma;
    row[column] = static_cast<float>(step == 0 ? 1 : weight);
    if (column == 0) {
      row[columns] = static_cast<float>(factor);
      row[columns + 1] = static_cast<float>(keep);
      row[columns + 2] = static_cast<float>(middle);
    }
    if (step == 0) continue;
    const double next = factor * (theta - middle) * weight - keep * before;
    before = weight;
    weight = next;
    sigma = next_sigma;
  }
  s.last_weight[static_cast<std::size_t>(active.network) * columns + column] = weight;
}

/// Step k of the grid-wide form reads block k and writes the other.
template <int columns>
__device__ float* filter_block(const Subspaces& s, const BatchEntry& entry, int which) {
  return s.filter_blocks[which & 1] + static_cast<std::size_t>(3 * entry.first_node) * columns;
}

/// Z_0 = 0 and Z_1.
template <int columns>
__global__ void __launch_bounds__(columns* lanes) filter_start(Subspaces s, int first_tile) {
  const TileNode tile = node_of_tile(s, first_tile + static_cast<int>(blockIdx.x));
  const BatchEntry entry = s.batch.entries[tile.active.network];
  if (tile.node >= entry.nodes) return;
  const Thread thread = this_thread();
  const float* const residuals =
      s.residuals + static_cast<std::size_t>(3 * entry.first_node) * columns;
  float* const z0 = filter_block<columns>(s, entry, 0);
  float* const z1 = filter_block<columns>(s, entry, 1);
  const Step step = Step::of<columns>(s, tile.active.network, 0, thread.column);
  for (int a = 0; a < 3; ++a) {
    const std::size_t i = static_cast<std::size_t>(3 * tile.node + a) * columns + thread.column;
    z0[i] = 0;
    z1[i] = step.first(residuals[i]);
  }
}

template <int columns>
__global__ void __launch_bounds__(columns* lanes, 1)
    filter_step(Subspaces s, int first_tile, int step_index) {
  SharedMemory shared;
  Spring<float>* const springs = shared.take<Spring<float>>(columns * lanes);
  const TileNode tile = node_of_tile(s, first_tile + static_cast<int>(blockIdx.x));
  if (step_index >= tile.active.degree) return;
  const BatchEntry entry = s.batch.entries[tile.active.network];
  const Thread thread = this_thread();
  const float* const z = filter_block<columns>(s, entry, step_index);
  float* const out = filter_block<columns>(s, entry, step_index + 1);
  const float* const residuals =
      s.residuals + static_cast<std::size_t>(3 * entry.first_node) * columns;
  float product[3];
  hessian_times<columns, lanes>(contacts_of(s, entry), s.batch.positions + 3 * entry.first_node, z,
                                tile.node, springs, product);
  if (tile.node >= entry.nodes) return;
  const Step step = Step::of<columns>(s, tile.active.network, step_index, thread.column);
  for (int a = 0; a < 3; ++a) {
    const std::size_t i = static_cast<std::size_t>(3 * tile.node + a) * columns + thread.column;
    out[i] = step.next(product[a], z[i], residuals[i], out[i]);
  }
}

/// X = X weight_m + Z_m.
template <int columns>
__global__ void __launch_bounds__(columns* lanes) filter_end(Subspaces s, int first_tile) {
  const TileNode tile = node_of_tile(s, first_tile + static_cast<int>(blockIdx.x));
  const BatchEntry entry = s.batch.entries[tile.active.network];
  if (tile.node >= entry.nodes) return;
  const Thread thread = this_thread();
  const float* const z = filter_block<columns>(s, entry, tile.active.degree);
  double* const vectors = s.vectors + static_cast<std::size_t>(3 * entry.first_node) * columns;
  const double weight =
      s.last_weight[static_cast<std::size_t>(tile.active.network) * columns + thread.column];
  for (int a = 0; a < 3; ++a) {
    const std::size_t i = static_cast<std::size_t>(3 * tile.node + a) * columns + thread.column;
    vectors[i] = vectors[i] * weight + static_cast<double>(z[i]);
  }
}

constexpr int resident_threads = 512;  // of which two blocks find registers
// Columns of a block. With four the grid-wide form is faster at all sizes (docs/gpu.md).
constexpr int resident_slice = 8;

/// Bytes of shared memory that a network takes with `slice` columns at a time.
constexpr std::size_t resident_bytes(int nodes, int slice) {
  return SharedMemory::shared_bytes<SplitCoordinate>(3 * nodes) +
         2 * SharedMemory::shared_bytes<float>(3 * nodes * slice) +
         SharedMemory::shared_bytes<Spring<float>>(resident_threads);
}

/// The whole filter of `slice` columns of one network in one block: coordinates, Z_k and Z_k-1 stay
/// in shared memory, residuals and contacts stream by. Steps are parted by the block's own barrier.
template <int columns, int slice>
__global__ void __launch_bounds__(resident_threads, 2)
    filter_resident(Subspaces s, int first_active) {
  constexpr int slices = columns / slice;
  constexpr int groups = resident_threads / slice;  // of threads that work on a node together
  SharedMemory shared;
  const int block = static_cast<int>(blockIdx.x);
  const Active active = s.active[first_active + block / slices];
  const BatchEntry entry = s.batch.entries[active.network];
  const Contacts contacts = contacts_of(s, entry);
  const int rows = 3 * entry.nodes;
  Spring<float>* const springs = shared.take<Spring<float>>(resident_threads);
  SplitCoordinate* const positions = shared.take<SplitCoordinate>(rows);
  float* const even = shared.take<float>(rows * slice);
  float* const odd = shared.take<float>(rows * slice);
  const Thread thread = this_thread();
  const int column = block % slices * slice + thread.column;
  // Where this thread's column begins in the whole blocks, whose rows are `columns` long.
  const std::size_t first = static_cast<std::size_t>(3 * entry.first_node) * columns + column;

  MODESWEEP_UNROLL_BY(1)
  for (int i = thread.lane * slice + thread.column; i < rows; i += resident_threads)
    positions[i] = split(s.batch.positions[3 * entry.first_node + i]);
  const Step start = Step::of<columns>(s, active.network, 0, column);
  MODESWEEP_UNROLL_BY(1)
  for (int row = thread.lane; row < rows; row += groups) {
    even[row * slice + thread.column] = 0;
    odd[row * slice + thread.column] =
        start.first(s.residuals[first + static_cast<std::size_t>(row) * columns]);
  }
  __syncthreads();
  for (int k = 1; k < active.degree; ++k) {
    const float* const z = k % 2 == 0 ? even : odd;
    float* const out = k % 2 == 0 ? odd : even;
    for (int tile = 0; tile < entry.nodes; tile += groups) {
      const int node = tile + thread.lane;
      float product[3];
      hessian_times<slice, warp_threads / slice>(contacts, positions, z, node, springs, product);
      if (node >= entry.nodes) continue;
      const Step step = Step::of<columns>(s, active.network, k, column);
      const float* const residuals =
          s.residuals + first + static_cast<std::size_t>(3 * node) * columns;
      for (int a = 0; a < 3; ++a) {
        const int i = (3 * node + a) * slice + thread.column;
        out[i] = step.next(product[a], z[i], residuals[a * columns], out[i]);
      }
    }
    __syncthreads();
  }
  const float* const z = active.degree % 2 == 0 ? even : odd;
  const double weight = s.last_weight[static_cast<std::size_t>(active.network) * columns + column];
  MODESWEEP_UNROLL_BY(1)
  for (int row = thread.lane; row < rows; row += groups) {
    double& x = s.vectors[first + static_cast<std::size_t>(row) * columns];
    x = x * weight + static_cast<double>(z[row * slice + thread.column]);
  }
}

/// Z_0 and Z_1, what `steps` makes of them, and X.
template <int columns, class F>
cudaError_t filter_around(const Subspaces& s, int first_tile, int tiles, cudaStream_t stream,
                          F&& steps) {
  const dim3 blocks(tiles), threads(columns, lanes);
  cudaError_t result = launch(filter_start<columns>, blocks, threads, 0, stream, s, first_tile);
  if (result == cudaSuccess) result = steps();
  if (result == cudaSuccess)
    result = launch(filter_end<columns>, blocks, threads, 0, stream, s, first_tile);
  return result;
}

template <int columns>
cudaError_t filter_on_grid(const Subspaces& s, const FilterPart& part, cudaStream_t stream) {
  return filter_around<columns>(s, part.first_tile, part.tiles, stream, [&] {
    cudaError_t result = cudaSuccess;
    for (int step = 1; step < part.degree && result == cudaSuccess; ++step)
      result = launch(filter_step<columns>, dim3(part.tiles), dim3(columns, lanes),
                      SharedMemory::shared_bytes<Spring<float>>(columns * lanes), stream, s,
                      part.first_tile, step);
    return result;
  });
}

/// All active networks by spring tiles.
template <int columns>
cudaError_t filter_by_tiles(const Subspaces& s, const SpringTiles& tiles, int degree,
                            cudaStream_t stream) {
  return filter_around<columns>(s, 0, s.tile_blocks, stream, [&] {
    cudaError_t result = cudaSuccess;
    for (int step = 1; step < degree && result == cudaSuccess; ++step) {
      float* const out = s.filter_blocks[(step + 1) & 1];
      result = launch_tile_step(s, tiles, {s.filter_blocks[step & 1], out, out, s.residuals, step},
                                stream);
    }
    return result;
  });
}

template <int columns, int slice>
cudaError_t filter_in_blocks(const Subspaces& s, const FilterPart& part, cudaStream_t stream) {
  const cudaError_t result = cudaFuncSetAttribute(
      reinterpret_cast<const void*>(&filter_resident<columns, slice>),
      cudaFuncAttributeMaxDynamicSharedMemorySize, static_cast<int>(part.plan.shared_bytes));
  if (result != cudaSuccess) return result;
  return launch(filter_resident<columns, slice>, dim3(part.networks * (columns / slice)),
                dim3(slice, resident_threads / slice), part.plan.shared_bytes, stream, s,
                part.first);
}

template <int columns>
cudaError_t filter(const Subspaces& s, const FilterPart& part, cudaStream_t stream) {
  return part.plan.slice == resident_slice
             ? filter_in_blocks<columns, resident_slice>(s, part, stream)
             : filter_on_grid<columns>(s, part, stream);
}

template <int columns>
cudaError_t weights(const Subspaces& s, cudaStream_t stream) {
  return launch(filter_table<columns>, dim3(s.active_networks), dim3(columns), 0, stream, s);
}

}  // namespace

FilterPlan filter_plan(std::int32_t nodes, std::size_t shared_limit) {
  // What a multiprocessor has beside the limit for one block: it keeps so much for each block.
  constexpr std::size_t kept = 1024;
  // Two blocks side by side where they find room, since one waits at its barrier often.
  for (const std::size_t together : {2, 1}) {
    const std::size_t share = (shared_limit + kept) / together / 16 * 16;
    if (resident_bytes(nodes, resident_slice) + kept <= share)
      return {resident_slice, share - kept};
  }
  return {0, 0};
}

cudaError_t filter_kernels_load() {
  cudaFuncAttributes attributes;
  return cudaFuncGetAttributes(&attributes, reinterpret_cast<const void*>(&filter_step<40>));
}

cudaError_t launch_filter_weights(const Subspaces& s, cudaStream_t stream) {
  switch (s.columns) {
    case 32: return weights<32>(s, stream);
    case 40: return weights<40>(s, stream);
    default: return weights<48>(s, stream);
  }
}

cudaError_t launch_tile_filter(const Subspaces& s, const SpringTiles& tiles, int degree,
                               cudaStream_t stream) {
  return s.columns == 32 ? filter_by_tiles<32>(s, tiles, degree, stream)
                         : filter_by_tiles<40>(s, tiles, degree, stream);
}

cudaError_t launch_filter(const Subspaces& s, const FilterPart& part, cudaStream_t stream) {
  return s.columns == 40 ? filter<40>(s, part, stream) : filter<48>(s, part, stream);
}

}  // namespace modesweep::gpu
