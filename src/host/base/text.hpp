// SPDX-License-Identifier: MIT
// Words of lists and letters of ASCII (the C library's functions depend on the locale), and text
// from outside made safe to show.
#pragma once

#include <cstdint>
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

/// A number before what is counted, in agreement with it: "1 entry", "2 entries". `many` stands for
/// any number but one; where it is not given it is `one` with an s. Both may hold a verb.
inline std::string counted(std::int64_t count, std::string_view one, std::string_view many = {}) {
  std::string text = std::to_string(count) + ' ';
  if (count == 1) return text.append(one);
  return many.empty() ? text.append(one) + 's' : text.append(many);
}

/// Whether a terminal or a reader of lines may take this character for more than one to show:
/// control characters (ESC, and C1, where one is ESC [), separators of lines and paragraphs, those
/// that turn the direction of writing and those that show as nothing (soft hyphens, zero widths,
/// tags, variation selectors), by which a name can look like another.
bool is_control(char32_t character);

/// The text as valid UTF-8: what is none becomes U+FFFD.
std::string valid_utf8(std::string_view text);

/// Text from outside as it may be shown, on one line: valid UTF-8 with a blank for each control
/// character.
std::string printable(std::string_view text);

/// `printable` with one blank for several and none around.
std::string one_line(std::string_view text);

/// At most `bytes` of valid UTF-8, no character cut in two.
std::string_view first_bytes(std::string_view text, std::size_t bytes);

/// Hands `visit` each character of valid UTF-8 and the bytes that it is written with.
template <class Visit>
void for_each_character(std::string_view text, const Visit& visit) {
  for (std::size_t i = 0; i < text.size();) {
    const auto first = static_cast<unsigned char>(text[i]);
    const std::size_t length = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    const std::string_view bytes = text.substr(i, length);
    auto character = static_cast<char32_t>(length == 1 ? first : first & (0xff >> (length + 1)));
    for (const char byte : bytes.substr(1))
      character = character << 6 | (static_cast<unsigned char>(byte) & 0x3f);
    visit(character, bytes);
    i += length;
  }
}

}  // namespace modesweep
