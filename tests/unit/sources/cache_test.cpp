// SPDX-License-Identifier: MIT
#include "sources/cache.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <pwd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <optional>
#include <vector>

#include <modesweep/outcome.hpp>
#include <modesweep/structure_store.hpp>

#include "net/recording_reporter.hpp"
#include "support/environment.hpp"
#include "support/gzip.hpp"
#include "support/temp_dir.hpp"

namespace modesweep {
namespace {

using test_support::EnvironmentVariable;

TEST(DefaultCacheDir, FollowsTheEnvironment) {
  const EnvironmentVariable own("MODESWEEP_CACHE_DIR", "/own");
  const EnvironmentVariable xdg("XDG_CACHE_HOME", "/xdg");
  const EnvironmentVariable home("HOME", "/home/me");
  EXPECT_EQ(default_cache_dir(), "/own");
  const EnvironmentVariable no_own("MODESWEEP_CACHE_DIR", "");
  EXPECT_EQ(default_cache_dir(), "/xdg/modesweep");
  const EnvironmentVariable relative("XDG_CACHE_HOME", "relative");
  EXPECT_EQ(default_cache_dir(), "/home/me/.cache/modesweep");
  const EnvironmentVariable homeless("HOME", std::nullopt);
  EXPECT_EQ(default_cache_dir(),
            std::filesystem::path(::getpwuid(::geteuid())->pw_dir) / ".cache/modesweep");
}

class StructureCacheTest : public testing::Test {
 protected:
  StructureCache cache() { return {folder_.path(), reporter_}; }

  static std::string file_of(const std::string& id, int lines = 1) {
    std::string text = "data_" + id + "\n_entry.id " + id + "\n";
    for (int i = 0; i < lines; ++i) text += "# " + std::to_string(i * 7919) + "\n";
    return test_support::gzip(text);
  }
  std::filesystem::path stored(const std::string& id) {
    return cache().write(id, ".cif.gz", file_of(id));
  }
  StructureCache::State state_of(const std::string& id) { return cache().check(id, ".cif.gz"); }

  /// Keeps size and time of the file that is written over, as rot of a disk would.
  static void write_unnoticed(const std::filesystem::path& path, const std::string& bytes) {
    const auto time = std::filesystem::last_write_time(path);
    std::ofstream(path, std::ios::binary) << bytes;
    std::filesystem::last_write_time(path, time);
  }
  static void last_used(const std::filesystem::path& path, std::chrono::hours ago) {
    const timespec times[2] = {
        {std::chrono::system_clock::to_time_t(std::chrono::system_clock::now() - ago), 0},
        {0, UTIME_OMIT}};
    ASSERT_EQ(::utimensat(AT_FDCWD, path.c_str(), times, 0), 0);
  }

