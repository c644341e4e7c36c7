// SPDX-License-Identifier: MIT
#include "cli/man_page.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>
#include <optional>
#include <sstream>
#include <utility>

#include <modesweep/version.hpp>

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

/// One paragraph of a footer. `notes:  tail  ...` and `Exit codes:` at its begin are headings; the
/// lines below them that begin with blanks are a term, two blanks and its text, and deeper lines go
/// on with the one before. Everything else is running text.
class Block {
 public:
  explicit Block(std::vector<std::string> lines) : lines_(std::move(lines)) { take_heading(); }

  bool has_heading() const { return !heading_.empty(); }

  std::string roff_text() const {
    std::string out = has_heading() ? fmt::format(".SH {}\n", roff(upper(heading_))) : ".PP\n";
    const std::size_t begin = out.size();
    const auto paragraph = [&] {
      if (out.size() > begin) out += ".PP\n";
    };
    if (!remark_.empty()) out += roff(remark_) + '\n';
    const std::size_t base = item_indent();
    bool running = true;
    for (std::size_t i = 0; i < lines_.size(); ++i) {
      std::string text = lines_[i];
      const std::size_t indent = indent_of(text);
      if (indent == text.size()) continue;  // the heading was here
      for (; i + 1 < lines_.size() && indent_of(lines_[i + 1]) > std::max(indent, base); ++i)
        // Below a term alone there is its text.
        text += (is_term(text) ? "  " : " ") + lines_[i + 1].substr(indent_of(lines_[i + 1]));
      text.erase(0, indent);
      const std::size_t gap = text.find("  ");
      if (indent >= base && gap <= longest_term) {
        out += item(bold(text.substr(0, gap)), text.substr(text.find_first_not_of(' ', gap)));
        running = false;
        continue;
      }
      if (indent >= base || !running) paragraph();
      running = true;
      out += roff(text) + '\n';
    }
    return out;
  }

 private:
  static constexpr std::size_t longest_term = 30;

  static bool is_term(const std::string& line) {
    const std::string text = line.substr(indent_of(line));
    return text.size() <= longest_term && text.find("  ") == std::string::npos;
  }

  static std::size_t indent_of(const std::string& line) {
    return std::min(line.find_first_not_of(' '), line.size());
  }

  void take_heading() {
    std::string& first = lines_.front();
    const std::size_t words = first.find_first_of("(:");
    if (words == std::string::npos ||
        !std::all_of(first.begin(), first.begin() + words,
                     [](unsigned char c) { return std::isalpha(c) || c == ' '; }))
      return;
    const std::size_t colon =
        first[words] == ':' ? words : std::min(first.find("):"), first.size()) + 1;
    if (colon >= first.size() || first[colon] != ':') return;
    if (colon + 1 < first.size() && first.compare(colon + 1, 2, "  ") != 0) return;
    heading_ = first.substr(0, first[words] == ':' ? words : words - 1);
    if (first[words] == '(') remark_ = first.substr(words + 1, colon - words - 2) + ".";
    first.replace(0, colon + 1, colon + 1, ' ');
  }

  std::size_t item_indent() const {
    std::size_t indent = std::string::npos;
    for (const std::string& line : lines_)
      if (line.starts_with(' ') && indent_of(line) < line.size())
        indent = std::min(indent, indent_of(line));
    return indent;
  }

  std::vector<std::string> lines_;
  std::string heading_;
  std::string remark_;  ///< in parentheses behind the heading
};

std::vector<Block> blocks(const std::string& text) {
  std::vector<Block> result;
  std::vector<std::string> lines;
  const auto end_block = [&] {
    if (!lines.empty()) result.emplace_back(std::exchange(lines, {}));
  };
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) {
    line.erase(line.find_last_not_of(' ') + 1);
    if (line.empty())
      end_block();
    else
      lines.push_back(line);
  }
  end_block();
  return result;
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
  const std::vector<Block> footer = blocks(command.footer);
  std::string description;
  for (const Block& block : footer)
    if (!block.has_heading()) description += block.roff_text();
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
  for (const Block& block : footer)
    if (block.has_heading()) out += block.roff_text();
  std::vector<std::string> others;
  collect(root, others);
  std::erase(others, name);
  for (std::string& other : others) other = bold(other) + "(1)";
  return out + fmt::format(".SH SEE ALSO\n{}\n", fmt::join(others, ",\n"));
}

}  // namespace modesweep::cli
