// SPDX-License-Identifier: MIT
// What follows from the modes of a batch, where the modes are: square amplitudes, square
// fluctuations, collectivities. All of it is a function of a network's own modes, to the bit.
#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>

#include "kernels/device/batch.hpp"
#include "kernels/device/eigenpairs.hpp"

namespace modesweep::gpu {

/// The modes of a batch. Element `row` (x y z of each node) of column c of network k is
/// vectors[k * network_stride + first_node * node_stride + row * row_stride + c * column_stride];
/// its eigenvalue is values[k * value_stride + c].
struct ModeArrays {
  DeviceBatch batch;
  const Selection* selections;  ///< of each network: its modes. A network without is passed over
  const double* vectors;
  std::int64_t network_stride, node_stride, row_stride, column_stride;
  const double* values;
  std::int64_t value_stride;
};

/// Sums over nodes are taken within runs of so many of a network, by halves, then over its runs.
inline constexpr int run_nodes = 64;
inline constexpr int modes_with_collectivity = 3;

/// Runs of a batch at most: those of network k begin at first_node / run_nodes + k.
constexpr std::size_t node_runs(std::size_t nodes, std::size_t networks) {
  return nodes / run_nodes + networks;
}

/// Device pointers to what is made of them, `gpu::node_runs` of the batch being `runs`.
struct ModeProperties {
  double* square_amplitudes;    ///< of mode 1, a node of the batch
  double* square_fluctuations;  ///< a node of the batch; null where nobody wants them
  double* collectivities;       ///< three a network, 0 where it has not as many modes
  double* partial;              ///< 2 x 3 a run
  int runs;
};

/// Whether this device can run the kernels of mode_properties.cu: cudaSuccess, or why not.
cudaError_t mode_property_kernels_load();

/// As modesweep::finish_modes, with collectivity = exp(ln T - E / T) / N from T, the sum of the
/// square amplitudes of a mode, and E, that of them times their logarithms.
cudaError_t launch_mode_properties(const ModeArrays& modes, const ModeProperties& properties,
                                   cudaStream_t stream);

}  // namespace modesweep::gpu
