// SPDX-License-Identifier: MIT
#include "cli/wrapped.hpp"

#include <algorithm>

namespace modesweep::cli {
namespace {

/// Bytes that continue a character of UTF-8 take no place of their own.
bool begins_character(char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }

std::size_t characters(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), begins_character));
}

/// Where to break the line, at a blank; its end where there is none to break at.
std::size_t place_to_break(std::string_view line, std::size_t width, std::size_t begin) {
  std::size_t place = std::string_view::npos;
  for (std::size_t blank = line.find(' ', begin); blank != std::string_view::npos;
       blank = line.find(' ', blank + 1)) {
    if (place != std::string_view::npos && characters(line.substr(0, blank)) > width) break;
    place = blank;
  }
  return std::min(place, line.size());
}

}  // namespace

std::string wrapped(std::string_view text, int width, std::size_t indent) {
  if (width <= 0) return std::string(text);
  const auto limit = static_cast<std::size_t>(width);
  std::string out;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string line(text.substr(0, end));
    std::size_t begin = std::min(line.find_first_not_of(' '), line.size());
    while (characters(line) > limit) {
      const std::size_t place = place_to_break(line, limit, begin);
      if (place == line.size()) break;
      out.append(line, 0, line.find_last_not_of(' ', place) + 1) += '\n';
      line = std::string(indent, ' ') +
             line.substr(std::min(line.find_first_not_of(' ', place), line.size()));
      begin = indent;
    }
    out += line;
    if (end < text.size()) out += '\n';
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

}  // namespace modesweep::cli
