// SPDX-License-Identifier: MIT
// Values as text for programs: 12 significant digits, nothing that could break a line or speak to a
// terminal.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <modesweep/columns.hpp>

namespace modesweep {

/// No tab or line end is in it, nor another control character.
std::string tsv_field(const Value& value);

/// The same between commas: in quotes where it holds a comma or a quote, which is doubled (RFC
/// 4180).
std::string csv_field(const Value& value);

/// How the fields of a line stand beside each other.
struct Delimiter {
  char mark;
  std::string (*field)(const Value& value);
};
inline constexpr Delimiter by_tabs{'\t', tsv_field};
inline constexpr Delimiter by_commas{',', csv_field};

/// JSON with its line end; bytes that are not UTF-8 are replaced, control characters escaped, those
/// that JSON would let through as well.
std::string json_text(const nlohmann::ordered_json& json, int indent = -1);

using Fields = std::vector<std::pair<std::string, Value>>;

/// One object.
std::string json_line(const Fields& fields);

}  // namespace modesweep
