// SPDX-License-Identifier: MIT
// A list that several processes rank a part of each, and one run of it all.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include <modesweep/isa.hpp>

#include "base/sqlite.hpp"
#include "support/data_files.hpp"
#include "support/process.hpp"
#include "support/structure_text.hpp"
#include "support/temp_dir.hpp"

namespace {

using test_support::read_file;
using test_support::RunOptions;
using test_support::RunResult;
using Json = nlohmann::json;

constexpr int shards = 3;

class ShardsCommand : public testing::Test {
 protected:
  ShardsCommand() {
    // By their sizes: g, f, ... a, and last what is no structure.
    int residues = 30;
    for (const char* name : {"a", "b", "c", "d", "e", "f", "g"})
      folder_.write(std::string("in/") + name + ".pdb",
                    test_support::pdb_text(test_support::helix(residues += 5)));
    folder_.write("in/none.pdb", "HEADER    NOTHING\nEND\n");
  }
  RunResult modesweep(const std::vector<std::string>& arguments) const {
    RunOptions options;
    options.folder = folder_.path().string();
    options.environment["MODESWEEP_CACHE_DIR"] = (folder_.path() / "cache").string();
    return test_support::run_modesweep(arguments, options);
  }
  void rank(const std::string& run, std::vector<std::string> options, int exit_code = 0) const {
    options.insert(options.begin(), {"rank", "--files", "in", "--run", run, "--no-result-cache"});
    const RunResult result = modesweep(options);
    ASSERT_EQ(result.exit_code, exit_code) << result.err;
  }
  void rank_shards(const std::vector<std::string>& options = {}) const {
    for (int i = 0; i < shards; ++i) {
      std::vector<std::string> all = {"--shard", shard(i)};
      all.insert(all.end(), options.begin(), options.end());
      rank(part(i), all);
    }
  }
  static std::string shard(int i) { return std::to_string(i) + "/" + std::to_string(shards); }
  static std::string part(int i) { return "part" + std::to_string(i); }
  RunResult merge(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), "merge");
    return modesweep(arguments);
  }
  /// IDs in the ranking of a run.
  std::vector<std::string> ids(const std::string& run) const {
    const RunResult shown =
        modesweep({"show", run, "--top", "0", "--columns", "pdb_id", "--format", "tsv", "-q"});
    std::istringstream lines(shown.out);
    std::vector<std::string> ids;
    std::string line;
    for (std::getline(lines, line); std::getline(lines, line);) ids.push_back(line);
    return ids;
  }
  /// All that `show` makes of a run, but for times.
  std::string all_of(const std::string& run) const {
    const RunResult shown =
        modesweep({"show", run, "--top", "0", "-o", "all.jsonl", "--failures", "all.failures"});
    EXPECT_EQ(shown.exit_code, 0) << shown.err;
    std::istringstream lines(read_file(folder_.path() / "all.jsonl"));
    std::string text;
    for (std::string line; std::getline(lines, line);) {
      Json row = Json::parse(line);
      for (const char* name : {"seconds", "seconds_parse", "seconds_network", "seconds_modes"})
        row.erase(name);
      text += row.dump() + "\n";
    }
    Json record = Json::parse(read_file(folder_.path() / "all.jsonl.meta.json"));
    record.erase("command");
    record.erase("date");
    text += record.dump() + read_file(folder_.path() / "all.failures");
    // What the summary says of entries and rows.
    std::istringstream summary(shown.err);
    for (std::string line; std::getline(summary, line);)
      if (line.find(run) == std::string::npos) text += line + "\n";
    return text;
  }
  bool is_there(const std::string& name) const {
    return std::filesystem::exists(folder_.path() / name);
  }
  static bool says(const RunResult& result, const std::string& text) {
    return result.err.find(text) != std::string::npos;
  }

  test_support::TempDir folder_;
};

