// SPDX-License-Identifier: MIT
#include <modesweep/merge_job.hpp>

#include <gtest/gtest.h>

#include <modesweep/outcome.hpp>
#include <modesweep/parameters.hpp>
#include <modesweep/run_store.hpp>

#include "support/kept_run.hpp"
#include "support/temp_dir.hpp"
#include "unit/store/rows.hpp"

namespace modesweep {
namespace {

class MergeJobTest : public testing::Test {
 protected:
  std::filesystem::path at(const std::string& name) const { return folder_.path() / name; }

  /// A run with these entries, of which the first `solved` are.
  std::filesystem::path make(const std::string& name, const std::vector<std::string>& files,
                             std::size_t solved, std::optional<Shard> shard = std::nullopt,
                             std::size_t listed = 0) {
    RankRequest request;
    request.input.source = Source::files;
    request.input.shard = shard;
    std::map<std::string, std::string> query = {{"source", "files"}, {"term", ""}, {"hosts", ""}};
    if (shard) {
      query["list entries"] = std::to_string(listed);
      query["list sha256"] = "abc";
    }
    std::vector<RunEntry> entries;
    for (const std::string& file : files)
      entries.push_back({std::ssize(entries), "", "/in/" + file});
    const auto store = RunStore::open(at(name), reporter_);
    store->begin(settings_of(request), query, entries);
    for (std::size_t i = 0; i < solved; ++i) {
      const auto number = static_cast<std::int64_t>(i);
      store->started(number, entries[i].file);
      Row row = made_up_row(files[i], 0.1 + 0.01 * static_cast<double>(files[i].back() - '0'));
      row.file = entries[i].file;
      store->solved(number, row);
    }
    return at(name);
  }
  MergeResult merge(const std::vector<std::filesystem::path>& parts, bool partial = false) {
    MergeRequest request{at("all"), parts, partial};
    return merge_runs(request, reporter_);
  }
  std::string refusal(const std::vector<std::filesystem::path>& parts, bool partial = false) {
    try {
      merge(parts, partial);
    } catch (const RunError& error) {
      EXPECT_EQ(error.cause(), Cause::request) << error.what();
      EXPECT_FALSE(std::filesystem::exists(at("all")));
      return error.what();
    }
    return "(merged)";
  }

  test_support::TempDir folder_;
  SilentReporter reporter_;
};

TEST_F(MergeJobTest, RowsKeepEveryBit) {
  const auto a = make("a", {"1", "3"}, 2), b = make("b", {"2"}, 1);
  const MergeResult result = merge({a, b});
  EXPECT_EQ(result.entries, 3u);
  EXPECT_TRUE(result.gaps.empty());
  const Ranking ranking = test_support::ranking_of(at("all"));
  ASSERT_EQ(ranking.rows.size(), 3u);
  EXPECT_EQ(ranking.rows[0].header.id, "3");
  EXPECT_EQ(ranking.rows[2].header.id, "1");
  expect_same(ranking.rows[1], test_support::ranking_of(b).rows[0]);
  EXPECT_TRUE(check_run(at("all")).damage.empty());
}

TEST_F(MergeJobTest, UnfinishedRunsAreNamedAndWhatTheyLackIsToDoInTheWhole) {
  const auto a = make("a", {"1", "3"}, 2, Shard{0, 2}, 4),
             b = make("b", {"2", "4"}, 1, Shard{1, 2}, 4);
  EXPECT_NE(refusal({a, b}).find("(shard 1/2) is unfinished: 1 of 2 entries are not through"),
            std::string::npos);
  const MergeResult result = merge({a, b}, true);
  EXPECT_EQ(result.entries, 4u);
  EXPECT_EQ(result.gaps.size(), 1u);
  const auto store = RunStore::open_existing(at("all"), reporter_);
  const std::vector<RunEntry> left = store->to_do(false);
  ASSERT_EQ(left.size(), 1u);
  EXPECT_EQ(left[0].file, "/in/4");
  for (const auto& [name, value] : store->parameters())
    if (name == "shard") EXPECT_EQ(value, "none");
}

TEST_F(MergeJobTest, FilesThatChangedTheirSizesBetweenShardsAreFound) {
  const auto a = make("a", {"1", "2"}, 2, Shard{0, 2}, 4),
             b = make("b", {"2", "3"}, 2, Shard{1, 2}, 4);
  const std::string reason = refusal({a, b});
  EXPECT_NE(reason.find("1 entry is in several runs, the first: /in/2"), std::string::npos)
      << reason;
  EXPECT_NE(reason.find("of the list's 4 entries 1 is in no shard"), std::string::npos) << reason;
  EXPECT_EQ(merge({a, b}, true).entries, 3u);
  EXPECT_EQ(test_support::ranking_of(at("all")).rows.size(), 3u);
}

TEST_F(MergeJobTest, RunsOfNoShardAreMergedWhereNothingOverlaps) {
  const auto a = make("a", {"1"}, 1), b = make("b", {"1", "2"}, 2);
  EXPECT_NE(refusal({a, b}).find("1 entry is in several runs"), std::string::npos);
}

TEST_F(MergeJobTest, ChainsFollowTheEntryThatTheyWereFoundIn) {
  const auto a = make("a", {"1"}, 1);
  const auto b = make("b", {"2"}, 0);
  {
    const auto store = RunStore::open_existing(b, reporter_);
    store->to_do(false);
    const std::vector<std::int64_t> numbers = store->divide(0, {"A", "B"});
    for (const std::int64_t number : numbers) {
      Row row = made_up_row("2", 0.5);
      row.chain = number == 0 ? "A" : "B";
      row.file = "/in/2";
      store->solved(number, row);
    }
  }
  EXPECT_EQ(merge({a, b}).entries, 2u);
  const auto store = RunStore::open_existing(at("all"), reporter_);
  const std::vector<RunEntry> entries = store->entries();
  ASSERT_EQ(entries.size(), 3u);
  EXPECT_EQ(entries[2].chain, "B");
  EXPECT_EQ(entries[2].found_in, 1);
}

TEST_F(MergeJobTest, ACancelledMergeLeavesNothing) {
  const auto a = make("a", {"1"}, 1);
  const CancelSource source;
  source.cancel();
  EXPECT_THROW(merge_runs({at("all"), {a}}, reporter_, source.token()), Cancelled);
  EXPECT_FALSE(std::filesystem::exists(at("all")));
}

TEST_F(MergeJobTest, WhatAKilledMergeLeftIsNoRunAndInNobodysWay) {
  const auto a = make("a", {"1"}, 1);
  folder_.write("all/run.sqlite.merging", "half of a database");
  EXPECT_FALSE(holds_run(at("all")));
  EXPECT_EQ(merge({a}).entries, 1u);
  EXPECT_FALSE(std::filesystem::exists(at("all") / "run.sqlite.merging"));
}

}  // namespace
}  // namespace modesweep
