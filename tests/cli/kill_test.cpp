// SPDX-License-Identifier: MIT
// kill -9 at random moments of a run that is gone on with each time: nothing is lost.
#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <map>
#include <random>

#include <modesweep/run_store.hpp>

#include "base/sqlite.hpp"
#include "support/data_files.hpp"
#include "support/kept_run.hpp"
#include "support/process.hpp"
#include "support/temp_dir.hpp"

namespace {

using modesweep::Row;

constexpr int threads = 2;  // entries in flight

/// Copies of the demonstration's real files under names of their own.
void make_entries(const test_support::TempDir& folder, int count) {
  std::vector<std::filesystem::path> files;
  for (const auto& file :
       std::filesystem::recursive_directory_iterator(test_support::source_dir() / "data" / "demo"))
    if (modesweep::is_structure_file_name(file.path())) files.push_back(file.path());
  std::sort(files.begin(), files.end());
  ASSERT_FALSE(files.empty());
  for (int i = 0; i < count; ++i) {
    const std::filesystem::path& file = files[static_cast<std::size_t>(i) % files.size()];
    const std::string name = file.filename().string();
    folder.write("in/e" + std::to_string(i) + name.substr(name.find('.')),
                 test_support::read_file(file));
  }
}

/// Killed once the run has so many rows; never where it is to have none.
test_support::RunResult rank(const test_support::TempDir& folder, const std::string& run,
                             std::size_t killed_at, const char* journal = "auto") {
  test_support::RunOptions options;
  options.limit = std::chrono::seconds(600);
  options.environment["TMPDIR"] = folder.path().string();
  if (killed_at > 0)
    options.signals = {{SIGKILL, [&](const test_support::RunResult&) {
                          return test_support::rows_kept(folder.path() / run) >= killed_at;
                        }}};
  return test_support::run_modesweep(
      {"rank", "--files", (folder.path() / "in").string(), "--run", (folder.path() / run).string(),
       "--run-journal", journal, "--threads", std::to_string(threads), "--no-result-cache",
       "--quiet"},
      options);
}

/// What must not differ: everything but times.
auto numbers(const Row& row) {
  return std::tuple(row.header.id, row.file, row.sha256, row.residues, row.zero_modes,
                    row.eigenvalues, row.shares, row.collectivities, row.residuals, row.solver,
                    row.backend);
}

void expect_equal(const modesweep::Ranking& ranking, const modesweep::Ranking& wanted) {
  EXPECT_TRUE(ranking.left_out.empty());
  ASSERT_EQ(ranking.rows.size(), wanted.rows.size());
  for (std::size_t i = 0; i < wanted.rows.size(); ++i)
    EXPECT_EQ(numbers(ranking.rows[i]), numbers(wanted.rows[i])) << ranking.rows[i].file;
}

/// How often entries were begun, in all and the most often of one.
std::pair<std::int64_t, std::int64_t> attempts(const std::filesystem::path& run) {
  modesweep::Database database(run / "run.sqlite", modesweep::Database::Access::read_only);
  modesweep::Statement select(database, "SELECT sum(attempts), max(attempts) FROM entries");
  select.step();
  return {select.integer(0), select.integer(1)};
}

void kill_and_resume(int entries, int kills_wanted) {
  const test_support::TempDir folder;
  make_entries(folder, entries);
  ASSERT_EQ(rank(folder, "undisturbed", 0).exit_code, 0);
  const modesweep::Ranking wanted = test_support::ranking_of(folder.path() / "undisturbed");
  ASSERT_EQ(wanted.rows.size(), static_cast<std::size_t>(entries));

  std::mt19937 random(20261125);
  const std::filesystem::path run = folder.path() / "killed";
  int kills = 0, kills_in_all = 0;
  for (int tries = 0; kills_in_all < kills_wanted && tries < 10 * kills_wanted; ++tries) {
    // A moment that leaves something to be killed later.
    const std::size_t kept = test_support::rows_kept(run);
    const std::size_t left = wanted.rows.size() - kept;
    const auto to_come = static_cast<std::size_t>(kills_wanted - kills_in_all + 1);
    const std::size_t longest = std::max<std::size_t>(1, 2 * left / to_come);
    const std::size_t more = std::uniform_int_distribution<std::size_t>(1, longest)(random);
    const int code = rank(folder, "killed", kept + more).exit_code;
    if (code == 0) {  // it was quicker than whoever kills it
      std::filesystem::remove_all(run);
      kills = 0;
      continue;
    }
    ASSERT_EQ(code, 128 + SIGKILL);
    ++kills;
    ++kills_in_all;
  }
  EXPECT_EQ(kills_in_all, kills_wanted);
  ASSERT_EQ(rank(folder, "killed", 0).exit_code, 0);

  expect_equal(test_support::ranking_of(run), wanted);
  const auto [begun, most] = attempts(run);
  EXPECT_LE(begun - entries, kills * threads);
  std::printf(
      "kill -9 at %d moments, the last %d of one run of %d entries: %lld entries were begun again "
      "(%d kills x %d in flight allow %d), one of them at most %lld times; ranking equal to the "
      "last "
      "bit\n",
      kills_in_all, kills, entries, static_cast<long long>(begun - entries), kills, threads,
      kills * threads, static_cast<long long>(most));
}

TEST(Kill, OfALocalJournalLeavesAWholeCopyAndNothingElse) {
  const test_support::TempDir folder;
  make_entries(folder, KILL_ENTRIES);
  ASSERT_EQ(rank(folder, "undisturbed", 0).exit_code, 0);
  const std::filesystem::path run = folder.path() / "killed";
  // Once a copy has rows, which may be the last one.
  const int code = rank(folder, "killed", 1, "local").exit_code;
  ASSERT_TRUE(code == 0 || code == 128 + SIGKILL) << code;
  EXPECT_GT(test_support::rows_kept(run), 0u);
  EXPECT_TRUE(modesweep::check_run(run).damage.empty());
  for (const auto& file : std::filesystem::directory_iterator(run))
    EXPECT_TRUE(modesweep::is_file_of_run(file.path().filename())) << file.path();
  for (const auto& file : std::filesystem::directory_iterator(folder.path()))
    EXPECT_FALSE(file.path().filename().string().starts_with("modesweep-run-")) << file.path();
  ASSERT_EQ(rank(folder, "killed", 0, "local").exit_code, 0);
  expect_equal(test_support::ranking_of(run),
               test_support::ranking_of(folder.path() / "undisturbed"));
}

TEST(Kill, AtRandomMoments) { kill_and_resume(KILL_ENTRIES, KILLS); }

}  // namespace