TEST_F(ShardsCommand, AreDealtTheLargestFirst) {
  rank_shards();
  const auto set = [&](int i) {
    const std::vector<std::string> all = ids(part(i));
    return std::set<std::string>(all.begin(), all.end());
  };
  EXPECT_EQ(set(0), (std::set<std::string>{"g", "d", "a"}));
  EXPECT_EQ(set(1), (std::set<std::string>{"f", "c"}));
  EXPECT_EQ(set(2), (std::set<std::string>{"e", "b"}));
  const RunResult shown = modesweep({"show", part(1)});
  EXPECT_TRUE(says(shown, "found       3 entries (shard 1/3 of 8 entries)")) << shown.err;
}

TEST_F(ShardsCommand, AListIsTheSameHoweverItIsGiven) {
  std::string list;
  for (const char* name : {"g", "c", "none", "a", "e", "b", "d", "f"})
    list += std::string("in/") + name + ".pdb\n";
  folder_.write("list.txt", list);
  rank_shards();
  for (int i = 0; i < shards; ++i) {
    const RunResult result = modesweep({"rank", "--files", "@list.txt", "--shard", shard(i),
                                        "--run", "again" + std::to_string(i), "--no-result-cache"});
    ASSERT_EQ(result.exit_code, 0) << result.err;
  }
  const RunResult merged = merge({"all", part(0), "again1", part(2)});
  EXPECT_EQ(merged.exit_code, 0) << merged.err;
}

TEST_F(ShardsCommand, TheMergedRunIsThatOfOneProcess) {
  for (const std::vector<std::string>& options :
       {std::vector<std::string>{}, {"--core", "--cutoff", "12"}, {"--by", "chain"}}) {
    for (const char* name : {"one", "all", "part0", "part1", "part2"})
      std::filesystem::remove_all(folder_.path() / name);
    rank("one", options);
    rank_shards(options);
    const RunResult merged = merge({"all", "part2", "part0", "part1"});
    ASSERT_EQ(merged.exit_code, 0) << merged.err;
    EXPECT_TRUE(says(merged, "merged      3 runs: 8 entries, ranked 7, left out 1")) << merged.err;
    EXPECT_EQ(all_of("all"), all_of("one"));
    EXPECT_EQ(modesweep({"show", "all", "--check"}).exit_code, 0);
  }
}

TEST_F(ShardsCommand, AMergedRunIsGoneOnWith) {
  rank_shards();
  ASSERT_EQ(merge({"all", "part0", "part1", "part2"}).exit_code, 0);
  const RunResult again = modesweep({"rank", "--files", "in", "--run", "all", "--no-result-cache"});
  ASSERT_EQ(again.exit_code, 0) << again.err;
  EXPECT_TRUE(says(again, "8 entries were finished before")) << again.err;
  EXPECT_EQ(modesweep({"resume", "all"}).exit_code, 0);
}

TEST_F(ShardsCommand, WhatIsMissingOrTwiceIsNamedAndNothingIsLeft) {
  rank_shards();
  const RunResult missing = merge({"all", "part0", "part2"});
  EXPECT_EQ(missing.exit_code, 2);
  EXPECT_TRUE(says(missing, "of 3 shards 1 is missing: 1")) << missing.err;
  EXPECT_FALSE(is_there("all"));
  rank("second", {"--shard", shard(1)});
  const RunResult twice = merge({"all", "part0", "part1", "part2", "second"});
  EXPECT_EQ(twice.exit_code, 2);
  EXPECT_TRUE(says(twice, "shard 1/3 is there 2 times: part1, second")) << twice.err;
  EXPECT_FALSE(is_there("all"));
  EXPECT_TRUE(says(merge({"all", "part0", "./part0"}), "is named twice"));

  const RunResult partial = merge({"all", "part0", "part2", "--partial"});
  EXPECT_EQ(partial.exit_code, 0) << partial.err;
  EXPECT_TRUE(says(partial, "1 is missing: 1")) << partial.err;
  const RunResult shown = modesweep({"show", "all"});
  EXPECT_TRUE(says(shown, "the run was merged with gaps: of 3 shards 1 is missing: 1"))
      << shown.err;
  const RunResult again = merge({"all", "part0", "part1", "part2"});
  EXPECT_EQ(again.exit_code, 2);
  EXPECT_TRUE(says(again, "there is a run in all already")) << again.err;
  const RunResult overlapping = merge({"more", "part0", "part1", "part2", "second", "--partial"});
  EXPECT_EQ(overlapping.exit_code, 0) << overlapping.err;
  EXPECT_EQ(ids("more").size(), 7u);
}

