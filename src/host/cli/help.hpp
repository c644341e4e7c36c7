// SPDX-License-Identifier: MIT
// Help as text, made of the table of commands and flags.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cli/command_table.hpp"

namespace modesweep::cli {

/// How much of it: one screen, all but what is rarely needed, all, the columns of tables alone.
enum class HelpLevel { brief, usual, all, columns };

/// The flags that ask for help.
struct HelpFlag {
  const char* name;
  const char* help;
  HelpLevel level;
};
const std::vector<HelpFlag>& help_flags();

/// Whether a command's footer says which columns its tables have.
bool has_columns(std::string_view footer);

/// What a user may type, and what it does.
struct HelpExample {
  const char* line;
  const char* what;
};
/// Three of them; of a command that needs none, none.
std::vector<HelpExample> examples_of(const CommandEntry& command);

/// In lines of `width` characters, 0: as long as they are, but of the brief one 80. Words stay
/// whole.
std::string help_text(const CommandEntry& command, HelpLevel level, int width);

}  // namespace modesweep::cli
