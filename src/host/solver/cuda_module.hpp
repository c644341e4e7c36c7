// SPDX-License-Identifier: MIT
// Solvers on CUDA devices: found and loaded at run time.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <modesweep/modes.hpp>

namespace modesweep {

/// A solver on these devices (all where none is named), or one sentence why there is none.
/// `method` is jacobi or chebyshev. The driver is asked first: the CUDA libraries are loaded only
/// where there is a device.
tl::expected<std::unique_ptr<DeviceSolver>, std::string> load_cuda_solver(std::string_view method,
                                                                          std::vector<int> devices);

/// The devices to use of `present` ones: those named, or all; else one sentence.
tl::expected<std::vector<int>, std::string> choose_devices(std::vector<int> named, int present);

}  // namespace modesweep