TEST_F(ShardsCommand, RunsThatDoNotGoTogetherAreRefused) {
  rank_shards();
  const auto refused = [&](const std::vector<std::string>& options, const std::string& reason) {
    std::filesystem::remove_all(folder_.path() / "other");
    rank("other", options);
    const RunResult result = merge({"all", "part0", "other", "part2"});
    EXPECT_EQ(result.exit_code, 2);
    EXPECT_TRUE(says(result, reason)) << result.err;
    EXPECT_FALSE(is_there("all"));
  };
  refused({"--shard", "1/3", "--cutoff", "12"}, "cutoff \"15\" and that in other \"12\"");
  refused({"--shard", "1/4"}, "is shard 0/3 and that in other shard 1/4");
  refused({}, "the run in part0 is a shard and that in other is none");
  folder_.write("in/more.pdb", test_support::pdb_text(test_support::helix(33)));
  refused({"--shard", "1/3"}, "shards of different lists, of 8 entries and 9 entries");
}

TEST_F(ShardsCommand, InstructionSetsAreMixedOnlyWhereThatIsAskedFor) {
  if (modesweep::best_isa() == modesweep::Isa::portable)
    GTEST_SKIP() << "this machine has one instruction set";
  rank("part0", {"--shard", "0/2", "--backend", "cpu"});
  rank("part1", {"--shard", "1/2", "--isa", "portable"});
  const RunResult refused = merge({"all", "part0", "part1"});
  EXPECT_EQ(refused.exit_code, 2);
  EXPECT_TRUE(says(refused, "--mixed-isa")) << refused.err;
  ASSERT_EQ(merge({"all", "part0", "part1", "--mixed-isa"}).exit_code, 0);
  EXPECT_TRUE(says(modesweep({"show", "all"}), "rows of the instruction sets"));
}

TEST_F(ShardsCommand, WhatMergedRunsLackStaysKnown) {
  rank_shards();
  ASSERT_EQ(merge({"first", "part0", "part1", "--partial"}).exit_code, 0);
  const RunResult one = merge({"all", "part0", "first"});
  EXPECT_EQ(one.exit_code, 2);
  EXPECT_TRUE(says(one, "of 3 shards 1 is missing: 2")) << one.err;
  EXPECT_TRUE(says(one, "shard 0/3 is there 2 times: part0, first")) << one.err;
  // With the rest they are whole.
  const RunResult whole = merge({"all", "part2", "first"});
  ASSERT_EQ(whole.exit_code, 0) << whole.err;
  EXPECT_FALSE(says(modesweep({"show", "all"}), "gaps"));
  rank("one", {});
  EXPECT_EQ(all_of("all"), all_of("one"));
}

