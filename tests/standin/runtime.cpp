// SPDX-License-Identifier: MIT
// The CUDA runtime's functions that the engine calls, with the prototypes of its own header.
#include <cuda_runtime_api.h>

#include <cstdio>
#include <cstring>

#include "device/device_layer.cuh"
#include "standin/machine.hpp"

using standin::machine;

namespace standin {
namespace {
thread_local cudaError_t last_error = cudaSuccess;
}

cudaError_t remember(cudaError_t error) {
  if (error != cudaSuccess) last_error = error;
  return error;
}

namespace {

/// The answer to a call that needs a device that works.
template <class F>
cudaError_t with_device(F&& f) {
  const device_host::AtWork at_work;
  const cudaError_t state = machine().state();
  return remember(state != cudaSuccess ? state : f());
}

std::map<const void*, int>& shared_limits() {
  static std::map<const void*, int> limits;
  return limits;
}
std::mutex shared_limits_mutex;

constexpr std::size_t shared_without_asking = 48 * 1024;

}  // namespace
}  // namespace standin

cudaError_t device_host::submit(const void* kernel, const Grid& grid, cudaStream_t stream,
                                std::function<void()> thread) {
  return standin::with_device([&] {
    std::size_t limit = standin::shared_without_asking;
    {
      const std::lock_guard lock(standin::shared_limits_mutex);
      const auto found = standin::shared_limits().find(kernel);
      if (found != standin::shared_limits().end())
        limit = std::max(limit, static_cast<std::size_t>(found->second));
    }
    const dim3& b = grid.blocks;
    const dim3& t = grid.threads;
    if (machine().strikes(&standin::Faults::launch)) return cudaErrorLaunchOutOfResources;
    if (b.x == 0 || b.y == 0 || b.z == 0 || b.x > 0x7FFFFFFFu || b.y > 65535 || b.z > 65535 ||
        t.x * t.y * t.z == 0 || t.x * t.y * t.z > 1024 || t.z > 64 || grid.shared_bytes > limit)
      return cudaErrorInvalidConfiguration;
    machine().count(&standin::Counts::launches);
    return machine().queue(stream, [grid, thread = std::move(thread)] { run_grid(grid, thread); });
  });
}

