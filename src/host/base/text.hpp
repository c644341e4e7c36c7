// SPDX-License-Identifier: MIT
// Words of lists and letters of ASCII; the C library's functions depend on the locale.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace modesweep {

constexpr char ascii_lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

std::string ascii_lower(std::string_view text);

/// Without the white space of ASCII around it.
std::string_view trimmed(std::string_view text);

/// The parts between separators. As with the lines of a file, nothing follows the last separator
/// where the text ends with it: "a,,b," has three parts, the second empty, and "" none.
std::vector<std::string> split(std::string_view text, char separator);

/// What stands between these characters, however many of them: no word is empty.
std::vector<std::string_view> words(std::string_view text, std::string_view between = " \t");

/// What `split` took apart, put together again.
std::string join(const std::vector<std::string>& parts, char separator);

}  // namespace modesweep
