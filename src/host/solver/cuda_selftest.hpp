// SPDX-License-Identifier: MIT
// The module's self-test, whichever way its entry was found.
#pragma once

#include <span>
#include <vector>

#include "kernels/module.hpp"
#include "solver/cuda_module.hpp"

namespace modesweep {

tl::expected<std::vector<CudaCheck>, std::string> run_selftest_entry(
    CudaSelfTest* entry, int device, std::span<const Network> networks);

}  // namespace modesweep
