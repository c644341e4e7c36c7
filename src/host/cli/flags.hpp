// SPDX-License-Identifier: MIT
// How a command says what can be typed: each flag is defined once, with its help, the values that
// it takes and what becomes of them. CLI11, which parses, stays behind it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "cli/command_table.hpp"
#include "cli/console.hpp"

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace modesweep::cli {

/// Ends the run: RunError (`request`) for what can be typed but not be meant.
[[noreturn]] void usage(const std::string& message);

/// What there is to say of an option beside its help.
using Trait = std::function<void(CLI::Option&)>;
using Traits = std::vector<Trait>;

Trait named(const char* value);  ///< the word that stands for the value in help, such as FILE
/// Of a number, each of which has a range: it is typed in decimal digits.
Trait between(int least, int most);
Trait between(double least, double most);
Trait bytes_from(std::uint64_t least);  ///< a whole number, or one with a unit: 8G
Trait one_of(std::vector<std::string> choices);
void separated_by_commas(CLI::Option& option);  ///< of a list, which else is words
void repeatable(CLI::Option& option);           ///< of a list: one value each time it is given
void required(CLI::Option& option);
void shows_default(CLI::Option& option);

/// The number that all of a word says in decimal digits, if it is one of the range.
std::optional<std::int64_t> whole_number(std::string_view word, std::int64_t least,
                                         std::int64_t most);

/// What becomes of a value.
template <class T>
using Use = std::function<void(const T&)>;

/// What the definitions of all commands come to.
struct Definitions {
  CommonOptions common;
  ValueNames words;                           ///< that may stand for values in help
  std::vector<std::function<void()>> steps;   ///< from what was typed to what is meant
  std::vector<std::filesystem::path> inputs;  ///< files that flags name to be read
};

/// The flags of one command, or of one group of them. A handle: copies define flags of the same
/// command.
class Flags {
 public:
  Flags(CLI::App& app, Definitions& definitions) : app_(&app), definitions_(&definitions) {}

  /// To define flags that have a heading of their own in help.
  Flags in(const char* group) const;
  /// The flags of a command below this one, which then takes one of those.
  Flags below(const char* name, const char* help) const;

  void flag(const char* names, bool& target, const std::string& help) const;
  /// One that makes `target` false, once all was parsed.
  void switch_off(const char* names, bool& target, const std::string& help) const;
  /// An option or, where `names` have no dash, a positional.
  template <class T>
  void option(const char* names, T& target, const std::string& help,
              const Traits& traits = {}) const;
  /// One whose value, where it is given, is handed to `use` once all was parsed.
  template <class T>
  void convert(const char* names, T initial, const std::type_identity_t<Use<T>>& use,
               const std::string& help, const Traits& traits = {}) const;
  /// One that takes the words of `choices`.
  template <class T>
  void choice(const char* names, T& target, const std::vector<std::pair<std::string, T>>& choices,
              const std::string& help, Traits traits = {}) const;
  /// Those that every command has.
  void common() const;

  /// Text below the flags in help.
  void footer(const std::string& text) const;
  /// What may stand for a value that help names by this word.
  void words(const char* value, std::vector<std::string> choices) const;

  /// A step to take once all was parsed, where this command is the one that was typed; in the order
  /// of definition.
  void then(std::function<void()> step) const;

  /// Notes a file that the command line, or the environment in its place, names to be read; an
  /// empty name is none.
  void reads(const std::filesystem::path& file) const;

  /// The same of a word that may be the name of a list, `@file`.
  void reads_list(const std::string& word) const;

  bool is_given(const char* name) const;
  /// The names of this group's that are.
  std::vector<std::string> given() const;

 private:
  CLI::App* app_;
  Definitions* definitions_;
  std::string group_{};  ///< empty: help's own
};

/// Choices by the names that the library has for them.
template <class T>
std::vector<std::pair<std::string, T>> by_name(std::initializer_list<T> values) {
  std::vector<std::pair<std::string, T>> choices;
  for (const T value : values) choices.emplace_back(to_string(value), value);
  return choices;
}

template <class T>
void Flags::choice(const char* names, T& target,
                   const std::vector<std::pair<std::string, T>>& choices, const std::string& help,
                   Traits traits) const {
  std::vector<std::string> words;
  std::string initial;
  for (const auto& [word, value] : choices) {
    words.push_back(word);
    if (value == target) initial = word;
  }
  traits.push_back(one_of(std::move(words)));
  convert(
      names, std::move(initial),
      [choices, &target](const std::string& chosen) {
        for (const auto& [word, value] : choices)
          if (word == chosen) target = value;
      },
      help, traits);
}

}  // namespace modesweep::cli
