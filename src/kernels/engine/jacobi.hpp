// SPDX-License-Identifier: MIT
// Solver `jacobi`: dense Hessians made on the device, cuSOLVER's batched Jacobi method.
#pragma once

#include <span>
#include <vector>

#include <modesweep/modes.hpp>

#include "kernels/engine/item.hpp"
#include "kernels/engine/resources.hpp"
#include "kernels/engine/task.hpp"

namespace modesweep::gpu {

/// Beyond, all eigenpairs of a dense matrix make no sense: time grows with the cube.
inline constexpr std::int64_t largest_jacobi_network = 1000;

/// The edge of the matrices that a network goes into: at least 3N, a multiple of 32 (cuSOLVER's
/// block), at most a tenth or 32 more than needed. A function of N alone, since results may depend
/// on it.
int jacobi_edge(std::int64_t nodes);

/// Bytes of the device's memory, about.
std::size_t jacobi_bytes(const Network& network, const ModeRequest& request);

/// Networks of any sizes; each is solved in a bucket of its edge. Failures: `too_large`,
/// `not_converged`, `out_of_memory`. Throws DeviceError for what concerns the device.
Task<> solve_by_jacobi(DeviceResources& resources, Items items, ModeRequest request);

}  // namespace modesweep::gpu
