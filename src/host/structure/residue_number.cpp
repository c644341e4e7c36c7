// SPDX-License-Identifier: MIT
#include "structure/residue_number.hpp"

#include "structure/decimal.hpp"

namespace modesweep {
namespace {

bool is_letter(char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'); }

std::string_view without_zero_fraction(std::string_view text) {
  const std::size_t point = text.find('.');
  const bool zero = point != std::string_view::npos && point > 0 &&
                    text.find_first_not_of('0', point + 1) == std::string_view::npos;
  return zero ? text.substr(0, point) : text;
}

}  // namespace

bool parse_residue_number(std::string_view text, std::optional<int>& number, char& insertion) {
  int value;
  if (parse_integer(text, value) || parse_integer(without_zero_fraction(text), value)) {
    number = value;
    return true;
  }
  if (text.size() < 2 || !is_letter(text.back()) ||
      (insertion != ' ' && insertion != text.back()) ||
      !parse_integer(text.substr(0, text.size() - 1), value))
    return false;
  number = value;
  insertion = text.back();
  return true;
}

}  // namespace modesweep
