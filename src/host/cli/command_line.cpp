// SPDX-License-Identifier: MIT
#include "cli/command_line.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <iostream>
#include <iterator>
#include <sstream>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <modesweep/pdb_id.hpp>
#include <modesweep/version.hpp>

#include "base/redaction.hpp"
#include "base/text.hpp"
#include "cli/exit_code.hpp"
#include "cli/flags.hpp"
#include "cli/help_texts.hpp"
#include "cli/output_stream.hpp"

namespace modesweep::cli {
namespace {

/// Commands take what help looks like from the program, so that it comes first.
void describe(CLI::App& app) {
  app.set_version_flag("--version", std::string("modesweep ") + version);
  app.require_subcommand(1);
  app.get_formatter()->column_width(34);
  app.footer(fmt::format("modesweep COMMAND --help tells more of each.\n\n{}\n\n{}", exit_codes,
                         citations));
}

void check_name(std::string_view typed) {
  std::vector<std::string_view> names;
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
  usage(fmt::format("there is no command \"{}\"; there are {}", typed, fmt::join(names, ", ")));
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
  if (argc > 1 && argv[1][0] != '-') check_name(argv[1]);

  ParsedLine line;
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() != 0) {
      // It quotes what was typed: keys in URLs, and names of files, which may be anything.
      std::cerr << "modesweep: " << printable(without_secrets(error.what()))
                << "\nRun with --help for more information.\n";
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
  line.call.program = read_commands(app, definitions.words);
  line.call.command_line = recorded(argc, argv);
  return line;
}

}  // namespace modesweep::cli
