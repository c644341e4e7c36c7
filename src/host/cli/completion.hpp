// SPDX-License-Identifier: MIT
// Completions of commands, flags and values for the shells.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "cli/command_table.hpp"

namespace modesweep::cli {

inline constexpr std::array<std::string_view, 3> completion_shells = {"bash", "zsh", "fish"};

/// The script that one of those shells sources.
std::string completion_script(const CommandEntry& root, std::string_view shell);

}  // namespace modesweep::cli
