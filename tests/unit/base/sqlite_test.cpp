// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include "base/sqlite.hpp"
#include "support/temp_dir.hpp"

namespace modesweep {
namespace {

SqlResult kinds(std::span<const SqlArgument> arguments) {
  std::string text;
  for (const SqlArgument& argument : arguments) text += std::to_string(argument.index());
  return text;
}

SqlResult twice(std::span<const SqlArgument> arguments) {
  if (const auto* integer = std::get_if<std::int64_t>(&arguments[0])) return 2 * *integer;
  return 2 * std::get<double>(arguments[0]);
}

TEST(Sqlite, AFunctionOfOursGetsValuesAsTheyAreAndItsFailureIsTheStatements) {
  const test_support::TempDir folder;
  Database database(folder.path() / "db");
  database.define("kinds", kinds);
  database.define("twice", twice);
  {
    Statement select(database, "SELECT kinds(NULL, 1, 1.5, 'a', x'00'), twice(4), twice(0.25)");
    ASSERT_TRUE(select.step());
    EXPECT_EQ(select.bytes(0), "01234");
    EXPECT_EQ(select.integer(1), 8);
    EXPECT_EQ(select.number(2), 0.5);
  }
  Statement select(database, "SELECT twice('a')");
  EXPECT_THROW(select.step(), DatabaseError);
}

}  // namespace
}  // namespace modesweep
