// SPDX-License-Identifier: MIT
// What one solve of the CUDA engine costs, counted.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include <modesweep/modes.hpp>
#include <modesweep/network.hpp>

#include "counting/counting.hpp"
#include "kernels/engine/engine.hpp"
#include "standin/standin.hpp"

namespace counting {

/// A device at the rates of its data sheet.
struct DataSheet {
  const char* name;
  double single_flops;  ///< a second
  double double_flops;
  double bytes;       ///< a second, of device memory
  double near_bytes;  ///< a second, through all load-store units: 128 a clock and multiprocessor
  int shared_bytes;   ///< of shared memory that a block may have
};
inline constexpr DataSheet data_sheets[] = {
    {"H100 SXM", 67e12, 33.5e12, 3.35e12, 132 * 128 * 1.98e9, 227 * 1024},
    {"A100 80 GB", 19.5e12, 9.7e12, 2.0e12, 108 * 128 * 1.41e9, 163 * 1024},
    {"RTX 4090", 82.6e12, 1.29e12, 1.01e12, 128 * 128 * 2.52e9, 99 * 1024},
};

struct SolveCost {
  modesweep::Modes modes;
  std::map<std::string, Cost> kernels;  ///< by name
  Cost total;
  std::int64_t waits = 0;  ///< of the host for the device
  std::int64_t bytes_to_device = 0;
  std::int64_t bytes_to_host = 0;
  std::size_t device_bytes = 0;  ///< allocated
  /// By data sheet: each launch takes as long as its flops of either precision or its distinct
  /// bytes do, whichever is longest.
  std::vector<double> far_floor_seconds;
  /// The same, or as long as the bytes that pass the load-store units do: of shared memory, and
  /// what threads ask of device memory, from whatever cache it comes.
  std::vector<double> floor_seconds;
};

/// Solves one network alone on a fresh stand-in whose blocks may have so much shared memory. Throws
/// std::runtime_error where it fails.
SolveCost count_solve(modesweep::gpu::Method method, const modesweep::Network& network,
                      const modesweep::ModeRequest& request,
                      int shared_bytes = standin::Device{}.shared_bytes);

}  // namespace counting
