// SPDX-License-Identifier: MIT
// What a disk, a hand or a stranger changes of a run or of the result cache: never another ranking
// with exit 0, nothing written where a link leads, and nothing half after a kill.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <limits>
#include <map>
#include <random>
#include <sstream>
#include <tuple>

#include <modesweep/run_store.hpp>

#include "base/sqlite.hpp"
#include "net/fake_file_host.hpp"
#include "support/corruption.hpp"
#include "support/process.hpp"
#include "support/structure_text.hpp"
#include "support/temp_dir.hpp"

namespace {

namespace fs = std::filesystem;
using modesweep::Database;
using test_support::flip_a_bit;
using test_support::helix;
using test_support::pdb_text;
using test_support::read_file;
using test_support::RunOptions;
using test_support::RunResult;
using test_support::TempDir;

constexpr int structures = 30;

// All that a ranking says of an entry but for times and where its numbers come from.
constexpr const char* columns =
    "rank,pdb_id,enm,chains,residues,shares,eigenvalues,coll1,coll2,coll3,zero_modes,components,"
    "notes,title,protein,entries,residual,method,resolution,models,revision,molecules,organisms,"
    "file,sha256,solver,backend";

/// Blobs of doubles in SQL, little-endian as the store has them.
std::string blob(const std::vector<double>& numbers) {
  std::string text = "x'";
  for (const double number : numbers) {
    unsigned char bytes[sizeof number];
    std::memcpy(bytes, &number, sizeof number);
    char digits[3];
    for (const unsigned char byte : bytes) {
      std::snprintf(digits, sizeof digits, "%02x", byte);
      text += digits;
    }
  }
  return text + "'";
}

void change(const fs::path& file, const std::string& sql) { Database(file).execute(sql.c_str()); }

/// Files of which some tie, one fails and one is left out, and a run and a cache of them; made
/// once.
class Store : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = new TempDir;
    for (int i = 0; i < structures; ++i) {
      const std::string text =
          pdb_text(helix(20 + i / 2 * 2), "", "ENTRY NUMBER " + std::to_string(i));
      folder_->write("in/h" + std::to_string(i) + ".pdb", text);
    }
    // Entries of one name and one share, told apart by their paths alone.
    for (const char* name : {"in/a/same.pdb", "in/b/same.pdb", "in/c/same.pdb"})
      folder_->write(name, pdb_text(helix(44)));
    folder_->write("in/none.pdb", "END\n");
    folder_->write("in/few.pdb", pdb_text(helix(5)));
    const RunResult made =
        modesweep({"rank", "--files", path("in"), "--run", path("run"), "--cache-dir",
                   path("cache"), "--threads", "2", "--columns", columns});
    ASSERT_EQ(made.exit_code, 0) << made.err;
    shown_ = new std::vector<std::string>;
    for (const auto& more : views()) {
      const RunResult result = show(path("run"), more);
      ASSERT_EQ(result.exit_code, 0) << result.err;
      shown_->push_back(result.out);
    }
    failures_ = new std::string(read_file(path("failures")));
    const long rows = std::count(shown_->front().begin(), shown_->front().end(), '\n') - 1;
    ASSERT_EQ(rows, structures + 3);
  }
  static void TearDownTestSuite() {
    delete folder_;
    delete shown_;
    delete failures_;
  }

  static std::string path(const std::string& name) { return (folder_->path() / name).string(); }
  static RunResult modesweep(const std::vector<std::string>& arguments) {
    return test_support::run_modesweep(arguments);
  }
  /// What of a ranking is shown.
  static std::vector<std::vector<std::string>> views() {
    return {{"--top", "0"}, {"--top", "4"}, {"--top", "0", "--unique", "--sort", "title"}};
  }
  static RunResult show(const std::string& run, const std::vector<std::string>& more) {
    std::vector<std::string> arguments = {"show",      run,     "--format",   "tsv",
                                          "--columns", columns, "--failures", path("failures")};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return modesweep(arguments);
  }
  static RunResult resume(const std::string& run) {
    return modesweep({"resume", run, "--no-result-cache", "--threads", "2", "--format", "tsv",
                      "--columns", columns, "--top", "0"});
  }
  /// A fresh copy, under one name.
  static std::string copy_of(const char* folder) {
    const std::string copy = path(std::string("copy_of_") + folder);
    fs::remove_all(copy);
    fs::copy(path(folder), copy, fs::copy_options::recursive);
    return copy;
  }
  /// Of a run that was changed, shown and gone on with: "wrong" is another ranking without a word.
  /// `earlier`: what is shown may be a state from before, which says that it is partial.
  static std::string outcome_of(const std::string& run, bool earlier = false) {
    std::string outcome = "unchanged";
    for (std::size_t view = 0; view < views().size(); ++view) {
      const RunResult result = show(run, views()[view]);
      EXPECT_LT(result.exit_code, 128) << result.err;
      EXPECT_NE(result.exit_code, 5) << result.err;
      if (result.exit_code != 0)
        outcome = "refused";
      else if (!(earlier && result.err.find("PARTIAL") != std::string::npos) &&
               (result.out != (*shown_)[view] || read_file(path("failures")) != *failures_))
        return "wrong";
    }
    const RunResult resumed = resume(run);
    EXPECT_LT(resumed.exit_code, 128) << resumed.err;
    EXPECT_NE(resumed.exit_code, 5) << resumed.err;
    if (resumed.exit_code != 0) return "refused";
    if (resumed.out != shown_->front()) return "wrong";
    const RunResult checked = modesweep({"show", "--check", run});
    EXPECT_EQ(checked.exit_code, 0) << checked.out;
    return outcome == "refused" ? "repaired" : outcome;
  }
  static bool is_one_sentence(const std::string& err) {
    return err.starts_with("modesweep: ") && std::count(err.begin(), err.end(), '\n') == 1 &&
           err.find("stol") == std::string::npos;
  }

  static TempDir* folder_;
  static std::vector<std::string>* shown_;  ///< of the run as it was made, by view
  static std::string* failures_;
};
TempDir* Store::folder_;
std::vector<std::string>* Store::shown_;
std::string* Store::failures_;

