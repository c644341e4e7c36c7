// SPDX-License-Identifier: MIT
#include "structure/pdb_text.hpp"

#include <fmt/format.h>

#include <charconv>

namespace modesweep {
namespace {

std::string_view trim(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

/// Calls f(line) for each line without its end until f returns false.
template <class F>
void for_each_line(std::string_view text, F&& f) {
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    if (!f(text.substr(0, end))) return;
    if (end == std::string_view::npos) return;
    text.remove_prefix(end + 1);
  }
}

std::string_view columns(std::string_view line, std::size_t first, std::size_t last) {
  if (line.size() < first) return {};
  return line.substr(first - 1, last - first + 1);
}

bool is_decimal(std::string_view field) {
  field = trim(field);
  if (field.starts_with('+') || field.starts_with('-')) field.remove_prefix(1);
  double value = 0;
  const auto [end, error] =
      std::from_chars(field.data(), field.data() + field.size(), value, std::chars_format::fixed);
  return error == std::errc() && end == field.data() + field.size() &&
         (field.front() == '.' || (field.front() >= '0' && field.front() <= '9'));
}

}  // namespace

std::optional<std::string> find_bad_coordinates(
    std::string_view text, std::optional<int> model,
    const std::function<bool(const PdbAtomLine&)>& wanted) {
  std::optional<std::string> problem;
  int ordinal = 1;        // of models that have no MODEL record
  int current = ordinal;  // number of the model that the line is in
  bool atoms_seen = false;
  int number = 0;
  for_each_line(text, [&](std::string_view line) {
    ++number;
    if (line.starts_with("MODEL ")) {
      const std::string_view field = trim(columns(line, 11, 14));
      std::from_chars(field.data(), field.data() + field.size(), current);
      return true;
    }
    if (line.starts_with("END")) {
      if (line.starts_with("ENDMDL")) {
        current = ++ordinal;
        return model || !atoms_seen;
      }
      return trim(line) != "END";
    }
    if (!line.starts_with("ATOM  ") && !line.starts_with("HETATM")) return true;
    atoms_seen = true;
    if (model && current != *model) return true;
    const PdbAtomLine atom{trim(columns(line, 13, 16)), trim(columns(line, 18, 20)),
                           line.size() > 16 ? line[16] : ' '};
    if (!wanted(atom)) return true;
    for (const std::size_t first : {31, 39, 47})
      if (!is_decimal(columns(line, first, first + 7))) {
        problem = fmt::format("line {}: the coordinate \"{}\" of atom {} {} is not a number",
                              number, columns(line, first, first + 7), atom.residue, atom.atom);
        return false;
      }
    return true;
  });
  return problem;
}

std::string pdb_specification(std::string_view text, std::string_view record,
                              std::string_view key) {
  std::string list;
  for_each_line(text, [&](std::string_view line) {
    if (line.starts_with("ATOM")) return false;
    if (line.starts_with(record) && line.size() > 10) {
      list += trim(line.substr(10, 70));
      list += ' ';
    }
    return true;
  });
  std::string values;
  std::string_view rest = list;
  while (!rest.empty()) {
    const std::size_t end = rest.find(';');
    std::string_view item = trim(rest.substr(0, end));
    if (item.starts_with(key) && trim(item.substr(key.size())).starts_with(':')) {
      item = trim(item.substr(item.find(':') + 1));
      if (!values.empty()) values += "; ";
      values += item;
    }
    if (end == std::string_view::npos) break;
    rest.remove_prefix(end + 1);
  }
  return values;
}

std::string pdb_field(std::string_view text, std::string_view record, int first, int last) {
  std::string field;
  for_each_line(text, [&](std::string_view line) {
    if (line.starts_with("ATOM")) return false;
    if (!line.starts_with(record)) return true;
    field = trim(columns(line, static_cast<std::size_t>(first), static_cast<std::size_t>(last)));
    return false;
  });
  return field;
}

}  // namespace modesweep
