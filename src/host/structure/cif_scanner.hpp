// SPDX-License-Identifier: MIT
// One pass over a CIF 1.1 text that hands out pairs and rows of loops and keeps nothing.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <string_view>
#include <vector>

#include "structure/byte_masks.hpp"
#include "structure/mmcif_items.hpp"

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

/// A value that is given as it stands in the text, without its quotes or semicolons; nothing for ?
/// and . outside of quotes.
CifValue cif_value(std::string_view raw);

/// Values are given as they stand in the text, quotes and semicolons included.
///
/// The scanner is tolerant in form: what CIF 1.1 does not allow is read as programs that write it
/// mean it (a quote that is not closed ends with its line, any byte above the blank is part of a
/// value). Lines have to end in newlines alone.
class CifScanner {
 public:
  enum class Token { value, tag, loop, data, save, end, open_text_field };

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

/// Of a loop: more than any file has. A handler that is given more has to end the scan.
inline constexpr std::size_t most_columns = 100'000;

enum class ScanEnd {
  whole,
  stopped,          ///< a call returned false
  open_text_field,  ///< the text ends within one
};

/// Calls, in the order of the text,
///   bool block()                                           where a data block begins
///   bool pair(std::string_view tag, std::string_view value)
///   bool loop(const std::vector<std::string_view>& tags)   and for each of its rows one of
///   bool row(const std::string_view* values)
///   bool line(const CifLine& line)
///   bool cut_row()                                         where the last row lacks values
///   bool stray(std::string_view value)                     for a value without a tag
/// of the handler. A tag without a value has the value `?`. What stands in save frames and the word
/// `stop_` are passed over; `global_` begins a block.
template <class Handler>
class CifScan {
 public:
  CifScan(std::string_view text, Handler& handler) : scanner_(text), handler_(handler) {}

  ScanEnd run() {
    kind_ = scanner_.next(token_);
    while (kind_ != Token::end)
      if (kind_ == Token::open_text_field)
        return ScanEnd::open_text_field;
      else if (!step())
        return ScanEnd::stopped;
    return ScanEnd::whole;
  }

 private:
  using Token = CifScanner::Token;

  bool step() {
    switch (kind_) {
      case Token::data:
        in_frame_ = false;
        advance();
        return handler_.block();
      case Token::save:
        in_frame_ = token_.size() > std::string_view("save_").size();
        advance();
        return true;
      case Token::tag: return pair();
      case Token::loop: return loop();
      default: {
        const std::string_view value = token_;
        advance();
        return in_frame_ || handler_.stray(value);
      }
    }
  }

  void advance() { kind_ = scanner_.next(token_); }

  bool pair() {
    const std::string_view tag = token_;
    advance();
    std::string_view value = "?";
    if (kind_ == Token::value) {
      value = token_;
      advance();
    }
    return in_frame_ || handler_.pair(tag, value);
  }

  bool loop() {
    tags_.clear();
    while (tags_.size() <= most_columns && (kind_ = scanner_.next(token_)) == Token::tag)
      tags_.push_back(token_);
    if (in_frame_ || tags_.empty()) return true;
    if (!handler_.loop(tags_)) return false;
    const std::size_t columns = tags_.size();
    values_.resize(columns);
    line_.starts = {};
    while (kind_ == Token::value) {
      for (std::size_t i = 0; i < columns; ++i) {
        if (kind_ != Token::value) return kind_ == Token::open_text_field || handler_.cut_row();
        values_[i] = token_;
        if (i + 1 < columns) advance();
      }
      if (!handler_.row(values_.data())) return false;
      while (columns <= CifLine::most_bytes && scanner_.line(columns, line_))
        if (!handler_.line(line_)) return false;
      advance();
    }
    return true;
  }

  CifScanner scanner_;
  Handler& handler_;
  Token kind_ = Token::end;
  std::string_view token_;
  bool in_frame_ = false;
  std::vector<std::string_view> tags_, values_;
  CifLine line_;
};

template <class Handler>
ScanEnd scan_cif(std::string_view text, Handler& handler) {
  return CifScan<Handler>(text, handler).run();
}

}  // namespace modesweep
