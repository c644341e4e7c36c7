// SPDX-License-Identifier: MIT
#include "cli/command_table.hpp"

#include <gtest/gtest.h>

#include <CLI/CLI.hpp>

#include "cli/flags.hpp"

namespace modesweep::cli {
namespace {

const FlagEntry& flag_named(const CommandEntry& command, const char* name) {
  for (const FlagEntry& flag : command.flags)
    for (const std::string& known : flag.names)
      if (known == name) return flag;
  throw std::out_of_range(name);
}

TEST(CommandTable, HasWhatFlagsWereDefinedWith) {
  CLI::App app("what it does", "program");
  Definitions definitions;
  CLI::App* const command = app.add_subcommand("sort", "sorts");
  app.add_subcommand("secret", "for the build")->group("");
  const Flags flags(*command, definitions);
  int number = 3;
  std::string file, colour = "red";
  std::vector<std::string> names;
  bool quick = false;
  flags.option("-n,--number", number, "how many", {between(1, 9), shows_default, named("N")});
  flags.option("FILE", file, "to read", {required});
  flags.choice("--colour", colour, {{"red", "red"}, {"blue", "blue"}}, "of the lines");
  flags.option("--names", names, "of rows", {named("NAME,..."), separated_by_commas});
  flags.words("NAME", {"first", "last"});
  flags.in("Speed").flag("--quick", quick, "be quick");

  const CommandEntry table = read_commands(app, definitions.words);
  ASSERT_EQ(table.commands.size(), 1u);
  const CommandEntry& sort = table.commands.front();
  EXPECT_EQ(sort.path, "program sort");
  EXPECT_EQ(sort.name(), "sort");
  EXPECT_EQ(sort.help, "sorts");
  ASSERT_EQ(sort.positionals.size(), 1u);
  EXPECT_EQ(sort.positionals[0].names, std::vector<std::string>{"FILE"});
  EXPECT_TRUE(sort.positionals[0].required);

  const FlagEntry& n = flag_named(sort, "--number");
  EXPECT_EQ(n.names, (std::vector<std::string>{"-n", "--number"}));
  EXPECT_EQ(n.value, "N");
  EXPECT_EQ(n.default_value, "3");
  EXPECT_EQ(flag_named(sort, "--colour").choices, (std::vector<std::string>{"red", "blue"}));
  const FlagEntry& list = flag_named(sort, "--names");
  EXPECT_TRUE(list.list);
  EXPECT_EQ(list.choices, (std::vector<std::string>{"first", "last"}));
  const FlagEntry& q = flag_named(sort, "--quick");
  EXPECT_EQ(q.group, "Speed");
  EXPECT_TRUE(q.value.empty());
}

}  // namespace
}  // namespace modesweep::cli
