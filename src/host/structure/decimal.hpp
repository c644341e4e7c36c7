// SPDX-License-Identifier: MIT
// Plain decimal numbers, as files of structures write them, to the bit of strtod.
#pragma once

#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace modesweep {

/// The value of [+-]digits[.digits], or false where the text has another form or more than 15
/// digits. The digits as an integer and the power of ten are exact doubles, so that the one
/// division is correctly rounded: the result is strtod's (Clinger 1990).
inline bool parse_decimal(std::string_view text, double& value) {
  static constexpr std::array<double, 16> power = {1e0, 1e1, 1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                                   1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};
  const char *p = text.data(), *const end = p + text.size();
  const bool negative = p != end && *p == '-';
  if (p != end && (*p == '-' || *p == '+')) ++p;
  if (end - p > 16) return false;
  const auto is_digit = [&] { return p != end && *p >= '0' && *p <= '9'; };
  std::int64_t digits = 0;
  const char* const first = p;
  for (; is_digit(); ++p) digits = 10 * digits + (*p - '0');
  if (p == first) return false;
  std::ptrdiff_t count = p - first, fraction = 0;
  if (p != end && *p == '.') {
    const char* const point = ++p;
    for (; is_digit(); ++p) digits = 10 * digits + (*p - '0');
    fraction = p - point;
    count += fraction;
  }
  if (p != end || count > 15) return false;
  value = static_cast<double>(digits) / power[static_cast<std::size_t>(fraction)];
  if (negative) value = -value;
  return true;
}

/// The value of a decimal number that may have an exponent, or false: for forms that
/// `parse_decimal` does not know, at a tenth of its speed. What is not finite is no number.
inline bool parse_number(std::string_view text, double& value) {
  if (parse_decimal(text, value)) return true;
  if (text.starts_with('+')) text.remove_prefix(1);
  if (text.empty() || text.starts_with('+')) return false;
  const std::string_view digits = text.substr(text.front() == '-' ? 1 : 0);
  const bool begins_as_number =
      !digits.empty() &&
      (digits.front() == '.' || (digits.front() >= '0' && digits.front() <= '9'));
  double parsed = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), parsed);
  if (!begins_as_number || error != std::errc() || end != text.data() + text.size()) return false;
  value = parsed;
  return true;
}

/// A number of CIF, which may have an exponent and an estimated error, 12.345(6); false for others.
inline bool parse_cif_number(std::string_view text, double& value) {
  if (const std::size_t open = text.find('('); open != std::string_view::npos) {
    const std::string_view error = text.substr(open + 1);
    if (error.size() < 2 || error.find_first_not_of("0123456789") != error.size() - 1 ||
        error.back() != ')')
      return false;
    text = text.substr(0, open);
  }
  return parse_number(text, value);
}

/// Whether a text in place of a number says that there is none: nan, inf, and the asterisks of a
/// number that did not fit its field.
inline bool says_no_number(std::string_view text) {
  if (text.starts_with('+') || text.starts_with('-')) text.remove_prefix(1);
  std::array<char, 3> word{};
  for (std::size_t i = 0; i < word.size() && i < text.size(); ++i)
    word[i] = static_cast<char>(text[i] | 0x20);
  const std::string_view lower(word.data(), word.size());
  // None, null and N/A are what scripts write for what they lack.
  return lower == "nan" || lower == "inf" || lower == "non" || lower == "nul" || lower == "n/a" ||
         text.find_first_not_of('*') == std::string_view::npos;
}

/// The value of [+-]digits, of at most nine digits, or false.
inline bool parse_integer(std::string_view text, int& value) {
  const char *p = text.data(), *const end = p + text.size();
  const bool negative = p != end && *p == '-';
  if (p != end && (*p == '-' || *p == '+')) ++p;
  if (p == end || end - p > 9) return false;
  int digits = 0;
  for (; p != end; ++p) {
    if (*p < '0' || *p > '9') return false;
    digits = 10 * digits + (*p - '0');
  }
  value = negative ? -digits : digits;
  return true;
}

/// What was written where a float was kept of it (up to six digits): the number nearest to the
/// shortest decimal that stands for this float, 12.34 and not 12.3400001526.
inline double written_value(float kept) {
  std::array<char, 64> text;
  double value = kept;
  const auto [end, error] = std::to_chars(text.data(), text.data() + text.size(), kept);
  if (error == std::errc()) std::from_chars(text.data(), end, value);
  return value;
}

}  // namespace modesweep
