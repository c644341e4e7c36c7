// SPDX-License-Identifier: MIT
// The one table of what a server can make us take, and of how long it can make us wait.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

#include "base/gzip.hpp"

namespace modesweep {

/// Of one transfer, whatever it brings.
struct TransferLimits {
  std::uint64_t body_bytes = 0;  ///< as sent; of a search what its compression undone comes to
  std::uint64_t error_bytes = std::uint64_t{64} << 10;   ///< of an error's body: no more is read
  std::uint64_t header_bytes = std::uint64_t{64} << 10;  ///< of all answers, redirects included
  std::chrono::seconds time = std::chrono::minutes(10);  ///< from its start to its end
  std::uint64_t bytes_a_second = 20'000;  ///< of the size that is stated: each so many add a second
};

inline constexpr TransferLimits structure_transfer{.body_bytes = std::uint64_t{512} << 20};
inline constexpr std::uint64_t largest_structure = largest_inflated_file;  ///< bytes, unpacked

/// Of searches, and of questions to the holdings service.
inline constexpr TransferLimits search_transfer{.body_bytes = std::uint64_t{64} << 20};
/// Of such a reply the tags, attributes and values, which take far more memory than their text.
inline constexpr std::ptrdiff_t most_reply_parts = 1'000'000;

/// Of all requests of one search, or of one round of questions to the holdings service.
inline constexpr std::chrono::seconds longest_search = std::chrono::minutes(30);

inline constexpr std::chrono::seconds longest_connect{15};
inline constexpr int most_redirects = 5;

}  // namespace modesweep
