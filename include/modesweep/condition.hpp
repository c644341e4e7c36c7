// SPDX-License-Identifier: MIT
// Which rows are meant: a condition on their columns and notes, as it is typed.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <tl/expected.hpp>

#include <modesweep/columns.hpp>
#include <modesweep/row.hpp>

namespace modesweep {

/// What a row meets or not, such as
/// `coll1 >= 0.2 and residues > 100 and not tail and title ~ 'kinase'`:
///
///     condition  = both { "or" both }
///     both       = one { "and" one }
///     one        = "not" one | "(" condition ")" | NOTE | side comparison side
///     side       = COLUMN | NUMBER | TEXT
///     comparison = "=" | "==" | "!=" | "<" | "<=" | ">" | ">=" | "~"
///
/// A note is one of `known_notes`. Text stands in ' or ", where \ keeps its meaning from a quote or
/// another \. Numbers compare with numbers as they are, not as they are shown; text with text, byte
/// by byte. `a ~ b`: a has b in it, letters of ASCII without regard to case. A column that a row
/// has no value in meets no comparison, != included, so that `not` of one takes the row.
class Condition {
 public:
  /// Whether the row meets it; the row as it is before `RowOrder::unique` counts its entries.
  bool is_met_by(const Row& row) const { return test_(row); }

  const std::string& text() const { return text_; }  ///< as typed
  /// Those that it compares, each as often as it is named.
  const std::vector<Column>& columns() const { return columns_; }

 private:
  using Test = std::function<bool(const Row&)>;
  Condition(std::string text, std::vector<Column> columns, Test test)
      : text_(std::move(text)), columns_(std::move(columns)), test_(std::move(test)) {}
  friend tl::expected<Condition, std::string> parse_condition(std::string_view text, Judged judged);
  friend Condition both(const Condition& a, const Condition& b);

  std::string text_;
  std::vector<Column> columns_;
  Test test_;
};

/// The condition, or a sentence on what it lacks that begins with the place: "at character 7, ...".
/// Its notes are those of the network that is judged.
tl::expected<Condition, std::string> parse_condition(std::string_view text,
                                                     Judged judged = Judged::whole);

/// Met by what meets each.
Condition both(const Condition& a, const Condition& b);

}  // namespace modesweep