extern "C" {

cudaError_t cudaGetDeviceCount(int* count) {
  *count = 0;
  const cudaError_t state = machine().state();
  if (state == cudaErrorInsufficientDriver || state == cudaErrorNoDevice)
    return standin::remember(state);
  *count = machine().settings().devices;
  return cudaSuccess;
}

cudaError_t cudaSetDevice(int device) {
  if (device < 0 || device >= machine().settings().devices)
    return standin::remember(cudaErrorInvalidDevice);
  standin::Machine::device = device;
  return standin::remember(machine().state());
}

cudaError_t cudaGetDeviceProperties(cudaDeviceProp* properties, int device) {
  if (device < 0 || device >= machine().settings().devices)
    return standin::remember(cudaErrorInvalidDevice);
  const standin::Device d = machine().settings().device;
  *properties = {};
  std::snprintf(properties->name, sizeof(properties->name), "%s", d.name.c_str());
  properties->totalGlobalMem = d.memory;
  properties->major = d.major;
  properties->minor = d.minor;
  properties->sharedMemPerBlockOptin = static_cast<std::size_t>(d.shared_bytes);
  properties->multiProcessorCount = 4;
  return cudaSuccess;
}

cudaError_t cudaMemGetInfo(std::size_t* free, std::size_t* total) {
  return standin::with_device([&] {
    *total = machine().settings().device.memory;
    *free = *total - machine().used();
    return cudaSuccess;
  });
}

cudaError_t cudaMalloc(void** pointer, std::size_t bytes) {
  return standin::with_device([&] {
    *pointer = machine().allocate(bytes, true);
    return *pointer ? cudaSuccess : cudaErrorMemoryAllocation;
  });
}

cudaError_t cudaMallocHost(void** pointer, std::size_t bytes) {
  return standin::with_device([&] {
    *pointer = machine().allocate(bytes, false);
    return *pointer ? cudaSuccess : cudaErrorMemoryAllocation;
  });
}

// As on a real machine, memory of a lost device can still be given back.
cudaError_t cudaFree(void* pointer) {
  if (!pointer || machine().release(pointer, true)) return cudaSuccess;
  return standin::remember(cudaErrorInvalidValue);
}

cudaError_t cudaFreeHost(void* pointer) {
  if (!pointer || machine().release(pointer, false)) return cudaSuccess;
  return standin::remember(cudaErrorInvalidValue);
}

cudaError_t cudaMemcpyAsync(void* to, const void* from, std::size_t bytes, cudaMemcpyKind kind,
                            cudaStream_t stream) {
  return standin::with_device([&] {
    const bool to_device = kind == cudaMemcpyHostToDevice;
    const bool to_host = kind == cudaMemcpyDeviceToHost;
    if (!machine().holds(to, bytes, !to_host, "cudaMemcpyAsync (to)") ||
        !machine().holds(from, bytes, !to_device, "cudaMemcpyAsync (from)"))
      return cudaErrorInvalidValue;
    if (to_host) {
      std::memset(to, device_host::poison, bytes);
      machine().count(&standin::Counts::bytes_to_host, static_cast<std::int64_t>(bytes));
    }
    if (to_device)
      machine().count(&standin::Counts::bytes_to_device, static_cast<std::int64_t>(bytes));
    return machine().queue(stream, [=] {
      std::memcpy(to, from, bytes);
      if (to_device) std::memset(const_cast<void*>(from), device_host::poison, bytes);
    });
  });
}

cudaError_t cudaMemsetAsync(void* to, int value, std::size_t bytes, cudaStream_t stream) {
  return standin::with_device([&] {
    if (!machine().holds(to, bytes, true, "cudaMemsetAsync")) return cudaErrorInvalidValue;
    const int flag = 1;
    const bool raised = machine().strikes(&standin::Faults::raised_flag) && bytes >= sizeof(flag);
    return machine().queue(stream, [=] {
      std::memset(to, value, bytes);
      if (raised) std::memcpy(to, &flag, sizeof(flag));
    });
  });
}

cudaError_t cudaStreamCreateWithFlags(cudaStream_t* stream, unsigned) {
  return standin::with_device([&] {
    *stream = machine().make_stream();
    return cudaSuccess;
  });
}

cudaError_t cudaStreamDestroy(cudaStream_t stream) {
  return standin::remember(machine().end_stream(stream));
}

cudaError_t cudaStreamSynchronize(cudaStream_t stream) {
  return standin::with_device([&] { return machine().wait(stream, machine().position(stream)); });
}

cudaError_t cudaEventCreateWithFlags(cudaEvent_t* event, unsigned) {
  return standin::with_device([&] {
    *event = new CUevent_st;
    machine().made(1);
    return cudaSuccess;
  });
}

cudaError_t cudaEventDestroy(cudaEvent_t event) {
  delete event;
  machine().made(-1);
  return cudaSuccess;
}

cudaError_t cudaEventRecord(cudaEvent_t event, cudaStream_t stream) {
  return standin::with_device([&] {
    event->stream = stream;
    event->position = machine().position(stream);
    event->asked_for = event->skipped = false;
    return cudaSuccess;
  });
}

cudaError_t cudaEventQuery(cudaEvent_t event) {
  return standin::with_device([&] { return event->stream ? machine().poll(*event) : cudaSuccess; });
}

cudaError_t cudaEventSynchronize(cudaEvent_t event) {
  return standin::with_device([&] { return event->stream ? machine().wait(*event) : cudaSuccess; });
}

cudaError_t cudaFuncSetAttribute(const void* kernel, cudaFuncAttribute attribute, int value) {
  return standin::with_device([&] {
    if (attribute != cudaFuncAttributeMaxDynamicSharedMemorySize ||
        value > machine().settings().device.shared_bytes)
      return cudaErrorInvalidValue;
    const std::lock_guard lock(standin::shared_limits_mutex);
    standin::shared_limits()[kernel] = value;
    return cudaSuccess;
  });
}

cudaError_t cudaFuncGetAttributes(cudaFuncAttributes* attributes, const void*) {
  return standin::with_device([&] {
    *attributes = {};
    return machine().settings().no_code ? cudaErrorNoKernelImageForDevice : cudaSuccess;
  });
}

cudaError_t cudaGetLastError() {
  const cudaError_t error = standin::last_error;
  standin::last_error = machine().state();  // what is sticky stays
  return error;
}

const char* cudaGetErrorName(cudaError_t error) {
  switch (error) {
    case cudaSuccess: return "cudaSuccess";
    case cudaErrorInvalidValue: return "cudaErrorInvalidValue";
    case cudaErrorMemoryAllocation: return "cudaErrorMemoryAllocation";
    case cudaErrorInvalidConfiguration: return "cudaErrorInvalidConfiguration";
    case cudaErrorInsufficientDriver: return "cudaErrorInsufficientDriver";
    case cudaErrorNoDevice: return "cudaErrorNoDevice";
    case cudaErrorNotReady: return "cudaErrorNotReady";
    case cudaErrorNoKernelImageForDevice: return "cudaErrorNoKernelImageForDevice";
    case cudaErrorInvalidDevice: return "cudaErrorInvalidDevice";
    case cudaErrorInvalidResourceHandle: return "cudaErrorInvalidResourceHandle";
    case cudaErrorLaunchOutOfResources: return "cudaErrorLaunchOutOfResources";
    case cudaErrorLaunchFailure: return "cudaErrorLaunchFailure";
    default: return "cudaErrorUnknown";
  }
}

const char* cudaGetErrorString(cudaError_t error) { return cudaGetErrorName(error); }

}  // extern "C"
