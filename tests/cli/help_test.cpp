// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <modesweep/columns.hpp>
#include <modesweep/version.hpp>

#include "support/process.hpp"

namespace {

using test_support::run_modesweep;

TEST(Help, SaysWhatEachCommandDoesAndHowItEnds) {
  const auto result = run_modesweep({"--help"});
  EXPECT_EQ(result.exit_code, 0);
  for (const char* word :
       {"rank", "resume", "show", "modes", "report", "search", "fetch", "info", "bench", "selftest",
        "Exit codes", "130, 143", "Please cite", "Atilgan", "Doruker", "Bakan", "Zhang", "wwPDB"})
    EXPECT_NE(result.out.find(word), std::string::npos) << word;
}

TEST(Help, OfRankNamesEveryColumnAndWhatAShareIs) {
  const auto result = run_modesweep({"rank", "--help"});
  EXPECT_EQ(result.exit_code, 0);
  for (const modesweep::Column& column : modesweep::known_columns())
    EXPECT_NE(result.out.find("\n  " + column.name + " "), std::string::npos) << column.name;
  EXPECT_NE(result.out.find("not of all motion"), std::string::npos);
  EXPECT_NE(result.out.find("coll1 below 0.1"), std::string::npos);
}

TEST(Help, Version) {
  EXPECT_EQ(run_modesweep({"--version"}).out,
            std::string("modesweep ") + modesweep::version + "\n");
}

TEST(Help, InfoSaysWhyCudaIsOrIsNotInUse) {
  const auto result = run_modesweep({"info"});
  EXPECT_EQ(result.exit_code, 0);
  for (const char* word : {"modesweep", "build", "cpu", "memory", "cache", "cuda part",
                           "blas       OpenBLAS", "in use"})
    EXPECT_NE(result.out.find(word), std::string::npos) << word;
}

}  // namespace
