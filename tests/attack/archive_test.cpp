// SPDX-License-Identifier: MIT
// What a disk, a hand or another process changes of the index of a local archive: it is made anew
// and said, and the answer stays what it was.
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <map>
#include <optional>
#include <random>
#include <thread>

#include "base/sqlite.hpp"
#include "support/corruption.hpp"
#include "support/process.hpp"
#include "support/sanitized.hpp"
#include "support/structure_text.hpp"
#include "support/temp_dir.hpp"

namespace {

namespace fs = std::filesystem;
using modesweep::Database;
using test_support::helix;
using test_support::pdb_text;
using test_support::read_file;
using test_support::RunOptions;
using test_support::RunResult;
using test_support::TempDir;

constexpr int structures = 90;
constexpr const char* term = "kinase NOT trypsin OR naive*";

/// Files, most of which a search finds, their index and the results of those found; made once.
class ArchiveAttack : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = new TempDir;
    for (int i = 0; i < structures; ++i) {
      const char* word = i % 5 == 0 ? "TRYPSIN KINASE" : i % 5 == 1 ? "NA\xc3\x8fVELY" : "KINASE";
      folder_->write("in/" + std::to_string(i % 7) + "/h" + std::to_string(i) + ".pdb",
                     pdb_text(helix(20 + i / 2), "", word + std::string(" ") + std::to_string(i)));
    }
    folder_->write("in/kinase.pdb", "<html>");
    folder_->write("other/kinase.pdb", pdb_text(helix(50), "", "ANOTHER KINASE"));
    ASSERT_EQ(search(path("cache"), "other").exit_code, 0);
    other_index_ = new fs::path(index_in(path("cache")));
    fs::rename(*other_index_, path("other.sqlite"));
    const RunResult found = search(path("cache"));
    ASSERT_EQ(found.exit_code, 0) << found.err;
    found_ = new std::string(found.out);
    ASSERT_EQ(std::count(found_->begin(), found_->end(), '\n'), 1 + structures - structures / 5);
  }
  static void TearDownTestSuite() {
    delete folder_;
    delete found_;
    delete other_index_;
  }

  static std::string path(const std::string& name) { return (folder_->path() / name).string(); }
  static RunResult search(const std::string& cache, const std::string& archive = "in") {
    return test_support::run_modesweep({"rank", term, "--archive", path(archive), "--cache-dir",
                                        cache, "--threads", "2", "--format", "tsv", "--columns",
                                        "rank,file,fv1,title", "--top", "0"});
  }
  static fs::path index_in(const fs::path& cache) {
    for (const auto& file : fs::directory_iterator(cache / "archives"))
      if (file.path().extension() == ".sqlite") return file.path();
    return {};
  }
  /// A fresh copy of the cache, under one name.
  static std::string copy_of_cache() {
    fs::remove_all(path("copy"));
    fs::copy(path("cache"), path("copy"), fs::copy_options::recursive);
    return path("copy");
  }
  static bool is_said(const RunResult& result) {
    return result.err.find(" is made anew") != std::string::npos;
  }
  /// The answer after a change is right, and said where the index was made anew; the next one comes
  /// from the new index.
  static std::string outcome_of(const std::string& cache) {
    const RunResult result = search(cache);
    if (result.exit_code != 0) return "refused: " + result.err;
    if (result.out != *found_) return "wrong: " + result.out;
    if (!is_said(result)) return "unchanged";
    const RunResult again = search(cache);
    return again.out == *found_ && !is_said(again) ? "repaired" : "not repaired: " + again.err;
  }

  static TempDir* folder_;
  static std::string* found_;
  static fs::path* other_index_;  ///< as that of `other` is named
};
TempDir* ArchiveAttack::folder_;
std::string* ArchiveAttack::found_;
fs::path* ArchiveAttack::other_index_;

TEST_F(ArchiveAttack, FlipsOfAnIndex) {
  std::mt19937 random(20261201);
  std::map<std::string, int> counts;
  for (int i = 0; i < FLIPS; ++i) {
    const std::string cache = copy_of_cache();
    test_support::flip_a_bit(index_in(cache), random);
    const std::string outcome = outcome_of(cache);
    ++counts[outcome];
    EXPECT_TRUE(outcome == "repaired" || outcome == "unchanged") << "flip " << i << ' ' << outcome;
  }
  std::printf("%d flips of an index: repaired %d, unchanged %d\n", FLIPS, counts["repaired"],
              counts["unchanged"]);
  EXPECT_GT(counts["repaired"], 0);
}

