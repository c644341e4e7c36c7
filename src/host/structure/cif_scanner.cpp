// SPDX-License-Identifier: MIT
#include "structure/cif_scanner.hpp"

#include <cstring>

#include "structure/text_format.hpp"

namespace modesweep {
namespace {

bool is_white(char c) { return c == ' ' || c == '\n' || c == '\t' || c == '\r'; }

/// A byte that values without quotes may be made of.
bool is_printable(char c) { return c > ' ' && c < '\x7f'; }

}  // namespace

bool CifScanner::are_harmless(const char* word, std::uint64_t special, std::uint64_t starts) {
  for (; special != 0; special &= special - 1) {
    const char* const first = word + std::countr_zero(special);
    if (!is_mark(*first)) return false;
    if (!(special & (~special + 1) & starts)) continue;
    if (*first != '"' && *first != '\'') return false;
    const char* last = first;
    while (last[1] > ' ') {
      ++last;
      if (*last == '#') return false;
    }
    if (last == first || *last != *first) return false;
  }
  return true;
}

bool CifScanner::to_line_start() {
  const char* p = p_;
  while (p != end_ && *p == ' ') ++p;
  if (p == end_ || *p != '\n') return false;
  p_ = p + 1;
  at_line_start_ = true;
  return true;
}

bool CifScanner::skip_blanks_and_comments() {
  for (;;) {
    while (p_ != end_ && is_white(*p_)) ++p_;
    if (p_ == end_) return false;
    if (*p_ != '#') return true;
    p_ = static_cast<const char*>(std::memchr(p_, '\n', static_cast<std::size_t>(end_ - p_)));
    if (p_ == nullptr) {
      p_ = end_;
      return false;
    }
  }
}

CifScanner::Token CifScanner::next(std::string_view& token) {
  at_line_start_ = false;
  if (!skip_blanks_and_comments()) return Token::end;
  switch (*p_) {
    case '\'':
    case '"': return quoted(token);
    case '$': return Token::unsupported;
    case ';':
      if (p_ == begin_ || p_[-1] == '\n') return text_field(token);
      [[fallthrough]];
    default: return bare(token);
  }
}

CifScanner::Token CifScanner::bare(std::string_view& token) {
  const char* const first = p_;
  bool underscore = false;
  while (p_ != end_ && is_printable(*p_)) underscore |= *p_++ == '_';
  if (p_ == first || (p_ != end_ && !is_white(*p_))) return Token::unsupported;
  token = {first, static_cast<std::size_t>(p_ - first)};
  if (!underscore) return Token::value;
  if (*first == '_') return token.size() > 1 ? Token::tag : Token::unsupported;
  if (starts_with_ignoring_case(token, "loop_"))
    return token.size() == 5 ? Token::loop : Token::unsupported;
  if (starts_with_ignoring_case(token, "data_")) return Token::data;
  for (const std::string_view keyword : {"global_", "save_", "stop_"})
    if (starts_with_ignoring_case(token, keyword)) return Token::unsupported;
  return Token::value;
}

CifScanner::Token CifScanner::quoted(std::string_view& token) {
  const char* const first = p_;
  const char quote = *p_;
  while (++p_ != end_ && *p_ != '\n') {
    if (*p_ != quote || (p_ + 1 != end_ && !is_white(p_[1]) && p_[1] != '#')) continue;
    ++p_;
    token = {first, static_cast<std::size_t>(p_ - first)};
    return p_ != end_ && *p_ == '#' ? Token::unsupported : Token::value;
  }
  return Token::unsupported;
}

CifScanner::Token CifScanner::text_field(std::string_view& token) {
  const char* const first = p_;
  while ((p_ = static_cast<const char*>(
              std::memchr(p_, '\n', static_cast<std::size_t>(end_ - p_)))) != nullptr) {
    if (++p_ == end_) break;
    if (*p_ != ';') continue;
    ++p_;
    token = {first, static_cast<std::size_t>(p_ - first)};
    return p_ == end_ || is_white(*p_) ? Token::value : Token::unsupported;
  }
  p_ = end_;
  return Token::unsupported;
}

}  // namespace modesweep
