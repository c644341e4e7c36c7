// SPDX-License-Identifier: MIT
// What kernels are written in, beside CUDA's own words. The tests put a layer of the same name in
// front of this one and run the kernels on the host.
#pragma once

#include <cuda_runtime.h>

#include <cstddef>

#define MODESWEEP_PRAGMA(words) _Pragma(#words)
#define MODESWEEP_UNROLL MODESWEEP_PRAGMA(unroll)
#define MODESWEEP_UNROLL_BY(times) MODESWEEP_PRAGMA(unroll times)

namespace modesweep::gpu {

/// kernel<<<blocks, threads, shared_bytes, stream>>>(arguments...), as an expression with a result.
template <class... Parameters, class... Arguments>
cudaError_t launch(void (*kernel)(Parameters...), dim3 blocks, dim3 threads,
                   std::size_t shared_bytes, cudaStream_t stream, Arguments... arguments) {
  kernel<<<blocks, threads, shared_bytes, stream>>>(arguments...);
  return cudaGetLastError();
}

__device__ inline float inverse_root(float x) { return rsqrtf(x); }
__device__ inline double inverse_root(double x) { return rsqrt(x); }

/// Hands out the block's shared memory piece by piece; every thread must ask for the same pieces.
class SharedMemory {
 public:
  template <class T>
  __device__ T* take(int count) {
    extern __shared__ double2 all[];
    char* const piece = reinterpret_cast<char*>(all) + taken_;
    taken_ += shared_bytes<T>(count);
    return reinterpret_cast<T*>(piece);
  }

  template <class T>
  __host__ __device__ static constexpr std::size_t shared_bytes(int count) {
    return (static_cast<std::size_t>(count) * sizeof(T) + 15) / 16 * 16;
  }

 private:
  std::size_t taken_ = 0;
};

}  // namespace modesweep::gpu
