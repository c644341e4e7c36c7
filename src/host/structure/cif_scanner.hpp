// SPDX-License-Identifier: MIT
// One pass over a CIF 1.1 text that hands out pairs and rows of loops and keeps nothing.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <string_view>
#include <vector>

#include "structure/byte_masks.hpp"

namespace modesweep {

/// One row of a loop that is one line of plain or simply quoted values.
struct CifLine {
  static constexpr std::size_t words = 4;
  static constexpr std::size_t most_bytes = words * mask_bytes;

  const char* begin = nullptr;
  std::size_t length = 0;                     ///< without the newline
  std::array<std::uint64_t, words> starts{};  ///< bit i: a value starts at byte i
  std::vector<std::uint16_t> columns;         ///< where they start
  bool same_columns = false;                  ///< as in the line just before in this loop
  const char* line_before = nullptr;          ///< where same_columns

  std::string_view value(std::size_t column) const {
    const char* const first = begin + columns[column];
    const char* end = first;
    while (*end > ' ') ++end;
    return {first, static_cast<std::size_t>(end - first)};
  }
};

/// Values are given as they stand in the text, quotes and semicolons included.
///
/// The scanner accepts the ordinary form: one data block of pairs and loops that are not empty,
/// without save frames, `global_` and `stop_`. All that it accepts is what gemmi's grammar accepts,
/// with the same tags and values; whatever else there is makes `scan_cif` return false.
class CifScanner {
 public:
  enum class Token { value, tag, loop, data, end, unsupported };

  explicit CifScanner(std::string_view text)
      : begin_(text.data()), p_(begin_), end_(begin_ + text.size()) {}

  Token next(std::string_view& token);

  /// Whether the next line is a row of `columns` values of the simple kind; steps over it if so.
  bool line(std::size_t columns, CifLine& line) {
    if (!at_line_start_ && !to_line_start()) return false;
    if (end_ - p_ < static_cast<std::ptrdiff_t>(CifLine::most_bytes + mask_bytes)) return false;
    std::array<std::uint64_t, CifLine::words> starts{};
    std::uint64_t before = 0;  // whether the last byte of the word before is part of a value
    std::size_t length = 0;
    for (std::size_t w = 0;; ++w) {
      if (w == CifLine::words) return false;
      const ByteMasks masks = classify(p_ + w * mask_bytes);
      const std::uint64_t filled = ~masks.blank;
      std::uint64_t in_line = ~std::uint64_t{0};
      if (masks.newline) in_line = (masks.newline & (~masks.newline + 1)) - 1;
      starts[w] = filled & ~(filled << 1 | before) & in_line;
      before = filled >> 63;
      if (masks.special & in_line &&
          !are_harmless(p_ + w * mask_bytes, masks.special & in_line, starts[w]))
        return false;
      if (!masks.newline) continue;
      length = w * mask_bytes + static_cast<std::size_t>(std::countr_zero(masks.newline));
      break;
    }
    if (*p_ == ';') return false;
    line.same_columns = p_ == after_line_ && starts == line.starts;
    if (line.same_columns) {
      line.line_before = line.begin;
    } else {
      set_columns(line, starts);
      if (line.columns.size() != columns) {
        after_line_ = nullptr;
        return false;
      }
    }
    line.begin = p_;
    line.length = length;
    p_ += length + 1;
    after_line_ = p_;
    at_line_start_ = true;
    return true;
  }

 private:
  static void set_columns(CifLine& line, const std::array<std::uint64_t, CifLine::words>& starts) {
    line.starts = starts;
    line.columns.clear();
    for (std::size_t w = 0; w < CifLine::words; ++w)
      for (std::uint64_t bits = starts[w]; bits != 0; bits &= bits - 1)
        line.columns.push_back(static_cast<std::uint16_t>(w * mask_bytes + std::countr_zero(bits)));
  }
  /// Whether these special bytes of a word are parts of values, or begin values that are quoted
  /// and hold neither blanks nor `#`.
  static bool are_harmless(const char* word, std::uint64_t special, std::uint64_t starts);
  bool to_line_start();
  bool skip_blanks_and_comments();
  Token bare(std::string_view& token);
  Token quoted(std::string_view& token);
  Token text_field(std::string_view& token);

  const char* begin_;
  const char* p_;
  const char* end_;
  const char* after_line_ = nullptr;  // where the last line() ended
  bool at_line_start_ = false;
};

/// Calls, in the order of the text,
///   bool pair(std::string_view tag, std::string_view value)
///   bool loop(const std::vector<std::string_view>& tags)   and for each of its rows one of
///   bool row(const std::string_view* values)
///   bool line(const CifLine& line)
/// of the handler. False where the text is not of the ordinary form or a call returned false.
template <class Handler>
bool scan_cif(std::string_view text, Handler& handler) {
  using Token = CifScanner::Token;
  CifScanner scanner(text);
  std::string_view token;
  if (scanner.next(token) != Token::data) return false;
  std::vector<std::string_view> tags, values;
  CifLine line;
  Token kind = scanner.next(token);
  for (;;) {
    if (kind == Token::end) return true;
    if (kind == Token::tag) {
      const std::string_view tag = token;
      if (scanner.next(token) != Token::value || !handler.pair(tag, token)) return false;
      kind = scanner.next(token);
      continue;
    }
    if (kind != Token::loop) return false;
    tags.clear();
    while ((kind = scanner.next(token)) == Token::tag) tags.push_back(token);
    const std::size_t columns = tags.size();
    if (columns == 0 || columns > CifLine::most_bytes || kind != Token::value ||
        !handler.loop(tags))
      return false;
    values.resize(columns);
    line.starts = {};
    while (kind == Token::value) {
      values[0] = token;
      for (std::size_t i = 1; i < columns; ++i)
        if (scanner.next(values[i]) != Token::value) return false;
      if (!handler.row(values.data())) return false;
      while (scanner.line(columns, line))
        if (!handler.line(line)) return false;
      kind = scanner.next(token);
    }
  }
}

}  // namespace modesweep
