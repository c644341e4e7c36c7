// SPDX-License-Identifier: MIT
// Solver `chebyshev`: residual-based Chebyshev-filtered subspace iteration, without a matrix.
#pragma once

#include <cstddef>

#include <modesweep/modes.hpp>

#include "kernels/engine/item.hpp"
#include "kernels/engine/resources.hpp"
#include "kernels/engine/task.hpp"

namespace modesweep::gpu {

/// Whether a subspace can be had for this network; else solve_by_chebyshev leaves it to
/// solve_by_jacobi.
bool chebyshev_takes(const Network& network, const ModeRequest& request);

/// Bytes of the device's memory, about.
std::size_t chebyshev_bytes(const Network& network, const ModeRequest& request);

/// The method is that of Kodali, Ramakrishnan and Motamarri (arXiv 2503.22652; Chebyshev-filtered
/// subspace iteration: Zhou and others, J. Comput. Phys. 219:172, 2006): products of the
/// filter in single precision, everything that results depend on in double. Networks of any sizes
/// are solved together. Items without a layout, of what `chebyshev_takes` refuses, go to
/// `solve_by_jacobi`. Failures: `not_converged` (also
/// where the vectors became linearly dependent, and where there are too many zero modes beside the
/// rigid-body motions), `out_of_memory`, `too_large`. Throws DeviceError for what concerns the
/// device.
Task<> solve_by_chebyshev(DeviceResources& resources, Items items, ModeRequest request);

}  // namespace modesweep::gpu
