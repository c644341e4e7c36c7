// SPDX-License-Identifier: MIT
// The launches that the engine calls with plain pointers, on to the kernels with counting ones.
#include <cuda_runtime_api.h>

#include "counting/counting.hpp"
#include "kernels/device/eigenpairs.hpp"
#include "kernels/device/hessian.hpp"
#include "kernels/device/subspace.hpp"

namespace modesweep::gpu {

using Double = counting::Real<double>;

cudaError_t launch_spectral_bounds(const DeviceBatch& batch, Double* bounds, cudaStream_t stream);
cudaError_t launch_dense_hessians(const DeviceBatch& batch, const Double* bounds, int edge,
                                  Double* matrices, cudaStream_t stream);
cudaError_t launch_select_modes(const Double* values, const int* info, const BatchEntry* entries,
                                int matrices, int edge, int modes, Double zero,
                                Selection* selections, Double* chosen, cudaStream_t stream);
cudaError_t launch_gather_vectors(const Double* matrices_in, const Selection* selections,
                                  int matrices, int edge, int modes, Double* vectors,
                                  cudaStream_t stream);
cudaError_t launch_residual_norms(const Double* products, const Double* vectors,
                                  const Double* values, const Selection* selections, int matrices,
                                  int edge, int modes, Double* residuals, cudaStream_t stream);
cudaError_t launch_take_columns(const Subspaces& s, const Selection* selections, int modes,
                                Double* out, cudaStream_t stream);

FilterPlan filter_plan(counting::Integer<std::int32_t> nodes, std::size_t shared_limit);

namespace {
Double* counted(double* plain) { return reinterpret_cast<Double*>(plain); }
const Double* counted(const double* plain) { return reinterpret_cast<const Double*>(plain); }
}  // namespace

cudaError_t launch_spectral_bounds(const DeviceBatch& batch, double* bounds, cudaStream_t stream) {
  return launch_spectral_bounds(batch, counted(bounds), stream);
}
cudaError_t launch_dense_hessians(const DeviceBatch& batch, const double* bounds, int edge,
                                  double* matrices, cudaStream_t stream) {
  return launch_dense_hessians(batch, counted(bounds), edge, counted(matrices), stream);
}
cudaError_t launch_select_modes(const double* values, const int* info, const BatchEntry* entries,
                                int matrices, int edge, int modes, double zero,
                                Selection* selections, double* chosen, cudaStream_t stream) {
  return launch_select_modes(counted(values), info, entries, matrices, edge, modes, Double(zero),
                             selections, counted(chosen), stream);
}
cudaError_t launch_gather_vectors(const double* matrices_in, const Selection* selections,
                                  int matrices, int edge, int modes, double* vectors,
                                  cudaStream_t stream) {
  return launch_gather_vectors(counted(matrices_in), selections, matrices, edge, modes,
                               counted(vectors), stream);
}
cudaError_t launch_residual_norms(const double* products, const double* vectors,
                                  const double* values, const Selection* selections, int matrices,
                                  int edge, int modes, double* residuals, cudaStream_t stream) {
  return launch_residual_norms(counted(products), counted(vectors), counted(values), selections,
                               matrices, edge, modes, counted(residuals), stream);
}
cudaError_t launch_take_columns(const Subspaces& s, const Selection* selections, int modes,
                                double* out, cudaStream_t stream) {
  return launch_take_columns(s, selections, modes, counted(out), stream);
}

FilterPlan filter_plan(std::int32_t nodes, std::size_t shared_limit) {
  return filter_plan(counting::Integer<std::int32_t>(nodes), shared_limit);
}

}  // namespace modesweep::gpu
