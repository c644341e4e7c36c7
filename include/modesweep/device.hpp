// SPDX-License-Identifier: MIT
// The CUDA devices of this machine.
#pragma once

#include <string>
#include <vector>

namespace modesweep {

/// CUDA devices, or why there are none. Asks the driver (libcuda.so.1) without loading the CUDA
/// libraries, which would cost a second and 190 MB.
struct CudaProbe {
  struct Device {
    std::string name;
    int major = 0;  ///< compute capability
    int minor = 0;
    double memory_gb = 0;
    int multiprocessors = 0;
    double clock_hz = 0;
    double memory_clock_hz = 0;
    int memory_bus_bits = 0;
  };
  std::vector<Device> devices;
  std::string reason;  ///< why CUDA is not in use; empty where it could be
};

CudaProbe probe_cuda();

/// Whether this build holds the CUDA part, else why not.
struct CudaBuild {
  bool built = false;
  std::string toolkit;  ///< version
  std::string reason;
};

CudaBuild cuda_build();

}  // namespace modesweep
