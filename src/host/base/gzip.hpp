// SPDX-License-Identifier: MIT
// gzip in memory, every check made: CRC-32, length, concatenated members.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include <tl/expected.hpp>

namespace modesweep {

/// More than any structure file holds; what inflates beyond it is refused.
inline constexpr std::size_t largest_inflated_file = std::size_t{2} << 30;

bool is_gzip(std::string_view bytes);

/// What a structure file of so many bytes may inflate to. Structure files shrink to a fifth or a
/// tenth; what is much denser was made to fill the memory.
std::size_t largest_inflated(std::size_t gzip_bytes);

/// What every sentence on bytes that inflate beyond a limit begins with.
inline constexpr std::string_view inflates_beyond = "inflates to more than";

/// The inflated bytes, or one sentence on what is wrong with `bytes`.
tl::expected<std::string, std::string> gunzip(std::string_view bytes,
                                              std::size_t limit = largest_inflated_file);

/// The same in `room`, which grows where it is too small: filling fresh memory, file after file,
/// takes as long as inflating. The view is of `room`.
tl::expected<std::string_view, std::string> gunzip(std::string_view bytes, std::size_t limit,
                                                   std::string& room);

}  // namespace modesweep
