// SPDX-License-Identifier: MIT
#include "kernels/device/eigenpairs.hpp"

#include <cmath>

#include <device_layer.cuh>

namespace modesweep::gpu {
namespace {

constexpr int threads = 128;

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