TEST_F(Store, FlipsOfARun) {
  std::mt19937 random(20261127);
  std::map<std::string, int> counts;
  for (int i = 0; i < FLIPS; ++i) {
    const std::string run = copy_of("run");
    flip_a_bit(run + "/run.sqlite", random);
    const std::string outcome = outcome_of(run);
    ++counts[outcome];
    EXPECT_NE(outcome, "wrong") << "flip " << i;
  }
  std::printf("%d flips of a run: refused %d, repaired %d, unchanged %d, wrong %d\n", FLIPS,
              counts["refused"], counts["repaired"], counts["unchanged"], counts["wrong"]);
  EXPECT_GT(counts["repaired"], 0);
}
/// The indices that `show` reads in place of the tables, in which a number that is another one
/// leads to another row: the lowest bits of what is written there.
TEST_F(Store, FlipsOfIndicesOfARun) {
  const std::string whole = read_file(path("run/run.sqlite"));
  constexpr std::size_t page_size = 4096;
  std::mt19937 random(20261204);
  std::map<std::string, int> counts;
  for (const char* index : {"entries_states", "results_ranked"}) {
    std::size_t page = 0;
    {
      Database database(path("run/run.sqlite"), Database::Access::read_only);
      modesweep::Statement select(database, "SELECT rootpage FROM sqlite_master WHERE name = ?");
      ASSERT_TRUE(select.bind(std::string_view(index)).step());
      page = static_cast<std::size_t>(select.integer(0) - 1) * page_size;
    }
    std::vector<std::size_t> written;
    for (std::size_t i = page; i < page + page_size; ++i)
      if (whole[i] != 0) written.push_back(i);
    std::shuffle(written.begin(), written.end(), random);
    written.resize(std::min(written.size(), static_cast<std::size_t>(FLIPS) / 4));
    for (const std::size_t place : written) {
      const std::string run = copy_of("run");
      std::string flipped = whole;
      flipped[place] = static_cast<char>(flipped[place] ^ 1);
      folder_->write("copy_of_run/run.sqlite", flipped);
      const std::string outcome = outcome_of(run);
      ++counts[outcome];
      EXPECT_NE(outcome, "wrong") << index << ' ' << place;
    }
  }
  std::printf("flips of indices of a run: refused %d, repaired %d, unchanged %d, wrong %d\n",
              counts["refused"], counts["repaired"], counts["unchanged"], counts["wrong"]);
}

TEST_F(Store, FlipsOfTheResultCache) {
  const auto rank = [](const std::string& cache) {
    return modesweep({"rank", "--files", path("in"), "--cache-dir", cache, "--threads", "2",
                      "--format", "tsv", "--columns", columns, "--top", "0"});
  };
  const std::string all = std::to_string(structures + 3) + " from the result cache";
  std::mt19937 random(20261128);
  std::map<std::string, int> counts;
  for (int i = 0; i < FLIPS; ++i) {
    const std::string cache = copy_of("cache");
    flip_a_bit(cache + "/results.sqlite", random);
    const RunResult result = rank(cache);
    const bool served = result.err.find(all) != std::string::npos;
    const std::string outcome = result.exit_code != 0           ? "refused"
                                : result.out != shown_->front() ? "wrong"
                                : served                        ? "unchanged"
                                                                : "repaired";
    ++counts[outcome];
    EXPECT_NE(outcome, "wrong") << "flip " << i;
    EXPECT_NE(outcome, "refused") << "flip " << i << ": " << result.err;
  }
  std::printf("%d flips of the result cache: refused %d, repaired %d, unchanged %d, wrong %d\n",
              FLIPS, counts["refused"], counts["repaired"], counts["unchanged"], counts["wrong"]);
  EXPECT_GT(counts["repaired"], 0);
}

enum class Expected { repaired, lost, unchanged };

