// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include "entry.hpp"

namespace modesweep {
namespace {

TEST(CoreOf, IsTheCoreAsIfItWereAll) {
  EntryModes entry = solved(coil(12));
  entry.core = {{3, 4, 6, 7, 8, 9}, 0, 12, false};
  entry.core_modes = entry.modes;
  entry.core_modes->eigenvalues = {7};
  entry.hinges = {{0, 4, 5, 9, 11}};
  const Outcome<EntryModes> core = core_of(entry);
  ASSERT_TRUE(core);
  std::vector<int> numbers;
  for (const Node& node : core->structure.nodes) numbers.push_back(*node.number);
  EXPECT_EQ(numbers, (std::vector<int>{1, 2, 4, 5, 6, 7}));
  EXPECT_EQ(core->modes.eigenvalues, std::vector<double>{7});
  EXPECT_EQ(core->hinges, (std::vector<std::size_t>{1, 5}));
  EXPECT_TRUE(core->core.is_whole());
  EXPECT_EQ(core->core.nodes, (std::vector<std::int32_t>{0, 1, 2, 3, 4, 5}));
  entry.hinges.reset();
  EXPECT_FALSE(core_of(entry)->hinges);
}

TEST(CoreOf, FailsWhereThereIsNone) {
  EntryModes entry = solved(coil(12));
  entry.core = {{3, 4}, 0, 12, true};
  const Outcome<EntryModes> core = core_of(entry);
  ASSERT_FALSE(core);
  EXPECT_EQ(core.error().code, "coreless");
  EXPECT_EQ(core.error().stage, Stage::rank);
}

}  // namespace
}  // namespace modesweep
