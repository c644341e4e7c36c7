// SPDX-License-Identifier: MIT
#include "cli/command_table.hpp"

#include <CLI/CLI.hpp>

#include "base/text.hpp"

namespace modesweep::cli {
namespace {

/// What stands between two marks, the first of each.
std::string between(const std::string& text, const char* from, const char* to) {
  const std::size_t begin = text.find(from);
  if (begin == std::string::npos) return {};
  const std::size_t start = begin + std::string_view(from).size();
  const std::size_t end = text.find(to, start);
  return end == std::string::npos ? std::string() : text.substr(start, end - start);
}

/// The type's name is followed by what each check says of itself: `TEXT:{anm,gnm}`,
/// `INT:INT in [1 - 4096]`.
void read_value(const CLI::Option& option, const ValueNames& values, FlagEntry& flag) {
  if (option.get_items_expected_max() == 0) return;
  const std::string type = option.get_type_name();
  flag.value = type.substr(0, type.find(':'));
  const std::string checks = type.substr(std::min(type.size(), flag.value.size() + 1));
  if (flag.value.ends_with(",...")) flag.list = true;
  const auto known = values.find(flag.value.substr(0, flag.value.find(',')));
  if (known != values.end()) flag.choices = known->second;
  if (checks.starts_with('{')) flag.choices = split(between(checks, "{", "}"), ',');
  flag.limits = between(checks, " in [", "]");
  flag.many = option.get_items_expected_max() >= CLI::detail::expected_max_vector_size;
  flag.again = option.get_multi_option_policy() == CLI::MultiOptionPolicy::TakeAll;
}

FlagEntry read_flag(const CLI::Option& option, const ValueNames& values) {
  FlagEntry flag;
  for (const std::string& name : option.get_snames()) flag.names.push_back("-" + name);
  for (const std::string& name : option.get_lnames()) flag.names.push_back("--" + name);
  if (!option.nonpositional()) flag.names.push_back(option.get_name());
  read_value(option, values, flag);
  flag.required = option.get_required();
  flag.default_value = option.get_default_str();
  flag.group = option.get_group();
  flag.help = option.get_description();
  return flag;
}

CommandEntry read(const CLI::App& app, const std::string& path, const ValueNames& values) {
  CommandEntry command{path + app.get_name(), app.get_description(), {}, {}, {}, app.get_footer()};
  for (const CLI::Option* option : app.get_options()) {
    if (option->get_group().empty()) continue;
    FlagEntry flag = read_flag(*option, values);
    (option->nonpositional() ? command.flags : command.positionals).push_back(std::move(flag));
  }
  for (const CLI::App* sub : app.get_subcommands({}))
    if (!sub->get_group().empty())
      command.commands.push_back(read(*sub, command.path + ' ', values));
  return command;
}

}  // namespace

CommandEntry read_commands(const CLI::App& app, const ValueNames& values) {
  return read(app, "", values);
}

}  // namespace modesweep::cli
