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

#include "base/sha256.hpp"
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
  static std::filesystem::path write(StructureCache& cache, const std::string& id, int lines = 1) {
    const std::string bytes = file_of(id, lines);
    PartFile part = cache.part(id, ".cif.gz");
    part.append(bytes);
    return cache.keep(id, ".cif.gz", std::move(part), sha256(bytes));
  }
  std::filesystem::path stored(const std::string& id, int lines = 1) {
    StructureCache own = cache();
    return write(own, id, lines);
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
  EXPECT_EQ(cache().check("1UBI", ".cif.gz", StructureCache::Look::whole), State::damaged);
  EXPECT_EQ(cache().sha256_on_record("1UBI", ".cif.gz"), sha256(file_of("1UBI")));
  EXPECT_EQ(cache().verify({path, "1UBI", bytes.size(), {}}), State::damaged);
  EXPECT_EQ(state_of("1UBI"), State::damaged) << "once known, it is not taken any more";
  stored("1UBI");
  EXPECT_EQ(state_of("1UBI"), State::intact);
}

TEST_F(StructureCacheTest, UnderALimitTheOldestUsedGoFirst) {
  const std::vector<std::string> ids = {"1AA0", "1AA1", "1AA2", "1AA3"};
  std::uint64_t bytes = 0;
  for (std::size_t i = 0; i < ids.size(); ++i) {
    const auto path = stored(ids[i], 500);
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
  EXPECT_NO_THROW(write(limited, "1AKE"));
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
        write(own, id, 50);
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

TEST_F(StructureCacheTest, PartsOfKilledProcessesGoAndThoseOfLivingOnesStay) {
  StructureCache own = cache();
  PartFile living = own.part("1UBI", ".cif.gz");
  living.append("so far");
  const auto parts = folder_.path() / "structures/parts";
  folder_.write("structures/parts/1UBI.cif.gz.part.0123456789abcdef", "x");
  const auto before_there_were_parts = folder_.write("structures/ub/1UBI.cif.gz.part.1.0", "x");
  cache();
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(parts), {}), 1);
  EXPECT_EQ(living.bytes(), "so far");
  stored("1UBI");
  EXPECT_FALSE(std::filesystem::exists(before_there_were_parts));
  EXPECT_EQ(state_of("1UBI"), State::intact);
}

TEST_F(StructureCacheTest, LinksAreNoFilesOfTheCache) {
  const auto path = stored("1UBI");
  const auto elsewhere = folder_.write("elsewhere", file_of("1UBI"));
  std::filesystem::remove(path);
  std::filesystem::create_symlink(elsewhere, path);
  EXPECT_EQ(state_of("1UBI"), State::absent);
  int files = 0;
  cache().for_each([&](const CachedFile&) { ++files; });
  EXPECT_EQ(files, 0);
}

TEST_F(StructureCacheTest, NothingIsWrittenThroughALinkInPlaceOfAFolder) {
  stored("1UBI");
  const test_support::TempDir stranger;
  std::filesystem::create_directory_symlink(stranger.path(), folder_.path() / "structures/ak");
  EXPECT_THROW(stored("1AKE"), std::system_error);
  EXPECT_TRUE(std::filesystem::is_empty(stranger.path()));
}

TEST_F(StructureCacheTest, AnIndexThatIsNoFileIsNotUsed) {
  ASSERT_EQ(::mkfifo((folder_.path() / "structures.sqlite").c_str(), 0600), 0);
  stored("1UBI");
  EXPECT_EQ(state_of("1UBI"), State::intact) << "the content decides";
  EXPECT_EQ(cache().sha256_on_record("1UBI", ".cif.gz"), "");
}

TEST_F(StructureCacheTest, AFolderThatCannotBeWrittenServes) {
  if (::geteuid() == 0) GTEST_SKIP() << "root may write everywhere";
  const auto path = stored("1UBI");
  using std::filesystem::perms;
  const auto folders = {folder_.path(), folder_.path() / "structures",
                        folder_.path() / "structures/parts"};
  for (const auto& folder : folders)
    std::filesystem::permissions(folder, perms::owner_read | perms::owner_exec);
  EXPECT_EQ(state_of("1UBI"), State::intact);
  EXPECT_EQ(cache().sha256_on_record("1UBI", ".cif.gz"), sha256(file_of("1UBI")));
  EXPECT_TRUE(cache().why_read_only());
  for (const auto& folder : folders) std::filesystem::permissions(folder, perms::owner_all);
}

TEST(StructureCache, CheckingThatItIsWritableLeavesNothing) {
  const test_support::TempDir folder;
  SilentReporter silent;
  EXPECT_FALSE(StructureCache(folder.path(), silent).why_read_only());
  EXPECT_TRUE(std::filesystem::is_empty(folder.path() / "structures/parts"));
}

TEST(StructureCache, AFolderThatCannotBeMadeIsNamed) {
  const test_support::TempDir folder;
  const auto missing = folder.write("file", "") / "cache";
  SilentReporter silent;
  const auto why = StructureCache(missing, silent).why_read_only();
  ASSERT_TRUE(why);
  EXPECT_NE(why->find("cannot be written"), std::string::npos) << *why;
  EXPECT_NE(why->find(missing.string()), std::string::npos) << *why;
}

}  // namespace
}  // namespace modesweep
