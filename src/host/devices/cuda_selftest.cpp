// SPDX-License-Identifier: MIT
#include "devices/cuda_selftest.hpp"

#include <array>

namespace modesweep {

tl::expected<std::vector<CudaCheck>, std::string> run_selftest_entry(
    CudaSelfTest* entry, int device, std::span<const Network> networks) {
  std::vector<CudaCheck> checks;
  std::array<char, 512> why{};
  const auto report = [](void* context, const char* operation, bool passed, const char* detail) {
    static_cast<std::vector<CudaCheck>*>(context)->push_back({operation, passed, detail});
  };
  if (!entry(device, networks.data(), networks.size(), report, &checks, why.data(), why.size()))
    return tl::unexpected<std::string>(why.data());
  return checks;
}

}  // namespace modesweep
