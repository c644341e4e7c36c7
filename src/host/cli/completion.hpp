// SPDX-License-Identifier: MIT
// Completions of commands, flags and values for the shells.
#pragma once

#include <string>
#include <string_view>

#include "cli/command_table.hpp"

namespace modesweep::cli {

/// The script that this shell sources: bash, zsh or fish.
std::string completion_script(const CommandEntry& root, std::string_view shell);

}  // namespace modesweep::cli
