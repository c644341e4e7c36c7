// SPDX-License-Identifier: MIT
// What flags make of words that are typed, without a program around them.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <string>
#include <vector>

#include "cli/flags.hpp"

namespace typed {

/// Defines flags, parses the words and takes the steps, as the program does. Throws what it meets:
/// CLI::ParseError for what cannot be typed, RunError for what cannot be meant.
inline void parse(const std::function<void(const modesweep::cli::Flags&)>& define,
                  std::vector<std::string> words) {
  CLI::App app("", "test");
  modesweep::cli::Definitions definitions;
  define(modesweep::cli::Flags(app, definitions));
  std::vector<const char*> arguments = {"test"};
  for (const std::string& word : words) arguments.push_back(word.c_str());
  app.parse(static_cast<int>(arguments.size()), arguments.data());
  for (const auto& step : definitions.steps) step();
}

}  // namespace typed
