// SPDX-License-Identifier: MIT
#include "solver/cuda_module.hpp"

#include <dlfcn.h>
#include <fmt/format.h>

#include <array>
#include <filesystem>
#include <vector>

#include <modesweep/device.hpp>

#include "kernels/module.hpp"

namespace modesweep {
namespace {

constexpr const char* module_name = "modesweep_cuda.so";

/// Beside the program (a build folder), or where it is installed.
std::vector<std::filesystem::path> module_paths() {
  std::error_code error;
  const std::filesystem::path program = std::filesystem::read_symlink("/proc/self/exe", error);
  const std::filesystem::path folder = program.parent_path();
  return {folder / module_name, folder.parent_path() / "lib" / "modesweep" / module_name};
}

}  // namespace

tl::expected<std::unique_ptr<DeviceSolver>, std::string> load_cuda_solver(
    std::string_view method, std::vector<int> devices) {
  const CudaBuild build = cuda_build();
  if (!build.built) return tl::unexpected("this program has no CUDA part: " + build.reason);
  const CudaProbe probe = probe_cuda();
  if (probe.devices.empty()) return tl::unexpected(probe.reason);
  auto chosen = choose_devices(std::move(devices), static_cast<int>(probe.devices.size()));
  if (!chosen) return tl::unexpected(std::move(chosen.error()));

  std::string reason = fmt::format("{} was not found beside the program", module_name);
  for (const std::filesystem::path& path : module_paths()) {
    std::error_code error;
    if (!std::filesystem::exists(path, error)) continue;
    // It stays loaded: the CUDA libraries do not take being unloaded well.
    void* const module = ::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (!module) {
      reason = fmt::format("the CUDA part cannot be loaded: {}", ::dlerror());
      continue;
    }
    auto* const make = reinterpret_cast<MakeCudaSolver*>(::dlsym(module, cuda_module_entry));
    if (!make) {
      reason = fmt::format("{} is not of this version of modesweep", path.string());
      continue;
    }
    std::array<char, 512> why{};
    std::unique_ptr<DeviceSolver> solver(make(std::string(method).c_str(), chosen->data(),
                                              static_cast<int>(chosen->size()), why.data(),
                                              why.size()));
    if (solver) return solver;
    reason = why.data();
  }
  return tl::unexpected(reason);
}

}  // namespace modesweep
