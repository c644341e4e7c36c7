// SPDX-License-Identifier: MIT
#include "kernels/device/mode_properties.hpp"

#include <cmath>

#include <device_layer.cuh>

namespace modesweep::gpu {
namespace {

constexpr int terms = 2 * modes_with_collectivity;  // of the sums over nodes
constexpr int threads = 128;                        // of the kernel that sums over runs

__device__ int first_run(const DeviceBatch& batch, int network) {
  return static_cast<int>(batch.entries[network].first_node / run_nodes) + network;
}

/// The network that has this run, or that has had its last run before.
__device__ int network_of_run(const DeviceBatch& batch, int run) {
  int low = 0, high = batch.networks;
  while (high - low > 1) {
    const int middle = (low + high) / 2;
    if (first_run(batch, middle) <= run)
      low = middle;
    else
      high = middle;
  }
  return low;
}

/// |v|^2 of the node whose x is the first element.
__device__ double square_length(const double* element, std::int64_t row_stride) {
  const double x = element[0], y = element[row_stride], z = element[2 * row_stride];
  return x * x + y * y + z * z;
}

/// A block a run, a thread a node.
__global__ void __launch_bounds__(run_nodes)
    node_properties(ModeArrays modes, ModeProperties properties) {
  SharedMemory shared;
  double* const sums = shared.take<double>(terms * run_nodes);
  const int run = static_cast<int>(blockIdx.x);
  const int thread = static_cast<int>(threadIdx.x);
  const int network = network_of_run(modes.batch, run);
  const BatchEntry entry = modes.batch.entries[network];
  const Selection selection = modes.selections[network];
  const int first = (run - first_run(modes.batch, network)) * run_nodes;
  if (selection.count == 0 || first >= entry.nodes) return;
  const int node = first + thread;
  const bool is_node = node < entry.nodes;
  const double* const vectors = modes.vectors + network * modes.network_stride +
                                entry.first_node * modes.node_stride + 3 * node * modes.row_stride +
                                selection.first * modes.column_stride;
  MODESWEEP_UNROLL_BY(1)
  for (int j = 0; j < modes_with_collectivity; ++j) {
    const bool has_mode = is_node && j < selection.count;
    const double square =
        has_mode ? square_length(vectors + j * modes.column_stride, modes.row_stride) : 0;
    if (is_node && j == 0) properties.square_amplitudes[entry.first_node + node] = square;
    sums[2 * j * run_nodes + thread] = square;
    sums[(2 * j + 1) * run_nodes + thread] = square > 0 ? square * log(square) : 0;
  }
  if (is_node && properties.square_fluctuations != nullptr) {
    const double* const values = modes.values + network * modes.value_stride + selection.first;
    double sum = 0;
    MODESWEEP_UNROLL_BY(2)
    for (int j = 0; j < selection.count; ++j)
      sum += square_length(vectors + j * modes.column_stride, modes.row_stride) / values[j];
    properties.square_fluctuations[entry.first_node + node] = sum;
  }
  __syncthreads();
  for (int half = run_nodes / 2; half > 0; half /= 2) {
    if (thread < half)
      for (int term = 0; term < terms; ++term)
        sums[term * run_nodes + thread] += sums[term * run_nodes + thread + half];
    __syncthreads();
  }
  if (thread < terms)
    properties.partial[static_cast<std::size_t>(run) * terms + thread] = sums[thread * run_nodes];
}

/// A thread a network and mode.
__global__ void __launch_bounds__(threads)
    collectivities(ModeArrays modes, ModeProperties properties) {
  const int index = static_cast<int>(blockIdx.x) * threads + static_cast<int>(threadIdx.x);
  const int network = index / modes_with_collectivity, mode = index % modes_with_collectivity;
  if (network >= modes.batch.networks) return;
  double collectivity = 0;
  if (mode < modes.selections[network].count) {
    const int nodes = modes.batch.entries[network].nodes;
    const int first = first_run(modes.batch, network);
    double total = 0, entropy = 0;
    for (int run = 0; run * run_nodes < nodes; ++run) {
      const double* const partial =
          properties.partial + static_cast<std::size_t>(first + run) * terms + 2 * mode;
      total += partial[0];
      entropy += partial[1];
    }
    collectivity = exp(log(total) - entropy / total) / nodes;
  }
  properties.collectivities[index] = collectivity;
}

}  // namespace

cudaError_t mode_property_kernels_load() {
  cudaFuncAttributes attributes;
  return cudaFuncGetAttributes(&attributes, reinterpret_cast<const void*>(&node_properties));
}

cudaError_t launch_mode_properties(const ModeArrays& modes, const ModeProperties& properties,
                                   cudaStream_t stream) {
  const cudaError_t result =
      launch(node_properties, dim3(properties.runs), dim3(run_nodes),
             SharedMemory::shared_bytes<double>(terms * run_nodes), stream, modes, properties);
  if (result != cudaSuccess) return result;
  return launch(collectivities,
                dim3((modes_with_collectivity * modes.batch.networks + threads - 1) / threads),
                dim3(threads), 0, stream, modes, properties);
}

}  // namespace modesweep::gpu
