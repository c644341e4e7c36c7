// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <map>
#include <string_view>

#include <modesweep/outcome.hpp>

#include "base/download_codes.hpp"

namespace modesweep {
namespace {

TEST(Outcome, StagesHaveNames) {
  for (const Stage stage :
       {Stage::search, Stage::download, Stage::parse, Stage::network, Stage::solve, Stage::rank})
    EXPECT_EQ(stage_named(to_string(stage)), stage);
  EXPECT_THROW(stage_named("nothing"), std::invalid_argument);
}

// The tests of the structure store fail where a download fails with a code that is not here.
TEST(Outcome, EveryCodeOfADownloadIsClassed) {
  const std::map<std::string_view, bool> transient = {
      {"bad_content", true}, {"cache", true},      {"connection", true},
      {"not_found", false},  {"obsolete", false},  {"offline", true},
      {"too_large", false},  {"unreleased", true}, {"wrong_entry", false}};
  std::map<std::string_view, bool> known;
  for (const DownloadCode& code : download_codes) known[code.name] = code.transient;
  EXPECT_EQ(known, transient);
  for (const auto& [code, passes] : transient)
    EXPECT_EQ(is_transient({Stage::download, std::string(code), ""}), passes) << code;
  for (const char* code : {"http_408", "http_425", "http_429", "http_500", "http_503"})
    EXPECT_TRUE(is_transient({Stage::download, code, ""})) << code;
  for (const char* code : {"http_400", "http_401", "http_403", "http_451"})
    EXPECT_FALSE(is_transient({Stage::download, code, ""})) << code;
  EXPECT_FALSE(is_transient_download("of_the_future").has_value());
  EXPECT_TRUE(is_transient({Stage::download, "of_the_future", ""}));
}

TEST(Outcome, WhatPassesIsWorthAnotherTry) {
  EXPECT_TRUE(is_transient({Stage::solve, "out_of_memory", ""}));
  EXPECT_TRUE(is_transient({Stage::parse, "unreadable", ""}));
  EXPECT_FALSE(is_transient({Stage::parse, "no_nodes", ""}));
  EXPECT_FALSE(is_transient({Stage::solve, "not_converged", ""}));
  EXPECT_FALSE(is_transient({Stage::parse, "died", ""}));
}

}  // namespace
}  // namespace modesweep