TEST_F(Store, ChangesOfARunBySql) {
  std::vector<double> nan_first(20, 0.01), too_large(20, 0.0005);
  nan_first[0] = std::numeric_limits<double>::quiet_NaN();
  too_large[0] = 0.99;
  const std::vector<std::pair<std::string, Expected>> changes = {
      {"DELETE FROM results WHERE number % 4 = 0", Expected::repaired},
      {"DELETE FROM results", Expected::repaired},
      {"DELETE FROM entries WHERE number = 3", Expected::lost},
      {"DELETE FROM entries WHERE number = (SELECT max(number) FROM entries)", Expected::lost},
      {"DELETE FROM entries; DELETE FROM results", Expected::lost},
      {"DELETE FROM parameters WHERE name = 'cutoff'", Expected::lost},
      {"DELETE FROM query", Expected::lost},
      {"DELETE FROM totals", Expected::lost},
      {"UPDATE results SET shares = " + blob(too_large) + " WHERE number = 5", Expected::repaired},
      {"UPDATE results SET shares = " + blob(nan_first) + " WHERE number = 5", Expected::repaired},
      {"UPDATE results SET shares = substr(shares, 1, 20) WHERE number = 5", Expected::repaired},
      {"UPDATE results SET eigenvalues = substr(eigenvalues, 9) WHERE number = 5",
       Expected::repaired},
      {"UPDATE results SET order_key = 0.9 WHERE number = 5", Expected::repaired},
      {"UPDATE results SET pdb_id = 'AAAA' WHERE number = 5", Expected::repaired},
      {"UPDATE results SET protein = 'P1' WHERE number < 3", Expected::repaired},
      {"UPDATE results SET number = -1 WHERE number = 1; UPDATE results SET number = 1 WHERE "
       "number = 2; UPDATE results SET number = 2 WHERE number = -1",
       Expected::repaired},
      {"UPDATE results SET number = 1000 WHERE number = 1", Expected::repaired},
      {"CREATE TEMP TABLE h AS SELECT number, sha256 FROM entries WHERE number IN (5, 9); UPDATE "
       "entries SET sha256 = (SELECT sha256 FROM h WHERE h.number = 14 - entries.number) WHERE "
       "number IN (5, 9)",
       Expected::repaired},
      {"CREATE TEMP TABLE f AS SELECT number, file FROM entries WHERE number IN (1, 2); UPDATE "
       "entries SET file = (SELECT file FROM f WHERE f.number = 3 - entries.number) WHERE number "
       "IN (1, 2)",
       Expected::lost},
      {"UPDATE entries SET state = 'failed', stage = 'parse', code = 'no_nodes', message = 'x', "
       "name = 'y' WHERE number = 1",
       Expected::repaired},
      {"UPDATE entries SET state = 'found', deaths = 3 WHERE number = 1; DELETE FROM results WHERE "
       "number = 1",
       Expected::repaired},
      {"UPDATE entries SET state = 'solved' WHERE state = 'failed'", Expected::repaired},
      {"UPDATE entries SET code = 'other', message = 'z' WHERE state = 'failed'",
       Expected::repaired},
      {"UPDATE parameters SET value = '16' WHERE name = 'cutoff'", Expected::lost},
      {"UPDATE parameters SET value = 'x' WHERE name = 'modes'", Expected::lost},
      {"INSERT INTO query VALUES('service', 'x'), ('records found', 'many')", Expected::lost},
      {"UPDATE totals SET digest = digest + 1", Expected::repaired},
      {"UPDATE totals SET results = results + 1", Expected::repaired},
      {"UPDATE totals SET entries = entries - 1", Expected::lost},
      {"PRAGMA user_version = 4", Expected::lost},
      {"PRAGMA user_version = 0", Expected::lost},
      // As an older schema has its tables, but for some of their columns.
      {"DROP INDEX results_ranked; ALTER TABLE results DROP COLUMN checksum; "
       "PRAGMA user_version = 4",
       Expected::lost},
      {"DROP INDEX results_ranked; ALTER TABLE results DROP COLUMN checksum; ALTER TABLE results "
       "DROP COLUMN order_key; ALTER TABLE entries DROP COLUMN asked; ALTER TABLE entries DROP "
       "COLUMN checksum; DROP TABLE totals; PRAGMA user_version = 4",
       Expected::lost},
      {"ALTER TABLE entries ADD COLUMN early_deaths; PRAGMA user_version = 4", Expected::lost},
      {"DROP TABLE totals; PRAGMA user_version = 5", Expected::lost},
      {"ALTER TABLE entries DROP COLUMN checksum; PRAGMA user_version = 5", Expected::lost},
      {"PRAGMA user_version = 5", Expected::lost},
      {"PRAGMA user_version = 6", Expected::lost},
      {"PRAGMA user_version = 99", Expected::lost},
      {"ALTER TABLE totals DROP COLUMN list", Expected::lost},
      {"ALTER TABLE entries DROP COLUMN message", Expected::lost},
      {"ALTER TABLE entries RENAME TO others", Expected::lost},
      {"ALTER TABLE results RENAME COLUMN title TO titles", Expected::lost},
      {"DROP TABLE parameters", Expected::lost},
      {"UPDATE results SET shares = 5 WHERE number = 5", Expected::repaired},
      // Bytes are no text: SQL finds, groups and sorts them apart.
      {"UPDATE results SET protein = CAST(protein AS BLOB)", Expected::repaired},
      {"UPDATE results SET pdb_id = CAST(pdb_id AS BLOB) WHERE number = 5", Expected::repaired},
      {"UPDATE entries SET state = CAST(state AS BLOB) WHERE state = 'failed'", Expected::repaired},
      {"UPDATE entries SET state = CAST(state AS BLOB)", Expected::repaired},
      {"UPDATE entries SET code = CAST(code AS BLOB) WHERE state = 'failed'", Expected::repaired},
      {"UPDATE entries SET file = 5 WHERE number = 5", Expected::lost},
      {"UPDATE totals SET digest = 'x'", Expected::repaired},
      // One entry in the place of another, with all that is written of it.
      {"CREATE TEMP TABLE e AS SELECT * FROM entries WHERE number = 3; UPDATE e SET number = 4; "
       "INSERT OR REPLACE INTO entries SELECT * FROM e; CREATE TEMP TABLE r AS SELECT * FROM "
       "results WHERE number = 3; UPDATE r SET number = 4; INSERT OR REPLACE INTO results SELECT "
       "* FROM r",
       Expected::lost},
      {"DROP INDEX results_ranked", Expected::unchanged},
      {"UPDATE entries SET time = '2999-01-01T00:00:00Z'", Expected::unchanged},
  };
  for (const auto& [sql, expected] : changes) {
    const std::string run = copy_of("run");
    change(run + "/run.sqlite", sql);
    const RunResult shown = show(run, {"--top", "0"});
    const RunResult checked = modesweep({"show", "--check", run});
    const RunResult resumed = resume(run);
    if (expected == Expected::unchanged) {
      EXPECT_EQ(shown.exit_code, 0) << sql << shown.err;
      EXPECT_EQ(checked.exit_code, 0) << sql << checked.out;
    } else {
      EXPECT_TRUE(shown.exit_code == 4 || shown.exit_code == 2) << sql << shown.err;
      EXPECT_TRUE(is_one_sentence(shown.err)) << sql << '\n' << shown.err;
      EXPECT_TRUE(checked.exit_code == 7 || checked.exit_code == 2) << sql << checked.err;
      EXPECT_NE(checked.out + checked.err, "") << sql;
    }
    if (expected == Expected::lost) {
      EXPECT_TRUE(resumed.exit_code == 4 || resumed.exit_code == 2) << sql << resumed.err;
      EXPECT_TRUE(is_one_sentence(resumed.err)) << sql << '\n' << resumed.err;
      EXPECT_EQ(resumed.out, "");
      continue;
    }
    EXPECT_EQ(resumed.exit_code, 0) << sql << resumed.err;
    EXPECT_EQ(resumed.out, shown_->front()) << sql;
    const bool said = resumed.err.find("damaged") != std::string::npos;
    EXPECT_EQ(said, expected == Expected::repaired) << sql << resumed.err;
    EXPECT_EQ(modesweep({"show", "--check", run}).exit_code, 0) << sql;
  }
}

