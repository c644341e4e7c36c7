// SPDX-License-Identifier: MIT
// What a command is. Each has a file of its own and a row in the table of commands.cpp.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include <modesweep/cancel.hpp>
#include <modesweep/log.hpp>

#include "cli/command_table.hpp"

namespace modesweep::cli {

class Flags;

/// What a command knows of the program beside its own flags.
struct Call {
  std::string command_line;  ///< as typed, without passwords and keys in its URLs
  CommandEntry program;      ///< all that can be typed
  std::vector<std::filesystem::path> inputs{};  ///< files that flags name: lists of IDs, keys
  CancelToken cancel;
};

/// Does what was asked for and returns the exit code. Throws RunError for what ends the run.
using Run = std::function<int(const Call& call, Reporter& reporter)>;

struct Command {
  const char* name;
  const char* help;          ///< in one line
  Run (*add)(const Flags&);  ///< defines its flags, and returns what is done with their values
  bool hidden = false;       ///< for the build: nobody needs to see it
};

/// In the order of help.
std::vector<Command> commands();

}  // namespace modesweep::cli
