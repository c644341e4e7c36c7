// SPDX-License-Identifier: MIT
// Hessians of a batch on the device, of springs of constant 1: bounds of their spectra, and dense
// matrices.
#pragma once

#include <cuda_runtime_api.h>

#include "kernels/device/batch.hpp"

namespace modesweep::gpu {

/// Whether this device can run the kernels of hessian.cu: cudaSuccess, or why not.
cudaError_t hessian_kernels_load();

/// bounds[k]: a rigorous upper bound of the largest eigenvalue of network k,
/// 2 max_i lambda_max(D_ii), where D_ii is the diagonal block of node i. (x'Hx sums
/// (d.(x_i - x_j))^2 over the contacts, which is at most twice the sum of x_i'D_ii x_i.)
cudaError_t launch_spectral_bounds(const DeviceBatch& batch, double* bounds, cudaStream_t stream);

/// Dense Hessians one after another, column-major and full, each `edge` x `edge`; the bits of
/// modesweep::dense::unit_hessian. What is beyond 3N is padding: bounds[k] * 1.05 on the diagonal,
/// so that its eigenvalues come last and the norm of the matrix stays what it was.
cudaError_t launch_dense_hessians(const DeviceBatch& batch, const double* bounds, int edge,
                                  double* matrices, cudaStream_t stream);

}  // namespace modesweep::gpu
