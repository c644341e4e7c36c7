// SPDX-License-Identifier: MIT
// The module's self-test, whichever way its entry was found.
#pragma once

#include <span>
#include <vector>

#include "devices/cuda_module.hpp"
#include "kernels/module.hpp"

namespace modesweep {

tl::expected<std::vector<CudaCheck>, std::string> run_selftest_entry(
    CudaSelfTest* entry, int device, std::span<const Network> networks);

}  // namespace modesweep
