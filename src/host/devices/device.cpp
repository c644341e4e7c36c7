// SPDX-License-Identifier: MIT
#include <modesweep/device.hpp>

#include <dlfcn.h>
#include <fmt/format.h>

#include <array>

#include <modesweep/build_config.hpp>

namespace modesweep {
namespace {

// The few entries of the CUDA driver API that are needed, as cuda.h declares them. The driver is
// looked for at run time: most machines that build or run this have none.
using CuResult = int;
using CuDevice = int;
constexpr int clock_rate = 13;  // kHz
constexpr int multiprocessor_count = 16;
constexpr int memory_clock_rate = 36;  // kHz
constexpr int global_memory_bus_width = 37;
constexpr int compute_capability_major = 75;
constexpr int compute_capability_minor = 76;

template <class Function>
Function* symbol(void* library, const char* name) {
  return reinterpret_cast<Function*>(::dlsym(library, name));
}

}  // namespace

CudaProbe probe_cuda() {
  CudaProbe probe;
  void* const library = ::dlopen("libcuda.so.1", RTLD_NOW | RTLD_LOCAL);
  if (!library) {
    probe.reason = "no NVIDIA driver on this machine (libcuda.so.1 was not found)";
    return probe;
  }
  // The library stays loaded: drivers do not take being unloaded well.
  const auto init = symbol<CuResult(unsigned)>(library, "cuInit");
  const auto count = symbol<CuResult(int*)>(library, "cuDeviceGetCount");
  const auto get = symbol<CuResult(CuDevice*, int)>(library, "cuDeviceGet");
  const auto name = symbol<CuResult(char*, int, CuDevice)>(library, "cuDeviceGetName");
  const auto attribute = symbol<CuResult(int*, int, CuDevice)>(library, "cuDeviceGetAttribute");
  const auto memory = symbol<CuResult(std::size_t*, CuDevice)>(library, "cuDeviceTotalMem_v2");
  if (!init || !count || !get || !name || !attribute || !memory) {
    probe.reason = "the NVIDIA driver is too old (an entry of its interface is missing)";
    return probe;
  }
  if (const CuResult result = init(0); result != 0) {
    probe.reason =
        fmt::format("the NVIDIA driver finds no usable device (cuInit returned {})", result);
    return probe;
  }
  int devices = 0;
  if (count(&devices) != 0 || devices == 0) {
    probe.reason = "the NVIDIA driver sees no device";
    return probe;
  }
  for (int i = 0; i < devices; ++i) {
    CuDevice device = 0;
    if (get(&device, i) != 0) continue;
    CudaProbe::Device found;
    std::array<char, 256> text{};
    if (name(text.data(), static_cast<int>(text.size()), device) == 0) found.name = text.data();
    attribute(&found.major, compute_capability_major, device);
    attribute(&found.minor, compute_capability_minor, device);
    attribute(&found.multiprocessors, multiprocessor_count, device);
    attribute(&found.memory_bus_bits, global_memory_bus_width, device);
    int khz = 0;
    if (attribute(&khz, clock_rate, device) == 0) found.clock_hz = 1e3 * khz;
    if (attribute(&khz, memory_clock_rate, device) == 0) found.memory_clock_hz = 1e3 * khz;
    std::size_t bytes = 0;
    if (memory(&bytes, device) == 0) found.memory_gb = static_cast<double>(bytes) * 1e-9;
    probe.devices.push_back(found);
  }
  return probe;
}

CudaBuild cuda_build() {
  return {build_config::cuda, build_config::cuda_toolkit, build_config::cuda_reason};
}

}  // namespace modesweep
