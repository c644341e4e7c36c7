// SPDX-License-Identifier: MIT
// Lines of PDB format and their columns, which are counted from 1.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <string_view>

#include "structure/byte_masks.hpp"

namespace modesweep {

/// Calls f(line) for each line without its end until f returns false.
template <class F>
void for_each_line(std::string_view text, F&& f) {
  ByteFinder newlines(text, '\n');
  const char *line = text.data(), *const end = line + text.size();
  while (line != end) {
    const char* const newline = newlines.next();
    if (!f(std::string_view(line, static_cast<std::size_t>(newline - line))) || newline == end)
      return;
    line = newline + 1;
  }
}

inline std::string_view without_blanks(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

/// Columns [first, last] without blanks around them; empty where the line is shorter.
inline std::string_view columns(std::string_view line, std::size_t first, std::size_t last) {
  if (line.size() < first) return {};
  return without_blanks(line.substr(first - 1, last - first + 1));
}

/// Whether the line begins with a literal: one comparison of as many bytes.
template <std::size_t size>
bool begins_with(std::string_view line, const char (&start)[size]) {
  return line.size() >= size - 1 && std::memcmp(line.data(), start, size - 1) == 0;
}

/// Whether the line is a record of this name of up to six letters, as "TER" and "ENDMDL" are.
inline bool is_record(std::string_view line, std::string_view name) {
  return !line.empty() && line.front() == name.front() && line.starts_with(name) &&
         (line.size() == name.size() || name.size() == 6 ||
          line.substr(name.size(), 6 - name.size()).find_first_not_of(' ') ==
              std::string_view::npos);
}

/// Whether the line is of an atom. Serial numbers of six characters and more take the blanks after
/// ATOM.
inline bool is_atom_record(std::string_view line) {
  if (begins_with(line, "ATOM  ") || begins_with(line, "HETATM")) return true;
  if (!begins_with(line, "ATOM") || line.size() < 6) return false;
  const auto may_be_serial = [](char c) {
    return c == ' ' || (c >= '0' && c <= '9') || c == '*' || c == '-';
  };
  return may_be_serial(line[4]) && may_be_serial(line[5]);
}

/// Whether the line begins a model: MODEL with a number or nothing after it.
inline bool is_model_record(std::string_view line) {
  if (!is_record(line, "MODEL")) return false;
  const std::string_view rest =
      line.size() > 6 ? without_blanks(line.substr(6)) : std::string_view{};
  return rest.empty() || (rest[0] >= '0' && rest[0] <= '9') || rest[0] == '-' || rest[0] == '\t';
}

}  // namespace modesweep
