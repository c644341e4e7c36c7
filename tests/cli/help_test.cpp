// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>

#include <modesweep/columns.hpp>
#include <modesweep/version.hpp>

#include "cli/help_flags.hpp"
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
  const auto result = run_modesweep({"rank", "--help-all"});
  EXPECT_EQ(result.exit_code, 0);
  for (const modesweep::Column& column : modesweep::known_columns())
    EXPECT_NE(result.out.find("\n  " + column.name + " "), std::string::npos) << column.name;
  EXPECT_NE(result.out.find("not of all motion"), std::string::npos);
  EXPECT_NE(result.out.find("coll1 below 0.1"), std::string::npos);
}

TEST(Help, Version) {
  for (const char* flag : {"--version", "-V"})
    EXPECT_EQ(run_modesweep({flag}).out, std::string("modesweep ") + modesweep::version + "\n");
}

std::size_t lines_of(const std::string& text) {
  return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

std::size_t longest_line(const std::string& text) {
  std::istringstream lines(text);
  std::size_t longest = 0;
  for (std::string line; std::getline(lines, line);) longest = std::max(longest, line.size());
  return longest;
}

TEST(Help, ShortFitsAScreenAndHasThreeExamples) {
  for (const auto& [path, flags] : help_flags::commands()) {
    std::istringstream stream(path.substr(std::string("modesweep").size()));
    std::vector<std::string> words;
    for (std::string word; stream >> word;) words.push_back(word);
    words.emplace_back("-h");
    const auto brief = run_modesweep(words);
    EXPECT_EQ(brief.exit_code, 0) << path;
    EXPECT_LE(lines_of(brief.out), 24u) << brief.out;
    EXPECT_LE(longest_line(brief.out), 80u) << brief.out;
  }
  const std::string rank = run_modesweep({"rank", "-h"}).out;
  const std::size_t begin = rank.find("Examples:\n");
  ASSERT_NE(begin, std::string::npos) << rank;
  EXPECT_EQ(lines_of(rank.substr(begin, rank.find("\n\n", begin) - begin)), 3u) << rank;
  const auto alone = run_modesweep({});
  EXPECT_EQ(alone.exit_code, 0);
  EXPECT_EQ(alone.out, run_modesweep({"-h"}).out);
}

TEST(Help, PassesOverWhatIsRarelyNeeded) {
  const std::string usual = run_modesweep({"rank", "--help"}).out;
  const std::string all = run_modesweep({"rank", "--help-all"}).out;
  for (const char* rare :
       {"--ncbi-url", "--rcsb-search-url", "--holdings-url", "--stall-time", "--balance"}) {
    EXPECT_EQ(usual.find(std::string("\n  ") + rare), std::string::npos) << rare;
    EXPECT_NE(all.find(std::string("\n  ") + rare), std::string::npos) << rare;
  }
  EXPECT_LT(usual.find("Examples:"), usual.find("Usage:"));
  EXPECT_EQ(usual.find("\nColumns "), std::string::npos);
  EXPECT_NE(usual.find("--no-tails"), std::string::npos);
  const std::string columns = run_modesweep({"rank", "--help-columns"}).out;
  EXPECT_TRUE(columns.starts_with("Columns ")) << columns;
  EXPECT_NE(all.find(columns), std::string::npos);
  EXPECT_EQ(columns.find("--stall-time"), std::string::npos);
}

TEST(Help, IsACommandAndComesBeforeWhatLacks) {
  const std::string usual = run_modesweep({"report", "--help"}).out;
  EXPECT_NE(usual.find("Usage: modesweep report [OPTIONS] INPUT..."), std::string::npos) << usual;
  EXPECT_EQ(run_modesweep({"help", "report"}).out, usual);
  EXPECT_EQ(run_modesweep({"report", "--top", "5", "--help"}).out, usual);
  EXPECT_EQ(run_modesweep({"help", "cache", "clear"}).out,
            run_modesweep({"cache", "clear", "--help"}).out);
  EXPECT_EQ(run_modesweep({"help"}).out, run_modesweep({"--help"}).out);
  EXPECT_EQ(run_modesweep({"help", "rnak"}).exit_code, 2);
}

TEST(Help, ExamplesNameFlagsThatThereAre) {
  std::size_t checked = 0;
  for (const auto& [path, own] : help_flags::commands()) {
    std::istringstream stream(path.substr(std::string("modesweep").size()) + " -h");
    std::vector<std::string> words;
    for (std::string word; stream >> word;) words.push_back(word);
    std::istringstream lines(run_modesweep(words).out);
    for (std::string line; std::getline(lines, line);) {
      std::istringstream parts(line);
      std::string program, command;
      if (!line.starts_with("  modesweep ") || !(parts >> program >> command)) continue;
      for (std::string word; parts >> word;) {
        if (!word.starts_with('-') || word == "-") continue;
        EXPECT_TRUE(help_flags::commands().at("modesweep " + command).contains(word)) << line;
        ++checked;
      }
    }
  }
  EXPECT_GE(checked, 15u);
}

TEST(Help, InfoSaysWhyCudaIsOrIsNotInUse) {
  const auto result = run_modesweep({"info"});
  EXPECT_EQ(result.exit_code, 0);
  for (const char* word : {"modesweep", "build", "cpu", "memory", "cache", "cuda part",
                           "blas       OpenBLAS", "in use"})
    EXPECT_NE(result.out.find(word), std::string::npos) << word;
}

}  // namespace