TEST_F(Store, CutsOfARun) {
  const auto whole = fs::file_size(path("run/run.sqlite"));
  for (const std::uintmax_t size :
       {whole - 1, whole - 4096, whole / 2, whole / 4, std::uintmax_t{8192}, std::uintmax_t{4096},
        std::uintmax_t{100}, std::uintmax_t{99}}) {
    const std::string run = copy_of("run");
    fs::resize_file(run + "/run.sqlite", size);
    const std::string outcome = outcome_of(run);
    EXPECT_TRUE(outcome == "refused" || outcome == "repaired") << size << outcome;
  }
}

/// A log beside the file is taken for what a killed process left: that of this run, damaged, or
/// that of another.
TEST_F(Store, LogsFromElsewhere) {
  ASSERT_EQ(modesweep({"rank", "--files", path("in"), "--run", path("cut_at_12"), "--cutoff", "12",
                       "--no-result-cache"})
                .exit_code,
            0);
  std::map<std::string, std::string> logs;
  for (const char* run : {"run", "cut_at_12"}) {
    const std::string copy = copy_of(run);
    change(copy + "/run.sqlite", "DELETE FROM results");
    // Another connection keeps the log from being brought into the file.
    Database other(copy + "/run.sqlite");
    other.execute("BEGIN; SELECT count(*) FROM entries");
    ASSERT_EQ(resume(copy).exit_code, 0);
    logs[run] = read_file(copy + "/run.sqlite-wal");
    ASSERT_GT(logs[run].size(), 4096u);
    if (run == std::string("run")) {
      fs::create_directory(path("logged"));
      fs::copy_file(copy + "/run.sqlite", path("logged/run.sqlite"));
    }
  }
  const auto outcome_with = [&](const char* folder, const std::string& log) {
    const std::string run = copy_of(folder);
    folder_->write(std::string("copy_of_") + folder + "/run.sqlite-wal", log);
    return outcome_of(run, true);
  };
  EXPECT_EQ(outcome_with("logged", logs["run"]), "unchanged");
  std::map<std::string, int> counts;
  for (const char* folder : {"run", "logged"}) {
    for (const auto& [name, log] : logs)
      for (const std::size_t parts : {1, 3})
        ++counts[outcome_with(folder, log.substr(0, log.size() / parts))];
    ++counts[outcome_with(folder, read_file(path("run/run.sqlite")))];
  }
  std::mt19937 random(20261203);
  for (int i = 0; i < FLIPS / 8; ++i) {
    const std::string run = copy_of("logged");
    folder_->write("copy_of_logged/run.sqlite-wal", logs["run"]);
    flip_a_bit(run + "/run.sqlite-wal", random);
    ++counts[outcome_of(run, true)];
  }
  std::printf("logs: refused %d, repaired %d, unchanged %d, wrong %d\n", counts["refused"],
              counts["repaired"], counts["unchanged"], counts["wrong"]);
  EXPECT_EQ(counts["wrong"], 0);
}

