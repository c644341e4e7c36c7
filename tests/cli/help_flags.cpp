// SPDX-License-Identifier: MIT
#include "cli/help_flags.hpp"

#include <regex>
#include <sstream>
#include <vector>

#include "support/process.hpp"

namespace help_flags {
namespace {

void read(const std::vector<std::string>& words, Commands& commands) {
  std::string path = "modesweep";
  for (const std::string& word : words) path += " " + word;
  std::vector<std::string> arguments = words;
  arguments.emplace_back("--help-all");
  std::istringstream help(test_support::run_modesweep(arguments).out);
  static const std::regex flag(R"(^  ((?:-\w,)?--[a-z][\w-]*|-\w)(?: .*)?$)");
  static const std::regex command(R"(^  ([a-z][\w-]*) .*$)");
  bool in_commands = false;
  std::smatch match;
  for (std::string line; std::getline(help, line);) {
    if (!line.starts_with(' ')) in_commands = line == "Commands:" || (in_commands && line == "");
    if (in_commands && std::regex_match(line, match, command)) {
      std::vector<std::string> below = words;
      below.push_back(match[1]);
      read(below, commands);
    } else if (std::regex_match(line, match, flag)) {
      std::istringstream names(match[1]);
      for (std::string name; std::getline(names, name, ',');) commands[path].insert(name);
    }
  }
}

}  // namespace

const Commands& commands() {
  static const Commands commands = [] {
    Commands result;
    read({}, result);
    return result;
  }();
  return commands;
}

std::set<std::string> all_flags() {
  std::set<std::string> flags;
  for (const auto& [path, own] : commands()) flags.insert(own.begin(), own.end());
  return flags;
}

}  // namespace help_flags
