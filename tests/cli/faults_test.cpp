// SPDX-License-Identifier: MIT
// Disks that are full or cannot be written, limits of the shell, terms that quote: the run goes on
// where it can, and says in a sentence where it cannot.
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <sstream>

#include <modesweep/run_store.hpp>

#include "base/sqlite.hpp"
#include "support/kept_run.hpp"
#include "support/process.hpp"
#include "support/structure_text.hpp"
#include "support/temp_dir.hpp"

namespace {

using test_support::helix;
using test_support::pdb_text;
using test_support::read_file;
using test_support::RunOptions;
using test_support::RunResult;
using test_support::TempDir;

constexpr int entries = 60;

class Faults : public testing::Test {
 protected:
  Faults() {
    for (int i = 0; i < entries; ++i)
      folder_.write("in/h" + std::to_string(i) + ".pdb", pdb_text(helix(20 + i)));
    std::filesystem::create_directory(folder_.path() / "disk");
  }
  std::string path(const std::string& name) const { return (folder_.path() / name).string(); }

  RunResult shell(const std::string& script) const {
    RunOptions options;
    options.environment["MODESWEEP_CACHE_DIR"] = path("cache");
    options.folder = folder_.path().string();
    return test_support::run({"bash", "-c", script}, options);
  }
  /// A command in the fixture's folder, where all paths are relative.
  static std::string rank(const std::string& more) {
    return test_support::modesweep_program() + " rank --files in --format tsv --top 0 " + more;
  }
  /// The script with a disk of `kilobytes` at `disk`, or nothing where we may not mount.
  std::optional<RunResult> on_small_disk(int kilobytes, const std::string& script) const {
    const std::string mount = "mount -t tmpfs -o size=" + std::to_string(kilobytes) + "k none disk";
    if (shell("unshare -m sh -c '" + mount + "'").exit_code != 0) return std::nullopt;
    return shell("unshare -m bash -c '" + mount + " && " + script + "'");
  }
  /// The script where `disk` can be read only: for root, folders' permissions say nothing.
  std::optional<RunResult> on_read_only_disk(const std::string& script) const {
    if (::geteuid() != 0) {
      std::filesystem::permissions(path("disk"), std::filesystem::perms(0555));
      const RunResult result = shell(script);
      std::filesystem::permissions(path("disk"), std::filesystem::perms(0755));
      return result;
    }
    const std::string mount = "mount --bind disk disk && mount -o remount,bind,ro disk";
    if (shell("unshare -m sh -c '" + mount + "'").exit_code != 0) return std::nullopt;
    return shell("unshare -m bash -c '" + mount + " && " + script + "'");
  }
  static long rows(const std::string& table) {
    return std::count(table.begin(), table.end(), '\n') - 1;
  }
  static void expect(const RunResult& result, int exit_code, const std::string& words) {
    EXPECT_EQ(result.exit_code, exit_code) << result.err;
    EXPECT_NE(result.err.find(words), std::string::npos) << words << "\n" << result.err;
  }
  static long warnings(const RunResult& result) {
    long count = 0;
    for (std::size_t at = 0; (at = result.err.find("warning:", at)) != std::string::npos; ++at)
      ++count;
    return count;
  }

