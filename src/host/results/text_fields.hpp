// SPDX-License-Identifier: MIT
// Values as text for programs: 12 significant digits, nothing that could break a line or speak to a
// terminal.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <modesweep/ranking.hpp>

namespace modesweep {

/// A field of a tab-separated file: no tab or line end can be in it, nor another control character,
/// which could speak to the terminal. A file's name can have them.
std::string plain_field(std::string_view text);

std::string tsv_field(const Value& value);

using Fields = std::vector<std::pair<std::string, Value>>;

/// One JSON object with its line end; bytes that are not UTF-8 are replaced.
std::string json_line(const Fields& fields);

}  // namespace modesweep
