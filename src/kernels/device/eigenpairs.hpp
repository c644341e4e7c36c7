// SPDX-License-Identifier: MIT
// From the eigenpairs of a bucket of dense matrices to modes with residuals.
#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>

#include "kernels/device/batch.hpp"

namespace modesweep::gpu {

/// The eigenpairs of one matrix that are wanted.
struct Selection {
  std::int32_t first;  ///< column
  std::int32_t count;
};

/// Whether this device can run the kernels of eigenpairs.cu: cudaSuccess, or why not.
cudaError_t eigenpairs_kernels_load();

/// selections[k]: of the ascending `values` of matrix k, `edge` of them, the first `modes` that are
/// no less than `zero`, of those of the network; none where info[k] says that cuSOLVER failed. What
/// is padding comes last. chosen[k * modes + j]: those values, 0 beyond them.
cudaError_t launch_select_modes(const double* values, const int* info, const BatchEntry* entries,
                                int matrices, int edge, int modes, double zero,
                                Selection* selections, double* chosen, cudaStream_t stream);

/// vectors[k][j]: column first + j of matrix k, or zeros from `count` on; the `modes` columns of
/// each of `matrices` matrices lie one after another, `edge` long.
cudaError_t launch_gather_vectors(const double* matrices_in, const Selection* selections,
                                  int matrices, int edge, int modes, double* vectors,
                                  cudaStream_t stream);

/// residuals[k * modes + j] = |products[k][j] - lambda vectors[k][j]|, where products hold H times
/// the vectors, and lambda is values[k * edge + first + j]; 0 from `count` on.
cudaError_t launch_residual_norms(const double* products, const double* vectors,
                                  const double* values, const Selection* selections, int matrices,
                                  int edge, int modes, double* residuals, cudaStream_t stream);

}  // namespace modesweep::gpu
