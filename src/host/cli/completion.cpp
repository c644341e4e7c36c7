// SPDX-License-Identifier: MIT
#include "cli/completion.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cassert>
#include <map>
#include <memory>

#include "cli/command.hpp"
#include "cli/flags.hpp"
#include "cli/output_stream.hpp"

namespace modesweep::cli {
namespace {

enum class Kind { nothing, words, list, files, folders };

/// By the value's name, or the positional's own.
Kind kind_of(const FlagEntry& flag) {
  if (!flag.choices.empty()) return flag.list ? Kind::list : Kind::words;
  for (const std::string& what : {flag.value, flag.names.front()}) {
    if (what == "FILE" || what == "PATH" || what == "INPUT") return Kind::files;
    if (what == "DIR") return Kind::folders;
  }
  return Kind::nothing;
}

/// The first positional decides for all words that are no flags.
Kind positional_kind(const CommandEntry& command) { return kind_of(command.positionals.front()); }

std::string replaced(std::string text, std::string_view what, std::string_view with) {
  for (std::size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += with.size())
    text.replace(at, what.size(), with);
  return text;
}

std::string words(const std::vector<std::string>& list) {
  return fmt::format("{}", fmt::join(list, " "));
}

/// The command, and all below it.
template <typename Visit>
void walk(const CommandEntry& command, const Visit& visit) {
  visit(command);
  for (const CommandEntry& sub : command.commands) walk(sub, visit);
}

namespace bash {

std::string action(Kind kind, const std::vector<std::string>& choices) {
  switch (kind) {
    case Kind::words: return fmt::format("_modesweep_words '{}'", words(choices));
    case Kind::list: return fmt::format("_modesweep_list '{}'", words(choices));
    case Kind::files: return "_modesweep_files -f";
    case Kind::folders: return "_modesweep_files -d";
    case Kind::nothing: break;
  }
  return ":";
}

constexpr const char* head = R"(# shellcheck shell=bash
# bash completion of modesweep: source <(modesweep completion bash)
_modesweep_words() {
  mapfile -t COMPREPLY < <(compgen -W "$1" -- "$cur")
}

_modesweep_list() {
  local before=
  [[ $cur == *,* ]] && before=${cur%,*},
  mapfile -t COMPREPLY < <(compgen -P "$before" -W "$1" -- "${cur##*,}")
  compopt -o nospace 2>/dev/null
}

_modesweep_files() {
  compopt -o filenames 2>/dev/null
  mapfile -t COMPREPLY < <(compgen "$1" -- "$cur")
}

_modesweep() {
  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}
  local path=modesweep flag='' i
  # Readline cuts words at "=", too: --format=tsv is three of them.
  if [[ $cur == = ]]; then
    cur=
  elif [[ $prev == = ]]; then
    prev=${COMP_WORDS[COMP_CWORD - 2]}
  fi
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    if [[ ${COMP_WORDS[i]} == -* ]]; then flag=${COMP_WORDS[i]}; fi
    case "$path ${COMP_WORDS[i]}" in
      {commands}) path+=" ${COMP_WORDS[i]}" ;;
    esac
  done
  case "$path $prev" in
{values}  esac
  if [[ $cur != -* ]]; then
    case "$path $flag" in
{many}    esac
  fi
  case $path in
{words}  esac
}
complete -F _modesweep modesweep
)";

/// `pattern|pattern) action; return ;;` for each action.
std::string cases(const std::map<std::string, std::vector<std::string>>& patterns,
                  std::string_view indent) {
  std::string out;
  for (const auto& [does, list] : patterns)
    out += fmt::format("{}{}) {}; return ;;\n", indent,
                       fmt::join(list, fmt::format(" | \\\n{}", indent)), does);
  return out;
}

