// SPDX-License-Identifier: MIT
// The library's messages name quantities; to people at a command line the flag is said behind.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include <modesweep/ranked_rows.hpp>

namespace modesweep::cli {

/// Words of the library's messages, and what is typed to change what they name.
struct FlagName {
  std::string_view phrase, flag;
};

std::span<const FlagName> flag_names();

/// The message with " (--flag)" behind each phrase that it has, where the flag does not stand in it
/// already; a flag that ends with the phrase takes its place.
std::string with_flags(std::string message);

/// The same of the messages of what was left out.
LeftOutSource with_flags(LeftOutSource left_out);

}  // namespace modesweep::cli