  test_support::TempDir folder_;
  test_support::RecordingReporter reporter_;
};

using State = StructureCache::State;

TEST_F(StructureCacheTest, KeepsWhatIsWritten) {
  EXPECT_EQ(state_of("1UBI"), State::absent);
  const auto path = stored("1UBI");
  EXPECT_EQ(path, folder_.path() / "structures/ub/1UBI.cif.gz");
  EXPECT_EQ(test_support::read_file(path), file_of("1UBI"));
  EXPECT_EQ(state_of("1UBI"), State::intact);
}

TEST_F(StructureCacheTest, ACutFileIsDamaged) {
  const auto path = stored("1UBI");
  std::filesystem::resize_file(path, std::filesystem::file_size(path) - 4);
  EXPECT_EQ(state_of("1UBI"), State::damaged);
}

TEST_F(StructureCacheTest, AnAlteredFileIsDamagedEvenWhereItIsAGoodOne) {
  const auto path = stored("1UBI");
  std::ofstream(path, std::ios::binary) << file_of("1UBI", 2);
  EXPECT_EQ(state_of("1UBI"), State::damaged);
}

TEST_F(StructureCacheTest, ACopyWithAnotherTimeIsReadAndTaken) {
  const auto path = stored("1UBI");
  std::filesystem::last_write_time(
      path, std::filesystem::file_time_type::clock::now() - std::chrono::hours(5));
  EXPECT_EQ(state_of("1UBI"), State::intact);
}

TEST_F(StructureCacheTest, WithoutRecordTheContentDecides) {
  const auto path = stored("1UBI");
  for (const char* name : {"structures.sqlite", "structures.sqlite-wal", "structures.sqlite-shm"})
    std::filesystem::remove(folder_.path() / name);
  EXPECT_EQ(state_of("1UBI"), State::intact);
  std::filesystem::remove(folder_.path() / "structures.sqlite");
  std::ofstream(path, std::ios::binary) << file_of("1AKE");
  EXPECT_EQ(state_of("1UBI"), State::damaged);
}

TEST_F(StructureCacheTest, ABrokenRecordIsMadeAnew) {
  stored("1UBI");
  for (const char* name : {"structures.sqlite-wal", "structures.sqlite-shm"})
    std::filesystem::remove(folder_.path() / name);
  std::ofstream(folder_.path() / "structures.sqlite") << std::string(5000, 'x');
  EXPECT_EQ(state_of("1UBI"), State::intact);
  EXPECT_EQ(state_of("1UBI"), State::intact);
}

TEST_F(StructureCacheTest, VerifyFindsWhatSizeAndTimeHide) {
  const auto path = stored("1UBI");
  std::string bytes = file_of("1UBI");
  bytes[bytes.size() - 6] ^= 1;
  write_unnoticed(path, bytes);
  EXPECT_EQ(state_of("1UBI"), State::intact) << "size and time are those on record";
  EXPECT_EQ(cache().verify({path, "1UBI", bytes.size(), {}}), State::damaged);
  EXPECT_EQ(state_of("1UBI"), State::damaged) << "once known, it is not taken any more";
  stored("1UBI");
  EXPECT_EQ(state_of("1UBI"), State::intact);
}

TEST_F(StructureCacheTest, UnderALimitTheOldestUsedGoFirst) {
  const std::vector<std::string> ids = {"1AA0", "1AA1", "1AA2", "1AA3"};
  std::uint64_t bytes = 0;
  for (std::size_t i = 0; i < ids.size(); ++i) {
    const auto path = cache().write(ids[i], ".cif.gz", file_of(ids[i], 500));
    bytes = std::filesystem::file_size(path);
    last_used(path, std::chrono::hours(10 - i));
  }
  StructureCache limited = cache();
  EXPECT_EQ(limited.check("1AA0", ".cif.gz"), State::intact) << "used now";
  limited.set_limit(3 * bytes);
  EXPECT_TRUE(limited.has("1AA0", ".cif.gz"));
  EXPECT_FALSE(limited.has("1AA1", ".cif.gz"));
  EXPECT_FALSE(limited.has("1AA2", ".cif.gz")) << "room for a few more is made at once";
  EXPECT_TRUE(limited.has("1AA3", ".cif.gz"));
}

TEST_F(StructureCacheTest, WhatWasUsedLatelyStaysBeyondTheLimit) {
  const auto path = stored("1UBI");
  StructureCache limited = cache();
  limited.set_limit(1);
  EXPECT_TRUE(std::filesystem::exists(path));
  EXPECT_NE(reporter_.text().find("beyond its limit"), std::string::npos) << reporter_.text();
  EXPECT_NO_THROW(limited.write("1AKE", ".cif.gz", file_of("1AKE")));
}

TEST_F(StructureCacheTest, LeftOversOfKilledProcessesGo) {
  stored("1UBI");
  const auto fresh = folder_.write("structures/ub/1UBI.cif.gz.part.1.0", "x");
  const auto old = folder_.write("structures/ub/1UBI.cif.gz.part.1.1", "x");
  last_used(old, std::chrono::hours(2));
  int files = 0;
  cache().for_each([&](const CachedFile&) { ++files; });
  EXPECT_EQ(files, 1);
  EXPECT_TRUE(std::filesystem::exists(fresh)) << "it may be being written";
  EXPECT_FALSE(std::filesystem::exists(old));
}

TEST_F(StructureCacheTest, ManyProcessesMayWriteCheckAndEvict) {
  std::vector<pid_t> children;
  for (int child = 0; child < 6; ++child) {
    const pid_t pid = ::fork();
    if (pid == 0) {
      SilentReporter silent;
      StructureCache own(folder_.path(), silent);
      bool good = true;
      for (int i = 0; i < 60; ++i) {
        const std::string id = "1AA" + std::to_string(i % 10);
        own.write(id, ".cif.gz", file_of(id, 50));
        if (i % 20 == 19) own.set_limit(1'000'000);
        good = good && own.check(id, ".cif.gz") == State::intact;
      }
      ::_exit(good ? 0 : 1);
    }
    children.push_back(pid);
  }
  for (const pid_t pid : children) {
    int status = -1;
    ::waitpid(pid, &status, 0);
    EXPECT_EQ(status, 0);
  }
}

TEST(StructureCache, CheckingThatItIsWritableLeavesNothing) {
  const test_support::TempDir folder;
  SilentReporter silent;
  StructureCache(folder.path(), silent).require_writable();
  EXPECT_TRUE(std::filesystem::is_empty(folder.path() / "structures"));
}

void expect_unavailable(const std::filesystem::path& folder) {
  try {
    SilentReporter silent;
    StructureCache(folder, silent).require_writable();
    FAIL() << folder << " should not be writable";
  } catch (const RunError& error) {
    EXPECT_EQ(error.cause(), Cause::unavailable);
    EXPECT_NE(std::string(error.what()).find("cannot be written"), std::string::npos);
    EXPECT_NE(std::string(error.what()).find(folder.string()), std::string::npos);
  }
}

TEST(StructureCache, AFolderThatCannotBeMadeEndsTheRun) {
  const test_support::TempDir folder;
  expect_unavailable(folder.write("file", "") / "cache");
}

TEST(StructureCache, AFolderWithoutPermissionEndsTheRun) {
  if (::geteuid() == 0) GTEST_SKIP() << "root may write everywhere";
  const test_support::TempDir folder;
  std::filesystem::create_directory(folder.path() / "structures");
  std::filesystem::permissions(
      folder.path() / "structures",
      std::filesystem::perms::owner_read | std::filesystem::perms::owner_exec);
  expect_unavailable(folder.path());
}

}  // namespace
}  // namespace modesweep
