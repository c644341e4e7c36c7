// SPDX-License-Identifier: MIT
// What kernels are written in, for the host: the counterpart of
// src/kernels/device/device_layer.cuh. The toolkit's own headers make __global__ and its like
// vanish for a host compiler.
#pragma once

#include <cuda_runtime_api.h>

#include <cmath>
#include <cstddef>
#include <functional>

#include "device/grid.hpp"

#define MODESWEEP_UNROLL
#define MODESWEEP_UNROLL_BY(times)
#undef __launch_bounds__
#define __launch_bounds__(...)
#define threadIdx (::device_host::thread_index())
#define blockIdx (::device_host::block_index())
#define blockDim (::device_host::block_size())
#define gridDim (::device_host::grid_size())

inline void __syncthreads() { ::device_host::block_barrier(); }
inline void __syncwarp() { ::device_host::warp_barrier(); }

template <class T>
T __shfl_sync(unsigned, T value, int source) {
  return ::device_host::shuffle(value, source);
}
template <class T>
T __shfl_xor_sync(unsigned, T value, int mask) {
  return ::device_host::shuffle(value, ::device_host::lane() ^ mask);
}

namespace device_host {

/// Takes a launch as the runtime takes it: checked, queued on the stream and run some time later.
/// Whoever plays the runtime defines it.
cudaError_t submit(const void* kernel, const Grid& grid, cudaStream_t stream,
                   std::function<void()> thread);

}  // namespace device_host

namespace modesweep::gpu {

template <class... Parameters, class... Arguments>
cudaError_t launch(void (*kernel)(Parameters...), dim3 blocks, dim3 threads,
                   std::size_t shared_bytes, cudaStream_t stream, Arguments... arguments) {
  const ::device_host::AtWork at_work;
  return ::device_host::submit(reinterpret_cast<const void*>(kernel),
                               {blocks, threads, shared_bytes}, stream,
                               [=] { kernel(arguments...); });
}

inline float inverse_root(float x) { return 1 / std::sqrt(x); }
inline double inverse_root(double x) { return 1 / std::sqrt(x); }

/// Hands out the block's shared memory piece by piece; every thread must ask for the same pieces.
class SharedMemory {
 public:
  template <class T>
  T* take(int count) {
    const device_host::SharedSpan all = device_host::shared_memory();
    char* const piece = all.begin + taken_;
    taken_ += shared_bytes<T>(count);
    if (taken_ > all.bytes)
      throw device_host::KernelError(
          "the kernel takes more shared memory than it was launched with");
    return reinterpret_cast<T*>(piece);
  }

  template <class T>
  static constexpr std::size_t shared_bytes(int count) {
    return (static_cast<std::size_t>(count) * sizeof(T) + 15) / 16 * 16;
  }

 private:
  std::size_t taken_ = 0;
};

}  // namespace modesweep::gpu
