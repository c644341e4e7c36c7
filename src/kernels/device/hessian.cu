// SPDX-License-Identifier: MIT
#include "kernels/device/hessian.hpp"

#include <cmath>

#include <device_layer.cuh>

#include "host/network/spring.hpp"

namespace modesweep::gpu {
namespace {

/// The largest eigenvalue of the symmetric matrix with diagonal (a, b, c) and the rest d = (0, 1),
/// e = (0, 2), f = (1, 2), by the trigonometric formula (Smith 1961).
__device__ double largest_eigenvalue(double a, double b, double c, double d, double e, double f) {
  const double mean = (a + b + c) / 3;
  const double off = d * d + e * e + f * f;
  a -= mean;
  b -= mean;
  c -= mean;
  const double spread = sqrt((a * a + b * b + c * c + 2 * off) / 6);
  if (spread == 0) return mean;
  const double determinant = a * (b * c - f * f) - d * (d * c - f * e) + e * (d * f - b * e);
  const double cosine = determinant / (2 * spread * spread * spread);
  return mean + 2 * spread * cos(acos(fmin(1.0, fmax(-1.0, cosine))) / 3);
}

constexpr int bound_threads = 128;

/// One block a network.
__global__ void __launch_bounds__(bound_threads, 1)
    spectral_bounds(DeviceBatch batch, double* __restrict__ bounds) {
  SharedMemory shared;
  double* const largest = shared.take<double>(bound_threads);
  const BatchEntry entry = batch.entries[blockIdx.x];
  const double* const positions = batch.positions + 3 * entry.first_node;
  const std::int32_t* const offsets = batch.offsets + entry.first_offset;
  const std::int32_t* const neighbours = batch.neighbours + entry.first_contact;
  const int thread = static_cast<int>(threadIdx.x);
  double mine = 0;
  for (int i = thread; i < entry.nodes; i += bound_threads) {
    double diagonal[6] = {};
    for (int k = offsets[i]; k < offsets[i + 1]; ++k) {
      const Spring s = unit_spring(positions + 3 * i, positions + 3 * neighbours[k]);
      diagonal[0] += s.element(0, 0);
      diagonal[1] += s.element(1, 1);
      diagonal[2] += s.element(2, 2);
      diagonal[3] += s.element(0, 1);
      diagonal[4] += s.element(0, 2);
      diagonal[5] += s.element(1, 2);
    }
    mine = fmax(mine, largest_eigenvalue(diagonal[0], diagonal[1], diagonal[2], diagonal[3],
                                         diagonal[4], diagonal[5]));
  }
  largest[thread] = mine;
  __syncthreads();
  for (int half = bound_threads / 2; half > 0; half /= 2) {
    if (thread < half) largest[thread] = fmax(largest[thread], largest[thread + half]);
    __syncthreads();
  }
  // The formula's rounding must not make the bound less than one.
  if (thread == 0) bounds[blockIdx.x] = 2 * largest[0] * (1 + 1e-12);
}

constexpr int tile_nodes = 128;
constexpr int tile_rows = 3 * tile_nodes;
constexpr int assembly_threads = 128;

/// One block for three columns of a matrix: those of one node, or padding. The columns are put
/// together in shared memory, tile after tile, so that each element is written once and in a run.
__global__ void __launch_bounds__(assembly_threads, 1)
    dense_hessians(DeviceBatch batch, const double* __restrict__ bounds, int edge,
                   double* __restrict__ matrices) {
  SharedMemory shared;
  double* const tile = shared.take<double>(3 * tile_rows);
  double* const diagonal = shared.take<double>(9);
  const int columns_of_nodes = (edge + 2) / 3;
  const int network = static_cast<int>(blockIdx.x) / columns_of_nodes;
  const int node = static_cast<int>(blockIdx.x) % columns_of_nodes;
  const BatchEntry entry = batch.entries[network];
  const double* const positions = batch.positions + 3 * entry.first_node;
  const std::int32_t* const offsets = batch.offsets + entry.first_offset;
  const std::int32_t* const neighbours = batch.neighbours + entry.first_contact;
  double* const matrix = matrices + static_cast<std::size_t>(network) * edge * edge;
  const double pad = 1.05 * bounds[network];
  const int thread = static_cast<int>(threadIdx.x);
  const bool real = node < entry.nodes;
  const int begin = real ? offsets[node] : 0;
  const int end = real ? offsets[node + 1] : 0;

  // The sum over contacts goes in their order, as on the host: one thread an element.
  if (thread < 9) {
    const int a = thread / 3;
    const int b = thread % 3;
    double sum = 0;
    for (int k = begin; k < end; ++k) {
      const double* const here = positions + 3 * node;
      const double* const there = positions + 3 * neighbours[k];
      sum += unit_spring(here, there).element(a, b);
    }
    diagonal[thread] = sum;
  }
  for (int first = 0; first < edge; first += tile_rows) {
    for (int i = thread; i < 3 * tile_rows; i += assembly_threads) tile[i] = 0;
    __syncthreads();
    const int first_node = first / 3;
    for (int k = begin + thread; k < end; k += assembly_threads) {
      const int other = neighbours[k];
      const int local = other - first_node;
      if (local < 0 || local >= tile_nodes) continue;
      const Spring s = unit_spring(positions + 3 * node, positions + 3 * other);
      for (int a = 0; a < 3; ++a)
        for (int b = 0; b < 3; ++b) tile[a * tile_rows + 3 * local + b] = -s.element(a, b);
    }
    const int local = node - first_node;
    if (thread < 9 && local >= 0 && local < tile_nodes) {
      const int a = thread / 3;
      const int b = thread % 3;
      tile[a * tile_rows + 3 * local + b] = real ? diagonal[thread] : (a == b ? pad : 0);
    }
    __syncthreads();
    const int rows = edge - first < tile_rows ? edge - first : tile_rows;
    for (int a = 0; a < 3 && 3 * node + a < edge; ++a)
      for (int row = thread; row < rows; row += assembly_threads)
        matrix[static_cast<std::size_t>(3 * node + a) * edge + first + row] =
            tile[a * tile_rows + row];
    __syncthreads();
  }
}

}  // namespace

cudaError_t hessian_kernels_load() {
  cudaFuncAttributes attributes;
  return cudaFuncGetAttributes(&attributes, reinterpret_cast<const void*>(&spectral_bounds));
}

cudaError_t launch_spectral_bounds(const DeviceBatch& batch, double* bounds, cudaStream_t stream) {
  return launch(spectral_bounds, dim3(batch.networks), dim3(bound_threads),
                SharedMemory::shared_bytes<double>(bound_threads), stream, batch, bounds);
}

cudaError_t launch_dense_hessians(const DeviceBatch& batch, const double* bounds, int edge,
                                  double* matrices, cudaStream_t stream) {
  return launch(
      dense_hessians, dim3((edge + 2) / 3 * batch.networks), dim3(assembly_threads),
      SharedMemory::shared_bytes<double>(3 * tile_rows) + SharedMemory::shared_bytes<double>(9),
      stream, batch, bounds, edge, matrices);
}

}  // namespace modesweep::gpu
