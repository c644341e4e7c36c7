// SPDX-License-Identifier: MIT
// Runs whose journal is kept on this machine, while their folder gets whole copies.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <vector>

#include <modesweep/run_store.hpp>

#include "base/file_system.hpp"
#include "base/sqlite.hpp"
#include "support/kept_run.hpp"
#include "support/temp_dir.hpp"
#include "unit/store/rows.hpp"

namespace modesweep {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;

constexpr JournalOptions at_every_change{RunJournal::local, milliseconds(0)};
constexpr JournalOptions at_the_end{RunJournal::local, hours(1)};

class RunJournalTest : public testing::Test {
 protected:
  std::filesystem::path run() const { return folder_.path() / "run"; }
  std::unique_ptr<RunStore> open(const JournalOptions& options) {
    return RunStore::open(run(), reporter_, options);
  }
  std::unique_ptr<RunStore> begun(const JournalOptions& options) {
    auto store = open(options);
    std::vector<RunEntry> entries;
    for (const char* name : {"/in/a", "/in/b", "/in/c"}) entries.push_back({0, "", name});
    store->begin({{"cutoff", "15"}}, {{"source", "files"}}, entries);
    return store;
  }
  static void solve(RunStore& store, std::int64_t number) {
    store.started(number, "/in/a");
    Row row = made_up_row("1AB" + std::to_string(number), 0.5);
    row.file = "/in/a";
    store.solved(number, row);
  }
  std::vector<std::string> names() const {
    std::vector<std::string> names;
    for (const auto& file : std::filesystem::directory_iterator(run()))
      names.push_back(file.path().filename());
    std::sort(names.begin(), names.end());
    return names;
  }
  std::size_t rows() const { return test_support::rows_kept(run()); }