/// Rows, entries and totals of runs of the same files whose checksums are right: there.
TEST_F(Store, RowsOfAnotherRunAreNotItsOwn) {
  const auto rank = [](const std::string& run, std::vector<std::string> more) {
    more.insert(more.begin(), {"rank", "--run", path(run), "--no-result-cache", "--files"});
    EXPECT_EQ(modesweep(more).exit_code, 0);
  };
  rank("other_parameters", {path("in"), "--cutoff", "12"});
  folder_->write("elsewhere/h3.pdb", pdb_text(helix(90)));
  rank("other_files", {path("elsewhere")});
  const auto all_of = [](const std::string& table) {
    return "DELETE FROM " + table + "; INSERT INTO " + table + " SELECT * FROM other." + table +
           ";";
  };
  for (const auto& [other, sql, expected] :
       std::vector<std::tuple<std::string, std::string, Expected>>{
           {"other_parameters",
            "INSERT OR REPLACE INTO results SELECT * FROM other.results WHERE "
            "number IN (3, 4)",
            Expected::repaired},
           {"other_parameters", all_of("results"), Expected::repaired},
           {"other_parameters", all_of("results") + all_of("totals"), Expected::lost},
           {"other_parameters", all_of("results") + all_of("entries"), Expected::repaired},
           {"other_parameters", all_of("results") + all_of("entries") + all_of("totals"),
            Expected::lost},
           {"other_parameters",
            "INSERT OR REPLACE INTO entries SELECT * FROM other.entries WHERE "
            "state = 'failed'",
            Expected::repaired},
           {"other_parameters", all_of("parameters"), Expected::lost},
           {"other_files", "INSERT OR REPLACE INTO results SELECT * FROM other.results",
            Expected::repaired},
           {"other_files", "INSERT OR REPLACE INTO entries SELECT * FROM other.entries",
            Expected::lost},
           {"other_files",
            "INSERT OR REPLACE INTO entries SELECT * FROM other.entries; INSERT OR "
            "REPLACE INTO results SELECT * FROM other.results",
            Expected::lost}}) {
    const std::string run = copy_of("run");
    change(run + "/run.sqlite", "ATTACH '" + path(other) + "/run.sqlite' AS other; " + sql);
    const RunResult shown = show(run, {"--top", "0"});
    EXPECT_EQ(shown.exit_code, 4) << sql << shown.err;
    EXPECT_EQ(modesweep({"show", "--check", run}).exit_code, 7) << sql;
    const RunResult resumed = resume(run);
    EXPECT_EQ(resumed.exit_code, expected == Expected::lost ? 4 : 0) << sql << resumed.err;
    EXPECT_EQ(resumed.out, expected == Expected::lost ? "" : shown_->front()) << sql;
    EXPECT_NE(resumed.err.find("damaged"), std::string::npos) << sql << resumed.err;
  }
}

TEST_F(Store, WhatIsMissingIsCounted) {
  const std::string run = copy_of("run");
  change(run + "/run.sqlite", "DELETE FROM results WHERE number IN (5, 6, 7)");
  const RunResult checked = modesweep({"show", "--check", run});
  EXPECT_EQ(checked.exit_code, 7);
  EXPECT_NE(checked.out.find("(entry 6): it is solved, and its row is missing"), std::string::npos)
      << checked.out;
  const RunResult report = modesweep({"report", run, "-o", path("page.html")});
  EXPECT_EQ(report.exit_code, 4) << report.err;
  EXPECT_FALSE(fs::exists(path("page.html")));
  EXPECT_NE(resume(run).err.find("kept of 3 is missing"), std::string::npos);
}

TEST_F(Store, ChangesOfTheResultCacheBySql) {
  const auto rank = [](const std::string& cache) {
    return modesweep({"rank", "--files", path("in"), "--cache-dir", cache, "--threads", "2",
                      "--format", "tsv", "--columns", columns, "--top", "0"});
  };
  std::vector<double> nan_first(20, 0.01), too_large(20, 0.0005);
  nan_first[0] = std::numeric_limits<double>::quiet_NaN();
  too_large[0] = 0.99;
  const std::string one = " WHERE rowid = 5";
  for (const std::string& sql :
       {"UPDATE results SET shares = " + blob(too_large) + one,
        "UPDATE results SET shares = " + blob(nan_first) + one,
        "UPDATE results SET shares = substr(shares, 1, 20)" + one,
        "UPDATE results SET eigenvalues = substr(eigenvalues, 9)" + one,
        "UPDATE results SET shares = CAST('text' AS BLOB)" + one,
        "UPDATE results SET residues = NULL + 1, residues = 7" + one,
        "UPDATE results SET parameters = parameters || ' '" + one,
        std::string("CREATE TEMP TABLE h AS SELECT rowid AS r, sha256 FROM results WHERE rowid IN "
                    "(4, 5); UPDATE results SET sha256 = 'x' WHERE rowid = 4; UPDATE results SET "
                    "sha256 = (SELECT sha256 FROM h WHERE r = 4) WHERE rowid = 5; UPDATE results "
                    "SET sha256 = (SELECT sha256 FROM h WHERE r = 5) WHERE rowid = 4")}) {
    const std::string cache = copy_of("cache");
    change(cache + "/results.sqlite", sql);
    const RunResult first = rank(cache);
    EXPECT_EQ(first.exit_code, 0) << first.err;
    EXPECT_EQ(first.out, shown_->front()) << sql;
    const bool said = first.err.find("damaged and solved again") != std::string::npos;
    EXPECT_EQ(said, sql.find("SET parameters") == std::string::npos) << sql << first.err;
    const RunResult second = rank(cache);
    EXPECT_EQ(second.out, shown_->front()) << sql;
    EXPECT_NE(second.err.find(std::to_string(structures + 3) + " from the result cache"),
              std::string::npos)
        << "what was damaged was not replaced: " << sql << second.err;
  }
}