TEST_F(ArchiveAttack, ChangesOfAnIndexBySql) {
  for (const char* sql :
       {"DELETE FROM texts WHERE rowid = 5",
        "UPDATE texts SET title = 'lysozyme'",
        "UPDATE texts SET title = title || ' kinase'",
        "DELETE FROM texts_data WHERE id > 10",
        "UPDATE texts_docsize SET sz = x'00' WHERE id = 5",
        "UPDATE texts_content SET c1 = 'x'",
        "DELETE FROM files",
        "DELETE FROM files WHERE id % 3 = 0",
        "DELETE FROM files WHERE id = 5; DELETE FROM texts WHERE rowid = 5",
        "UPDATE files SET id = id + 1000",
        "UPDATE files SET id = -1 WHERE id = 1; UPDATE files SET id = 1 WHERE id = 2; UPDATE files "
        "SET id = 2 WHERE id = -1",
        "UPDATE files SET path = 'h' || id",
        "UPDATE files SET path = CAST(path AS TEXT)",
        "UPDATE files SET problem = 'x'",
        "UPDATE files SET size = size + 1",
        "INSERT INTO files VALUES(5000, CAST('kinase/x.pdb' AS BLOB), 1, 1, '')",
        "INSERT INTO texts(rowid, title) VALUES(5000, 'kinase')",
        "INSERT INTO texts(texts, rank) VALUES('rank', 'bm25(0.0)')",
        "DELETE FROM texts_config",
        "UPDATE seal SET checksum = checksum + 1",
        "DELETE FROM seal",
        "DROP TABLE seal",
        "DROP TABLE files",
        "DROP TABLE texts",
        "CREATE TABLE more(x)",
        "CREATE TRIGGER t AFTER INSERT ON files BEGIN DELETE FROM files; END",
        "ALTER TABLE files RENAME COLUMN problem TO y",
        "PRAGMA user_version = 0",
        "PRAGMA user_version = 2",
        "PRAGMA user_version = 99",
        "PRAGMA writable_schema = ON; UPDATE sqlite_master SET sql = replace(sql, "
        "'remove_diacritics 2', 'remove_diacritics 0')"}) {
    const std::string cache = copy_of_cache();
    Database(index_in(cache)).execute(sql);
    EXPECT_EQ(outcome_of(cache), "repaired") << sql;
  }
}

TEST_F(ArchiveAttack, WhatIsNoIndexOfThisArchive) {
  const std::string whole = read_file(index_in(path("cache")));
  std::vector<std::string> contents = {read_file(path("other.sqlite")),
                                       std::string(whole.size(), '\0'),
                                       whole + std::string(4096, 'x')};
  for (const std::size_t size : {99, 100, 4096, 8192, 20000})
    contents.push_back(whole.substr(0, size));
  contents.push_back(whole.substr(0, whole.size() - 4096));
  for (const std::string& content : contents) {
    const std::string cache = copy_of_cache();
    folder_->write(index_in(cache).lexically_relative(folder_->path()).string(), content);
    const std::string outcome = outcome_of(cache);
    const bool is_whole = content.starts_with(whole);
    EXPECT_EQ(outcome, is_whole ? "unchanged" : "repaired") << content.size();
  }
  // To SQLite these are databases that were never begun.
  for (const char* content : {"", "x"}) {
    const std::string cache = copy_of_cache();
    folder_->write(index_in(cache).lexically_relative(folder_->path()).string(), content);
    EXPECT_EQ(outcome_of(cache), "unchanged");
  }
}

/// SQLite takes a journal beside the file for one that a killed process left.
TEST_F(ArchiveAttack, JournalsFromElsewhere) {
  const std::string whole = read_file(index_in(path("cache")));
  const std::string other = read_file(path("other.sqlite"));
  // As SQLite begins one, with pages of another index.
  std::string journal("\xd9\xd5\x05\xf9\x20\xa1\x63\xd7\xff\xff\xff\xff", 12);
  journal +=
      std::string(8, '\0') + std::string("\0\0\0\x01", 4) + std::string("\0\0\x02\0\0\0\x10\0", 8);
  journal.resize(512);
  journal += std::string("\0\0\0\x02", 4) + other.substr(4096, 4096) + std::string(4, '\0');
  for (const auto& [ending, content] : {std::pair<const char*, std::string>("-journal", journal),
                                        {"-journal", other},
                                        {"-journal", whole},
                                        {"-wal", other},
                                        {"-wal", whole}}) {
    const std::string cache = copy_of_cache();
    folder_->write((index_in(cache).native() + ending).substr(folder_->path().native().size() + 1),
                   content);
    const std::string outcome = outcome_of(cache);
    EXPECT_TRUE(outcome == "repaired" || outcome == "unchanged") << ending << outcome;
  }
}

