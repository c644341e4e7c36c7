// SPDX-License-Identifier: MIT
#include "cli/flags.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <type_traits>

#include <modesweep/outcome.hpp>

#include "base/closest.hpp"
#include "base/text.hpp"

namespace modesweep::cli {
namespace {

constexpr std::uint64_t most_bytes = std::uint64_t{1} << 60;

/// CLI11 also takes octal and hexadecimal digits, signs and blanks, and numbers beyond its types.
template <class T>
std::optional<T> decimal(std::string_view word) {
  T value{};
  const char* const end = word.data() + word.size();
  const auto [stop, error] = std::from_chars(word.data(), end, value);
  return error == std::errc() && stop == end ? std::optional(value) : std::nullopt;
}

/// Checks a word and puts the number in its place as CLI11 takes it; `wanted` completes "is not".
template <class Number>
Trait number(Number read, const std::string& description, const std::string& wanted) {
  return [=](CLI::Option& option) {
    option.transform(CLI::Validator(
        [=](std::string& word) {
          const auto value = read(word);
          if (!value) return fmt::format("{} is not {}", word.empty() ? "\"\"" : word, wanted);
          word = fmt::format("{}", *value);
          return std::string();
        },
        description));
  };
}

/// "8G" and its kind, by factors of 1024.
std::optional<std::uint64_t> parse_bytes(std::string_view word) {
  const std::size_t digits = std::min(word.find_first_not_of("0123456789"), word.size());
  const std::optional<std::uint64_t> count = decimal<std::uint64_t>(word.substr(0, digits));
  std::string unit = ascii_lower(trimmed(word.substr(digits)));
  if (unit.empty() && digits < word.size()) return std::nullopt;  // blanks alone follow
  if (unit.ends_with('b')) unit.pop_back();
  if (unit.size() == 2 && unit.ends_with('i')) unit.pop_back();
  constexpr std::string_view units = "kmgtpe";
  const std::size_t power = unit.empty() ? 0 : units.find(unit) + 1;
  if (!count || unit.size() > 1 || (power == 0 && !unit.empty())) return std::nullopt;
  if (*count > most_bytes >> (10 * power)) return std::nullopt;
  return *count << (10 * power);
}

template <class T>
CLI::Option& define(CLI::App& app, const std::string& group, const char* names, T& target,
                    const std::string& help, const Traits& traits) {
  CLI::Option* const option = app.add_option(names, target, help);
  if (!group.empty()) option->group(group);
  for (const Trait& trait : traits) trait(*option);
  // An unset variable of a shell must not pass for a name that was not typed.
  if constexpr (std::is_same_v<T, std::filesystem::path>)
    option->check(CLI::Validator(
        [](const std::string& name) {
          return std::string(name.empty() ? "the name is empty" : "");
        },
        ""));
  return *option;
}

}  // namespace

void usage(const std::string& message) { throw RunError(Cause::request, message); }

Trait named(const char* value) {
  return [value](CLI::Option& option) { option.type_name(value); };
}

Trait between(int least, int most) {
  return number([=](std::string_view word) { return whole_number(word, least, most); },
                fmt::format("INT in [{} - {}]", least, most),
                fmt::format("a whole number from {} to {}", least, most));
}

Trait between(double least, double most) {
  const auto read = [=](std::string_view word) {
    const std::optional<double> value = decimal<double>(word);
    return value && *value >= least && *value <= most ? value : std::nullopt;  // so is NaN
  };
  return number(read, fmt::format("FLOAT in [{:g} - {:g}]", least, most),
                fmt::format("a number from {:g} to {:g}", least, most));
}

Trait bytes_from(std::uint64_t least) {
  const auto read = [=](std::string_view word) {
    const std::optional<std::uint64_t> bytes = parse_bytes(word);
    return bytes && *bytes >= least ? bytes : std::nullopt;
  };
  return number(read, fmt::format("SIZE [b, kb(=1024b), ...] in [{} - 1E]", least),
                fmt::format("a size from {} to 1E, such as 8G", least));
}

std::optional<std::int64_t> whole_number(std::string_view word, std::int64_t least,
                                         std::int64_t most) {
  const std::optional<std::int64_t> value = decimal<std::int64_t>(word);
  return value && *value >= least && *value <= most ? value : std::nullopt;
}

Trait one_of(std::vector<std::string> choices) {
  const std::string description = fmt::format("{{{}}}", fmt::join(choices, ","));
  return [choices = std::move(choices), description](CLI::Option& option) {
    option.check(CLI::Validator(
        [choices](const std::string& word) {
          if (std::find(choices.begin(), choices.end(), word) != choices.end())
            return std::string();
          return fmt::format("\"{}\" is none of {}{}", word, fmt::join(choices, ", "),
                             did_you_mean(word, choices));
        },
        description));
  };
}

void separated_by_commas(CLI::Option& option) { option.delimiter(','); }

void repeatable(CLI::Option& option) {
  option.expected(1)->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
}

void required(CLI::Option& option) { option.required(); }

void shows_default(CLI::Option& option) { option.capture_default_str(); }

Flags Flags::in(const char* group) const {
  Flags flags = *this;
  flags.group_ = group;
  return flags;
}

Flags Flags::below(const char* name, const char* help) const {
  app_->require_subcommand(1);
  return {*app_->add_subcommand(name, help), *definitions_};
}

void Flags::flag(const char* names, bool& target, const std::string& help) const {
  CLI::Option* const option = app_->add_flag(names, target, help);
  if (!group_.empty()) option->group(group_);
}

void Flags::switch_off(const char* names, bool& target, const std::string& help) const {
  const auto typed = std::make_shared<bool>(false);
  flag(names, *typed, help);
  then([typed, &target] {
    if (*typed) target = false;
  });
}

template <class T>
void Flags::option(const char* names, T& target, const std::string& help,
                   const Traits& traits) const {
  define(*app_, group_, names, target, help, traits);
}

template <class T>
void Flags::convert(const char* names, T initial, const std::type_identity_t<Use<T>>& use,
                    const std::string& help, const Traits& traits) const {
  const auto typed = std::make_shared<T>(std::move(initial));
  const CLI::Option& option = define(*app_, group_, names, *typed, help, traits);
  then([&option, typed, use] {
    if (option.count() > 0) use(*typed);
  });
}

void Flags::common() const {
  flag("-q,--quiet", definitions_->common.quiet, "print results and errors only");
  flag("-v,--verbose", definitions_->common.verbose, "say more on the way");
}

void Flags::footer(const std::string& text) const { app_->footer(text); }

void Flags::words(const char* value, std::vector<std::string> choices) const {
  definitions_->words[value] = std::move(choices);
}

void Flags::then(std::function<void()> step) const {
  definitions_->steps.push_back([app = app_, step = std::move(step)] {
    if (app->parsed()) step();
  });
}

void Flags::reads(const std::filesystem::path& file) const {
  if (!file.empty()) definitions_->inputs.push_back(file);
}

void Flags::reads_list(const std::string& word) const {
  if (word.starts_with('@')) reads(word.substr(1));
}

bool Flags::is_given(const char* name) const {
  const CLI::Option* const option = std::as_const(*app_).get_option_no_throw(name);
  return option && option->count() > 0;
}

std::vector<std::string> Flags::given() const {
  std::vector<std::string> names;
  for (const CLI::Option* option : std::as_const(*app_).get_options())
    if (option->count() > 0 && option->get_group() == group_) names.push_back(option->get_name());
  return names;
}

// The types that options have.
using Path = std::filesystem::path;
using Words = std::vector<std::string>;
using Help = const std::string&;
template void Flags::option(const char*, int&, Help, const Traits&) const;
template void Flags::option(const char*, std::optional<int>&, Help, const Traits&) const;
template void Flags::option(const char*, std::uint64_t&, Help, const Traits&) const;
template void Flags::option(const char*, double&, Help, const Traits&) const;
template void Flags::option(const char*, std::string&, Help, const Traits&) const;
template void Flags::option(const char*, Words&, Help, const Traits&) const;
template void Flags::option(const char*, Path&, Help, const Traits&) const;
template void Flags::option(const char*, std::vector<Path>&, Help, const Traits&) const;
template void Flags::convert(const char*, int, const Use<int>&, Help, const Traits&) const;
template void Flags::convert(const char*, double, const Use<double>&, Help, const Traits&) const;
template void Flags::convert(const char*, std::string, const Use<std::string>&, Help,
                             const Traits&) const;
template void Flags::convert(const char*, Words, const Use<Words>&, Help, const Traits&) const;

}  // namespace modesweep::cli
