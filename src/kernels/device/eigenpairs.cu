// SPDX-License-Identifier: MIT
#include "kernels/device/eigenpairs.hpp"

#include <cmath>

#include <device_layer.cuh>

namespace modesweep::gpu {
namespace {

constexpr int threads = 128;

/// One thread a matrix.
__global__ void __launch_bounds__(threads)
    select_modes(const double* __restrict__ values, const int* __restrict__ info,
                 const BatchEntry* __restrict__ entries, int matrices, int edge, int modes,
                 double zero, Selection* __restrict__ selections, double* __restrict__ chosen) {
  const int matrix = static_cast<int>(blockIdx.x) * threads + static_cast<int>(threadIdx.x);
  if (matrix >= matrices) return;
  const double* const own = values + static_cast<std::size_t>(matrix) * edge;
  int zeros = 0, count = 0;
  if (info[matrix] == 0) {
    const int n = 3 * entries[matrix].nodes;
    while (zeros < n && own[zeros] < zero) ++zeros;
    count = modes < n - zeros ? modes : n - zeros;
  }
  selections[matrix].first = zeros;
  selections[matrix].count = count;
  for (int j = 0; j < modes; ++j)
    chosen[static_cast<std::size_t>(matrix) * modes + j] = j < count ? own[zeros + j] : 0;
}

/// One block a column.
__global__ void __launch_bounds__(threads)
    gather_vectors(const double* __restrict__ matrices, const Selection* __restrict__ selections,
                   int edge, int modes, double* __restrict__ vectors) {
  const int mode = static_cast<int>(blockIdx.x) % modes;
  const std::size_t matrix = static_cast<std::size_t>(static_cast<int>(blockIdx.x) / modes);
  const Selection selection = selections[matrix];
  const double* const column =
      matrices + (matrix * edge + static_cast<std::size_t>(selection.first + mode)) * edge;
  double* const out = vectors + (matrix * modes + static_cast<std::size_t>(mode)) * edge;
  const bool wanted = mode < selection.count;
  for (int row = static_cast<int>(threadIdx.x); row < edge; row += threads)
    out[row] = wanted ? column[row] : 0;
}

/// One block a vector; the sum is taken in an order that depends on `edge` only.
__global__ void __launch_bounds__(threads)
    residual_norms(const double* __restrict__ products, const double* __restrict__ vectors,
                   const double* __restrict__ values, const Selection* __restrict__ selections,
                   int edge, int modes, double* __restrict__ residuals) {
  SharedMemory shared;
  double* const sums = shared.take<double>(threads);
  const int mode = static_cast<int>(blockIdx.x) % modes;
  const std::size_t matrix = static_cast<std::size_t>(static_cast<int>(blockIdx.x) / modes);
  const Selection selection = selections[matrix];
  const std::size_t vector = matrix * modes + static_cast<std::size_t>(mode);
  const int thread = static_cast<int>(threadIdx.x);
  double sum = 0;
  if (mode < selection.count) {
    const double value = values[matrix * edge + static_cast<std::size_t>(selection.first + mode)];
    for (int row = thread; row < edge; row += threads) {
      const double difference =
          products[vector * edge + row] - value * vectors[vector * edge + row];
      sum += difference * difference;
    }
  }
  sums[thread] = sum;
  __syncthreads();
  for (int half = threads / 2; half > 0; half /= 2) {
    if (thread < half) sums[thread] += sums[thread + half];
    __syncthreads();
  }
  if (thread == 0) residuals[vector] = sqrt(sums[0]);
}

}  // namespace

cudaError_t eigenpairs_kernels_load() {
  cudaFuncAttributes attributes;
  return cudaFuncGetAttributes(&attributes, reinterpret_cast<const void*>(&gather_vectors));
}

cudaError_t launch_select_modes(const double* values, const int* info, const BatchEntry* entries,
                                int matrices, int edge, int modes, double zero,
                                Selection* selections, double* chosen, cudaStream_t stream) {
  return launch(select_modes, dim3((matrices + threads - 1) / threads), dim3(threads), 0, stream,
                values, info, entries, matrices, edge, modes, zero, selections, chosen);
}

cudaError_t launch_gather_vectors(const double* matrices_in, const Selection* selections,
                                  int matrices, int edge, int modes, double* vectors,
                                  cudaStream_t stream) {
  return launch(gather_vectors, dim3(modes * matrices), dim3(threads), 0, stream, matrices_in,
                selections, edge, modes, vectors);
}

cudaError_t launch_residual_norms(const double* products, const double* vectors,
                                  const double* values, const Selection* selections, int matrices,
                                  int edge, int modes, double* residuals, cudaStream_t stream) {
  return launch(residual_norms, dim3(modes * matrices), dim3(threads),
                SharedMemory::shared_bytes<double>(threads), stream, products, vectors, values,
                selections, edge, modes, residuals);
}

}  // namespace modesweep::gpu
