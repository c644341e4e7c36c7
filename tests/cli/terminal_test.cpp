// SPDX-License-Identifier: MIT
// What people see: tables and messages in terminals of several widths.
#include <gtest/gtest.h>

#include <regex>
#include <set>
#include <sstream>

#include "support/data_files.hpp"
#include "support/process.hpp"

namespace {

using test_support::run_modesweep;
using test_support::RunOptions;
using test_support::RunResult;

std::string demo() { return (test_support::source_dir() / "data" / "demo").string(); }

/// Both streams, as they come in a terminal of so many columns.
std::string in_terminal(int columns, const std::string& words) {
  RunOptions options;
  options.environment = {{"NO_COLOR", "1"}, {"MODESWEEP_CACHE_DIR", "/nonexistent"}};
  const std::string command = "stty cols " + std::to_string(columns) + "; exec " +
                              test_support::modesweep_program() + " " + words;
  std::string out = test_support::run({"script", "-qec", command, "/dev/null"}, options).out;
  std::erase(out, '\r');
  // A bar of progress is wiped out by what follows it in its line.
  return std::regex_replace(out, std::regex("[^\n]*\x1b\\[K"), "");
}

std::size_t longest_line(const std::string& text) {
  std::istringstream lines(text);
  std::size_t longest = 0;
  for (std::string line; std::getline(lines, line);) longest = std::max(longest, line.size());
  return longest;
}

std::multiset<std::string> words_of(const std::string& text) {
  std::istringstream stream(text);
  std::multiset<std::string> words;
  for (std::string word; stream >> word;) words.insert(word);
  return words;
}

TEST(Terminal, TablesAndMessagesFitAndNoWordIsBroken) {
  const std::string words =
      "rank " + demo() + "/ubiquitin --no-result-cache --threads 1 --solver eigen --columns ";
  const std::string columns = "rank,pdb_id,chains,residues,fv1,fv2,fv3,coll1,notes,title";
  const std::string whole = in_terminal(500, words + columns);
  ASSERT_NE(whole.find("OF THE UBIQUITIN SYSTEM. PART 1\n"), std::string::npos) << whole;
  const std::multiset<std::string> known = words_of(whole);
  for (const int width : {60, 80, 200}) {
    const std::string out = in_terminal(width, words + columns);
    EXPECT_LE(longest_line(out), static_cast<std::size_t>(width)) << out;
    EXPECT_NE(out.find("tail"), std::string::npos) << out;
    for (const std::string& word : words_of(out.substr(0, out.find("No room"))))
      if (word.find_first_of("0123456789") == std::string::npos && word != "...") {
        EXPECT_TRUE(known.contains(word)) << word << " at " << width << ":\n" << out;
      }
  }
  const std::string narrow = in_terminal(60, words + columns);
  EXPECT_TRUE(narrow.starts_with("rank  pdb_id  chains  residues     fv1   coll1  notes\n"))
      << narrow;
  EXPECT_NE(narrow.find("No room for title, fv3, fv2: --width 0 shows all"), std::string::npos)
      << narrow;
  const std::string all = in_terminal(60, words + columns + " --width 0");
  EXPECT_NE(all.find("THE UBIQUITIN SYSTEM. PART 1\n"), std::string::npos) << all;
}

TEST(Terminal, ComparisonsFit) {
  const std::string folder = demo() + "/lactate-dehydrogenase";
  for (const std::string& words :
       {"compare " + folder + "/6ldh_A.pdb.gz " + folder + "/1ldm_A.pdb.gz", "compare " + folder}) {
    const std::multiset<std::string> known = words_of(in_terminal(500, words));
    for (const int width : {60, 80}) {
      const std::string out = in_terminal(width, words);
      EXPECT_LE(longest_line(out), static_cast<std::size_t>(width)) << out;
      for (const std::string& word : words_of(out.substr(0, out.find("(no room"))))
        EXPECT_TRUE(known.contains(word)) << word << " at " << width << ":\n" << out;
    }
  }
}

TEST(Terminal, HelpFits) {
  for (const char* words :
       {"-h", "rank -h", "compare -h", "--help", "rank --help", "help cache clear"})
    EXPECT_LE(longest_line(in_terminal(60, words)), 60u) << in_terminal(60, words);
}

TEST(Terminal, WidthIsThatOfOtherStreamsAsWell) {
  const std::vector<std::string> words = {"rank", demo() + "/ubiquitin", "--quiet"};
  const RunResult whole = run_modesweep(words);
  std::vector<std::string> narrow = words;
  narrow.insert(narrow.end(), {"--width", "80"});
  EXPECT_GT(longest_line(whole.out), 80u);
  EXPECT_LE(longest_line(run_modesweep(narrow).out), 80u);
}

}  // namespace
