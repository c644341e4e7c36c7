// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <signal.h>

#include <algorithm>
#include <cmath>
#include <latch>
#include <thread>
#include <tuple>

#include <modesweep/run_store.hpp>

#include "base/sqlite.hpp"
#include "support/kept_run.hpp"
#include "support/structure_text.hpp"
#include "support/temp_dir.hpp"
#include "unit/store/rows.hpp"

namespace modesweep {
namespace {

class RunStoreTest : public testing::Test {
 protected:
  RunStoreTest() {
    for (const char* name : {"a.pdb", "b.pdb", "c.pdb"})
      files_.push_back(folder_.write(name, name));
  }

  std::filesystem::path run() const { return folder_.path() / "run"; }
  std::unique_ptr<RunStore> open() { return RunStore::open(run(), reporter_); }
  std::unique_ptr<RunStore> begun() {
    auto store = open();
    std::vector<RunEntry> entries;
    for (const auto& file : files_) entries.push_back({0, "", file});
    store->begin({{"cutoff", "15"}, {"modes", "20"}}, {{"source", "files"}}, entries);
    return store;
  }
  void solve(RunStore& store, std::int64_t number, double share) {
    const std::filesystem::path& file = files_.at(static_cast<std::size_t>(number));
    store.started(number, file);
    store.parsed(number);
    Row row = made_up_row("1AB" + std::to_string(number), share);
    row.file = file;
    row.sha256 = *file_sha256(file);
    store.solved(number, row);
  }
  static std::vector<std::int64_t> numbers(const std::vector<RunEntry>& entries) {
    std::vector<std::int64_t> numbers;
    for (const RunEntry& entry : entries) numbers.push_back(entry.number);
    return numbers;
  }
  /// A process that dies with entries in work, the last things that it did; before them it may have
  /// finished `finished`.
  void die_with(const std::vector<std::int64_t>& in_work,
                std::optional<std::int64_t> finished = std::nullopt) {
    const auto store = open();
    if (finished) solve(*store, *finished, 0.5);
    for (const std::int64_t number : in_work)
      store->started(number, files_.at(static_cast<std::size_t>(number)));
  }
  void expect_usage(RunStore& store, const std::string& words) {
    try {
      store.check_unchanged();
      ADD_FAILURE() << "nothing was thrown";
    } catch (const RunError& error) {
      EXPECT_EQ(error.cause(), Cause::request);
      EXPECT_NE(std::string(error.what()).find(words), std::string::npos) << error.what();
    }
  }

