// SPDX-License-Identifier: MIT
// What the program looks up in the module modesweep_cuda.
#pragma once

#include <cstddef>

#include <modesweep/modes.hpp>

extern "C" {

/// A solver on these devices; the caller deletes it. `method` is jacobi, chebyshev or filtered.
/// Null where it cannot be made; `why` is then the reason.
modesweep::DeviceSolver* modesweep_make_cuda_solver(const char* method, const int* devices,
                                                    int count, char* why, std::size_t why_size);

/// Runs every operation on the device against its reference and reports each. Whether it got to
/// its end; else `why` is the reason.
bool modesweep_cuda_selftest(int device, const modesweep::Network* networks, std::size_t count,
                             void (*report)(void* context, const char* operation, bool passed,
                                            const char* detail),
                             void* context, char* why, std::size_t why_size);
}

namespace modesweep {
inline constexpr const char* cuda_module_entry = "modesweep_make_cuda_solver";
inline constexpr const char* cuda_selftest_entry = "modesweep_cuda_selftest";
using MakeCudaSolver = decltype(modesweep_make_cuda_solver);
using CudaSelfTest = decltype(modesweep_cuda_selftest);
}  // namespace modesweep
