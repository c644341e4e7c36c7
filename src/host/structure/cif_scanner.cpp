// SPDX-License-Identifier: MIT
#include "structure/cif_scanner.hpp"

#include <cstring>

#include "structure/text_format.hpp"

namespace modesweep {
namespace {

bool is_white(char c) { return c != '\0' && static_cast<unsigned char>(c) <= ' '; }

bool is_null(std::string_view raw) { return raw.size() == 1 && (raw[0] == '?' || raw[0] == '.'); }

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
    case ';':
      if (p_ == begin_ || p_[-1] == '\n') return text_field(token);
      [[fallthrough]];
    default: return bare(token);
  }
}

CifScanner::Token CifScanner::bare(std::string_view& token) {
  const char* const first = p_;
  bool underscore = false;
  while (p_ != end_ && !is_white(*p_)) underscore |= *p_++ == '_';
  token = {first, static_cast<std::size_t>(p_ - first)};
  if (!underscore) return Token::value;
  if (*first == '_') return token.size() > 1 ? Token::tag : Token::value;
  // A byte order mark within a file that was joined of several.
  if (token.starts_with("\xef\xbb\xbf")) token.remove_prefix(3);
  if (starts_with_ignoring_case(token, "loop_") && token.size() == 5) return Token::loop;
  if (starts_with_ignoring_case(token, "data_")) return Token::data;
  if (starts_with_ignoring_case(token, "save_")) return Token::save;
  // A block for all others, which structure files do not have; its values have no reader.
  if (starts_with_ignoring_case(token, "global_") && token.size() == 7) return Token::data;
  if (starts_with_ignoring_case(token, "stop_") && token.size() == 5) return next(token);
  return Token::value;
}

CifScanner::Token CifScanner::quoted(std::string_view& token) {
  const char* const first = p_;
  const char quote = *p_;
  while (++p_ != end_ && *p_ != '\n') {
    if (*p_ != quote || (p_ + 1 != end_ && !is_white(p_[1]))) continue;
    ++p_;
    break;
  }
  token = {first, static_cast<std::size_t>(p_ - first)};
  return Token::value;
}

CifScanner::Token CifScanner::text_field(std::string_view& token) {
  const char* const first = p_;
  while ((p_ = static_cast<const char*>(
              std::memchr(p_, '\n', static_cast<std::size_t>(end_ - p_)))) != nullptr) {
    if (++p_ == end_) break;
    if (*p_ != ';') continue;
    ++p_;
    token = {first, static_cast<std::size_t>(p_ - first)};
    return Token::value;
  }
  p_ = end_;
  token = {first, static_cast<std::size_t>(end_ - first)};
  return Token::open_text_field;
}

CifValue cif_value(std::string_view raw) {
  if (is_null(raw)) return std::nullopt;
  if (raw.size() > 2 && raw[0] == ';' && raw.ends_with("\n;")) return raw.substr(1, raw.size() - 3);
  if (raw[0] != '"' && raw[0] != '\'') return raw;
  const bool closed = raw.size() > 1 && raw.back() == raw[0];
  return raw.substr(1, raw.size() - (closed ? 2 : 1));
}

}  // namespace modesweep
