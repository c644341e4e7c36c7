// SPDX-License-Identifier: MIT
// What was likely meant by a word that nobody knows.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace modesweep {

/// The word at the least edit distance (Damerau and Levenshtein: letters put in, left out, changed
/// and swapped with their neighbour), of several the first; none where more than a third of the
/// letters of `typed` would have to change, or all. Large and small letters of ASCII are the same.
std::optional<std::string> closest(std::string_view typed, const std::vector<std::string>& known);

/// "; did you mean fv1?", or nothing.
std::string did_you_mean(std::string_view typed, const std::vector<std::string>& known);

}  // namespace modesweep
