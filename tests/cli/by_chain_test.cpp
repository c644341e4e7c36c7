// SPDX-License-Identifier: MIT
// Rankings whose rows are chains.
#include <gtest/gtest.h>

#include <map>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "support/data_files.hpp"
#include "support/process.hpp"
#include "support/structure_text.hpp"
#include "support/temp_dir.hpp"

namespace {

using test_support::read_file;
using test_support::RunOptions;
using test_support::RunResult;
using Json = nlohmann::json;

class ByChainCommand : public testing::Test {
 protected:
  ByChainCommand() {
    std::vector<test_support::Atom> atoms;
    for (const auto& [name, residues] : {std::pair("A", 40), {"B", 60}, {"C", 6}})
      for (const test_support::Atom& atom :
           test_support::helix(residues, name, 60 * (name[0] - 'A')))
        atoms.push_back(atom);
    folder_.write("in/1abc.pdb", test_support::pdb_text(atoms, "1ABC"));
    folder_.write("in/h.pdb", test_support::pdb_text(test_support::helix(30)));
  }
  RunResult modesweep(const std::vector<std::string>& arguments) const {
    RunOptions options;
    options.folder = folder_.path().string();
    options.environment["MODESWEEP_CACHE_DIR"] = (folder_.path() / "cache").string();
    return test_support::run_modesweep(arguments, options);
  }
  /// By their IDs.
  std::map<std::string, Json> rows(const std::string& file) const {
    std::istringstream lines(read_file(folder_.path() / file));
    std::map<std::string, Json> rows;
    for (std::string line; std::getline(lines, line);) {
      const Json row = Json::parse(line);
      rows[row["pdb_id"]] = row;
    }
    return rows;
  }
  static bool says(const RunResult& result, const std::string& text) {
    return result.err.find(text) != std::string::npos;
  }
  test_support::TempDir folder_;
};

TEST_F(ByChainCommand, RowsAreThoseOfTheChainsAlone) {
  const RunResult ranked = modesweep({"rank", "--files", "in", "--by", "chain", "--core", "-o",
                                      "all.jsonl", "--failures", "left.tsv"});
  ASSERT_EQ(ranked.exit_code, 0) << ranked.err;
  EXPECT_TRUE(says(ranked, "found       2 entries, 4 chains with nodes")) << ranked.err;
  EXPECT_TRUE(says(ranked, "ranked      3 (")) << ranked.err;
  EXPECT_NE(read_file(folder_.path() / "left.tsv").find("1ABC:C\t"), std::string::npos);
  const std::map<std::string, Json> all = rows("all.jsonl");
  ASSERT_EQ(all.size(), 3u);
  for (const auto& [id, chain, file] : {std::tuple("1ABC:A", "A", "in/1abc.pdb"),
                                        {"1ABC:B", "B", "in/1abc.pdb"},
                                        {"h:A", "A", "in/h.pdb"}}) {
    ASSERT_EQ(modesweep({"rank", "--files", file, "--chains", chain, "--core", "-o", "one.jsonl"})
                  .exit_code,
              0);
    Json wanted = rows("one.jsonl").begin()->second;
    ASSERT_TRUE(all.contains(id));
    Json row = all.at(id);
    EXPECT_EQ(row["chain"], chain);
    for (const char* name : {"pdb_id", "chain", "pct_core", "rank", "seconds", "seconds_parse",
                             "seconds_network", "seconds_modes"}) {
      row.erase(name);
      wanted.erase(name);
    }
    EXPECT_EQ(row, wanted);
  }
  EXPECT_EQ(Json::parse(read_file(folder_.path() / "all.jsonl.meta.json"))["counts"]["chains"], 4);
}

TEST_F(ByChainCommand, AKeptRunIsShownAndGoneOnWith) {
  const std::vector<std::string> rank = {"rank",  "--files", "in",       "--by", "chain",
                                         "--run", "run",     "--format", "tsv"};
  const RunResult first = modesweep(rank);
  ASSERT_EQ(first.exit_code, 0) << first.err;
  for (const std::vector<std::string>& again :
       {rank, {"resume", "run", "--format", "tsv"}, {"show", "run", "--format", "tsv"}}) {
    const RunResult result = modesweep(again);
    EXPECT_EQ(result.out, first.out) << again[0];
    EXPECT_TRUE(says(result, "found       2 entries, 4 chains with nodes")) << result.err;
  }
  EXPECT_EQ(modesweep({"show", "run", "--check"}).exit_code, 0);
  const RunResult other = modesweep({"rank", "--files", "in", "--run", "run"});
  EXPECT_EQ(other.exit_code, 2);
  EXPECT_TRUE(says(other, "by \"chain\"")) << other.err;
}

TEST_F(ByChainCommand, AReportShowsEachChain) {
  const RunResult ranked =
      modesweep({"report", "in", "--by", "chain", "-o", "page.html", "--null", "3"});
  ASSERT_EQ(ranked.exit_code, 0) << ranked.err;
  EXPECT_TRUE(says(ranked, "3 entries, 3 with their shapes, 1 left out")) << ranked.err;
  EXPECT_NE(read_file(folder_.path() / "page.html").find("1ABC:B"), std::string::npos);
  ASSERT_EQ(modesweep({"rank", "--files", "in", "--by", "chain", "--run", "run"}).exit_code, 0);
  const RunResult kept = modesweep({"report", "run", "-o", "kept.html"});
  EXPECT_TRUE(says(kept, "3 entries, 3 with their shapes, 1 left out")) << kept.err;
}

TEST_F(ByChainCommand, IsNotOfAnAssembly) {
  const RunResult result =
      modesweep({"rank", "--files", "in", "--by", "chain", "--assembly", "auto"});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_TRUE(says(result, "--by chain with --assembly")) << result.err;
}

}  // namespace
