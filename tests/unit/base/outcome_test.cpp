// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <modesweep/outcome.hpp>

namespace modesweep {
namespace {

TEST(Outcome, StagesHaveNames) {
  for (const Stage stage :
       {Stage::search, Stage::download, Stage::parse, Stage::network, Stage::solve, Stage::rank})
    EXPECT_EQ(stage_named(to_string(stage)), stage);
  EXPECT_THROW(stage_named("nothing"), std::invalid_argument);
}

TEST(Outcome, WhatPassesIsWorthAnotherTry) {
  for (const char* code : {"connection", "offline", "http_503", "http_429", "bad_content", "cache"})
    EXPECT_TRUE(is_transient({Stage::download, code, ""})) << code;
  for (const char* code : {"not_found", "http_403", "wrong_entry"})
    EXPECT_FALSE(is_transient({Stage::download, code, ""})) << code;
  EXPECT_TRUE(is_transient({Stage::solve, "out_of_memory", ""}));
  EXPECT_TRUE(is_transient({Stage::parse, "unreadable", ""}));
  EXPECT_FALSE(is_transient({Stage::parse, "no_nodes", ""}));
  EXPECT_FALSE(is_transient({Stage::solve, "not_converged", ""}));
  EXPECT_FALSE(is_transient({Stage::parse, "died", ""}));
}

}  // namespace
}  // namespace modesweep
