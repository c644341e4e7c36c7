// SPDX-License-Identifier: MIT
// Solver `filtered`: filtered block Lanczos, without a matrix.
#pragma once

#include <cstddef>

#include <modesweep/modes.hpp>

#include "kernels/engine/item.hpp"
#include "kernels/engine/resources.hpp"
#include "kernels/engine/task.hpp"

namespace modesweep::gpu {

/// Whether it is for this network; else solve_by_filtered leaves it to solve_by_chebyshev.
bool filtered_takes(const Network& network, const ModeRequest& request);

/// Bytes of the device's memory, about.
std::size_t filtered_bytes(const Network& network, const ModeRequest& request);

/// The method of the CPU's solver of this name (host/solver/filtered): a block Krylov space of a
/// fixed Chebyshev filter in single precision, begun by smooth displacements, and its Ritz vectors
/// made exact as solver chebyshev does it: by Rayleigh-Ritz procedures in double precision and
/// filters of the residuals. Networks of any sizes are solved together; items that it does not take
/// go to `solve_by_chebyshev`. Failures: `not_converged` (also where the space would grow too large
/// or converges too slowly, and where there are zero modes beside the rigid-body motions or too
/// many equal eigenvalues), and those of solve_by_chebyshev. Throws DeviceError for what concerns
/// the device.
Task<> solve_by_filtered(DeviceResources& resources, Items items, ModeRequest request);

}  // namespace modesweep::gpu
