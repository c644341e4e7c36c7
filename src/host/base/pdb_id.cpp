// SPDX-License-Identifier: MIT
#include <modesweep/pdb_id.hpp>

#include <algorithm>

#include "base/ascii.hpp"

namespace modesweep {
namespace {

// The C library's functions of these names depend on the locale.
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_alnum(char c) { return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

std::string upper(std::string_view text) {
  std::string result(text);
  for (char& c : result)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  return result;
}

bool is_short_id(std::string_view text) {
  return text.size() == 4 && text[0] >= '1' && text[0] <= '9' &&
         std::all_of(text.begin(), text.end(), is_alnum);
}

}  // namespace

std::optional<std::string> normalise_pdb_id(std::string_view text) {
  if (is_short_id(text)) return upper(text);
  if (text.size() != 12 || ascii_lower(text.substr(0, 4)) != "pdb_") return std::nullopt;
  const std::string_view code = text.substr(4);
  if (!std::all_of(code.begin(), code.end(), is_alnum)) return std::nullopt;
  if (code.starts_with("0000") && is_short_id(code.substr(4))) return upper(code.substr(4));
  return ascii_lower(text);
}

std::string extended_pdb_id(std::string_view normal_id) {
  const std::string id = ascii_lower(normal_id);
  return id.size() == 4 ? "pdb_0000" + id : id;
}

std::string pdb_id_hash(std::string_view normal_id) {
  return ascii_lower(normal_id.substr(normal_id.size() - 3, 2));
}

}  // namespace modesweep