TEST_F(ShardsCommand, MixedInstructionSetsStayKnown) {
  if (modesweep::best_isa() == modesweep::Isa::portable)
    GTEST_SKIP() << "this machine has one instruction set";
  rank("part0", {"--shard", "0/3"});
  rank("part1", {"--shard", "1/3", "--isa", "portable"});
  rank("part2", {"--shard", "2/3"});
  ASSERT_EQ(merge({"mixed", "part0", "part1", "--partial", "--mixed-isa"}).exit_code, 0);
  for (const std::vector<std::string>& parts :
       {std::vector<std::string>{"part2", "mixed"}, {"mixed", "part2"}}) {
    const RunResult refused = merge({"all", parts[0], parts[1]});
    EXPECT_EQ(refused.exit_code, 2);
    EXPECT_TRUE(says(refused, "(--mixed-isa)")) << refused.err;
    std::filesystem::remove_all(folder_.path() / "all");
    ASSERT_EQ(merge({"all", parts[0], parts[1], "--mixed-isa"}).exit_code, 0);
    EXPECT_TRUE(says(modesweep({"show", "all"}), "rows of the instruction sets"));
    std::filesystem::remove_all(folder_.path() / "all");
  }
}

TEST_F(ShardsCommand, NothingInTheFolderOfTheWholeIsTakenForAPartOfIt) {
  rank_shards();
  rank("other", {"--cutoff", "12"});
  std::filesystem::create_directory(folder_.path() / "all");
  for (const char* ending : {"-wal", "-shm", "-journal", ".merging"})
    std::filesystem::copy(folder_.path() / "other" / "run.sqlite",
                          folder_.path() / "all" / (std::string("run.sqlite") + ending));
  const RunResult merged = merge({"all", "part0", "part1", "part2"});
  ASSERT_EQ(merged.exit_code, 0) << merged.err;
  EXPECT_EQ(modesweep({"show", "all", "--check"}).exit_code, 0);
  EXPECT_EQ(ids("all").size(), 7u);
}

TEST_F(ShardsCommand, EntriesThatAreNumberedOtherwiseAreNotMerged) {
  rank("part0", {"--shard", "0/1"});
  for (const char* number : {"-1", "-5", "-9223372036854775807 - 1"}) {
    std::filesystem::remove_all(folder_.path() / "changed");
    std::filesystem::copy(folder_.path() / "part0", folder_.path() / "changed");
    {
      modesweep::Database run(folder_.path() / "changed" / "run.sqlite");
      // The one that was left out has no row that would tell.
      run.execute((std::string("UPDATE entries SET number = ") + number + " WHERE state = 'failed'")
                      .c_str());
    }
    const RunResult merged = merge({"all", "changed"});
    EXPECT_EQ(merged.exit_code, 4) << number << merged.err;
    EXPECT_FALSE(is_there("all"));
    EXPECT_EQ(modesweep({"show", "changed", "--check"}).exit_code, 7) << number;
  }
}

TEST_F(ShardsCommand, AShardIsTheSameOneWhereItsRunIsNotKept) {
  const std::string twice = "in/a.pdb\n" + (folder_.path() / "in/a.pdb").string() + "\nin/b.pdb\n";
  folder_.write("list.txt", twice);
  const RunResult plan = modesweep({"plan", "--files", "@list.txt", "--shards", "1"});
  EXPECT_NE(plan.out.find("all                  2"), std::string::npos) << plan.out;
  const RunResult ranked = modesweep({"rank", "--files", "@list.txt", "--shard", "0/1"});
  EXPECT_TRUE(says(ranked, "found       2 entries")) << ranked.err;
}

TEST_F(ShardsCommand, ARowThatIsDamagedIsNotMerged) {
  rank_shards();
  {
    modesweep::Database run(folder_.path() / "part1" / "run.sqlite");
    run.execute("UPDATE results SET residues = residues + 1 WHERE number = 0");
  }
  const RunResult result = merge({"all", "part0", "part1", "part2"});
  EXPECT_EQ(result.exit_code, 4);
  EXPECT_TRUE(says(result, "the run in part1 is damaged")) << result.err;
  EXPECT_FALSE(is_there("all"));
  ASSERT_EQ(modesweep({"resume", "part1"}).exit_code, 0);
  EXPECT_EQ(merge({"all", "part0", "part1", "part2"}).exit_code, 0);
}

