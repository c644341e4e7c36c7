// SPDX-License-Identifier: MIT
// Conditions as they are typed: words and signs, and by recursive descent a test of them.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <compare>
#include <optional>
#include <variant>

#include <modesweep/condition.hpp>

#include "base/closest.hpp"
#include "base/text.hpp"

namespace modesweep {
namespace {

using Test = std::function<bool(const Row&)>;

/// Brackets and `not` in each other: more than anybody means, and few enough for any stack.
constexpr int most_nested = 100;

/// Values of these are known only when the rows of a condition are.
constexpr std::array<std::string_view, 2> counted_later = {"rank", "entries"};

/// What is wrong with a condition, and where.
struct Problem {
  std::size_t at = 0;  ///< byte of the text
  std::string message;
};

[[noreturn]] void fail(std::size_t at, std::string message) {
  throw Problem{at, std::move(message)};
}

/// Nothing is equal to, less or greater than a value that is not there; what is no number is none.
std::partial_ordering compare(const Value& a, const Value& b) {
  if (const auto* left = std::get_if<std::string>(&a))
    if (const auto* right = std::get_if<std::string>(&b)) return *left <=> *right;
  const auto number = [](const Value& value) -> std::optional<double> {
    if (const auto* count = std::get_if<std::int64_t>(&value)) return static_cast<double>(*count);
    const auto* known = std::get_if<double>(&value);
    return known && std::isfinite(*known) ? std::optional(*known) : std::nullopt;
  };
  const std::optional<double> left = number(a), right = number(b);
  return left && right ? *left <=> *right : std::partial_ordering::unordered;
}

bool contains(const Value& text, const Value& part) {
  const auto* whole = std::get_if<std::string>(&text);
  const auto* wanted = std::get_if<std::string>(&part);
  return whole && wanted && ascii_lower(*whole).find(ascii_lower(*wanted)) != std::string::npos;
}

struct Comparison {
  std::string_view sign;
  bool (*holds)(const Value& left, const Value& right);
};

/// One that is the beginning of another comes after it.
constexpr Comparison comparisons[] = {
    {"==", [](const Value& a, const Value& b) { return std::is_eq(compare(a, b)); }},
    {"!=",
     [](const Value& a, const Value& b) {
       const std::partial_ordering order = compare(a, b);
       return std::is_lt(order) || std::is_gt(order);
     }},
    {"<=", [](const Value& a, const Value& b) { return std::is_lteq(compare(a, b)); }},
    {">=", [](const Value& a, const Value& b) { return std::is_gteq(compare(a, b)); }},
    {"=", [](const Value& a, const Value& b) { return std::is_eq(compare(a, b)); }},
    {"<", [](const Value& a, const Value& b) { return std::is_lt(compare(a, b)); }},
    {">", [](const Value& a, const Value& b) { return std::is_gt(compare(a, b)); }},
    {"~", contains},
};
constexpr std::string_view signs = "= != < <= > >= ~";

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }

struct Token {
  enum class Kind { word, number, text, comparison, open, close, end } kind = Kind::end;
  std::size_t at = 0;
  std::string text{};  ///< of a word or a text
  double number = 0;
  const Comparison* comparison = nullptr;

  /// In any case, as in a language of queries.
  bool is(std::string_view keyword) const {
    return kind == Kind::word && ascii_lower(text) == keyword;
  }
  bool is_keyword() const { return is("and") || is("or") || is("not"); }
};

class Lexer {
 public:
  using Kind = Token::Kind;

  explicit Lexer(std::string_view text) : text_(text) {}

  Token next() {
    at_ = std::min(text_.find_first_not_of(" \t\r\n\v\f", at_), text_.size());
    if (at_ == text_.size()) return {Kind::end, at_};
    const char first = text_[at_];
    if (is_letter(first)) return word();
    if (is_digit(first) || first == '.' || first == '-') return number();
    if (first == '\'' || first == '"') return quoted();
    if (first == '(' || first == ')') return {first == '(' ? Kind::open : Kind::close, at_++};
    for (const Comparison& known : comparisons)
      if (text_.substr(at_).starts_with(known.sign)) {
        Token token{Kind::comparison, at_};
        token.comparison = &known;
        at_ += known.sign.size();
        return token;
      }
    fail(at_, fmt::format("this means nothing in a condition: there are {}, and or not ( ), notes, "
                          "columns, numbers, and text between ' or \"",
                          signs));
  }

 private:
  /// Up to the first character that is not `wanted`.
  template <class Wanted>
  std::string_view run(const Wanted& wanted) const {
    const std::string_view rest = text_.substr(at_);
    return rest.substr(0, static_cast<std::size_t>(
                              std::find_if_not(rest.begin(), rest.end(), wanted) - rest.begin()));
  }

