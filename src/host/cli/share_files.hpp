// SPDX-License-Identifier: MIT
// The files that an installation has beside the program.
#pragma once

#include <filesystem>
#include <string>

#include "cli/command_table.hpp"

namespace modesweep::cli {

/// Man pages and completions, in the layout of `share` below an installation's prefix. Throws
/// RunError (`output`).
void write_share_files(const CommandEntry& root, const std::filesystem::path& folder,
                       const std::string& date);

}  // namespace modesweep::cli
