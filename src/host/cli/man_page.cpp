// SPDX-License-Identifier: MIT
#include "cli/man_page.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>
#include <string_view>
#include <vector>

#include <modesweep/version.hpp>

#include "cli/footer.hpp"
#include "cli/help.hpp"

namespace modesweep::cli {
namespace {

/// Text that roff leaves as it is.
std::string roff(std::string_view text) {
  std::string out;
  for (const char c : text) switch (c) {
      case '\\': out += "\\e"; break;
      case '-': out += "\\-"; break;
      case '\'': out += "\\(aq"; break;
      case '`': out += "\\(ga"; break;
      case '^': out += "\\(ha"; break;
      case '~': out += "\\(ti"; break;
      default: out += c;
    }
  if (out.starts_with('.')) out.insert(0, "\\&");
  return out;
}

std::string bold(std::string_view text) { return "\\fB" + roff(text) + "\\fR"; }
std::string italic(std::string_view text) { return "\\fI" + roff(text) + "\\fR"; }
std::string upper(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return std::toupper(c); });
  return text;
}

std::string item(const std::string& term, std::string_view text) {
  return fmt::format(".TP\n{}\n{}\n", term, roff(text));
}

std::string value_text(const FlagEntry& flag) {
  std::string text = italic(flag.value);
  if (!flag.choices.empty() && !flag.list && flag.value == "TEXT") {
    std::vector<std::string> choices;
    for (const std::string& choice : flag.choices) choices.push_back(bold(choice));
    text = fmt::format("{}", fmt::join(choices, "|"));
  }
  return flag.many ? text + " ..." : text;
}

std::string flag_item(const FlagEntry& flag) {
  std::vector<std::string> names;
  for (const std::string& name : flag.names) names.push_back(bold(name));
  std::string term = fmt::format("{}", fmt::join(names, ", "));
  if (!flag.value.empty()) term += ' ' + value_text(flag);
  std::string text = flag.help;
  if (!flag.limits.empty()) text += fmt::format(" [{}]", flag.limits);
  if (!flag.default_value.empty()) text += fmt::format(" (default: {})", flag.default_value);
  return item(term, text);
}

std::string block_text(const FooterBlock& block) {
  std::string out =
      block.heading.empty() ? ".PP\n" : fmt::format(".SH {}\n", roff(upper(block.heading)));
  const std::size_t begin = out.size();
  if (!block.remark.empty()) out += roff(block.remark) + '\n';
  for (const auto& [term, text] : block.items) {
    if (!term.empty()) {
      out += item(bold(term), text);
      continue;
    }
    if (out.size() > begin) out += ".PP\n";
    out += roff(text) + '\n';
  }
  return out;
}

std::string examples(const CommandEntry& command) {
  std::string out;
  for (const auto& [line, what] : examples_of(command)) out += item(bold(line), what);
  return out.empty() ? out : ".SH EXAMPLES\n" + out;
}

std::string synopsis(const CommandEntry& command) {
  std::string text = bold(command.path);
  if (!command.commands.empty()) return text + ' ' + italic("COMMAND") + " ...\n";
  text += " [" + italic("OPTION") + " ...]";
  for (const FlagEntry& positional : command.positionals) {
    std::string name = italic(positional.names.front());
    if (positional.many) name += " ...";
    text += positional.required ? ' ' + name : fmt::format(" [{}]", name);
  }
  return text + '\n';
}

std::string options(const CommandEntry& command) {
  std::vector<std::string> groups;
  for (const FlagEntry& flag : command.flags)
    if (std::find(groups.begin(), groups.end(), flag.group) == groups.end())
      groups.push_back(flag.group);
  std::string out = ".SH OPTIONS\n";
  for (const std::string& group : groups) {
    if (group != "Options") out += fmt::format(".SS {}\n", roff(group));
    for (const FlagEntry& flag : command.flags)
      if (flag.group == group) out += flag_item(flag);
  }
  return out;
}

void collect(const CommandEntry& command, std::vector<std::string>& names) {
  names.push_back(man_page_name(command));
  for (const CommandEntry& sub : command.commands) collect(sub, names);
}

}  // namespace

std::string man_page_name(const CommandEntry& command) {
  std::string name = command.path;
  std::replace(name.begin(), name.end(), ' ', '-');
  return name;
}

std::string man_page(const CommandEntry& command, const CommandEntry& root,
                     const std::string& date) {
  const std::string name = man_page_name(command);
  std::string out = fmt::format(".\\\" Made by modesweep from its own table of flags.\n");
  out += fmt::format(".TH {} 1 \"{}\" \"modesweep {}\" \"User Commands\"\n", roff(upper(name)),
                     date, version);
  // Prose of names and numbers, which hyphenation only makes harder to search for.
  out += ".nh\n.ad l\n";
  out += fmt::format(".SH NAME\n{} \\- {}\n.SH SYNOPSIS\n{}", roff(name), roff(command.help),
                     synopsis(command));
  const std::vector<FooterBlock> footer = footer_blocks(command.footer);
  std::string description;
  for (const FooterBlock& block : footer)
    if (block.heading.empty()) description += block_text(block);
  if (!description.empty()) out += ".SH DESCRIPTION\n" + description.substr(sizeof(".PP"));
  if (!command.commands.empty()) {
    out += ".SH COMMANDS\n";
    for (const CommandEntry& sub : command.commands)
      out += item(fmt::format("{}(1)", bold(man_page_name(sub))), sub.help);
  }
  if (!command.positionals.empty()) {
    out += ".SH ARGUMENTS\n";
    for (const FlagEntry& positional : command.positionals)
      out += item(italic(positional.names.front()), positional.help);
  }
  out += options(command);
  for (const FooterBlock& block : footer)
    if (!block.heading.empty()) out += block_text(block);
  out += examples(command);
  std::vector<std::string> others;
  collect(root, others);
  std::erase(others, name);
  for (std::string& other : others) other = bold(other) + "(1)";
  return out + fmt::format(".SH SEE ALSO\n{}\n", fmt::join(others, ",\n"));
}

}  // namespace modesweep::cli
