// SPDX-License-Identifier: MIT
// What the program's own help names, read as a user reads it.
#pragma once

#include <map>
#include <set>
#include <string>

namespace help_flags {

/// Of each command by its words (`modesweep cache clear`), its flags in all their spellings.
using Commands = std::map<std::string, std::set<std::string>>;

/// By `--help` of every command that a help names.
const Commands& commands();

/// The flags of all commands.
std::set<std::string> all_flags();

}  // namespace help_flags