TEST_F(ShardsCommand, IdsAreDealtByTheirPlaces) {
  for (const char* shard : {"0/2", "1/2"}) {
    const RunResult result =
        modesweep({"rank", "--ids", "1aaa,2bbb,3ccc", "--offline", "--shard", shard, "--run",
                   std::string("of") + shard[0], "--allow-empty", "--failures", "left.tsv"});
    EXPECT_EQ(result.exit_code, 0) << result.err;
    const std::string left = read_file(folder_.path() / "left.tsv");
    EXPECT_EQ(left.find("2BBB") == std::string::npos, shard[0] == '0') << left;
  }
  const RunResult merged = merge({"all", "of0", "of1", "--partial"});
  EXPECT_EQ(merged.exit_code, 0) << merged.err;
  EXPECT_TRUE(says(merged, "2 runs: 3 entries, ranked 0, left out 3")) << merged.err;
}

TEST_F(ShardsCommand, AShardWithoutEntriesIsOneToo) {
  const RunResult empty =
      modesweep({"rank", "--files", "in", "--shard", "9/10", "--run", "empty", "--allow-empty"});
  EXPECT_EQ(empty.exit_code, 0) << empty.err;
  EXPECT_TRUE(says(empty, "shard 9/10 has none of 8 entries")) << empty.err;
  std::vector<std::string> all = {"all"};
  for (int i = 0; i < 9; ++i) {
    all.push_back("of" + std::to_string(i));
    rank(all.back(), {"--shard", std::to_string(i) + "/10", "--allow-empty"});
  }
  all.emplace_back("empty");
  const RunResult merged = merge(all);
  EXPECT_EQ(merged.exit_code, 0) << merged.err;
  EXPECT_EQ(ids("all").size(), 7u);
}

TEST_F(ShardsCommand, WhatIsNoShardIsRefused) {
  for (const char* text : {"3/3", "-1/3", "1", "1/", "/3", "1/0", "a/b", "1/3/5", "+1/3", "1/ 3"}) {
    const RunResult result = modesweep({"rank", "--files", "in", std::string("--shard=") + text});
    EXPECT_EQ(result.exit_code, 2) << text;
    EXPECT_TRUE(says(result, "--shard takes I/N")) << result.err;
  }
  const RunResult search = modesweep({"rank", "covid", "--shard", "0/2"});
  EXPECT_EQ(search.exit_code, 2);
  EXPECT_TRUE(says(search, "not of a search")) << search.err;
}

TEST_F(ShardsCommand, PlansCountWhatIsThere) {
  const RunResult plan = modesweep({"plan", "--files", "in", "--shards", "3"});
  ASSERT_EQ(plan.exit_code, 0) << plan.err;
  std::istringstream lines(plan.out);
  std::vector<std::string> shard_names;
  std::vector<int> entries;
  double megabytes = 0, of_all = 0;
  std::string line;
  std::getline(lines, line);
  while (std::getline(lines, line)) {
    std::istringstream words(line);
    std::string name;
    int count = 0;
    double size = 0;
    words >> name >> count >> size;
    (name == "all" ? of_all : megabytes) += size;
    shard_names.push_back(name);
    entries.push_back(count);
  }
  EXPECT_EQ(shard_names, (std::vector<std::string>{"0/3", "1/3", "2/3", "all"}));
  EXPECT_EQ(entries, (std::vector<int>{3, 3, 2, 8}));
  EXPECT_NEAR(megabytes, of_all, 0.2);
  EXPECT_TRUE(says(plan, "proposed    1 shard")) << plan.err;

  const RunResult unknown = modesweep({"plan", "--ids", "1aaa,2bbb"});
  EXPECT_EQ(unknown.exit_code, 0) << unknown.err;
  EXPECT_TRUE(says(unknown, "2 entries have no file here")) << unknown.err;
  EXPECT_NE(unknown.out.find("-"), std::string::npos);
  EXPECT_EQ(modesweep({"plan"}).exit_code, 2);
}

}  // namespace
