// SPDX-License-Identifier: MIT
#include "cli/help.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <map>
#include <utility>

#include "cli/wrapped.hpp"

namespace modesweep::cli {
namespace {

using Names = std::vector<std::string_view>;

constexpr std::string_view columns_heading = "Columns ";
constexpr std::size_t text_column = 34;  ///< where the texts of flags begin

/// What a brief help shows of a command, by its path.
struct Usual {
  std::vector<HelpExample> examples;
  Names flags;  ///< those of a program's: its commands
};

const std::map<std::string_view, Usual>& usual_of_commands() {
  static const std::map<std::string_view, Usual> all = {
      {"modesweep",
       {{{"modesweep rank trypsin", "search NCBI, download, rank"},
         {"modesweep rank ./models --core -o r.csv", "rank files by their cores"},
         {"modesweep modes 1UBI -o 1ubi.npz", "modes for numpy and ProDy"}},
        {"rank", "resume", "show", "modes", "report", "compare", "search", "fetch", "info"}}},
      {"modesweep rank",
       {{{"modesweep rank trypsin", "search NCBI, download, rank"},
         {"modesweep rank 1UBI 1AKE --top 0", "rank entries"},
         {"modesweep rank ./models --core -o r.csv", "rank files by their cores"}},
        {"--output", "--format", "--top", "--core", "--no-tails", "--where", "--columns",
         "--archive", "--run"}}},
      {"modesweep resume",
       {{{"modesweep resume covid", "go on with the run in ./covid"},
         {"modesweep resume covid --retry-failed", "also with what failed for good"},
         {"modesweep resume covid -o covid.tsv", "and write the ranking"}},
        {"--output", "--format", "--top", "--core", "--where", "--columns", "--retry-failed"}}},
      {"modesweep show",
       {{{"modesweep show covid", "the ranking so far"},
         {"modesweep show covid --sort coll1 --top 50", "another order"},
         {"modesweep show covid --check", "what is damaged"}},
        {"--output", "--format", "--top", "--core", "--sort", "--where", "--columns", "--check"}}},
      {"modesweep modes",
       {{{"modesweep modes 1UBI -o 1ubi.npz", "arrays for numpy and ProDy"},
         {"modesweep modes 1AKE:A -o 1ake.pdb", "mode 1 moving, for PyMOL"},
         {"modesweep modes ./models -o out/ --format csv", "numbers of each residue"}},
        {"--output", "--format", "--modes", "--mode", "--core", "--chains"}}},
      {"modesweep compare",
       {{{"modesweep compare 1AKE:A 4AKE:A", "two states of one protein"},
         {"modesweep compare a.cif b.cif -o step.csv", "the step, residue by residue"},
         {"modesweep compare 1AKE.cif *.cif", "many with the first"}},
        {"--output", "--format", "--all", "--morph", "--modes", "--chains", "--assembly"}}},
      {"modesweep report",
       {{{"modesweep report covid -o covid.html", "of the run in ./covid"},
         {"modesweep report ./models -o r.html", "of files, ranked first"},
         {"modesweep report ./models --core -o r.html", "by their cores"}},
        {"--output", "--top", "--core", "--sort", "--where", "--no-tails", "--archive"}}},
      {"modesweep search",
       {{{"modesweep search \"heat shock\"", "entry IDs from NCBI"},
         {"modesweep search trypsin --source rcsb", "from RCSB"},
         {"modesweep search covid --retmax all", "all that there are"}},
        {"--source", "--retmax", "--email"}}},
      {"modesweep fetch",
       {{{"modesweep fetch 1UBI 1AKE", "download, print paths"},
         {"modesweep fetch --ids @ids.txt", "a list"},
         {"modesweep fetch 1UBI --file-format pdb", "PDB files"}},
        {"--ids", "--file-format", "--hosts", "--cache-dir", "--offline"}}},
  };
  return all;
}

/// What help, but not the whole of it, passes over.
bool is_rare(const FlagEntry& flag) {
  constexpr std::array<std::string_view, 5> rare = {"--ncbi-url", "--rcsb-search-url",
                                                    "--holdings-url", "--stall-time", "--balance"};
  return std::find(rare.begin(), rare.end(), flag.names.back()) != rare.end();
}

std::vector<std::string> paragraphs(const std::string& footer) {
  std::vector<std::string> all;
  for (std::size_t begin = 0; begin < footer.size();) {
    const std::size_t end = std::min(footer.find("\n\n", begin), footer.size());
    if (end > begin) all.push_back(footer.substr(begin, end - begin));
    begin = end + 2;
  }
  return all;
}

bool is_of_columns(const std::string& paragraph) { return paragraph.starts_with(columns_heading); }

std::string usage_line(const CommandEntry& command) {
  std::string line = "Usage: " + command.path;
  if (!command.commands.empty()) return line + " COMMAND ...\n";
  line += " [OPTIONS]";
  for (const FlagEntry& positional : command.positionals) {
    const std::string name = positional.names.front() + (positional.many ? "..." : "");
    line += positional.required ? ' ' + name : fmt::format(" [{}]", name);
  }
  return line + '\n';
}

std::string example_lines(const CommandEntry& command, int width) {
  const std::vector<HelpExample> examples = examples_of(command);
  if (examples.empty()) return {};
  std::string text = "\nExamples:\n";
  for (const auto& [line, what] : examples)
    text += wrapped(fmt::format("  {:<46} {}\n", line, what), width, 4);
  return text;
}

std::string head_of(const FlagEntry& flag) {
  std::string head = fmt::format("{}", fmt::join(flag.names, ","));
  if (flag.value.empty()) return head;
  if (!flag.choices.empty() && !flag.list && flag.value == "TEXT")
    return head + ' ' + fmt::format("{}", fmt::join(flag.choices, "|"));
  return head + ' ' + flag.value + (flag.many ? " ..." : "");
}

/// A term, and its text from a column on.
std::string item(const std::string& term, const std::string& text, int width) {
  const std::string head = "  " + term;
  const bool fits = head.size() + 2 <= text_column;
  const std::string above = fits ? "" : wrapped(head, width, 4) + '\n';
  const std::string begin = fmt::format("{:<{}}", fits ? head : "", text_column);
  return above + wrapped(begin + text, width, text_column) + '\n';
}

std::string text_of(const FlagEntry& flag) {
  std::string text = flag.help;
  if (!flag.limits.empty()) text += fmt::format(" [{}]", flag.limits);
  if (!flag.default_value.empty()) text += fmt::format(" (default: {})", flag.default_value);
  return text;
}

std::string groups_of_flags(const CommandEntry& command, HelpLevel level, int width) {
  std::vector<std::string> groups;
  for (const FlagEntry& flag : command.flags)
    if (std::find(groups.begin(), groups.end(), flag.group) == groups.end())
      groups.push_back(flag.group);
  // Help's own group, which has all that is in no other, comes last.
  std::stable_partition(groups.begin(), groups.end(),
                        [](const std::string& group) { return group != "Options"; });
  std::string text;
  for (const std::string& group : groups) {
    text += wrapped(fmt::format("\n{}:\n", group), width, 2);
    for (const FlagEntry& flag : command.flags)
      if (flag.group == group && (level == HelpLevel::all || !is_rare(flag)))
        text += item(head_of(flag), text_of(flag), width);
  }
  return text;
}

std::string commands_below(const CommandEntry& command, int width) {
  if (command.commands.empty()) return {};
  std::string text = "\nCommands:\n";
  for (const CommandEntry& sub : command.commands) text += item(sub.name(), sub.help, width);
  return text;
}

/// What is said up to the first bracket or semicolon, in one line.
std::string clause(const std::string& help, std::size_t width) {
  std::string text = help.substr(0, std::min(help.find(" ("), help.find_first_of(";:")));
  if (text.size() <= width) return text;
  text = wrapped(text, static_cast<int>(width) - 4);
  return text.substr(0, text.find('\n')) + " ...";
}

std::string brief(const CommandEntry& command, int width) {
  constexpr std::size_t most_lines = 9, term_width = 26;
  constexpr int least = 40, usual_width = 80;
  if (width <= 0) width = usual_width;
  const std::size_t room = static_cast<std::size_t>(std::max(width, least)) - term_width;
  std::string text =
      wrapped(command.help + '\n' + usage_line(command), width, 2) + example_lines(command, width);
  const auto usual = usual_of_commands().find(command.path);
  const auto line = [&](const std::string& term, const std::string& help) {
    text += fmt::format("  {:<{}}{}\n", term, term_width - 2, clause(help, room));
  };
  if (!command.commands.empty()) {
    text += "\nCommands:\n";
    std::vector<std::string> others;
    for (const CommandEntry& sub : command.commands) {
      const Names* const wanted =
          usual == usual_of_commands().end() ? nullptr : &usual->second.flags;
      if (!wanted || std::find(wanted->begin(), wanted->end(), sub.name()) != wanted->end())
        line(sub.name(), sub.help);
      else
        others.push_back(sub.name());
    }
    if (!others.empty())
      text += wrapped(fmt::format("  and {}\n", fmt::join(others, ", ")), width, 2);
  } else {
    std::vector<const FlagEntry*> shown;
    for (const FlagEntry& flag : command.flags) {
      const bool is_wanted = usual == usual_of_commands().end() ||
                             std::find(usual->second.flags.begin(), usual->second.flags.end(),
                                       flag.names.back()) != usual->second.flags.end();
      if (is_wanted && shown.size() < most_lines) shown.push_back(&flag);
    }
    text += "\nOptions:\n";
    for (const FlagEntry* flag : shown) {
      std::string head = fmt::format("{}", fmt::join(flag->names, ","));
      if (!flag->value.empty()) head += ' ' + flag->value;
      line(head, flag->help);
    }
  }
  return text + wrapped(fmt::format(
                            "\n{} --help tells more{}.\n", command.path,
                            has_columns(command.footer) ? ", --help-columns what columns are" : ""),
                        width);
}

std::string footer_of(const CommandEntry& command, HelpLevel level, int width) {
  constexpr std::size_t indent_of_items = 20;
  std::string text;
  for (const std::string& paragraph : paragraphs(command.footer)) {
    const bool of_columns = is_of_columns(paragraph);
    if (level == HelpLevel::all || of_columns == (level == HelpLevel::columns))
      text += '\n' + wrapped(paragraph, width, indent_of_items) + '\n';
  }
  return text;
}

}  // namespace

const std::vector<HelpFlag>& help_flags() {
  static const std::vector<HelpFlag> flags = {
      {"-h", "short help with examples", HelpLevel::brief},
      {"--help", "help without what is rarely needed", HelpLevel::usual},
      {"--help-all", "the whole help", HelpLevel::all},
      {"--help-columns", "the columns of tables alone", HelpLevel::columns}};
  return flags;
}

bool has_columns(std::string_view footer) {
  const std::vector<std::string> all = paragraphs(std::string(footer));
  return std::any_of(all.begin(), all.end(), is_of_columns);
}

std::vector<HelpExample> examples_of(const CommandEntry& command) {
  const auto usual = usual_of_commands().find(command.path);
  return usual == usual_of_commands().end() ? std::vector<HelpExample>() : usual->second.examples;
}

std::string help_text(const CommandEntry& command, HelpLevel level, int width) {
  if (level == HelpLevel::brief) return brief(command, width);
  if (level == HelpLevel::columns) return footer_of(command, level, width).substr(1);
  std::string text = wrapped(command.help + '\n', width) + example_lines(command, width) + '\n' +
                     wrapped(usage_line(command), width, 2);
  if (!command.positionals.empty()) {
    text += "\nArguments:\n";
    for (const FlagEntry& positional : command.positionals)
      text += item(positional.names.front(), positional.help, width);
  }
  text += commands_below(command, width) + groups_of_flags(command, level, width) +
          footer_of(command, level, width);
  if (level == HelpLevel::usual)
    text += wrapped(fmt::format("\n{} --help-all has the rest{}.\n", command.path,
                                has_columns(command.footer) ? ", --help-columns the columns" : ""),
                    width);
  return text;
}

}  // namespace modesweep::cli