  TempDir folder_;
};

constexpr const char* no_mounts = "this user may not mount a file system";

TEST_F(Faults, AFullDiskUnderTheResultCache) {
  const auto result = on_small_disk(80, rank("--cache-dir disk"));
  if (!result) GTEST_SKIP() << no_mounts;
  expect(*result, 0, "the result cache is not used any more");
  EXPECT_EQ(warnings(*result), 1) << result->err;
  EXPECT_EQ(rows(result->out), entries);
}

TEST_F(Faults, AFullDiskUnderTheRunStore) {
  const auto result = on_small_disk(
      220, rank("--run disk/run") + "; echo $? >code; cp -r disk/run kept; " + "exit $(cat code)");
  if (!result) GTEST_SKIP() << no_mounts;
  expect(*result, 6, "can no longer be written");
  EXPECT_EQ(warnings(*result), 1) << result->err;
  EXPECT_EQ(rows(result->out), entries) << "what was computed is printed";
  // What was kept before is whole, and the run goes on from there.
  const std::size_t kept = test_support::ranking_of(path("kept")).rows.size();
  EXPECT_GT(kept, 0u);
  EXPECT_LT(kept, std::size_t{entries});
  const RunResult resumed = shell(test_support::modesweep_program() +
                                  " resume kept --no-result-cache --format tsv --top 0");
  expect(resumed, 0,
         std::to_string(kept) + (kept == 1 ? " entry was" : " entries were") + " finished before");
  EXPECT_EQ(resumed.out, result->out);
}

TEST_F(Faults, AFullDiskUnderTheOutput) {
  const auto result = on_small_disk(4, rank("-o disk/r.tsv"));
  if (!result) GTEST_SKIP() << no_mounts;
  expect(*result, 6, "No space left on device");
  EXPECT_EQ(rows(result->out), entries);
}

// A limit on the size of files is a full disk that any user can make.
TEST_F(Faults, FilesThatMayNotGrow) {
  const RunResult cached = shell("ulimit -f 60; exec " + rank(""));
  expect(cached, 0, "the result cache is not used any more");
  EXPECT_EQ(rows(cached.out), entries);
  const RunResult kept = shell("ulimit -f 100; exec " + rank("--run run --no-result-cache"));
  expect(kept, 6, "can no longer be written");
  EXPECT_EQ(rows(kept.out), entries);
  EXPECT_EQ(kept.out, cached.out);
  const RunResult resumed = shell(rank("--run run --no-result-cache"));
  expect(resumed, 0, "entries were finished before");
  EXPECT_EQ(resumed.out, kept.out);
}

TEST_F(Faults, FoldersThatCannotBeWritten) {
  const RunResult whole = shell(rank("--run disk/run"));
  ASSERT_EQ(whole.exit_code, 0) << whole.err;
  const auto cache = on_read_only_disk(rank("--cache-dir disk/cache"));
  if (!cache) GTEST_SKIP() << no_mounts;
  expect(*cache, 0, "the result cache is not used any more");
  EXPECT_EQ(cache->out, whole.out);
  expect(*on_read_only_disk(rank("--run disk/new")), 6, "disk/new cannot be written");
  const std::string program = test_support::modesweep_program();
  const auto resumed = on_read_only_disk(program + " resume disk/run");
  if (::geteuid() == 0) {  // for others, the files in the folder can still be written
    expect(*resumed, 6, "cannot be written");
  }
  expect(*on_read_only_disk(rank("-o disk/r.tsv")), 6, "disk/r.tsv");
  const auto shown = on_read_only_disk(program + " show disk/run --format tsv --top 0");
  expect(*shown, 0, "60 solved");
  EXPECT_EQ(shown->out, whole.out);
}

TEST_F(Faults, FewFileDescriptors) {
  const RunResult result = shell("ulimit -n 64; exec " + rank("--run run --threads 32"));
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(warnings(result), 1) << result.err;
  EXPECT_NE(result.err.find(" of 32 threads can be started"), std::string::npos) << result.err;
  EXPECT_EQ(rows(result.out), entries);
}

TEST_F(Faults, TwoGigabytesOfAddresses) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "sanitizers need more addresses than that";
#endif
  const RunResult result = shell("ulimit -v 2097152; exec " + rank("--run run --threads 2"));
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(warnings(result), 0) << result.err;
  EXPECT_EQ(rows(result.out), entries);
}

TEST_F(Faults, ATermOfShellAndSqlCharacters) {
  const std::string term =
      "helix'); DROP TABLE entries;-- \"$(touch pwned)\" `touch pwned` | & > pwned ' % _ ? \\ * {}";
  folder_.write("archive/a.pdb",
                pdb_text(helix(20), "1ABC", "HELIX DROP TABLE ENTRIES TOUCH PWNED"));
  folder_.write("archive/b.pdb", pdb_text(helix(30), "2ABC", "SOMETHING ELSE"));
  RunOptions options;
  options.environment["MODESWEEP_CACHE_DIR"] = path("cache");
  options.folder = folder_.path().string();
  const std::vector<std::string> command = {test_support::modesweep_program(),
                                            "rank",
                                            term,
                                            "--archive",
                                            "archive",
                                            "--run",
                                            "run",
                                            "--format",
                                            "tsv",
                                            "--columns",
                                            "pdb_id"};
  const RunResult result = test_support::run(command, options);
  expect(result, 0, term);
  EXPECT_EQ(result.out, "pdb_id\n1ABC\n");
  const RunResult again = test_support::run(command, options);
  expect(again, 0, "1 entry was finished before");
  EXPECT_EQ(again.out, result.out);
  const RunResult shown = shell(test_support::modesweep_program() + " show run --format tsv");
  expect(shown, 0, "query       " + term);
  EXPECT_FALSE(std::filesystem::exists(path("pwned")));
  EXPECT_EQ(modesweep::RunView::open(path("run"))->query().at("term"), term);
}

TEST_F(Faults, AClockThatWasSetBack) {
  const RunResult first = shell(rank("--run run"));
  ASSERT_EQ(first.exit_code, 0) << first.err;
  {
    // The run as a clock that was ahead by centuries would have left it, half done.
    modesweep::Database database(path("run") + "/run.sqlite");
    database.execute("UPDATE entries SET time = '2525-01-01T00:00:00Z'");
    database.execute("UPDATE entries SET state = 'found', started = 1 WHERE number % 2 = 0");
    database.execute("DELETE FROM results WHERE number % 2 = 0");
  }
  const RunResult second = shell(rank("--run run"));
  expect(second, 0, "30 entries were finished before");
  EXPECT_EQ(second.out, first.out);
}

TEST_F(Faults, SeveralProcessesShareTheResultCache) {
  const std::string one = rank("--quiet -o $i.tsv");
  const RunResult result =
      shell("for i in 1 2 3 4; do " + one + " & done; wait; cat *.tsv | sort -u | wc -l");
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_TRUE(result.err.empty()) << result.err;
  EXPECT_EQ(result.out, std::to_string(entries + 1) + "\n") << "all four have the same rows";
  expect(shell(rank("")), 0, "60 from the result cache");
}

}  // namespace