std::string script(const CommandEntry& root) {
  std::vector<std::string> paths;
  std::map<std::string, std::vector<std::string>> values;
  std::map<std::string, std::vector<std::string>> many;
  std::string by_command;
  walk(root, [&](const CommandEntry& command) {
    std::vector<std::string> flags;
    for (const FlagEntry& flag : command.flags) {
      flags.insert(flags.end(), flag.names.begin(), flag.names.end());
      if (flag.value.empty()) continue;
      const std::string does = action(kind_of(flag), flag.choices);
      for (const std::string& name : flag.names) {
        const std::string pattern = fmt::format("'{} {}'", command.path, name);
        values[does].push_back(pattern);
        if (flag.many) many[does].push_back(pattern);
      }
    }
    std::string bare = ":";
    if (!command.positionals.empty())
      bare = action(positional_kind(command), command.positionals.front().choices);
    if (!command.commands.empty()) {
      std::vector<std::string> names;
      for (const CommandEntry& sub : command.commands) {
        names.push_back(sub.name());
        paths.push_back(fmt::format("'{}'", sub.path));
      }
      bare = action(Kind::words, names);
    }
    by_command += fmt::format(
        "    '{}')\n      if [[ $cur == -* ]]; then _modesweep_words '{}'; else {}; fi ;;\n",
        command.path, words(flags), bare);
  });
  std::string out = head;
  out = replaced(out, "{commands}", fmt::format("{}", fmt::join(paths, " | \\\n      ")));
  out = replaced(out, "{values}", cases(values, "    "));
  out = replaced(out, "{many}", cases(many, "      "));
  return replaced(out, "{words}", by_command);
}

}  // namespace bash

namespace zsh {

/// Inside single quotes.
std::string quoted(std::string_view text) { return replaced(std::string(text), "'", "'\\''"); }

std::string escaped(const std::string& text, std::string_view characters) {
  std::string out;
  for (const char c : text) {
    if (c == '\\' || characters.find(c) != std::string_view::npos) out += '\\';
    out += c;
  }
  return zsh::quoted(out);
}

std::string action(Kind kind, const std::vector<std::string>& choices) {
  switch (kind) {
    case Kind::words: return fmt::format("({})", words(choices));
    case Kind::list: return fmt::format("_values -s , value {}", words(choices));
    case Kind::files: return "_files";
    case Kind::folders: return "_files -/";
    case Kind::nothing: break;
  }
  return " ";
}

/// `'(-o --output)'{-o+,--output=}'[text]:FILE:_files'`
std::string flag_spec(const FlagEntry& flag) {
  std::vector<std::string> forms;
  for (const std::string& name : flag.names) {
    const char* const mark = flag.value.empty() || flag.many ? ""
                             : name.starts_with("--")        ? "="
                                                             : "+";
    forms.push_back(name + mark);
  }
  const bool star = flag.again && !flag.value.empty() && !flag.many;
  std::string spec = star ? "'*'" : fmt::format("'({})'", words(flag.names));
  spec += forms.size() == 1 ? forms.front() : fmt::format("{{{}}}", fmt::join(forms, ","));
  spec += fmt::format("'[{}]", escaped(flag.help, "[]:"));
  if (!flag.value.empty())
    spec += fmt::format("{}:{}:{}", flag.many ? ":*-*" : "", escaped(flag.value, ":"),
                        action(kind_of(flag), flag.choices));
  return spec + "'";
}

std::string function_name(const CommandEntry& command) {
  return '_' + replaced(command.path, " ", "_");
}

std::string function(const CommandEntry& command) {
  std::string specs;
  for (const FlagEntry& flag : command.flags) specs += " \\\n    " + flag_spec(flag);
  if (command.commands.empty()) {
    for (const FlagEntry& positional : command.positionals)
      specs +=
          fmt::format(" \\\n    '{}:{}:{}'", positional.many ? "*" : "", positional.names.front(),
                      action(kind_of(positional), positional.choices));
    return fmt::format("{}() {{\n  _arguments -s -S{}\n}}\n\n", function_name(command), specs);
  }
  std::string names;
  for (const CommandEntry& sub : command.commands)
    names += fmt::format("    '{}:{}'\n", sub.name(), escaped(sub.help, ":"));
  return fmt::format(R"({0}() {{
  local curcontext=$curcontext state line
  local -a commands=(
{1}  )
  _arguments -C{2} \
    '1:command:->command' '*::argument:->argument'
  case $state in
    command) _describe command commands ;;
    argument) (( $+functions[{0}_$words[1]] )) && {0}_$words[1] ;;
  esac
}}

)",
                     function_name(command), names, specs);
}

