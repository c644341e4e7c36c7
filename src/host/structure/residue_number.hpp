// SPDX-License-Identifier: MIT
// Residue numbers as mmCIF and BinaryCIF files have them.
#pragma once

#include <optional>
#include <string_view>

namespace modesweep {

/// The number of a text: an integer, which some writers give a fraction of zero (12.0) or its
/// insertion code (12A, where `insertion` is blank). False for others.
bool parse_residue_number(std::string_view text, std::optional<int>& number, char& insertion);

}  // namespace modesweep
