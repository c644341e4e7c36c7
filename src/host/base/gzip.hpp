// SPDX-License-Identifier: MIT
// gzip in memory, every check made: CRC-32, length, concatenated members.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include <tl/expected.hpp>

namespace modesweep {

/// More than any structure file holds; what inflates beyond it is refused.
inline constexpr std::size_t largest_inflated_file = std::size_t{3} << 30;

bool is_gzip(std::string_view bytes);

/// The inflated bytes, or one sentence on what is wrong with `bytes`.
tl::expected<std::string, std::string> gunzip(std::string_view bytes,
                                              std::size_t limit = largest_inflated_file);

}  // namespace modesweep
