// SPDX-License-Identifier: MIT
#include "sources/fts_query.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <vector>

#include <modesweep/pdb_id.hpp>

namespace modesweep {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Every byte of a character beyond ASCII counts: which of them are letters, FTS5 knows.
bool is_word_byte(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         static_cast<unsigned char>(c) >= 0x80;
}

void add_once(std::vector<std::string>& list, std::string item) {
  if (std::find(list.begin(), list.end(), item) == list.end()) list.push_back(std::move(item));
}

std::string joined(const std::vector<std::string>& list, std::string_view separator) {
  std::string result;
  for (const std::string& item : list) {
    if (!result.empty()) result += separator;
    result += item;
  }
  return result;
}

// An ID of four characters, alone or with a chain or domain of one or two (`1TRNA`, `1kyow`).
void add_short_id(std::vector<std::string>& words, std::string_view text) {
  if (text.size() >= 4 && text.size() <= 6 && normalise_pdb_id(text.substr(0, 4)))
    add_once(words, std::string(text.substr(0, 4)));
}

void add_run(std::vector<std::string>& words, std::string_view run) {
  add_once(words, std::string(run));
  add_short_id(words, run);
  std::size_t start = 0;
  for (std::size_t i = 1; i <= run.size(); ++i) {
    if (i < run.size() && is_digit(run[i]) == is_digit(run[i - 1])) continue;
    add_once(words, std::string(run.substr(start, i - start)));
    start = i;
    // From letters to digits, as in `pdb1ubi` and `d1yeb`.
    if (i < run.size() && is_digit(run[i])) {
      add_once(words, std::string(run.substr(i)));
      add_short_id(words, run.substr(i));
    }
  }
}

// What people paste from documents: curly quotes as quotes, other typographic punctuation and
// spaces (U+00A0, U+2000..U+206F) and control characters as spaces.
std::string plain_punctuation(std::string_view term) {
  std::string result;
  for (std::size_t i = 0; i < term.size(); ++i) {
    const std::string_view rest = term.substr(i);
    if (rest.starts_with("\xE2\x80\x9C") || rest.starts_with("\xE2\x80\x9D")) {
      result += '"';
      i += 2;
    } else if (rest.size() >= 3 && (rest.starts_with("\xE2\x80") || rest.starts_with("\xE2\x81"))) {
      // U+2070 and above in the second block are superscript digits and letters.
      if (rest[1] == '\x80' || static_cast<unsigned char>(rest[2]) < 0xB0)
        result += ' ';
      else
        result += rest.substr(0, 3);
      i += 2;
    } else if (rest.starts_with("\xC2\xA0")) {
      result += ' ';
      i += 1;
    } else {
      const auto byte = static_cast<unsigned char>(term[i]);
      result += byte < 0x20 || byte == 0x7F ? ' ' : term[i];
    }
  }
  return result;
}

struct Token {
  enum class Kind { text, op_or, op_not } kind;
  std::string phrase;  // an FTS5 string, with its prefix star
};

class Lexer {
 public:
  /// The two parts of an extended ID would be a phrase, which no file name need hold.
  explicit Lexer(std::string_view term) : term_(with_normal_pdb_ids(plain_punctuation(term))) {}

  std::vector<Token> tokens() {
    std::vector<Token> result;
    for (std::size_t i = 0; i < term_.size();) {
      if (term_[i] == '"') {
        const std::size_t end = std::min(term_.find('"', i + 1), term_.size());
        const std::string_view text = std::string_view(term_).substr(i + 1, end - i - 1);
        i = std::min(end + 1, term_.size());
        const bool prefix = i < term_.size() && term_[i] == '*';
        add_text(result, text, prefix);
      } else if (ends_word(term_[i])) {
        brackets_ = brackets_ || term_[i] != ' ';
        ++i;
      } else {
        std::size_t end = i;
        while (end < term_.size() && term_[end] != '"' && !ends_word(term_[end])) ++end;
        add_word(result, std::string_view(term_).substr(i, end - i));
        i = end;
      }
    }
    return result;
  }

  bool met_brackets() const { return brackets_; }

 private:
  static bool ends_word(char c) {
    return std::string_view(" ()[]{}").find(c) != std::string_view::npos;
  }

  static void add_word(std::vector<Token>& result, std::string_view word) {
    if (word == "AND") return;
    if (word == "OR" || word == "NOT") {
      result.push_back({word == "OR" ? Token::Kind::op_or : Token::Kind::op_not, {}});
      return;
    }
    const bool prefix = word.ends_with('*');
    add_text(result, word, prefix);
  }

  // Text without any word would match nothing, and with it the whole term.
  static void add_text(std::vector<Token>& result, std::string_view text, bool prefix) {
    if (std::none_of(text.begin(), text.end(), is_word_byte)) return;
    std::string phrase = '"' + std::string(text) + '"';
    if (prefix) phrase += " *";
    result.push_back({Token::Kind::text, std::move(phrase)});
  }

  std::string term_;
  bool brackets_ = false;
};

// What stands between two ORs.
struct Group {
  std::vector<std::string> wanted;
  std::vector<std::string> excluded;

  std::string match() const {
    if (wanted.empty()) return {};
    // FTS5 drops a string without letters from an implicit AND, but not from an explicit one.
    std::string result = '(' + joined(wanted, " ") + ')';
    if (!excluded.empty()) result += " NOT (" + joined(excluded, " OR ") + ')';
    return '(' + result + ')';
  }
};

}  // namespace

std::string name_words(std::string_view name) {
  std::vector<std::string> words;
  for (std::size_t i = 0; i < name.size();) {
    std::size_t end = i;
    while (end < name.size() && is_word_byte(name[end])) ++end;
    if (end > i) add_run(words, name.substr(i, end - i));
    i = end + 1;
  }
  // Where the name holds an extended ID, those of its normal form as well.
  if (const std::string normal = with_normal_pdb_ids(name); normal != name)
    for (std::size_t i = 0; i < normal.size();) {
      std::size_t end = i;
      while (end < normal.size() && is_word_byte(normal[end])) ++end;
      if (end > i) add_once(words, normal.substr(i, end - i));
      i = end + 1;
    }
  return joined(words, " ");
}

FtsQuery parse_fts_query(std::string_view term) {
  Lexer lexer(term);
  FtsQuery query;
  std::vector<Group> groups(1);
  bool negated = false;
  for (Token& token : lexer.tokens()) {
    switch (token.kind) {
      case Token::Kind::op_or:
        groups.emplace_back();
        negated = false;
        break;
      case Token::Kind::op_not: negated = true; break;
      case Token::Kind::text:
        add_once(negated ? groups.back().excluded : groups.back().wanted, std::move(token.phrase));
        negated = false;
        break;
    }
  }
  query.ignored_brackets = lexer.met_brackets();
  std::vector<std::string> alternatives;
  for (const Group& group : groups) {
    // `NOT a` alone would be everything else; FTS5 has no such search, and nobody means it.
    if (group.wanted.empty() && !group.excluded.empty()) return query;
    if (std::string match = group.match(); !match.empty()) add_once(alternatives, std::move(match));
  }
  query.match = joined(alternatives, " OR ");
  return query;
}

}  // namespace modesweep
