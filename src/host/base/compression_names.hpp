// SPDX-License-Identifier: MIT
// Endings by which the names of compressed files are known.
#pragma once

#include <array>
#include <string_view>

namespace modesweep {

/// The name (in lower case) without the ending of a compression, of which it may have one.
constexpr std::string_view without_compression(std::string_view lower_name) {
  constexpr std::array<std::string_view, 4> endings = {".gz", ".zst", ".xz", ".bz2"};
  for (const std::string_view ending : endings)
    if (lower_name.ends_with(ending))
      return lower_name.substr(0, lower_name.size() - ending.size());
  return lower_name;
}

}  // namespace modesweep