TEST_F(Store, WhatWasNeverBegunIsNoRun) {
  const std::string run = path("never_begun"), page = path("never.html");
  const std::string nothing = "modesweep: there is no run in " + run + "\n";
  for (const bool is_database : {false, true}) {
    fs::remove_all(run);
    folder_->write("never_begun/run.sqlite", "");
    if (is_database) change(run + "/run.sqlite", "VACUUM");
    const std::string before = read_file(run + "/run.sqlite");
    for (const std::vector<std::string>& command :
         std::vector<std::vector<std::string>>{{"show", run},
                                               {"show", "--check", run},
                                               {"report", run, "-o", page},
                                               {"resume", run}}) {
      const RunResult result = modesweep(command);
      EXPECT_EQ(result.exit_code, 2) << command[0];
      EXPECT_EQ(result.err, nothing) << command[0];
      EXPECT_EQ(result.out, "") << command[0];
    }
    EXPECT_FALSE(fs::exists(page));
    EXPECT_TRUE(read_file(run + "/run.sqlite") == before);
    EXPECT_FALSE(fs::exists(run + "/run.lock"));
    EXPECT_EQ(modesweep({"rank", "--files", path("in/h1.pdb"), "--run", run}).exit_code, 0);
    EXPECT_EQ(modesweep({"show", run}).exit_code, 0);
  }
}

TEST_F(Store, WhatIsRefusedLeavesNoRun) {
  const std::string above = path("new"), run = above + "/deep/run";
  for (const std::vector<std::string>& more : std::vector<std::vector<std::string>>{
           {"--files", path("in"), "-o", path("nowhere/x")},
           {"--files", path("in"), "-o", path("in")},
           {"--files", path("in"), "-o", path("in/h1.pdb")},
           {"--files", path("in"), "--failures", run + "/run.sqlite"},
           {"--files", path("in"), "-o", run + "/x/y.tsv"},
           {"kinase", "--archive", path("nowhere")},
           {"kinase", "--offline"},
           {"--ids", "12345678"}}) {
    std::vector<std::string> command = {"rank", "--run", run, "--cache-dir", path("new_cache")};
    command.insert(command.end(), more.begin(), more.end());
    const RunResult result = modesweep(command);
    EXPECT_NE(result.exit_code, 0) << more.back();
    EXPECT_FALSE(fs::exists(above)) << more.back() << result.err;
  }
  // What was there stays there.
  fs::create_directories(above);
  folder_->write("new/note", "mine");
  EXPECT_EQ(
      modesweep({"rank", "--run", above, "--files", path("in"), "-o", path("nowhere/x")}).exit_code,
      6);
  EXPECT_EQ(std::distance(fs::directory_iterator(above), {}), 1);
  EXPECT_EQ(read_file(above + "/note"), "mine");
  const std::string kept = copy_of("run");
  EXPECT_EQ(modesweep({"rank", "--run", kept, "--files", path("in"), "--columns", columns, "-o",
                       path("nowhere/x")})
                .exit_code,
            6);
  EXPECT_EQ(show(kept, {"--top", "0"}).out, shown_->front());
  // A database of another program stays as it is.
  const std::string strange = path("strange");
  folder_->write("strange/run.sqlite", "");
  change(strange + "/run.sqlite", "CREATE TABLE t(x); PRAGMA user_version = 5");
  const std::string before = read_file(strange + "/run.sqlite");
  EXPECT_EQ(modesweep({"rank", "--run", strange, "--files", path("in")}).exit_code, 2);
  EXPECT_TRUE(read_file(strange + "/run.sqlite") == before);
  EXPECT_EQ(std::distance(fs::directory_iterator(strange), {}), 1);
}

/// Whoever opens it has to look what it is.
TEST_F(Store, NoLinkIsFollowedAndNoFifoWaitedFor) {
  for (const char* name : {"run.lock", "run.crash", "run.sqlite", "run.sqlite-wal",
                           "run.sqlite-shm", "run.sqlite-journal"})
    for (const char* kind : {"symbolic", "hard", "dangling", "fifo", "folder"}) {
      const std::string run = copy_of("run");
      const fs::path file = fs::path(run) / name, victim = path("victim");
      // The victim of a database is one that could be read.
      fs::remove_all(victim);
      fs::copy_file(path("run/run.sqlite"), victim);
      const std::string before = read_file(victim);
      fs::remove(file);
      if (kind == std::string("symbolic")) fs::create_symlink(victim, file);
      if (kind == std::string("hard")) fs::create_hard_link(victim, file);
      if (kind == std::string("dangling")) fs::create_symlink(path("nothing"), file);
      if (kind == std::string("fifo")) ::mkfifo(file.c_str(), 0600);
      if (kind == std::string("folder")) fs::create_directory(file);
      const RunResult resumed = resume(run);
      EXPECT_TRUE(resumed.exit_code == 6 || resumed.exit_code == 4) << name << kind << resumed.err;
      EXPECT_TRUE(is_one_sentence(resumed.err)) << name << ' ' << kind << resumed.err;
      const RunResult shown = show(run, {"--top", "0"});
      EXPECT_LT(shown.exit_code, 5) << name << kind << shown.err;
      if (shown.exit_code == 0) {
        EXPECT_EQ(shown.out, shown_->front()) << name << kind;
      }
      EXPECT_TRUE(read_file(victim) == before) << name << ' ' << kind;
      EXPECT_FALSE(fs::exists(path("nothing"))) << name;
    }
}

