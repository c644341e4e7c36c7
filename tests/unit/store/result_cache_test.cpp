// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>
#include <fstream>
#include <thread>
#include <tuple>
#include <vector>

#include <modesweep/result_cache.hpp>

#include "base/sqlite.hpp"
#include "support/temp_dir.hpp"
#include "unit/store/rows.hpp"

namespace modesweep {
namespace {

class Warnings final : public Reporter {
 public:
  void message(LogLevel level, std::string_view text) override {
    if (level == LogLevel::warning) texts.emplace_back(text);
  }
  void begin_stage(std::string_view, std::uint64_t) override {}
  void advance(std::uint64_t) override {}
  void end_stage() override {}
  std::vector<std::string> texts;
};

class ResultCacheTest : public testing::Test {
 protected:
  std::unique_ptr<ResultCache> open(const std::string& parameters = "cutoff 15") {
    return open_result_cache(folder_.path() / "cache", parameters, reporter_);
  }
  std::filesystem::path file() const { return folder_.path() / "cache/results.sqlite"; }

  test_support::TempDir folder_;
  Warnings reporter_;
};

TEST_F(ResultCacheTest, ARowComesBackToTheLastBit) {
  const Row row = made_up_row("1ABC", 0.1 + 0.2);
  open()->keep(row);
  const std::optional<Row> found = open()->find(row.sha256);
  ASSERT_TRUE(found);
  expect_same(*found, row);
  EXPECT_TRUE(found->from_cache);
  EXPECT_TRUE(reporter_.texts.empty());
}

TEST_F(ResultCacheTest, OtherFilesAndParametersAreOtherResults) {
  const Row row = made_up_row("1ABC", 0.5);
  open()->keep(row);
  EXPECT_FALSE(open("cutoff 15.000000000000002")->find(row.sha256));
  EXPECT_FALSE(open()->find(std::string(64, 'b')));
}

TEST_F(ResultCacheTest, WhatIsNoDatabaseIsMadeAnew) {
  folder_.write("cache/results.sqlite",
                "this is no database, whatever its name says. " + std::string(5000, 'x'));
  const Row row = made_up_row("1ABC", 0.5);
  open()->keep(row);
  EXPECT_TRUE(open()->find(row.sha256));
  EXPECT_TRUE(reporter_.texts.empty());
}

TEST_F(ResultCacheTest, TablesOfAnotherVersionAreMadeAnew) {
  open()->keep(made_up_row("1ABC", 0.5));
  {
    Database database(file());
    database.execute("PRAGMA user_version = 999");
  }
  EXPECT_FALSE(open()->find(std::string(64, 'a')));
  open()->keep(made_up_row("1ABC", 0.5));
  EXPECT_TRUE(open()->find(std::string(64, 'a')));
}

TEST_F(ResultCacheTest, ADamagedPageIsMadeAnewAndEndsNothing) {
  {
    const auto cache = open();
    for (int i = 0; i < 200; ++i) {
      Row row = made_up_row("1ABC", 0.5);
      row.sha256 = std::to_string(i);
      cache->keep(row);
    }
  }
  {
    std::fstream stream(file(), std::ios::in | std::ios::out | std::ios::binary);
    stream.seekp(4096);
    for (int i = 0; i < 20; ++i) stream << std::string(4096, '\xa5');
  }
  const auto cache = open();
  for (int i = 0; i < 200; ++i) cache->find(std::to_string(i));
  cache->keep(made_up_row("1ABC", 0.5));
  EXPECT_TRUE(cache->find(std::string(64, 'a')));
}

TEST_F(ResultCacheTest, AFolderThatCannotBeWrittenIsOneWarning) {
  folder_.write("cache", "a file where the folder should be");
  const auto cache = open();
  cache->keep(made_up_row("1ABC", 0.5));
  EXPECT_FALSE(cache->find(std::string(64, 'a')));
  EXPECT_EQ(reporter_.texts.size(), 1u);
}

TEST_F(ResultCacheTest, ADamagedRowIsNoneUntilItIsReplaced) {
  const Row row = made_up_row("1ABC", 0.5);
  for (const char* change :
       {"UPDATE results SET residues = 346", "UPDATE results SET shares = substr(shares, 1, 8)",
        "UPDATE results SET sha256 = 'other', checksum = 0"}) {
    const auto cache = open();
    cache->keep(row);
    {
      Database database(file());
      database.execute(change);
    }
    EXPECT_FALSE(cache->find(row.sha256)) << change;
    cache->keep(row);
    EXPECT_TRUE(cache->find(row.sha256)) << change;
    EXPECT_LE(cache->damaged(), 1u);
  }
  EXPECT_TRUE(reporter_.texts.empty());
}

// Of a program that computed them wrong, say: their checksum is right.
TEST_F(ResultCacheTest, NumbersThatNoSolverMakesAreNoResult) {
  const auto cache = open();
  Row row = made_up_row("1ABC", 0.5);
  row.shares[0] = std::numeric_limits<double>::quiet_NaN();
  cache->keep(row);
  EXPECT_FALSE(cache->find(row.sha256));
  row = made_up_row("1ABC", 0.5);
  row.eigenvalues.pop_back();
  cache->keep(row);
  EXPECT_FALSE(cache->find(row.sha256));
  EXPECT_EQ(cache->damaged(), 2u);
}

TEST_F(ResultCacheTest, SeveralUsersAtOnceLoseNothing) {
  constexpr int users = 4, rows = 50;
  std::vector<std::thread> threads;
  for (int user = 0; user < users; ++user)
    threads.emplace_back([this, user] {
      SilentReporter silent;
      const auto cache = open_result_cache(folder_.path() / "cache", "p", silent);
      for (int i = 0; i < rows; ++i) {
        Row row = made_up_row("1ABC", 1.0 / (i + 2));
        row.sha256 = std::to_string(user) + ":" + std::to_string(i);
        cache->keep(row);
        EXPECT_TRUE(cache->find(row.sha256));
      }
    });
  for (std::thread& thread : threads) thread.join();
  const auto cache = open("p");
  for (int user = 0; user < users; ++user)
    for (int i = 0; i < rows; ++i) {
      const auto row = cache->find(std::to_string(user) + ":" + std::to_string(i));
      ASSERT_TRUE(row);
      EXPECT_EQ(row->shares[0], 1.0 / (i + 2));
    }
}

}  // namespace
}  // namespace modesweep
