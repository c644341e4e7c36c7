// SPDX-License-Identifier: MIT
#include "structure/plain_text.hpp"

#include <cstdint>
#include <cstring>
#include <string_view>
#include <utility>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include "structure/byte_masks.hpp"
#include "structure/text_format.hpp"

namespace modesweep {
namespace {

using namespace std::string_view_literals;

constexpr std::size_t lines_begin = std::size_t{1} << 16;

constexpr std::string_view utf8_mark = "\xef\xbb\xbf";
constexpr std::string_view utf16_marks[] = {"\xff\xfe", "\xfe\xff"};  // little-endian first

void append_utf8(std::string& out, std::uint32_t code) {
  const auto put = [&](std::uint32_t byte) { out += static_cast<char>(byte); };
  const auto continuation = [&](int shift) { put(0x80 | (code >> shift & 0x3f)); };
  if (code < 0x80) {
    put(code);
  } else if (code < 0x800) {
    put(0xc0 | code >> 6);
    continuation(0);
  } else if (code < 0x10000) {
    put(0xe0 | code >> 12);
    continuation(6);
    continuation(0);
  } else {
    put(0xf0 | code >> 18);
    continuation(12);
    continuation(6);
    continuation(0);
  }
}

std::string from_utf16(std::string_view bytes, bool little_endian) {
  constexpr std::uint32_t replacement = 0xfffd;
  const auto unit = [&](std::size_t i) -> std::uint32_t {
    const auto first = static_cast<unsigned char>(bytes[2 * i]);
    const auto second = static_cast<unsigned char>(bytes[2 * i + 1]);
    return little_endian ? first | second << 8 : first << 8 | second;
  };
  const std::size_t units = bytes.size() / 2;
  std::string text;
  text.reserve(units);
  for (std::size_t i = 0; i < units; ++i) {
    std::uint32_t code = unit(i);
    if (code >= 0xd800 && code < 0xe000) {  // surrogates
      const std::uint32_t low = code < 0xdc00 && i + 1 < units ? unit(i + 1) : 0;
      const bool pair = low >= 0xdc00 && low < 0xe000;
      code = pair ? 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00) : replacement;
      i += pair;
    }
    append_utf8(text, code);
  }
  return text;
}

/// Whether there is a NUL byte or a carriage return, found in one pass: most files have neither.
bool has_nul_or_return(std::string_view text) {
  std::size_t i = 0;
#if defined(__SSE2__)
  const __m128i carriage_return = _mm_set1_epi8('\r');
  constexpr std::size_t step = 4 * sizeof(__m128i);
  for (; i + step <= text.size(); i += step) {
    __m128i least = _mm_set1_epi8('\xff');  // of what is 0 where there is one of the two
    for (std::size_t k = 0; k < 4; ++k) {
      const __m128i bytes =
          _mm_loadu_si128(reinterpret_cast<const __m128i*>(text.data() + i + k * sizeof(__m128i)));
      least = _mm_min_epu8(least, _mm_min_epu8(bytes, _mm_xor_si128(bytes, carriage_return)));
    }
    if (_mm_movemask_epi8(_mm_cmpeq_epi8(least, _mm_setzero_si128())) != 0) return true;
  }
#endif
  return text.find_first_of("\0\r"sv, i) != std::string_view::npos;
}

/// Each carriage return with or without a newline after it as a newline.
void use_newlines(std::string& text) {
  ByteFinder returns(text, '\r');
  const char* from = returns.next();
  const char* const end = text.data() + text.size();
  char* to = text.data() + (from - text.data());
  while (from != end) {
    if (from + 1 == end || from[1] != '\n') *to++ = '\n';
    const char* const rest = ++from;  // a newline that follows is the line's end
    from = returns.next();
    std::memmove(to, rest, static_cast<std::size_t>(from - rest));
    to += from - rest;
  }
  text.resize(static_cast<std::size_t>(to - text.data()));
}

/// NUL bytes and Ctrl-Z at the end, with blanks between them; what is no such tail stays.
void drop_tail(std::string& text) {
  const auto is_of_tail = [](char c) {
    return c == ' ' || c == '\n' || c == '\r' || c == '\t' || c == '\0' || c == '\x1a';
  };
  std::size_t kept = text.size();
  while (kept > 0 && is_of_tail(text[kept - 1])) --kept;
  while (kept < text.size() && text[kept] != '\0' && text[kept] != '\x1a') ++kept;
  text.resize(kept);
}

}  // namespace

PlainText plain_text(std::string bytes) {
  for (const std::string_view mark : utf16_marks)
    if (bytes.starts_with(mark))
      bytes = from_utf16(std::string_view(bytes).substr(mark.size()), mark == utf16_marks[0]);
  if (bytes.starts_with(utf8_mark)) bytes.erase(0, utf8_mark.size());
  drop_tail(bytes);
  // mmCIF files are large, and to them carriage returns further on are blanks, NUL bytes parts of
  // values that cannot be read: it is enough to know how their lines end.
  std::string_view looked_at = bytes;
  if (begins_as_cif(bytes)) looked_at = looked_at.substr(0, lines_begin);
  if (!has_nul_or_return(looked_at)) return {std::move(bytes), false};
  use_newlines(bytes);
  const bool has_nul = bytes.find('\0') != std::string::npos;
  return {std::move(bytes), has_nul};
}

}  // namespace modesweep
