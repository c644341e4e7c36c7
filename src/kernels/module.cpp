// SPDX-License-Identifier: MIT
// The door of the loadable module.
#include "kernels/module.hpp"

#include <cstdio>
#include <exception>
#include <string_view>

#include "kernels/engine/engine.hpp"
#include "kernels/selftest/selftest.hpp"

extern "C" modesweep::DeviceSolver* modesweep_make_cuda_solver(const char* method,
                                                               const int* devices, int count,
                                                               char* why, std::size_t why_size) {
  using namespace modesweep;
  try {
    auto which = gpu::Method::chebyshev;
    for (const gpu::Method each : {gpu::Method::jacobi, gpu::Method::filtered})
      if (method == gpu::to_string(each)) which = each;
    return gpu::make_engine(which, {devices, devices + count}).release();
  } catch (const std::exception& error) {
    std::snprintf(why, why_size, "%s", error.what());
    return nullptr;
  }
}

extern "C" bool modesweep_cuda_selftest(int device, const modesweep::Network* networks,
                                        std::size_t count,
                                        void (*report)(void*, const char*, bool, const char*),
                                        void* context, char* why, std::size_t why_size) {
  using namespace modesweep;
  try {
    gpu::run_selftest(device, {networks, count},
                      [&](const std::string& operation, bool passed, const std::string& detail) {
                        report(context, operation.c_str(), passed, detail.c_str());
                      });
    return true;
  } catch (const std::exception& error) {
    std::snprintf(why, why_size, "%s", error.what());
    return false;
  }
}
