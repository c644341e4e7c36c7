// SPDX-License-Identifier: MIT
// Solvers on CUDA devices: found and loaded at run time, with the CPU behind them.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include <modesweep/modes.hpp>

namespace modesweep {

/// A solver on all devices, or one sentence why there is none. `method` is jacobi or chebyshev.
/// The driver is asked first: the CUDA libraries are loaded only where there is a device.
tl::expected<std::unique_ptr<ModeSolver>, std::string> load_cuda_solver(std::string_view method);

/// `device` for all networks, and `cpu` for those that it could not finish: no memory, no
/// convergence, a device that fails. Their modes say which solver and backend they come from.
std::unique_ptr<ModeSolver> with_cpu_behind(std::unique_ptr<ModeSolver> device,
                                            std::unique_ptr<ModeSolver> cpu);

}  // namespace modesweep
