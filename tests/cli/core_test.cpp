// SPDX-License-Identifier: MIT
// Rankings by the core, wherever they are shown.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "support/data_files.hpp"
#include "support/process.hpp"
#include "support/temp_dir.hpp"

namespace {

using test_support::RunResult;

class CoreRanking : public testing::Test {
 protected:
  std::string path(const std::string& name) const { return (folder_.path() / name).string(); }
  static std::string demo(const std::string& name) {
    return (test_support::source_dir() / "data/demo" / name).string();
  }

  /// All that is called in one test shares one cache.
  RunResult modesweep(const std::vector<std::string>& arguments) const {
    test_support::RunOptions options;
    options.environment["MODESWEEP_CACHE_DIR"] = path("cache");
    return test_support::run_modesweep(arguments, options);
  }
  RunResult rank(const std::vector<std::string>& more) const {
    std::vector<std::string> arguments = {"rank", "--files", demo("lactate-dehydrogenase"),
                                          demo("zinc-finger/1zfd.pdb"), demo("glutamate-receptor")};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return modesweep(arguments);
  }

  test_support::TempDir folder_;
};

bool says(const RunResult& result, const std::string& text) {
  return result.err.find(text) != std::string::npos;
}

TEST_F(CoreRanking, SortsByTheCoreAndShowsIt) {
  const RunResult whole = rank({}), core = rank({"--core"});
  ASSERT_EQ(core.exit_code, 0) << core.err;
  EXPECT_TRUE(says(whole, "are tails")) << whole.err;
  EXPECT_TRUE(says(whole, "--core")) << whole.err;
  EXPECT_FALSE(says(core, "tail")) << core.err;
  EXPECT_TRUE(
      core.out.starts_with("rank  pdb_id  residues     fv1   coll1  residues_core  "
                           "fv1_core  coll1_core  mode_core  notes     title\n"))
      << core.out;
  const std::vector<std::string> ids = {"--format", "tsv", "--columns", "pdb_id"};
  const auto ids_of = [&](std::vector<std::string> more) {
    more.insert(more.end(), ids.begin(), ids.end());
    return rank(more).out;
  };
  // What has no core is last.
  const std::string order = "pdb_id\n3HSY\n6ldh_A\n1i10_A\n1ldm_A\n1llc_A\n1zfd\n";
  EXPECT_EQ(ids_of({"--core"}), order);
  EXPECT_EQ(ids_of({"--sort", "fv1_core"}), order);
  EXPECT_EQ(ids_of({"--core", "--where", "not coreless and residues < 700", "--top", "2"}),
            "pdb_id\n6ldh_A\n1i10_A\n");
  EXPECT_EQ(ids_of({"--core", "--no-tails"}), order) << "no mode 1 of a core is local";
  EXPECT_EQ(ids_of({"--no-tails"}), "pdb_id\n1zfd\n3HSY\n");
}

TEST_F(CoreRanking, RunAndCacheKeepIt) {
  const std::vector<std::string> all = {"--core", "--format", "tsv", "--columns",
                                        "pdb_id,fv1_core,fv2_core,coll1_core,coll3_core,ev1_core,"
                                        "outside1,residues_core,linkers_core,mode_core,"
                                        "overlap_core,rigid1_core,zero_modes_core,"
                                        "components_core,stability_core,notes"};
  const auto with = [&](std::vector<std::string> words) {
    words.insert(words.end(), all.begin(), all.end());
    return words;
  };
  const RunResult solved = rank(with({"--run", path("run")}));
  ASSERT_EQ(solved.exit_code, 0) << solved.err;
  const RunResult cached = rank(all);
  EXPECT_TRUE(says(cached, "6 from the result cache")) << cached.err;
  EXPECT_EQ(cached.out, solved.out);
  EXPECT_EQ(modesweep(with({"show", path("run")})).out, solved.out);
  EXPECT_EQ(modesweep(with({"resume", path("run")})).out, solved.out);
  std::istringstream lines(solved.out);
  std::string line;
  std::getline(lines, line);
  std::getline(lines, line);
  std::vector<std::string> receptor;
  std::istringstream fields(line);
  for (std::string field; std::getline(fields, field, '\t');) receptor.push_back(field);
  ASSERT_GE(receptor.size(), 15u) << line;
  EXPECT_NEAR(std::stod(receptor[1]), 0.196189404, 1e-8);
  EXPECT_NEAR(std::stod(receptor[11]), 0.792751, 1e-6);
  const double stability = std::stod(receptor[14]);
  EXPECT_TRUE(stability > 0.5 && stability <= 1) << stability;
}

TEST_F(CoreRanking, WhatCannotBeIsSaid) {
  ASSERT_EQ(rank({"--run", path("run")}).exit_code, 0);
  for (const std::vector<std::string>& wrong :
       {std::vector<std::string>{"show", path("run"), "--core"},
        {"show", path("run"), "--sort", "fv1_core"},
        {"show", path("run"), "--columns", "pdb_id,rigid1_core"},
        {"resume", path("run"), "--core"},
        {"report", path("run"), "--core", "-o", path("page.html")},
        {"rank", "--files", demo("ubiquitin"), "--core", "--enm", "gnm"},
        {"modes", demo("ubiquitin"), "--core", "--enm", "gnm"},
        {"report", demo("ubiquitin"), "--core", "--enm", "gnm", "-o", path("page.html")}}) {
    const RunResult result = modesweep(wrong);
    EXPECT_EQ(result.exit_code, 2) << wrong[0] << result.err;
    EXPECT_TRUE(says(result, "core")) << result.err;
  }
  // That one has no need of the modes of cores.
  const RunResult loose = modesweep(
      {"show", path("run"), "--format", "tsv", "--columns", "pdb_id,outside1", "--top", "1"});
  EXPECT_TRUE(loose.out.starts_with("pdb_id\toutside1\n6ldh_A\t0.851693")) << loose.out;
  EXPECT_TRUE(says(loose, "the row shown is a tail")) << loose.err;
}

TEST_F(CoreRanking, ModesOfTheCoreAlone) {
  const RunResult result =
      modesweep({"modes", demo("lactate-dehydrogenase/6ldh_A.pdb.gz"), demo("zinc-finger/1zfd.pdb"),
                 "--core", "-o", path("out/"), "--format", "tsv"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_TRUE(says(result, "1zfd: 0 of 32 residues are in its core")) << result.err;
  std::istringstream lines(test_support::read_file(path("out/6ldh_A.tsv")));
  int residues = -1;  // without the head
  for (std::string line; std::getline(lines, line);) ++residues;
  EXPECT_EQ(residues, 301);
}

TEST_F(CoreRanking, PercentilesAreAmongEntriesOfLikeSize) {
  const RunResult few = rank({"--core", "--format", "jsonl", "--top", "1"});
  EXPECT_TRUE(nlohmann::json::parse(few.out)["pct_core"].is_null()) << "of six entries";
  const RunResult many =
      modesweep({"rank", "--files", demo(""), "--core", "--format", "tsv", "--columns",
                 "pdb_id,pct_core", "--where", "pct_core >= 0", "--top", "1"});
  EXPECT_TRUE(many.out.starts_with("pdb_id\tpct_core\n")) << many.out << many.err;
  EXPECT_GT(many.out.size(), 20u);
  const RunResult page = modesweep(
      {"report", demo(""), "--where", "pct_core >= 0", "-o", path("page.html"), "--quiet"});
  EXPECT_EQ(page.exit_code, 0) << page.err;
  EXPECT_EQ(modesweep({"rank", "--files", demo("trypsin"), "--stream", "--format", "jsonl",
                       "--where", "pct_core >= 0"})
                .exit_code,
            2);
}

}  // namespace