TEST_F(Store, NorInTheCache) {
  for (const char* name : {"results.sqlite", "results.sqlite-wal", "results.sqlite-journal"})
    for (const char* kind : {"symbolic", "hard", "dangling", "fifo"}) {
      const std::string cache = copy_of("cache");
      const fs::path file = fs::path(cache) / name, victim = path("victim");
      fs::remove_all(victim);
      fs::copy_file(path("cache/results.sqlite"), victim);
      const std::string before = read_file(victim);
      fs::remove(file);
      if (kind == std::string("symbolic")) fs::create_symlink(victim, file);
      if (kind == std::string("hard")) fs::create_hard_link(victim, file);
      if (kind == std::string("dangling")) fs::create_symlink(path("nothing"), file);
      if (kind == std::string("fifo")) ::mkfifo(file.c_str(), 0600);
      const RunResult ranked =
          modesweep({"rank", "--files", path("in"), "--cache-dir", cache, "--threads", "2",
                     "--format", "tsv", "--columns", columns, "--top", "0"});
      EXPECT_EQ(ranked.exit_code, 0) << ranked.err;
      EXPECT_EQ(ranked.out, shown_->front());
      const RunResult cleared = modesweep({"cache", "clear", "--cache-dir", cache});
      EXPECT_EQ(cleared.exit_code, 0) << cleared.err;
      EXPECT_TRUE(read_file(victim) == before) << name << ' ' << kind;
      EXPECT_FALSE(fs::exists(path("nothing"))) << name;
    }
}

TEST_F(Store, AStrangersFilesAreNotWorkedOn) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can give a file to somebody else";
  const std::string run = copy_of("run");
  fs::permissions(run, fs::perms(01777));
  ASSERT_EQ(::chown((run + "/run.lock").c_str(), 65533, 65533), 0);
  const RunResult resumed = resume(run);
  EXPECT_EQ(resumed.exit_code, 6) << resumed.err;
  EXPECT_NE(resumed.err.find("belongs to another user"), std::string::npos) << resumed.err;
  // A group's folder, where who may write is trusted.
  fs::permissions(run, fs::perms(02775));
  EXPECT_EQ(resume(run).exit_code, 0);
}

/// As a process that was killed leaves it, and as somebody copies it.
TEST_F(Store, ARunIsReadWithoutItsLog) {
  const TempDir folder;
  modesweep::SilentReporter reporter;
  const auto store = modesweep::RunStore::open(folder.path() / "run", reporter);
  store->begin({{"cutoff", "15"}, {"modes", "20"}}, {{"source", "files"}},
               {{0, "", path("in/h1.pdb")}, {1, "", path("in/h2.pdb")}});
  fs::create_directory(folder.path() / "copy");
  fs::copy_file(folder.path() / "run/run.sqlite", folder.path() / "copy/run.sqlite");
  const RunResult shown = modesweep({"show", (folder.path() / "copy").string()});
  EXPECT_EQ(shown.exit_code, 3) << shown.err;
  EXPECT_NE(shown.err.find("2 found"), std::string::npos) << shown.err;
  EXPECT_EQ(modesweep({"show", "--check", (folder.path() / "copy").string()}).exit_code, 0);
  const RunResult resumed = resume((folder.path() / "copy").string());
  EXPECT_EQ(resumed.exit_code, 0) << resumed.err;
  EXPECT_EQ(std::count(resumed.out.begin(), resumed.out.end(), '\n'), 3) << resumed.out;
}

