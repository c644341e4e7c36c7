// SPDX-License-Identifier: MIT
// Plain decimal numbers, as files of structures write them, to the bit of strtod.
#pragma once

#include <array>
#include <bit>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace modesweep {

/// Exact doubles, all of them.
inline constexpr std::array<double, 16> powers_of_ten = {
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};

/// The value of [+-]digits[.digits], or false where the text has another form or more than 15
/// digits. The digits as an integer and the power of ten are exact doubles, so that the one
/// division is correctly rounded: the result is strtod's (Clinger 1990).
inline bool parse_decimal(std::string_view text, double& value) {
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
  value = static_cast<double>(digits) / powers_of_ten[static_cast<std::size_t>(fraction)];
  if (negative) value = -value;
  return true;
}

/// The value of the `width` characters before `end` (eight at most), where they are blanks, digits
/// with or without a minus, a point and `decimals` digits, as "%8.3f" writes them: to the bit that
/// of `parse_decimal`, all digits at once. False for other forms. Eight bytes before `end` are
/// read. In line, so that constants stay in registers from one field to the next.
template <unsigned width, unsigned decimals>
[[gnu::always_inline]] inline bool parse_fixed(const char* end, double& value) {
  static_assert(width <= 8 && decimals > 0 && decimals + 1 < width);
  if constexpr (std::endian::native != std::endian::little) return false;
  constexpr std::uint64_t ones = 0x0101010101010101, top_bits = ones * 0x80;
  constexpr unsigned before = 8 - width, point = 7 - decimals;  // bytes of what is read
  if (*(end - 1 - decimals) != '.') return false;
  std::uint64_t text;
  std::memcpy(&text, end - sizeof text, sizeof text);
  // What stands before the point takes its place, so that there is a blank before all.
  const std::uint64_t whole = text >> 8 * before << 8 * (8 - point + before) >> 8 * (7 - point);
  const std::uint64_t fraction = text >> 8 * (point + 1) << 8 * (point + 1);
  constexpr std::uint64_t blanks = ones * ' ' & ((std::uint64_t{1} << 8 * (before + 1)) - 1);
  // Digits become 0 to 9, all others more. Bytes that carry over are refused, whatever comes
  // behind.
  std::uint64_t digits = (whole | fraction | blanks) ^ ones * '0';
  const std::uint64_t others = ((digits + ones * (0x80 - 10)) | digits) & top_bits;
  // Bits before the first digit; where it is not before the point, others follow.
  const std::uint64_t first_digits = (others ^ top_bits) | std::uint64_t{0x80} << 8 * point;
  const int lead = std::countr_zero(first_digits) - 7;
  if (others >> lead != 0) return false;
  // Before the first digit: blanks, or blanks and the minus.
  constexpr std::uint64_t blank = ' ' ^ '0', minus = std::uint64_t{'-' ^ ' '} << 56;
  const std::uint64_t sign = (digits ^ ones * blank) << (64 - lead);
  if ((sign != 0) & (sign != minus)) return false;
  digits = digits >> lead << lead;
  // Pairs of digits, fours of them, all eight.
  digits = (digits * 10 + (digits >> 8)) & 0x00ff00ff00ff00ff;
  digits = (digits * 100 + (digits >> 16)) & 0x0000ffff0000ffff;
  digits = (digits * 10000 + (digits >> 32)) & 0xffffffff;
  static constexpr double divisors[] = {powers_of_ten[decimals], -powers_of_ten[decimals]};
  value = static_cast<double>(static_cast<std::int64_t>(digits)) / divisors[sign != 0];
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
