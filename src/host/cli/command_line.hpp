// SPDX-License-Identifier: MIT
// What was typed, and what is to be done about it.
#pragma once

#include <string>

#include "cli/command.hpp"
#include "cli/console.hpp"

namespace modesweep::cli {

struct ParsedLine {
  Run run;            ///< none once help, the version or a usage error was printed
  int exit_code = 0;  ///< in that case
  CommonOptions common;
  Call call;
};

/// Throws RunError (`request`) for what parses but cannot be meant.
ParsedLine parse_command_line(int argc, const char* const* argv);

}  // namespace modesweep::cli