/// The same with its log, where nothing can be written: the log's index cannot be made there.
TEST_F(Store, ARunIsReadWhereNothingCanBeWritten) {
  const std::string run = copy_of("run");
  {
    // Another connection keeps the log from being brought into the file.
    Database other(run + "/run.sqlite");
    other.execute("BEGIN; SELECT count(*) FROM entries");
    ASSERT_EQ(resume(run).exit_code, 0);
    fs::remove_all(path("killed"));
    fs::create_directory(path("killed"));
    for (const char* name : {"run.sqlite", "run.sqlite-wal"})
      if (fs::exists(fs::path(run) / name))
        fs::copy_file(fs::path(run) / name, path("killed") + "/" + name);
    ASSERT_TRUE(fs::exists(path("killed/run.sqlite-wal")));
  }
  for (const bool with_log : {true, false}) {
    if (!with_log)
      fs::copy_file(path("run/run.sqlite"), path("killed/run.sqlite"),
                    fs::copy_options::overwrite_existing),
          fs::remove(path("killed/run.sqlite-wal"));
    const std::string command = test_support::modesweep_program() + " show '" + path("killed") +
                                "' --format tsv --top 0 --columns " + columns;
    RunResult result;
    if (::geteuid() == 0) {
      const std::string mount = "mount --make-rprivate / && mount --bind '" + path("killed") +
                                "' '" + path("killed") + "' && mount -o remount,bind,ro '" +
                                path("killed") + "'";
      if (test_support::run({"unshare", "-m", "sh", "-c", mount}).exit_code != 0)
        GTEST_SKIP() << "this user may not mount a file system";
      result = test_support::run({"unshare", "-m", "sh", "-c", mount + " && exec " + command});
    } else {
      fs::permissions(path("killed"), fs::perms(0555));
      result = test_support::run({"sh", "-c", command});
      fs::permissions(path("killed"), fs::perms(0755));
    }
    EXPECT_EQ(result.exit_code, 0) << result.err;
    EXPECT_EQ(result.out, shown_->front()) << with_log;
  }
}

double milliseconds_of(const std::vector<std::string>& arguments) {
  const auto start = std::chrono::steady_clock::now();
  EXPECT_EQ(test_support::run_modesweep(arguments).exit_code, 0);
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start)
      .count();
}

/// Ends the command at a random moment of the time that it takes undisturbed; whether it was ended.
bool is_killed(const std::vector<std::string>& arguments, double milliseconds,
               std::mt19937& random) {
  RunOptions options;
  const int moment =
      std::uniform_int_distribution<int>(1, 2 + static_cast<int>(milliseconds))(random);
  options.signals = {{SIGKILL, test_support::after(moment)}};
  return test_support::run_modesweep(arguments, options).exit_code == 128 + SIGKILL;
}

/// Commands that are killed while they read or clear a cache leave one that works.
TEST_F(Store, KillsInsideCache) {
  test_support::FakeFileHost host;
  std::string ids;
  for (int i = 0; i < 40; ++i) {
    const std::string id = "1A" + std::to_string(10 + i);
    host.add(id, test_support::small_mmcif(id));
    ids += (i > 0 ? "," : "") + id;
  }
  const auto rank = [&](const std::string& cache) {
    return modesweep({"rank", "--ids", ids, "--cache-dir", cache, "--threads", "2", "--format",
                      "tsv", "--columns", "rank,pdb_id,shares,sha256", "--top", "0",
                      "--download-url", host.url_template(), "--min-residues", "5"});
  };
  const RunResult wanted = rank(path("cached"));
  ASSERT_EQ(wanted.exit_code, 0) << wanted.err;
  std::mt19937 random(20261129);
  std::map<std::string, double> times;
  for (const char* action : {"list", "verify", "clear"})
    times[action] = milliseconds_of({"cache", action, "--cache-dir", copy_of("cached")});
  int killed = 0;
  for (int i = 0; i < KILLS; ++i)
    for (const char* action : {"list", "verify", "clear"}) {
      const std::string cache = copy_of("cached");
      killed += is_killed({"cache", action, "--cache-dir", cache}, times[action], random) ? 1 : 0;
      const RunResult verified = modesweep({"cache", "verify", "--cache-dir", cache});
      EXPECT_EQ(verified.exit_code, 0) << action << verified.err;
      const RunResult ranked = rank(cache);
      EXPECT_EQ(ranked.exit_code, 0) << ranked.err;
      EXPECT_EQ(ranked.out, wanted.out) << action;
      EXPECT_EQ(ranked.err.find("warning"), std::string::npos) << ranked.err;
    }
  std::printf("%d of %d commands on a cache were killed before they ended\n", killed, 3 * KILLS);
}

/// A page is the one before or the new one, whole, and so is what bears a temporary name where the
/// kill fell between the page's two names.
TEST_F(Store, KillsInsideReport) {
  const std::string pages = path("pages"), page = pages + "/page.html";
  fs::create_directories(pages);
  const std::vector<std::string> report = {"report", path("run"), "-o", page};
  const double time = milliseconds_of(report);
  const std::string old_page = "the page before";
  std::mt19937 random(20261130);
  int killed = 0, old_ones = 0;
  for (int i = 0; i < 3 * KILLS; ++i) {
    folder_->write("pages/page.html", old_page);
    killed += is_killed(report, time, random) ? 1 : 0;
    const std::string now = read_file(page);
    const bool is_old = now == old_page;
    old_ones += is_old ? 1 : 0;
    EXPECT_TRUE(is_old || now.ends_with("</html>\n")) << now.size();
  }
  EXPECT_EQ(modesweep(report).exit_code, 0);
  const int unnamed = ::open(pages.c_str(), O_TMPFILE | O_WRONLY, 0600);
  if (unnamed < 0) GTEST_SKIP() << "this file system has no files without names";
  ::close(unnamed);
  int left = -1;
  for (const auto& file : fs::directory_iterator(pages)) {
    ++left;
    EXPECT_TRUE(read_file(file.path()).ends_with("</html>\n")) << file.path();
  }
  std::printf(
      "%d of %d reports were killed; the page before was left by %d, a temporary name by %d\n",
      killed, 3 * KILLS, old_ones, left);
}

}  // namespace
