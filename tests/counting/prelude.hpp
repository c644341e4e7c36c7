// SPDX-License-Identifier: MIT
// Goes in front of a kernel's source (-include): its words for numbers become types that count.
// Whatever else is included must have been before.
#pragma once

#include <cuda_runtime_api.h>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <type_traits>

#include "counting/counting.hpp"
#include "device/grid.hpp"

template <class T>
counting::Real<T> __shfl_sync(unsigned, const counting::Real<T>& value, int source) {
  return ::device_host::shuffle(value.get(), source);
}
template <class T>
counting::Real<T> __shfl_xor_sync(unsigned, const counting::Real<T>& value, int mask) {
  return ::device_host::shuffle(value.get(), ::device_host::lane() ^ mask);
}

#define launch launch_uncounted
#include "device/device_layer.cuh"
#undef launch

namespace modesweep::gpu {

/// As the layer's, and every thread says which launch it belongs to.
template <class... Parameters, class... Arguments>
cudaError_t launch(void (*kernel)(Parameters...), dim3 blocks, dim3 threads,
                   std::size_t shared_bytes, cudaStream_t stream, Arguments... arguments) {
  static std::int64_t next_id = 0;
  const auto* const address = reinterpret_cast<const void*>(kernel);
  // One counter for all instantiations would be nicer; the kernel's address makes it unique.
  const std::int64_t id = ++next_id;
  return ::device_host::submit(address, {blocks, threads, shared_bytes}, stream, [=] {
    ::counting::tally.enter(id, address);
    kernel(arguments...);
  });
}

}  // namespace modesweep::gpu

namespace std {
using counted_int32 = ::counting::Integer<int32_t>;
using counted_int64 = ::counting::Integer<int64_t>;
}  // namespace std

#define double ::counting::Real<double>
#define float ::counting::Real<float>
#define int32_t counted_int32
#define int64_t counted_int64
