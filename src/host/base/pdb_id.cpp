// SPDX-License-Identifier: MIT
#include <modesweep/pdb_id.hpp>

#include <algorithm>

#include "base/text.hpp"

namespace modesweep {
namespace {

constexpr std::size_t extended_size = 12;  // pdb_00001ubi

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
  if (text.size() != extended_size || ascii_lower(text.substr(0, 4)) != "pdb_") return std::nullopt;
  const std::string_view code = text.substr(4);
  if (!std::all_of(code.begin(), code.end(), is_alnum)) return std::nullopt;
  if (code.starts_with("0000") && is_short_id(code.substr(4))) return upper(code.substr(4));
  return ascii_lower(text);
}

std::optional<std::string> pdb_id_of_file_name(std::string_view stem) {
  constexpr std::string_view coordinates = "_xyz";
  const std::string_view rest = stem.substr(std::min(stem.size(), extended_size));
  const bool is_known = rest.empty() || (ascii_lower(rest.substr(0, 4)) == coordinates &&
                                         (rest.size() == 4 || !is_alnum(rest[4])));
  return is_known && stem.size() >= extended_size ? normalise_pdb_id(stem.substr(0, extended_size))
                                                  : std::nullopt;
}

std::string entry_name(std::string_view stem) {
  return pdb_id_of_file_name(stem).value_or(std::string(stem));
}

std::string chain_entry_name(std::string_view entry, std::string_view chain) {
  std::string name(entry);
  name += ':';
  name += trimmed(chain).empty() ? "_" : chain;
  return name;
}

std::string with_normal_pdb_ids(std::string_view text) {
  std::string result;
  for (std::size_t i = 0; i < text.size();) {
    const bool begins_word = i == 0 || !is_alnum(text[i - 1]);
    const std::size_t end = i + extended_size;
    if (begins_word && end <= text.size() && (end == text.size() || !is_alnum(text[end])))
      if (const auto id = normalise_pdb_id(text.substr(i, extended_size))) {
        result += *id;
        i = end;
        continue;
      }
    result += text[i++];
  }
  return result;
}

std::string extended_pdb_id(std::string_view normal_id) {
  const std::string id = ascii_lower(normal_id);
  return id.size() == 4 ? "pdb_0000" + id : id;
}

std::string pdb_id_hash(std::string_view normal_id) {
  return ascii_lower(normal_id.substr(normal_id.size() - 3, 2));
}

}  // namespace modesweep
