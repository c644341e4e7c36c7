// SPDX-License-Identifier: MIT
#include "cli/command_line.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <iostream>
#include <iterator>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <modesweep/pdb_id.hpp>
#include <modesweep/version.hpp>

#include "base/closest.hpp"
#include "base/redaction.hpp"
#include "base/text.hpp"
#include "cli/exit_code.hpp"
#include "cli/flags.hpp"
#include "cli/help.hpp"
#include "cli/help_texts.hpp"
#include "cli/output_stream.hpp"
#include "cli/wrapped.hpp"

namespace modesweep::cli {
namespace {

void describe(CLI::App& app) {
  app.set_version_flag("-V,--version", std::string("modesweep ") + version);
  app.set_help_flag("");  // there are several, which are looked for first
  app.require_subcommand(1);
  app.footer(
      fmt::format("modesweep help COMMAND tells more of each.\n\n{}\n\n{}", exit_codes, citations));
}

/// So that the table of flags has them: `help_asked_for` takes them.
void add_help_flags(CLI::App& app) {
  for (const HelpFlag& flag : help_flags())
    if (flag.level != HelpLevel::columns || has_columns(app.get_footer()))
      app.add_flag(flag.name, flag.help);
  for (CLI::App* sub : app.get_subcommands({})) add_help_flags(*sub);
}

void check_name(std::string_view typed) {
  std::vector<std::string> names;
  bool known = false;
  for (const Command& command : commands()) {
    if (!command.hidden) names.emplace_back(command.name);
    known = known || typed == command.name;
  }
  if (known) return;
  const bool is_id = normalise_pdb_id(typed).has_value();
  std::error_code error;
  if (is_id || std::filesystem::exists(typed, error))
    usage(fmt::format("there is no command \"{}\": modesweep rank {}{} ranks it", typed,
                      is_id || typed.find_first_of("./") != std::string_view::npos ? "" : "./",
                      typed));
  if (const std::string meant = did_you_mean(typed, names); !meant.empty())
    usage(fmt::format("there is no command \"{}\"{}", typed, meant));
  usage(fmt::format("there is no command \"{}\"; there are {}", typed, fmt::join(names, ", ")));
}

/// The text that is asked for by a flag, by `help COMMAND` or by no word at all: also where what
/// else was typed lacks something.
std::optional<std::string> help_asked_for(const std::vector<std::string>& typed,
                                          const CommandEntry& root) {
  std::vector<std::string> words = typed;
  std::optional<HelpLevel> level;
  if (words.empty()) level = HelpLevel::brief;
  if (!words.empty() && words.front() == "help") {
    level = HelpLevel::usual;
    words.erase(words.begin());
    if (!words.empty() && !words.front().starts_with('-')) check_name(words.front());
  }
  const CommandEntry* command = &root;
  bool in_command = true;
  for (const std::string& word : words) {
    if (word == "--") break;
    for (const HelpFlag& flag : help_flags())
      if (word == flag.name) level = flag.level;
    const auto below = std::find_if(command->commands.begin(), command->commands.end(),
                                    [&](const CommandEntry& sub) { return sub.name() == word; });
    in_command = in_command && (below != command->commands.end() || word.starts_with('-'));
    if (in_command && below != command->commands.end()) command = &*below;
  }
  if (level == HelpLevel::columns && !has_columns(command->footer)) level = HelpLevel::usual;
  if (!level) return std::nullopt;
  constexpr int widest = 100;
  return help_text(*command, *level, std::min(terminal_width(STDOUT_FILENO), widest));
}

/// The command that was typed, down to the last of those below each other, and its words.
std::pair<const CLI::App*, std::string> typed_command(const CLI::App& app) {
  std::pair<const CLI::App*, std::string> command{&app, app.get_name()};
  for (auto below = app.get_subcommands(); !below.empty(); below = command.first->get_subcommands())
    command = {below.front(),
               (command.first == &app ? "" : command.second + ' ') + below.front()->get_name()};
  return command;
}

/// What stands in no definition, flags before words: a flag that is wrong makes its value a word.
/// Empty where there is nothing of the kind.
std::string complaint_of_unknown(const CLI::App& app) {
  const std::vector<std::string> unknown = app.remaining(true);
  if (unknown.empty()) return {};
  const auto& [command, words] = typed_command(app);
  const auto flag = std::find_if(unknown.begin(), unknown.end(), [](const std::string& word) {
    return word.size() > 1 && word.starts_with('-');
  });
  if (flag == unknown.end())
    return fmt::format("{} takes no further word: \"{}\"", words, unknown.front());
  const std::string name = flag->substr(0, flag->find('='));
  std::vector<std::string> known;
  for (const CLI::Option* option : command->get_options())
    for (const std::string& own : option->get_lnames()) known.push_back("--" + own);
  return fmt::format("{} has no option {}{}", words, name, did_you_mean(name, known));
}

std::string without_secrets(std::string_view argument) {
  return argument.find("://") == std::string_view::npos ? std::string(argument)
                                                        : redacted_url(argument);
}

/// What was typed, as it may be kept and shown.
std::string recorded(int argc, const char* const* argv) {
  std::vector<std::string> arguments;
  std::transform(argv, argv + argc, std::back_inserter(arguments), without_secrets);
  return fmt::format("{}", fmt::join(arguments, " "));
}

}  // namespace

ParsedLine parse_command_line(int argc, const char* const* argv) {
  CLI::App app(
      "Ranks protein structures by how much of their motion one elastic-network mode "
      "holds: a search term in, a table out.",
      "modesweep");
  describe(app);
  Definitions definitions;
  std::vector<std::pair<const CLI::App*, Run>> runs;
  for (const Command& command : commands()) {
    CLI::App* const sub = app.add_subcommand(command.name, command.help);
    if (command.hidden) sub->group("");
    runs.emplace_back(sub, command.add(Flags(*sub, definitions)));
  }
  add_help_flags(app);

  ParsedLine line;
  line.call.program = read_commands(app, definitions.words);
  const std::vector<std::string> words(argv + 1, argv + argc);
  if (!words.empty() && !words[0].starts_with('-') && words[0] != "help") check_name(words[0]);
  if (const auto help = help_asked_for(words, line.call.program)) {
    print(*help);
    return line;
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() != 0) {
      // It quotes what was typed: keys in URLs, and names of files, which may be anything.
      const std::string unknown = complaint_of_unknown(app);
      const std::string text =
          fmt::format("modesweep: {}\nRun with --help for more information.\n",
                      printable(without_secrets(unknown.empty() ? error.what() : unknown.c_str())));
      std::cerr << wrapped(text, terminal_width(STDERR_FILENO), 2);
      line.exit_code = static_cast<int>(ExitCode::usage);
    } else {
      std::ostringstream out;
      app.exit(error, out, out);
      print(out.str());
    }
    return line;
  }
  for (const auto& step : definitions.steps) step();
  const auto typed =
      std::find_if(runs.begin(), runs.end(), [](const auto& run) { return run.first->parsed(); });
  line.run = std::move(typed->second);
  line.common = definitions.common;
  line.call.inputs = std::move(definitions.inputs);
  line.call.command_line = recorded(argc, argv);
  return line;
}

}  // namespace modesweep::cli