std::string script(const CommandEntry& root) {
  std::string out =
      "#compdef modesweep\n# zsh completion of modesweep: source <(modesweep completion zsh)\n\n";
  walk(root, [&](const CommandEntry& command) { out += function(command); });
  return out + R"(# The file may be sourced, or loaded by compinit as the function itself.
if [[ $funcstack[1] == _modesweep ]]; then
  _modesweep "$@"
else
  compdef _modesweep modesweep
fi
)";
}

}  // namespace zsh

namespace fish {

std::string quoted(const std::string& text) {
  return fmt::format("'{}'", replaced(replaced(text, "\\", "\\\\"), "'", "\\'"));
}

std::string action(Kind kind, const std::vector<std::string>& choices) {
  switch (kind) {
    case Kind::words: return fmt::format(" -x -a '{}'", words(choices));
    case Kind::list: return fmt::format(" -x -a '(__fish_append , {})'", words(choices));
    case Kind::files: return " -r -F";
    case Kind::folders: return " -x -a '(__fish_complete_directories)'";
    case Kind::nothing: break;
  }
  return " -x";
}

std::string script(const CommandEntry& root) {
  std::string out = R"(# fish completion of modesweep: modesweep completion fish | source
# Whether the words typed so far begin with this command.
function __modesweep_command
    set -l typed (commandline -opc)
    set -l last (math (count $argv) + 1)
    test (count $typed) -ge $last; and test "$typed[2..$last]" = "$argv"
end

# Whether they are this command alone, so that another one follows.
function __modesweep_at
    set -l typed (commandline -opc)
    test (count $typed) -eq (math (count $argv) + 1); and test "$typed[2..-1]" = "$argv"
end

complete -c modesweep -f
)";
  walk(root, [&](const CommandEntry& command) {
    const std::string below =
        command.path == root.path ? "" : command.path.substr(root.path.size());
    const auto line = [&](const char* condition, const std::string& rest) {
      out += fmt::format("complete -c modesweep -n '{}{}'{}\n", condition, below, rest);
    };
    const char* const here = below.empty() ? "__modesweep_at" : "__modesweep_command";
    for (const CommandEntry& sub : command.commands)
      line("__modesweep_at", fmt::format(" -a {} -d {}", sub.name(), quoted(sub.help)));
    if (!command.positionals.empty()) {
      const Kind kind = positional_kind(command);
      if (kind == Kind::files) line(here, " -F");
      if (kind == Kind::folders) line(here, " -a '(__fish_complete_directories)'");
      if (kind == Kind::words)
        line(here, fmt::format(" -a '{}'", words(command.positionals.front().choices)));
    }
    for (const FlagEntry& flag : command.flags) {
      std::string spec;
      for (const std::string& name : flag.names)
        spec += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
      if (!flag.value.empty()) spec += action(kind_of(flag), flag.choices);
      line(here, spec + " -d " + quoted(flag.help));
    }
  });
  return out;
}

}  // namespace fish
}  // namespace

std::string completion_script(const CommandEntry& root, std::string_view shell) {
  if (shell == "bash") return bash::script(root);
  if (shell == "zsh") return zsh::script(root);
  assert(shell == "fish");
  return fish::script(root);
}

namespace {

Run add(const Flags& flags) {
  const auto shell = std::make_shared<std::string>();
  flags.option("SHELL", *shell, "bash, zsh or fish", {one_of({"bash", "fish", "zsh"}), required});
  return [shell](const Call& call, Reporter&) {
    print(completion_script(call.program, *shell));
    return 0;
  };
}

}  // namespace

Command completion_command() {
  return {"completion", "print a shell's completions: source <(modesweep completion bash)", add};
}

}  // namespace modesweep::cli
