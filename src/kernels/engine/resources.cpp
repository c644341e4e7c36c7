// SPDX-License-Identifier: MIT
#include "kernels/engine/resources.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <cstdlib>
#include <string_view>

#include "kernels/device/eigenpairs.hpp"
#include "kernels/device/hessian.hpp"
#include "kernels/device/krylov.hpp"
#include "kernels/device/mode_properties.hpp"
#include "kernels/device/subspace.hpp"
#include "kernels/device/tiles.hpp"

namespace modesweep::gpu {
namespace {

const char* name_of(cusolverStatus_t status) {
  switch (status) {
    case CUSOLVER_STATUS_NOT_INITIALIZED: return "CUSOLVER_STATUS_NOT_INITIALIZED";
    case CUSOLVER_STATUS_ALLOC_FAILED: return "CUSOLVER_STATUS_ALLOC_FAILED";
    case CUSOLVER_STATUS_INVALID_VALUE: return "CUSOLVER_STATUS_INVALID_VALUE";
    case CUSOLVER_STATUS_ARCH_MISMATCH: return "CUSOLVER_STATUS_ARCH_MISMATCH";
    case CUSOLVER_STATUS_EXECUTION_FAILED: return "CUSOLVER_STATUS_EXECUTION_FAILED";
    case CUSOLVER_STATUS_INTERNAL_ERROR: return "CUSOLVER_STATUS_INTERNAL_ERROR";
    default: return "CUSOLVER_STATUS";
  }
}

[[noreturn]] void raise(bool no_memory, const char* call, int code, const char* name) {
  throw DeviceError(no_memory ? DeviceError::Kind::out_of_memory : DeviceError::Kind::failed,
                    fmt::format("{} failed: {} ({})", call, code, name));
}

/// Whether $MODESWEEP_CUDA_FILTER asks for the grid-wide filter at all sizes: for measurements.
bool only_grid_wide_filter() {
  const char* const value = std::getenv("MODESWEEP_CUDA_FILTER");
  if (value == nullptr || *value == '\0') return false;
  if (std::string_view(value) == "grid") return true;
  throw DeviceError(DeviceError::Kind::failed,
                    fmt::format("MODESWEEP_CUDA_FILTER takes grid, not \"{}\"", value));
}

/// A module built without code for a device would fail at each launch, batch after batch. One
/// kernel stands for all of its file, which are compiled together.
void check_kernels(const cudaDeviceProp& device) {
  for (const auto load :
       {hessian_kernels_load, eigenpairs_kernels_load, mode_property_kernels_load,
        subspace_kernels_load, filter_kernels_load, tile_kernels_load, krylov_kernels_load}) {
    const cudaError_t result = load();
    if (result == cudaSuccess) continue;
    (void)cudaGetLastError();
    throw DeviceError(
        DeviceError::Kind::failed,
        fmt::format("the kernels of this build cannot be loaded on {} (compute capability {}.{}): "
                    "{} ({})",
                    device.name, device.major, device.minor, static_cast<int>(result),
                    cudaGetErrorName(result)));
  }
}

}  // namespace

void check(cudaError_t result, const char* call) {
  if (result == cudaSuccess) return;
  (void)cudaGetLastError();  // or the next call would be blamed for this one
  raise(result == cudaErrorMemoryAllocation, call, result, cudaGetErrorName(result));
}

void check(cusolverStatus_t result, const char* call) {
  if (result == CUSOLVER_STATUS_SUCCESS) return;
  raise(result == CUSOLVER_STATUS_ALLOC_FAILED, call, result, name_of(result));
}

void check(cublasStatus_t result, const char* call) {
  if (result == CUBLAS_STATUS_SUCCESS) return;
  raise(result == CUBLAS_STATUS_ALLOC_FAILED, call, result, cublasGetStatusName(result));
}

cudaError_t allocate_on_device(void** pointer, std::size_t bytes) {
  return cudaMalloc(pointer, bytes);
}

cudaError_t allocate_pinned(void** pointer, std::size_t bytes) {
  return cudaMallocHost(pointer, bytes);
}

template <auto allocate, auto release>
void Arena<allocate, release>::reserve(std::size_t bytes, std::size_t at_most) {
  taken_ = 0;
  if (bytes <= size_) return;
  bytes = std::max(bytes, std::min(2 * size_, at_most));
  memory_ = {};  // both at once might not fit
  size_ = 0;
  void* pointer = nullptr;
  check(allocate(&pointer, bytes), "allocation of memory");
  memory_ = Owned<void*, release>(pointer);
  size_ = bytes;
}

template <auto allocate, auto release>
void* Arena<allocate, release>::take_bytes(std::size_t bytes) {
  char* const piece = static_cast<char*>(memory_.get()) + taken_;
  taken_ += padded(bytes);
  if (taken_ > size_) throw std::logic_error("an arena gave out more than it holds");
  return piece;
}

template class Arena<allocate_on_device, release_on_device>;
template class Arena<allocate_pinned, release_pinned>;

DeviceResources::DeviceResources(int device, int streams) {
  check(cudaSetDevice(device), "cudaSetDevice");
  cudaDeviceProp properties;
  check(cudaGetDeviceProperties(&properties, device), "cudaGetDeviceProperties");
  check_kernels(properties);
  model_ = properties.name;
  name_ = fmt::format("cuda:{} {}", device, properties.name);
  // Without shared memory no network fits a block, and all are filtered grid-wide.
  shared_limit_ = only_grid_wide_filter() ? 0 : properties.sharedMemPerBlockOptin;

  cudaStream_t stream = nullptr;
  check(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking), "cudaStreamCreateWithFlags");
  stream_ = Owned<cudaStream_t, &cudaStreamDestroy>(stream);
  // The thread that waits sleeps: the CPUs have work of their own.
  cudaEvent_t event = nullptr;
  check(cudaEventCreateWithFlags(&event, cudaEventDisableTiming | cudaEventBlockingSync),
        "cudaEventCreateWithFlags");
  event_ = Owned<cudaEvent_t, &cudaEventDestroy>(event);
  cusolverDnHandle_t solver = nullptr;
  check(cusolverDnCreate(&solver), "cusolverDnCreate");
  solver_ = Owned<cusolverDnHandle_t, &cusolverDnDestroy>(solver);
  check(cusolverDnSetStream(solver, stream), "cusolverDnSetStream");
  syevjInfo_t syevj = nullptr;
  check(cusolverDnCreateSyevjInfo(&syevj), "cusolverDnCreateSyevjInfo");
  syevj_ = Owned<syevjInfo_t, &cusolverDnDestroySyevjInfo>(syevj);
  check(cusolverDnXsyevjSetSortEig(syevj, 1), "cusolverDnXsyevjSetSortEig");
  cublasHandle_t blas = nullptr;
  check(cublasCreate(&blas), "cublasCreate");
  blas_ = Owned<cublasHandle_t, &cublasDestroy>(blas);
  check(cublasSetStream(blas, stream), "cublasSetStream");

  // The handles have their workspaces by now. Another program may want some memory too.
  std::size_t free = 0, total = 0;
  check(cudaMemGetInfo(&free, &total), "cudaMemGetInfo");
  memory_limit_ = free / 5 * 4 / static_cast<std::size_t>(streams);
}

bool DeviceResources::ready() {
  if (cudaEventQuery(event_.get()) != cudaErrorNotReady) return true;
  (void)cudaGetLastError();  // or a launch would be blamed for it
  return false;
}

bool DeviceResources::recover() noexcept {
  const cudaError_t result = cudaStreamSynchronize(stream());
  (void)cudaGetLastError();
  return result == cudaSuccess;
}

}  // namespace modesweep::gpu
