// SPDX-License-Identifier: MIT
// The hidden command `reference`: the tables of docs/reference.md that the program has itself.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include <modesweep/outcome.hpp>
#include <modesweep/ranking.hpp>

#include "base/atomic_file.hpp"
#include "base/text.hpp"
#include "cli/command.hpp"
#include "cli/flag_names.hpp"
#include "cli/flags.hpp"
#include "cli/footer.hpp"
#include "cli/parse.hpp"

namespace modesweep::cli {
namespace {

constexpr std::string_view begin_mark = "<!-- made by: modesweep reference docs/reference.md -->\n";
constexpr std::string_view end_mark = "<!-- end of what is made -->\n";

/// Text that Markdown leaves as it is in a cell of a table; `code` stays code.
std::string cell(std::string_view text) {
  std::string out;
  bool in_code = false;
  for (const char c : text) {
    if (c == '`') in_code = !in_code;
    const bool special = c == '|' || (!in_code && (c == '<' || c == '>' || c == '*' || c == '\\'));
    if (special) out += '\\';
    out += c;
  }
  return out;
}

std::string code(std::string_view text) { return cell(fmt::format("`{}`", text)); }

std::string table(const std::vector<std::string>& heads,
                  const std::vector<std::vector<std::string>>& rows) {
  std::string out = fmt::format("| {} |\n|", fmt::join(heads, " | "));
  for (std::size_t i = 0; i < heads.size(); ++i) out += "---|";
  out += '\n';
  for (const std::vector<std::string>& row : rows)
    out += fmt::format("| {} |\n", fmt::join(row, " | "));
  return out + '\n';
}

/// The terms below a heading of a command's help.
std::string footer_table(const CommandEntry& command, std::string_view heading, const char* term) {
  std::vector<std::vector<std::string>> rows;
  for (const FooterBlock& block : footer_blocks(command.footer))
    if (block.heading.starts_with(heading))
      for (const FooterItem& item : block.items)
        if (!item.term.empty()) rows.push_back({code(item.term), cell(item.text)});
  return table({term, "meaning"}, rows);
}

std::string column_table() {
  std::set<std::string> in_table, in_tsv;
  for (const Column& column : table_columns()) in_table.insert(column.name);
  for (const Column& column : default_columns()) in_tsv.insert(column.name);
  std::vector<std::vector<std::string>> rows;
  for (const Column& column : known_columns())
    rows.push_back({code(column.name), in_table.contains(column.name) ? "yes" : "",
                    in_tsv.contains(column.name) ? "yes" : "", cell(with_flags(column.help))});
  return table({"column", "table", "tsv", "meaning"}, rows);
}

/// Commands that are typed alone, not those that others stand below.
void collect(const CommandEntry& command, std::vector<const CommandEntry*>& commands) {
  if (command.commands.empty()) commands.push_back(&command);
  for (const CommandEntry& sub : command.commands) collect(sub, commands);
}

/// `cache clear`, without the program's name.
std::string short_path(const CommandEntry& command) {
  return command.path.substr(command.path.find(' ') + 1);
}

std::string command_table(const std::vector<const CommandEntry*>& commands) {
  std::vector<std::vector<std::string>> rows;
  for (const CommandEntry* command : commands) {
    std::string usage = command->path;
    for (const FlagEntry& positional : command->positionals) {
      const std::string name = positional.names.front() + (positional.many ? "..." : "");
      usage += positional.required ? ' ' + name : fmt::format(" [{}]", name);
    }
    rows.push_back({code(usage), cell(command->help)});
  }
  return table({"command", "what it does"}, rows);
}

/// One flag, and the commands that have it.
struct Option {
  FlagEntry flag;
  std::vector<std::string> commands;
};

bool is_same(const FlagEntry& a, const FlagEntry& b) {
  return a.names == b.names && a.group == b.group && a.help == b.help && a.value == b.value &&
         a.choices == b.choices && a.limits == b.limits && a.default_value == b.default_value;
}

std::vector<Option> options_of(const std::vector<const CommandEntry*>& commands) {
  std::vector<Option> options;
  for (const CommandEntry* command : commands)
    for (const FlagEntry& flag : command->flags) {
      const auto known = std::find_if(options.begin(), options.end(), [&](const Option& option) {
        return is_same(option.flag, flag);
      });
      if (known == options.end())
        options.push_back({flag, {short_path(*command)}});
      else
        known->commands.push_back(short_path(*command));
    }
  return options;
}

std::string value_of(const FlagEntry& flag) {
  const bool is_choice = !flag.choices.empty() && !flag.list && flag.value == "TEXT";
  std::string value = is_choice ? fmt::format("{}", fmt::join(flag.choices, ", ")) : flag.value;
  if (!flag.limits.empty()) value += fmt::format(", {}", flag.limits);
  return cell(value);
}

std::string option_tables(const std::vector<const CommandEntry*>& commands) {
  const std::vector<Option> options = options_of(commands);
  std::vector<std::string> groups;
  for (const Option& option : options)
    if (std::find(groups.begin(), groups.end(), option.flag.group) == groups.end())
      groups.push_back(option.flag.group);
  // Help's own group, which has all that is in no other, comes last.
  std::stable_partition(groups.begin(), groups.end(),
                        [](const std::string& group) { return group != "Options"; });
  std::string out;
  for (const std::string& group : groups) {
    std::vector<std::vector<std::string>> rows;
    for (const auto& [flag, of] : options) {
      if (flag.group != group) continue;
      std::vector<std::string> names;
      for (const std::string& name : flag.names) names.push_back(code(name));
      rows.push_back(
          {fmt::format("{}", fmt::join(names, ", ")), value_of(flag), cell(flag.default_value),
           cell(flag.help),
           of.size() == commands.size() ? "all" : fmt::format("{}", fmt::join(of, ", "))});
    }
    out += fmt::format("### {}\n\n{}", group == "Options" ? "Others" : group,
                       table({"option", "value", "default", "meaning", "of"}, rows));
  }
  return out;
}

const CommandEntry& command_named(const CommandEntry& root, std::string_view name) {
  return *std::find_if(root.commands.begin(), root.commands.end(),
                       [&](const CommandEntry& command) { return command.name() == name; });
}

std::string tables(const CommandEntry& root) {
  std::vector<const CommandEntry*> commands;
  collect(root, commands);
  std::string out = "\n## Commands\n\n" + command_table(commands);
  out += "## Exit codes\n\n" + footer_table(root, "Exit codes", "code");
  out += "## Options\n\n" + option_tables(commands);
  out += "## Notes\n\n" + footer_table(command_named(root, "rank"), "notes", "note");
  out += "## Conditions of rank\n\n" +
         footer_table(command_named(root, "rank"), "Conditions", "condition");
  out += "## Columns of rank\n\n" + column_table();
  struct ColumnTable {
    const char *title, *command, *heading;
  };
  for (const ColumnTable& table :
       {ColumnTable{"modes", "modes", "Columns of tsv, csv and jsonl"},
        ColumnTable{"compare, a line a residue", "compare", "Columns of a line a residue"},
        ColumnTable{"compare, a line a mode", "compare", "Columns of a line a mode"},
        ColumnTable{"compare, a line a pair", "compare", "Columns of a line a pair"}})
    out += fmt::format("## Columns of {}\n\n{}", table.title,
                       footer_table(command_named(root, table.command), table.heading, "column"));
  return out;
}

void write_reference(const CommandEntry& root, const std::filesystem::path& path) {
  const std::string text = read_text(path, "reference");
  const std::size_t begin = text.find(begin_mark);
  const std::size_t end = text.find(end_mark);
  if (begin == std::string::npos || end == std::string::npos)
    throw RunError(Cause::request,
                   fmt::format("{} lacks the marks between which tables stand", path.string()));
  try {
    AtomicFile file(path);
    file.write(text.substr(0, begin + begin_mark.size()) + tables(root) + text.substr(end));
    file.commit();
  } catch (const std::system_error& error) {
    throw RunError(Cause::output, fmt::format("cannot write {}", error.what()));
  }
}

Run add(const Flags& flags) {
  const auto path = std::make_shared<std::filesystem::path>();
  flags.option("FILE", *path, "docs/reference.md", {required});
  return [path](const Call& call, Reporter&) {
    write_reference(call.program, *path);
    return 0;
  };
}

}  // namespace

Command reference_command() {
  return {"reference", "write the program's tables into docs/reference.md", add, true};
}

}  // namespace modesweep::cli