  Token word() {
    Token token{Kind::word, at_};
    token.text = run([](char c) { return is_letter(c) || is_digit(c); });
    at_ += token.text.size();
    return token;
  }

  Token number() {
    const std::string_view digits = run([](char c) {
      return is_letter(c) || is_digit(c) || std::string_view(".+-").find(c) != std::string::npos;
    });
    Token token{Kind::number, at_};
    const char* const end = digits.data() + digits.size();
    const auto [stop, error] = std::from_chars(digits.data(), end, token.number);
    if (error == std::errc::result_out_of_range)
      fail(at_, "this number is too large, or too near to zero, to be compared");
    if (error != std::errc() || stop != end)
      fail(at_, fmt::format("this is no number, and text stands between quotes: '{}'", digits));
    at_ += digits.size();
    return token;
  }

  Token quoted() {
    Token token{Kind::text, at_};
    const char quote = text_[at_++];
    for (; at_ < text_.size() && text_[at_] != quote; ++at_) {
      if (text_[at_] == '\\') {
        const std::string_view rest = text_.substr(at_ + 1, 1);
        if (rest.empty() || std::string_view("'\"\\").find(rest[0]) == std::string::npos)
          fail(at_, "in text \\ stands before ', \" or another \\");
        ++at_;
      }
      token.text += text_[at_];
    }
    if (at_ == text_.size()) fail(token.at, "this quote is not closed");
    ++at_;
    return token;
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

/// One side of a comparison.
struct Side {
  std::size_t at = 0;
  std::string name;  ///< as a message names it
  ValueType type = ValueType::number;
  std::optional<Column> column{};
  Value constant{};  ///< where there is no column

  Value of(const Row& row) const { return column ? column->get(row, 0, column->index) : constant; }
};

bool is_note(std::string_view word) {
  return std::any_of(std::begin(known_notes), std::end(known_notes),
                     [&](const Note& note) { return note.code == word; });
}

Test has_note(std::string code, Judged judged) {
  return [code = std::move(code), judged](const Row& row) {
    const std::vector<std::string_view> codes = notes(row, judged);
    return std::find(codes.begin(), codes.end(), code) != codes.end();
  };
}

Test negated(Test test) {
  return [test = std::move(test)](const Row& row) { return !test(row); };
}

Test all_of(std::vector<Test> tests) {
  if (tests.size() == 1) return std::move(tests.front());
  return [tests = std::move(tests)](const Row& row) {
    return std::all_of(tests.begin(), tests.end(), [&](const Test& test) { return test(row); });
  };
}

Test any_of(std::vector<Test> tests) {
  if (tests.size() == 1) return std::move(tests.front());
  return [tests = std::move(tests)](const Row& row) {
    return std::any_of(tests.begin(), tests.end(), [&](const Test& test) { return test(row); });
  };
}

class Parser {
 public:
  Parser(std::string_view text, Judged judged)
      : lexer_(text), judged_(judged), token_(lexer_.next()) {}

  /// Of the whole text. Throws Problem.
  Test whole() {
    Test test = condition();
    if (token_.kind != Token::Kind::end) fail(token_.at, "\"and\" or \"or\" is missing");
    return test;
  }

  std::vector<Column> take_columns() { return std::move(columns_); }

 private:
  using Kind = Token::Kind;

  Token take() { return std::exchange(token_, lexer_.next()); }
  bool takes(std::string_view keyword) {
    const bool found = token_.is(keyword);
    if (found) take();
    return found;
  }

  Test condition() {
    std::vector<Test> tests;
    do tests.push_back(both());
    while (takes("or"));
    return any_of(std::move(tests));
  }

  Test both() {
    std::vector<Test> tests;
    do tests.push_back(one());
    while (takes("and"));
    return all_of(std::move(tests));
  }

  Test one() {
    if (token_.is("not") || token_.kind == Kind::open) return nested();
    Token first = take_value();
    if (token_.kind == Kind::comparison) return comparison(side(std::move(first), false));
    if (first.kind != Kind::word)
      fail(token_.at, fmt::format("a comparison ({}) is missing", signs));
    return note(first);
  }

  Test nested() {
    if (++depth_ > most_nested)
      fail(token_.at, fmt::format("more than {} times \"not\" or ( in each other", most_nested));
    Test test;
    if (takes("not")) {
      test = negated(one());
    } else {
      const Token open = take();
      test = condition();
      if (token_.kind == Kind::end) fail(open.at, "this ( is not closed");
      if (token_.kind != Kind::close) fail(token_.at, "\"and\", \"or\" or ) is missing");
      take();
    }
    --depth_;
    return test;
  }

  /// A word, a number or a text.
  Token take_value() {
    const bool is_value =
        token_.kind == Kind::word || token_.kind == Kind::number || token_.kind == Kind::text;
    if (!is_value || token_.is_keyword())
      fail(token_.at, "a note, a column, a number or text is missing");
    return take();
  }

  Test note(const Token& word) const {
    if (is_note(word.text)) return has_note(word.text, judged_);
    std::vector<std::string> codes;
    for (const Note& note : known_notes) codes.emplace_back(note.code);
    if (const std::string meant = did_you_mean(word.text, codes); !meant.empty())
      fail(word.at, fmt::format("there is no note \"{}\"{}", word.text, meant));
    fail(word.at, fmt::format("there is no note \"{}\" (a column stands before a comparison, text "
                              "between quotes); there are {}",
                              word.text, fmt::join(codes, " ")));
  }

  Test comparison(Side left) {
    const Token sign = take();
    Side right = side(take_value(), true);
    check(left, sign, right);
    return [left = std::move(left), holds = sign.comparison->holds, right = std::move(right)](
               const Row& row) { return holds(left.of(row), right.of(row)); };
  }

  Side side(Token token, bool is_right) {
    if (token.kind == Kind::number)
      return {token.at, fmt::format("{}", token.number), ValueType::number, {}, token.number};
    if (token.kind == Kind::text)
      return {token.at, fmt::format("'{}'", token.text), ValueType::text, {}, token.text};
    if (std::find(counted_later.begin(), counted_later.end(), token.text) != counted_later.end())
      fail(token.at, fmt::format("{} is counted of the rows that meet the condition", token.text));
    try {
      Column known = find_column(token.text);
      if (known.name == "notes") known = notes_column(judged_);
      const Column& column = columns_.emplace_back(std::move(known));
      return {token.at, column.name, column.type, column};
    } catch (const RunError& unknown) {
      if (is_note(token.text))
        fail(token.at, fmt::format("{} is a note, which no comparison follows", token.text));
      fail(token.at,
           fmt::format("{}{}", unknown.what(), is_right ? "; text stands between quotes" : ""));
    }
  }

  static void check(const Side& left, const Token& sign, const Side& right) {
    for (const Side* side : {&left, &right})
      if (side->type == ValueType::list)
        fail(side->at, fmt::format("{} is a list, which no comparison takes", side->name));
    if (!left.column && !right.column) fail(left.at, "neither side of the comparison is a column");
    const auto type = [](const Side& side) {
      return side.type == ValueType::text ? "text" : "a number";
    };
    if (left.type != right.type)
      fail(right.at, fmt::format("{} is {} and {} is {}: they cannot be compared", left.name,
                                 type(left), right.name, type(right)));
    if (sign.comparison->holds == contains && left.type != ValueType::text)
      fail(sign.at, fmt::format("~ looks for text in text, and {} is a number", left.name));
  }

  Lexer lexer_;
  Judged judged_;
  Token token_;  ///< the one after what was taken
  std::vector<Column> columns_;
  int depth_ = 0;
};

/// "at character 7, "> 0.2": ...".
std::string sentence(std::string_view text, const Problem& problem) {
  constexpr std::size_t most_shown = 30;
  if (problem.at >= text.size()) return "at its end: " + problem.message;
  const auto characters = [](std::string_view part) {
    std::size_t count = 0;
    for_each_character(part, [&](char32_t, std::string_view) { ++count; });
    return count;
  };
  const std::string before = valid_utf8(text.substr(0, problem.at));
  const std::string rest = printable(text.substr(problem.at));
  const std::string_view shown = first_bytes(rest, most_shown);
  return fmt::format("at character {}, \"{}{}\": {}", characters(before) + 1, shown,
                     shown.size() < rest.size() ? "..." : "", problem.message);
}

}  // namespace

tl::expected<Condition, std::string> parse_condition(std::string_view text, Judged judged) try {
  if (trimmed(text).empty()) return tl::unexpected(std::string("the condition is empty"));
  Parser parser(text, judged);
  Test test = parser.whole();
  return Condition(std::string(text), parser.take_columns(), std::move(test));
} catch (const Problem& problem) {
  return tl::unexpected(sentence(text, problem));
}

Condition both(const Condition& a, const Condition& b) {
  std::vector<Column> columns = a.columns_;
  columns.insert(columns.end(), b.columns_.begin(), b.columns_.end());
  return {fmt::format("({}) and ({})", a.text_, b.text_), std::move(columns),
          [a, b](const Row& row) { return a.is_met_by(row) && b.is_met_by(row); }};
}

}  // namespace modesweep
