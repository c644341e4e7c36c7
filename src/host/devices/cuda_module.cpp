// SPDX-License-Identifier: MIT
#include "devices/cuda_module.hpp"

#include <dlfcn.h>
#include <fmt/format.h>

#include <array>
#include <filesystem>
#include <utility>

#include <modesweep/build_config.hpp>
#include <modesweep/device.hpp>

#include "base/program_folder.hpp"
#include "devices/cuda_selftest.hpp"
#include "kernels/module.hpp"

namespace modesweep {
namespace {

constexpr const char* module_name = "modesweep_cuda.so";

struct LoadedEntry {
  std::filesystem::path module;
  void* entry;
};

/// An entry of the module, which is loaded: the one beside the program (a build folder, a bundle),
/// or the one where it is installed. Or why there is none.
tl::expected<LoadedEntry, std::string> load_entry(const char* entry) {
  const CudaBuild build = cuda_build();
  if (!build.built) return tl::unexpected("this program has no CUDA part: " + build.reason);
  const std::filesystem::path folder = program_folder();
  const std::filesystem::path installed = (folder / build_config::module_folder).lexically_normal();
  std::string reason =
      fmt::format("{} was not found beside the program or in {}", module_name, installed.string());
  for (const std::filesystem::path& path : {folder / module_name, installed / module_name}) {
    std::error_code error;
    if (!std::filesystem::exists(path, error)) continue;
    // It stays loaded: the CUDA libraries do not take being unloaded well.
    void* const module = ::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (!module) {
      reason = fmt::format("{} cannot be loaded: {}", path.string(), ::dlerror());
      continue;
    }
    if (void* const found = ::dlsym(module, entry)) return LoadedEntry{path, found};
    reason = fmt::format("{} is not of this version of modesweep", path.string());
  }
  return tl::unexpected(reason);
}

/// Likewise, where there is a device: without one the CUDA libraries are not loaded.
template <class Entry>
tl::expected<Entry*, std::string> module_entry(const char* entry) {
  if (cuda_build().built)
    if (const CudaProbe probe = probe_cuda(); probe.devices.empty())
      return tl::unexpected(probe.reason);
  return load_entry(entry).map(
      [](const LoadedEntry& loaded) { return reinterpret_cast<Entry*>(loaded.entry); });
}

/// Arithmetic units of a multiprocessor by compute capability, single and double precision
/// (CUDA C++ Programming Guide, arithmetic instructions).
std::pair<int, int> units(int major, int minor) {
  switch (10 * major + minor) {
    case 75: return {64, 2};
    case 80: return {64, 32};
    case 90:
    case 100: return {128, 64};
    default: return {128, 2};
  }
}

}  // namespace

tl::expected<std::filesystem::path, std::string> load_cuda_module() {
  return load_entry(cuda_module_entry).map([](const LoadedEntry& loaded) { return loaded.module; });
}

tl::expected<std::unique_ptr<DeviceSolver>, std::string> load_cuda_solver(
    std::string_view method, std::vector<int> devices) {
  const auto make = module_entry<MakeCudaSolver>(cuda_module_entry);
  if (!make) return tl::unexpected(make.error());
  const auto chosen =
      choose_devices(std::move(devices), static_cast<int>(probe_cuda().devices.size()));
  if (!chosen) return tl::unexpected(chosen.error());
  std::array<char, 512> why{};
  std::unique_ptr<DeviceSolver> solver((*make)(std::string(method).c_str(), chosen->data(),
                                               static_cast<int>(chosen->size()), why.data(),
                                               why.size()));
  if (!solver) return tl::unexpected<std::string>(why.data());
  return solver;
}

tl::expected<std::vector<CudaDevice>, std::string> cuda_devices() {
  const auto usable = module_entry<MakeCudaSolver>(cuda_module_entry);
  if (!usable) return tl::unexpected(usable.error());
  std::vector<CudaDevice> devices;
  for (const CudaProbe::Device& found : probe_cuda().devices) {
    const auto [single, in_double] = units(found.major, found.minor);
    // A fused multiply-add is two operations; memory moves twice a clock.
    const double rate = 2 * found.clock_hz * found.multiprocessors;
    devices.push_back({found.name, rate * single, rate * in_double,
                       2 * found.memory_clock_hz * found.memory_bus_bits / 8, false});
  }
  return devices;
}

tl::expected<std::vector<CudaCheck>, std::string> run_cuda_selftest(
    int device, std::span<const Network> networks) {
  const auto entry = module_entry<CudaSelfTest>(cuda_selftest_entry);
  if (!entry) return tl::unexpected(entry.error());
  return run_selftest_entry(*entry, device, networks);
}

}  // namespace modesweep