  test_support::TempDir folder_;
  SilentReporter reporter_;
};

TEST_F(RunJournalTest, TheFolderHasWholeCopiesAlone) {
  const auto store = begun(at_every_change);
  for (std::int64_t number = 0; number < 3; ++number) {
    solve(*store, number);
    EXPECT_EQ(rows(), static_cast<std::size_t>(number + 1));
    EXPECT_TRUE(check_run(run()).damage.empty());
    EXPECT_EQ(names(), (std::vector<std::string>{"run.crash", "run.lock", "run.sqlite"}));
  }
}

TEST_F(RunJournalTest, ABegunRunIsThereAtOnceAndTheRestAtTheEnd) {
  {
    const auto store = begun(at_the_end);
    EXPECT_TRUE(holds_run(run()));
    solve(*store, 0);
    store->settle();
    EXPECT_EQ(rows(), 1u);
    solve(*store, 1);
  }
  EXPECT_EQ(rows(), 2u);
}

TEST_F(RunJournalTest, AnIntervalIsEnough) {
  const auto store = begun({RunJournal::local, milliseconds(1)});
  solve(*store, 0);
  while (rows() == 0) std::this_thread::yield();
  EXPECT_EQ(rows(), 1u);
}

TEST_F(RunJournalTest, BothWaysOfWritingFollowEachOther) {
  { solve(*begun({RunJournal::folder}), 0); }
  for (const JournalOptions& options :
       {at_the_end, JournalOptions{RunJournal::folder}, at_every_change}) {
    const auto store = open(options);
    ASSERT_FALSE(store->is_new());
    EXPECT_EQ(store->parameters().size(), 1u);
    const auto left = store->to_do(false);
    if (!left.empty()) solve(*store, left.front().number);
  }
  EXPECT_EQ(rows(), 3u);
  EXPECT_TRUE(check_run(run()).damage.empty());
}

TEST_F(RunJournalTest, ALogThatWasLeftBehindIsTakenOver) {
  // As a process leaves it that is killed: the last rows are in the log alone.
  const std::filesystem::path killed = folder_.path() / "killed";
  {
    const auto store = begun({RunJournal::folder});
    solve(*store, 0);
    std::filesystem::create_directory(killed);
    for (const char* name : {"run.sqlite", "run.sqlite-wal"})
      std::filesystem::copy(run() / name, killed / name);
  }
  std::filesystem::remove_all(run());
  std::filesystem::rename(killed, run());
  {
    const auto store = open(at_the_end);
    EXPECT_EQ(store->to_do(false).size(), 2u);
  }
  EXPECT_EQ(rows(), 1u);
  EXPECT_FALSE(std::filesystem::exists(run() / "run.sqlite-wal"));
}

TEST_F(RunJournalTest, NobodysLogIsTakenForThatOfANewRun) {
  { solve(*begun({RunJournal::folder}), 0); }
  std::filesystem::rename(run() / "run.sqlite", run() / "run.sqlite-wal");
  { solve(*begun(at_the_end), 1); }
  EXPECT_EQ(rows(), 1u);
  EXPECT_TRUE(check_run(run()).damage.empty());
}

TEST_F(RunJournalTest, PartsThatKilledProcessesLeftGoWithTheNextOne) {
  { solve(*begun(at_the_end), 0); }
  folder_.write("run/run.sqlite.part.0123456789abcdef", "half");
  { const auto store = open(at_the_end); }
  EXPECT_EQ(names(), (std::vector<std::string>{"run.crash", "run.lock", "run.sqlite"}));
}

TEST_F(RunJournalTest, ARunThatTookItsPlaceIsNotWrittenOver) {
  const auto store = begun(at_the_end);
  solve(*store, 0);
  std::filesystem::rename(run(), folder_.path() / "moved");
  { solve(*begun({RunJournal::folder}), 2); }
  store->settle();
  EXPECT_NE(store->failure().find("its folder is gone, or is another one"), std::string::npos);
  EXPECT_EQ(test_support::ranking_of(run()).rows.at(0).header.id, "1AB2");
}

TEST_F(RunJournalTest, NothingIsLeftOfARunThatWasNeverBegun) {
  { const auto store = open(at_the_end); }
  EXPECT_FALSE(std::filesystem::exists(run()));
}

TEST_F(RunJournalTest, NothingIsLeftInTheFolderForTemporaryFiles) {
  const auto count = [] {
    const std::filesystem::directory_iterator files(std::filesystem::temp_directory_path());
    return std::count_if(begin(files), end(files), [](const auto& file) {
      return file.path().filename().string().starts_with("modesweep-run-");
    });
  };
  const auto before = count();
  const auto store = begun(at_the_end);
  solve(*store, 0);
  EXPECT_LE(count(), before);
}

TEST_F(RunJournalTest, WhatCannotBeCopiedIsTriedAgainAndSaidInTheEnd) {
  struct Listener final : Reporter {
    void message(LogLevel level, std::string_view text) override {
      if (level == LogLevel::warning) warnings.emplace_back(text);
    }
    void begin_stage(std::string_view, std::uint64_t) override {}
    void advance(std::uint64_t) override {}
    void end_stage() override {}
    std::vector<std::string> warnings;
  } listener;
  const auto store = RunStore::open(run(), listener, at_every_change);
  store->begin({{"cutoff", "15"}}, {{"source", "files"}}, {{0, "", "/in/a"}, {1, "", "/in/b"}});
  // A folder is what no file can be renamed to.
  const std::filesystem::path kept = folder_.path() / "kept";
  std::filesystem::rename(run() / "run.sqlite", kept);
  std::filesystem::create_directories(run() / "run.sqlite" / "x");
  solve(*store, 0);
  ASSERT_EQ(listener.warnings.size(), 1u);
  EXPECT_NE(listener.warnings[0].find("it is tried again"), std::string::npos);
  EXPECT_TRUE(store->failure().empty());
  std::filesystem::remove_all(run() / "run.sqlite");
  solve(*store, 1);
  EXPECT_EQ(rows(), 2u);
  std::filesystem::remove(run() / "run.sqlite");
  std::filesystem::create_directories(run() / "run.sqlite" / "x");
  store->dropped(1);
  store->settle();
  EXPECT_FALSE(store->failure().empty());
}

TEST(FileSystem, ThoseOfSeveralMachinesAreKnown) {
  for (const std::uint64_t type : {0x6969u, 0x0bd00bd0u, 0x47504653u, 0xfe534d42u, 0x65735546u})
    EXPECT_TRUE(is_shared_type(type)) << type;
  EXPECT_TRUE(is_shared_type(0xfffffffffe534d42u));  // as a signed field has it
  for (const std::uint64_t type : {0xef53u, 0x01021994u, 0x58465342u, 0x9123683eu, 0x794c7630u})
    EXPECT_FALSE(is_shared_type(type)) << type;
  EXPECT_FALSE(is_on_shared_file_system("/proc/self/nothing/there"));
}

}  // namespace
}  // namespace modesweep
