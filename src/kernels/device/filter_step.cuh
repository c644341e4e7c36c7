// SPDX-License-Identifier: MIT
// One step of a Chebyshev filter, value by value: what all forms of the filter have in common.
#pragma once

#include <cstddef>

#include <device_layer.cuh>

#include "kernels/device/subspace.hpp"

namespace modesweep::gpu {

template <int columns>
constexpr int row_values = table_row(columns);

/// Row k of a network's table: the weights of step k for each column, then its factors.
template <int columns>
__device__ float* step_scalars(const Subspaces& s, int network, int step) {
  return s.table + (static_cast<std::size_t>(network) * s.table_steps + step) * row_values<columns>;
}

/// What one step does to a value once H Z_k is known.
class Step {
 public:
  template <int columns>
  __device__ static Step of(const Subspaces& s, int network, int step, int column) {
    const float* const row = step_scalars<columns>(s, network, step);
    Step result;
    result.weight_ = row[column];
    result.factor_ = row[columns];
    result.keep_ = row[columns + 1];
    result.centre_ = row[columns + 2];
    return result;
  }

  /// Z_1 = sigma / e R.
  __device__ float first(float residual) const { return factor_ * residual; }

  /// Z_k+1 = factor (H Z_k - c Z_k + R weight_k) - keep Z_k-1.
  __device__ float next(float product, float z, float residual, float before) const {
    return factor_ * (product - centre_ * z + residual * weight_) - keep_ * before;
  }

 private:
  float weight_, factor_, keep_, centre_;
};

}  // namespace modesweep::gpu
