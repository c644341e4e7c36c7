// SPDX-License-Identifier: MIT
// Manual pages, in the macros of man(7).
#pragma once

#include <string>

#include "cli/command_table.hpp"

namespace modesweep::cli {

/// `modesweep-cache-clear`, the page's name.
std::string man_page_name(const CommandEntry& command);

/// The page of one command, dated `date` (YYYY-MM-DD); `root` is the program as a whole.
std::string man_page(const CommandEntry& command, const CommandEntry& root,
                     const std::string& date);

}  // namespace modesweep::cli
