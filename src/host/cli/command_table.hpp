// SPDX-License-Identifier: MIT
// The commands and their flags as data, read from what parses them: the one source of man pages and
// completions.
#pragma once

#include <map>
#include <string>
#include <vector>

namespace CLI {
class App;
}  // namespace CLI

namespace modesweep::cli {

/// Of values that help names by a word (`COLUMN`), what may stand there.
using ValueNames = std::map<std::string, std::vector<std::string>>;

struct FlagEntry {
  std::vector<std::string> names;  ///< `-o`, `--output`; of a positional its one name
  std::string value;               ///< as help names it, such as FILE; empty: takes none
  std::vector<std::string> choices;
  bool list = false;   ///< value is several of them with commas between
  bool many = false;   ///< takes all words up to the next flag
  bool again = false;  ///< may be given several times
  bool required = false;
  std::string limits;         ///< such as 1 - 4096; empty: none told
  std::string default_value;  ///< empty: none told
  std::string group;
  std::string help;
};

struct CommandEntry {
  std::string path;  ///< `modesweep cache clear`
  std::string help;
  std::vector<FlagEntry> positionals;
  std::vector<FlagEntry> flags;
  std::vector<CommandEntry> commands;
  std::string footer;

  std::string name() const { return path.substr(path.rfind(' ') + 1); }
};

/// Hidden commands and flags are left out.
CommandEntry read_commands(const CLI::App& app, const ValueNames& values);

}  // namespace modesweep::cli
