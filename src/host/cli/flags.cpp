// SPDX-License-Identifier: MIT
#include "cli/flags.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cmath>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <type_traits>

#include <modesweep/outcome.hpp>

namespace modesweep::cli {
namespace {

/// Numbers that CLI11 would take for others: it wraps what is below zero, and no range keeps NaN
/// out.
std::string refusal(const std::string& word, bool below_zero_too) {
  double value = 0;
  if (!CLI::detail::lexical_cast(word, value)) return {};  // said where it is converted
  if (!std::isfinite(value)) return fmt::format("{} is not a finite number", word);
  return below_zero_too && std::signbit(value) ? fmt::format("{} is below zero", word)
                                               : std::string();
}

template <class T>
CLI::Option& define(CLI::App& app, const std::string& group, const char* names, T& target,
                    const std::string& help, const Traits& traits) {
  CLI::Option* const option = app.add_option(names, target, help);
  if (!group.empty()) option->group(group);
  for (const Trait& trait : traits) trait(*option);
  if constexpr (std::is_floating_point_v<T> || std::is_unsigned_v<T>)
    // Transformations, of which the last one given comes first, go before all checks.
    option->transform(
        CLI::Validator([](std::string& word) { return refusal(word, std::is_unsigned_v<T>); }, ""));
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
  return [=](CLI::Option& option) { option.check(CLI::Range(least, most)); };
}

Trait between(double least, double most) {
  return [=](CLI::Option& option) { option.check(CLI::Range(least, most)); };
}

Trait one_of(std::vector<std::string> choices) {
  return
      [choices = std::move(choices)](CLI::Option& option) { option.check(CLI::IsMember(choices)); };
}

void bytes(CLI::Option& option) { option.transform(CLI::AsSizeValue(false)); }

void above_zero(CLI::Option& option) {
  option.check(CLI::Validator(
      [](const std::string& number) {
        return number == "0" ? "0 is not above zero" : std::string();
      },
      ""));
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

bool Flags::is_given(const char* name) const { return app_->count(name) > 0; }

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
