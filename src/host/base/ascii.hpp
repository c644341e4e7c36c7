// SPDX-License-Identifier: MIT
// Letters of ASCII in lower case; the C library's functions depend on the locale.
#pragma once

#include <string>
#include <string_view>

namespace modesweep {

constexpr char ascii_lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

inline std::string ascii_lower(std::string_view text) {
  std::string result(text);
  for (char& c : result) c = ascii_lower(c);
  return result;
}

}  // namespace modesweep