TEST_F(ArchiveAttack, ProcessesThatFindItDamagedAtOnce) {
  std::mt19937 random(20261202);
  for (int i = 0; i < 3; ++i) {
    const std::string cache = copy_of_cache();
    Database(index_in(cache)).execute("UPDATE texts SET title = 'lysozyme'");
    std::vector<RunResult> results(6);
    {
      std::vector<std::jthread> processes;
      for (RunResult& result : results)
        processes.emplace_back([&result, cache] { result = search(cache); });
    }
    for (const RunResult& result : results) {
      EXPECT_EQ(result.exit_code, 0) << result.err;
      EXPECT_EQ(result.out, *found_) << result.err;
    }
    EXPECT_TRUE(std::any_of(results.begin(), results.end(), is_said));
    EXPECT_EQ(outcome_of(cache), "unchanged");
  }
}

/// What runs a program as somebody whom modes and limits bind; nothing where it cannot be done.
std::optional<std::vector<std::string>> as_a_user(const fs::path& folder) {
  if (::chmod(folder.c_str(), 0777) != 0) return std::nullopt;
  if (::geteuid() != 0) return std::vector<std::string>();
  const std::vector<std::string> user = {"setpriv", "--reuid=65534", "--clear-groups"};
  std::vector<std::string> probe = user;
  probe.insert(probe.end(), {test_support::program_for_all(folder), "--version"});
  if (test_support::run(probe).exit_code != 0) return std::nullopt;
  return user;
}

TEST_F(ArchiveAttack, ADamagedIndexThatCannotBeWrittenIsRefused) {
  const auto user = as_a_user(folder_->path());
  if (!user) GTEST_SKIP() << "the program cannot be run as another user";
  const auto search_as_user = [&](const std::string& cache) {
    for (const fs::path& place : {index_in(cache), index_in(cache).parent_path()})
      fs::permissions(place, fs::perms(fs::is_directory(place) ? 0555 : 0444));
    std::vector<std::string> words = *user;
    words.insert(words.end(), {test_support::program_for_all(folder_->path()), "rank", term,
                               "--archive", path("in"), "--cache-dir", cache, "--format", "tsv",
                               "--columns", "rank,file,fv1,title", "--top", "0"});
    const RunResult result = test_support::run(words);
    for (const fs::path& place : {index_in(cache).parent_path(), index_in(cache)})
      fs::permissions(place, fs::perms(fs::is_directory(place) ? 0755 : 0644));
    return result;
  };
  const std::string cache = copy_of_cache();
  const RunResult whole = search_as_user(cache);
  EXPECT_EQ(whole.exit_code, 0) << whole.err;
  EXPECT_EQ(whole.out, *found_);
  Database(index_in(cache)).execute("UPDATE texts SET title = 'lysozyme'");
  const RunResult damaged = search_as_user(cache);
  EXPECT_EQ(damaged.exit_code, 4) << damaged.err;
  EXPECT_EQ(damaged.out, "");
}

TEST_F(ArchiveAttack, ALimitOfProcessesIsFewerThreads) {
  if (test_support::sanitized)
    GTEST_SKIP() << "the search for leaks at the end needs a thread itself";
  const TempDir folder;
  const auto user = as_a_user(folder.path());
  if (!user) GTEST_SKIP() << "the program cannot be run as another user";
  folder.write("in/a.pdb", pdb_text(helix(50), "", "KINASE"));
  folder.write("in/b.pdb", pdb_text(helix(60), "", "KINASE"));
  bool told = false;
  for (const int processes : {1, 2, 3}) {
    std::vector<std::string> words = *user;
    words.insert(words.end(),
                 {"bash", "-c", "ulimit -u " + std::to_string(processes) + " && exec \"$0\" \"$@\"",
                  test_support::program_for_all(folder.path()), "rank", "kinase", "--archive",
                  (folder.path() / "in").string(), "--cache-dir",
                  (folder.path() / ("cache" + std::to_string(processes))).string()});
    const RunResult result = test_support::run(words);
    // Indexed it is; with all the limit used up there is no thread that could solve.
    EXPECT_TRUE(result.exit_code == 0 || result.exit_code == 4) << result.err;
    EXPECT_EQ(result.err.find("pthread"), std::string::npos) << result.err;
    told =
        told || result.err.find("threads can be started to index the archive") != std::string::npos;
  }
  EXPECT_TRUE(told || std::thread::hardware_concurrency() == 1);
}

}  // namespace
