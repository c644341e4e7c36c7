// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include <numeric>

#include "devices/cuda_module.hpp"

namespace modesweep {

tl::expected<std::vector<int>, std::string> choose_devices(std::vector<int> named, int present) {
  for (const int device : named)
    if (device >= present)
      return tl::unexpected(fmt::format(
          "there is no device {}: this machine has {}", device,
          present == 1 ? "device 0 alone" : fmt::format("devices 0 to {}", present - 1)));
  if (named.empty()) {
    named.resize(static_cast<std::size_t>(present));
    std::iota(named.begin(), named.end(), 0);
  }
  return named;
}

}  // namespace modesweep
