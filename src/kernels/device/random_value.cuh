// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>

#include <device_layer.cuh>

namespace modesweep::gpu {

/// A counter-based generator in (-1, 1): SplitMix64's finaliser (Steele, Lea & Flood, OOPSLA 2014).
__device__ inline double random_value(std::uint64_t counter) {
  std::uint64_t z = (counter + 1) * 0x9E3779B97F4A7C15u;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
  z ^= z >> 31;
  return static_cast<double>(z >> 11) * 0x1p-52 - 1.0;
}

}  // namespace modesweep::gpu
