// SPDX-License-Identifier: MIT
#include "structure/plain_text.hpp"

#include <cstdint>
#include <cstring>
#include <string_view>

namespace modesweep {
namespace {

using namespace std::string_view_literals;

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

/// Each carriage return with or without a newline after it as a newline.
void use_newlines(std::string& text) {
  const auto first = static_cast<char*>(std::memchr(text.data(), '\r', text.size()));
  if (!first) return;
  char* out = first;
  const char* const end = text.data() + text.size();
  for (const char* p = first; p != end; ++p) {
    if (*p == '\r' && p + 1 != end && p[1] == '\n') continue;
    *out++ = *p == '\r' ? '\n' : *p;
  }
  text.resize(static_cast<std::size_t>(out - text.data()));
}

/// NUL bytes and Ctrl-Z at the end, with blanks between them; what is no such tail stays.
void drop_tail(std::string& text) {
  const std::size_t last = text.find_last_not_of("\0\x1a \t\r\n"sv);
  const std::size_t kept = last == std::string::npos ? 0 : last + 1;
  const std::size_t mark = text.find_first_of("\0\x1a"sv, kept);
  if (mark != std::string::npos) text.resize(mark);
}

}  // namespace

std::string plain_text(std::string bytes) {
  for (const std::string_view mark : utf16_marks)
    if (bytes.starts_with(mark))
      bytes = from_utf16(std::string_view(bytes).substr(mark.size()), mark == utf16_marks[0]);
  if (bytes.starts_with(utf8_mark)) bytes.erase(0, utf8_mark.size());
  drop_tail(bytes);
  use_newlines(bytes);
  return bytes;
}

}  // namespace modesweep
