// SPDX-License-Identifier: MIT
// Solvers on CUDA devices: found and loaded at run time.
#pragma once

#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <modesweep/modes.hpp>

namespace modesweep {

/// The file of the CUDA part, which is loaded with its libraries, or one sentence why it cannot be.
/// This needs neither driver nor device.
tl::expected<std::filesystem::path, std::string> load_cuda_module();

/// A solver on these devices (all where none is named), or one sentence why there is none.
/// `method` is jacobi, chebyshev or filtered. The driver is asked first: the CUDA libraries are
/// loaded only where there is a device.
tl::expected<std::unique_ptr<DeviceSolver>, std::string> load_cuda_solver(std::string_view method,
                                                                          std::vector<int> devices);

/// The devices to use of `present` ones: those named, or all; else one sentence.
tl::expected<std::vector<int>, std::string> choose_devices(std::vector<int> named, int present);

/// A device that the solvers run on, and what its data sheet allows; 0 where that is not known.
struct CudaDevice {
  std::string name;
  double single_flops = 0;  ///< a second
  double double_flops = 0;
  double bytes = 0;           ///< a second, of its memory
  bool is_simulated = false;  ///< what it takes is not a time
};

/// All devices, or one sentence why there is none. Asks the driver alone: whether their solver can
/// be made shows once it is loaded.
tl::expected<std::vector<CudaDevice>, std::string> cuda_devices();

/// One operation of the self-test.
struct CudaCheck {
  std::string operation;
  bool passed = false;
  std::string detail;
};

/// Every operation on device number `device` against its reference, or one sentence why that is
/// not possible. The networks are small, one of them in pieces.
tl::expected<std::vector<CudaCheck>, std::string> run_cuda_selftest(
    int device, std::span<const Network> networks);

}  // namespace modesweep
