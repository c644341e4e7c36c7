// SPDX-License-Identifier: MIT
#include "base/text.hpp"

#include <algorithm>

namespace modesweep {

std::string ascii_lower(std::string_view text) {
  std::string result(text);
  for (char& c : result) c = ascii_lower(c);
  return result;
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view blanks = " \t\r\n\v\f";
  const std::size_t first = text.find_first_not_of(blanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const std::size_t end = text.find(separator);
    parts.emplace_back(text.substr(0, end));
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 1);
  }
  return parts;
}

std::vector<std::string_view> words(std::string_view text, std::string_view between) {
  std::vector<std::string_view> words;
  for (std::size_t first = 0;
       (first = text.find_first_not_of(between, first)) != std::string_view::npos;) {
    const std::size_t end = std::min(text.find_first_of(between, first), text.size());
    words.push_back(text.substr(first, end - first));
    first = end;
  }
  return words;
}

std::string join(const std::vector<std::string>& parts, char separator) {
  std::string text;
  for (const std::string& part : parts) {
    if (&part != &parts.front()) text += separator;
    text += part;
  }
  return text;
}

}  // namespace modesweep