  test_support::TempDir folder_;
  std::vector<std::filesystem::path> files_;
  SilentReporter reporter_;
};

TEST_F(RunStoreTest, WhatIsFinishedStaysAndTheRestIsToDo) {
  {
    const auto store = begun();
    EXPECT_FALSE(store->is_new());
    EXPECT_EQ(numbers(store->to_do(false)), (std::vector<std::int64_t>{0, 1, 2}));
    solve(*store, 1, 0.1 + 0.2);
  }
  const auto store = open();
  EXPECT_FALSE(store->is_new());
  EXPECT_EQ(store->parameters(), (Settings{{"cutoff", "15"}, {"modes", "20"}}));
  EXPECT_EQ(store->query().at("source"), "files");
  EXPECT_EQ(store->entries().size(), 3u);
  EXPECT_EQ(numbers(store->to_do(false)), (std::vector<std::int64_t>{0, 2}));
  const Ranking ranking = test_support::ranking_of(run());
  ASSERT_EQ(ranking.rows.size(), 1u);
  Row wanted = made_up_row("1AB1", 0.1 + 0.2);
  wanted.sha256 = *file_sha256(files_[1]);
  expect_same(ranking.rows[0], wanted);
  EXPECT_EQ(ranking.rows[0].file, files_[1]);
}

TEST_F(RunStoreTest, OneProcessAtATime) {
  const auto store = begun();
  try {
    open();
    ADD_FAILURE() << "the run was opened twice";
  } catch (const RunError& error) {
    EXPECT_EQ(error.cause(), Cause::unavailable);
    EXPECT_NE(std::string(error.what()).find("another process"), std::string::npos);
  }
}

TEST_F(RunStoreTest, ADividedEntryIsEntriesOfItsChains) {
  {
    const auto store = begun();
    store->started(1, files_[1]);
    EXPECT_EQ(store->divide(1, {"A", "B", ""}), (std::vector<std::int64_t>{1, 3, 4}));
    EXPECT_EQ(store->divide(0, {"X"}), (std::vector<std::int64_t>{0}));
    solve(*store, 1, 0.3);
    store->left_out(3, {"b:B", files_[1], {Stage::rank, "few_modes", "too small"}});
  }
  EXPECT_TRUE(check_run(run()).damage.empty());
  {
    const auto view = RunView::open(run());
    EXPECT_EQ(view->totals().chains, 4u);
    EXPECT_EQ(view->totals().further_chains, 2u);
  }
  const auto store = open();
  const std::vector<RunEntry> all = store->entries(), to_do = store->to_do(false);
  ASSERT_EQ(all.size(), 5u);
  EXPECT_EQ(all[1].chain, "A");
  EXPECT_FALSE(all[1].found_in);
  EXPECT_EQ(all[3].chain, "B");
  EXPECT_EQ(all[4].chain, "");
  EXPECT_EQ(all[4].found_in, 1);
  EXPECT_EQ(all[4].file, files_[1]);
  EXPECT_FALSE(all[2].chain);
  EXPECT_EQ(numbers(to_do), (std::vector<std::int64_t>{0, 2, 4}));
  EXPECT_EQ(to_do[2].chain, "");
}

TEST_F(RunStoreTest, AChainIsPartOfWhatItsEntryIs) {
  {
    const auto store = begun();
    store->started(1, files_[1]);
    store->divide(1, {"A", "B"});
    solve(*store, 1, 0.3);
  }
  const std::string whole = test_support::read_file(run() / "run.sqlite");
  for (const char* sql : {"UPDATE entries SET chain = 'Z' WHERE number = 1",
                          "UPDATE entries SET chain = NULL WHERE number = 3",
                          "UPDATE entries SET found_in = NULL WHERE number = 3",
                          "UPDATE entries SET found_in = 2 WHERE number = 3",
                          "DELETE FROM entries WHERE number = 3"}) {
    folder_.write("run/run.sqlite", whole);
    Database(run() / "run.sqlite").execute(sql);
    EXPECT_FALSE(check_run(run()).damage.empty()) << sql;
    EXPECT_THROW(open()->to_do(false), RunError) << sql;
  }
}

TEST_F(RunStoreTest, ADeadlyChainIsPassedOverAlone) {
  begun()->divide(1, {"A", "B"});
  for (int death = 1; death <= 3; ++death) {
    const auto store = open();
    store->started(3, files_[1]);
  }
  EXPECT_EQ(numbers(open()->to_do(false)), (std::vector<std::int64_t>{0, 1, 2}));
  const Ranking ranking = test_support::ranking_of(run());
  ASSERT_EQ(ranking.left_out.size(), 1u);
  EXPECT_EQ(ranking.left_out[0].id, "b:B");
}

/// Of a run that was begun before there were chains.
TEST_F(RunStoreTest, ARunWithoutColumnsOfChainsGetsThem) {
  {
    const auto store = begun();
    solve(*store, 1, 0.3);
  }
  Database(run() / "run.sqlite")
      .execute("ALTER TABLE entries DROP COLUMN chain; ALTER TABLE entries DROP COLUMN found_in");
  EXPECT_TRUE(check_run(run()).damage.empty());
  EXPECT_EQ(RunView::open(run())->totals().chains, 0u);
  {
    const auto store = open();
    EXPECT_EQ(store->entries().size(), 3u);
    EXPECT_EQ(numbers(store->to_do(false)), (std::vector<std::int64_t>{0, 2}));
    EXPECT_EQ(store->divide(0, {"A", "B"}), (std::vector<std::int64_t>{0, 3}));
  }
  EXPECT_TRUE(check_run(run()).damage.empty());
}

TEST_F(RunStoreTest, WhatPassesIsTriedAgainAndTheRestOnRequest) {
  {
    const auto store = begun();
    store->left_out(0, {"1ABC", {}, {Stage::download, "connection", "no route"}});
    store->left_out(1, {"1ABD", {}, {Stage::download, "not_found", "no such entry"}});
    store->left_out(2, {"1ABE", files_[2], {Stage::rank, "few_modes", "too small"}});
  }
  const auto store = open();
  EXPECT_EQ(numbers(store->to_do(false)), (std::vector<std::int64_t>{0}));
  const Ranking ranking = test_support::ranking_of(run());
  ASSERT_EQ(ranking.left_out.size(), 2u);
  EXPECT_EQ(ranking.left_out[0].id, "1ABD");
  EXPECT_EQ(ranking.left_out[0].failure.stage, Stage::download);
  EXPECT_EQ(ranking.left_out[0].failure.message, "no such entry");
  EXPECT_EQ(numbers(store->to_do(true)), (std::vector<std::int64_t>{0, 1}));
  EXPECT_EQ(test_support::ranking_of(run()).left_out.size(), 1u);
}

TEST_F(RunStoreTest, AnEntryThatThreeProcessesDiedOfIsPassedOverAndNamed) {
  begun();
  for (int death = 1; death < 3; ++death) {
    die_with({1});
    const std::vector<RunEntry> to_do = open()->to_do(false);
    EXPECT_EQ(numbers(to_do), (std::vector<std::int64_t>{0, 2, 1})) << "it comes last";
    EXPECT_TRUE(to_do.back().suspect);
    EXPECT_FALSE(to_do.front().suspect);
  }
  die_with({1});
  {
    const auto store = open();
    EXPECT_EQ(numbers(store->to_do(false)), (std::vector<std::int64_t>{0, 2}));
    const Ranking ranking = test_support::ranking_of(run());
    ASSERT_EQ(ranking.left_out.size(), 1u);
    EXPECT_EQ(ranking.left_out[0].id, "b");
    EXPECT_EQ(ranking.left_out[0].failure.code, "died");
    EXPECT_NE(ranking.left_out[0].failure.message.find("3 times"), std::string::npos);
  }
  EXPECT_EQ(numbers(open()->to_do(false)), (std::vector<std::int64_t>{0, 2}));
  const std::vector<RunEntry> again = open()->to_do(true);
  EXPECT_EQ(numbers(again), (std::vector<std::int64_t>{0, 1, 2}));
  EXPECT_FALSE(again[1].suspect);
}

// kill -9 from outside hits what happens to be in work: that is no reason to lose it.
TEST_F(RunStoreTest, ADeathWithOthersInWorkIsOfNone) {
  begun();
  for (int death = 0; death < 20; ++death) {
    die_with({0, 2});
    const std::vector<RunEntry> to_do = open()->to_do(false);
    EXPECT_EQ(numbers(to_do), (std::vector<std::int64_t>{1, 0, 2}));
    EXPECT_TRUE(to_do[1].suspect && to_do[2].suspect) << "they are tried alone";
  }
}

TEST_F(RunStoreTest, ADeathAfterAnotherEntryWasFinishedIsOfNone) {
  begun();
  for (int death = 0; death < 20; ++death) die_with({2}, 0);
  EXPECT_EQ(numbers(open()->to_do(false)), (std::vector<std::int64_t>{1, 2}));
  {
    const auto store = open();
    store->started(2, files_[2]);
    store->left_out(1, {"b", files_[1], {Stage::parse, "no_nodes", "nothing"}});
  }
  for (int death = 1; death < 3; ++death) die_with({2});
  EXPECT_EQ(numbers(open()->to_do(false)), (std::vector<std::int64_t>{2}));
  die_with({2});
  EXPECT_TRUE(open()->to_do(false).empty());
}

TEST_F(RunStoreTest, DeathsBeforeAnotherEntryIsFinishedCountNoMore) {
  begun();
  for (int death = 0; death < 2; ++death) die_with({2});
  solve(*open(), 0, 0.5);
  for (int death = 0; death < 2; ++death) die_with({2});
  EXPECT_EQ(numbers(open()->to_do(false)), (std::vector<std::int64_t>{1, 2}));
  die_with({2});
  EXPECT_EQ(numbers(open()->to_do(false)), (std::vector<std::int64_t>{1}));
}

TEST_F(RunStoreTest, WhatFailsEachTimeForAReasonThatPassesExcusesNoDeath) {
  begun();
  for (int death = 0; death < 3; ++death) {
    const auto store = open();
    EXPECT_EQ(store->to_do(false).size(), 3u);
    store->left_out(0, {"a", {}, {Stage::download, "connection", "no route"}});
    store->started(2, files_[2]);
  }
  EXPECT_EQ(numbers(open()->to_do(false)), (std::vector<std::int64_t>{0, 1}));
}

TEST_F(RunStoreTest, ACrashIsOfTheEntryThatCrashed) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "sanitizers end a process that crashes in their own way";
#endif
  begun();
  const auto crash = [this](int signal) {
    const auto store = open();
    std::latch both_at_work(2), never(1);
    std::thread other([&] {
      store->started(0, files_[0]);
      store->started(2, files_[2]);
      both_at_work.count_down();
      never.wait();
    });
    std::thread crashing([&] {
      store->started(1, files_[1]);
      both_at_work.arrive_and_wait();
      ::raise(signal);
    });
    crashing.join();
    other.join();
  };
  EXPECT_EXIT(crash(SIGSEGV), testing::KilledBySignal(SIGSEGV), "");
  EXPECT_EXIT(crash(SIGABRT), testing::KilledBySignal(SIGABRT), "");
  EXPECT_EQ(numbers(open()->to_do(false)), (std::vector<std::int64_t>{0, 2, 1}));
  EXPECT_EXIT(crash(SIGSEGV), testing::KilledBySignal(SIGSEGV), "");
  const auto store = open();
  const std::vector<RunEntry> to_do = store->to_do(false);
  EXPECT_EQ(numbers(to_do), (std::vector<std::int64_t>{0, 2}));
  EXPECT_FALSE(to_do[0].suspect || to_do[1].suspect) << "they were in work by chance";
  EXPECT_EQ(test_support::ranking_of(run()).left_out.at(0).id, "b");
}

TEST_F(RunStoreTest, AFileThatChangedIsNoticed) {
  {
    const auto store = begun();
    solve(*store, 0, 0.5);
    solve(*store, 1, 0.5);
  }
  // Another time alone is no change, and a file that is gone says nothing.
  std::filesystem::last_write_time(
      files_[0], std::filesystem::last_write_time(files_[0]) + std::chrono::hours(1));
  std::filesystem::remove(files_[1]);
  {
    const auto store = open();
    store->to_do(false);
    EXPECT_EQ(test_support::ranking_of(run()).rows.size(), 2u);
  }
  folder_.write("a.pdb", "another content");
  const auto store = open();
  store->to_do(false);
  expect_usage(*store, "a.pdb has changed");
}

TEST_F(RunStoreTest, ItsTimesDoNotMatter) {
  {
    const auto store = begun();
    solve(*store, 0, 0.5);
  }
  {
    Database database(run() / "run.sqlite");
    database.execute("UPDATE entries SET time = '2999-01-01T00:00:00Z' WHERE time NOT NULL");
  }
  {
    const auto store = open();
    EXPECT_EQ(numbers(store->to_do(false)), (std::vector<std::int64_t>{1, 2}));
    solve(*store, 1, 0.25);
  }
  EXPECT_EQ(test_support::ranking_of(run()).rows.size(), 2u);
}

TEST_F(RunStoreTest, IsReadWhileItIsWritten) {
  const auto store = begun();
  solve(*store, 0, 0.25);
  solve(*store, 2, 0.75);
  store->left_out(1, {"1ABD", files_[1], {Stage::parse, "no_nodes", "nothing"}});
  const Ranking ranking = test_support::ranking_of(run());
  ASSERT_EQ(ranking.rows.size(), 2u);
  EXPECT_EQ(ranking.rows[0].header.id, "1AB2");
  EXPECT_EQ(ranking.left_out.size(), 1u);
  const auto view = RunView::open(run());
  EXPECT_EQ(view->totals().states.at("solved"), 2u);
  EXPECT_EQ(view->totals().states.at("failed"), 1u);
  EXPECT_EQ(view->parameters().front().second, "15");
}

TEST_F(RunStoreTest, WhatIsNoRunOfOursIsSaidToBeNone) {
  const auto code = [&](const auto& action) -> std::optional<Cause> {
    try {
      action();
    } catch (const RunError& error) {
      return error.cause();
    }
    return std::nullopt;
  };
  EXPECT_EQ(code([&] { RunView::open(folder_.path() / "nothing"); }), Cause::request);
  folder_.write("run/run.sqlite", std::string(9000, 'x'));
  EXPECT_EQ(code([&] { RunView::open(run()); }), Cause::request);
  EXPECT_EQ(code([&] { open(); }), Cause::request);
  std::filesystem::remove_all(run());
  begun();
  {
    Database database(run() / "run.sqlite");
    database.execute("PRAGMA user_version = 999");
  }
  EXPECT_EQ(code([&] { RunView::open(run()); }), Cause::request);
  EXPECT_EQ(code([&] { open(); }), Cause::request);
  folder_.write("file", "");
  EXPECT_EQ(code([&] { RunStore::open(folder_.path() / "file/run", reporter_); }), Cause::output);
}

TEST_F(RunStoreTest, SeveralThreadsWriteWhatTheyFinish) {
  {
    const auto store = begun();
    std::vector<std::thread> threads;
    for (std::int64_t number = 0; number < 3; ++number)
      threads.emplace_back([&, number] {
        for (int i = 0; i < 50; ++i) solve(*store, number, 1.0 / double(i + 2));
      });
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(store->failure(), "");
  }
  const Ranking ranking = test_support::ranking_of(run());
  ASSERT_EQ(ranking.rows.size(), 3u);
  for (const Row& row : ranking.rows) EXPECT_EQ(row.shares[0], 1.0 / 51);
}

}  // namespace
}  // namespace modesweep
