// SPDX-License-Identifier: MIT
#include "sources/cache.hpp"

#include <gtest/gtest.h>
#include <pwd.h>
#include <unistd.h>

#include <optional>

#include <modesweep/outcome.hpp>
#include <modesweep/structure_store.hpp>

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

TEST(ExpandTemplate, FillsInEveryPlaceholder) {
  EXPECT_EQ(expand_template("https://files.rcsb.org/download/<ID>.cif.gz", "1UBI"),
            "https://files.rcsb.org/download/1UBI.cif.gz");
  EXPECT_EQ(expand_template("https://x/<hash>/<id>/<extended>/<id>.cif", "1UBI"),
            "https://x/ub/1ubi/pdb_00001ubi/1ubi.cif");
  EXPECT_EQ(expand_template("https://x/<hash>/<ID>/<id>/<extended>", "pdb_1abc5678"),
            "https://x/67/pdb_1abc5678/pdb_1abc5678/pdb_1abc5678");
  EXPECT_EQ(expand_template("https://x/<other>", "1UBI"), "https://x/<other>");
}

TEST(StructureEnding, IsThatOfTheTemplate) {
  EXPECT_EQ(structure_ending("https://x/<ID>.cif.gz"), ".cif.gz");
  EXPECT_EQ(structure_ending("https://x/pdb<id>.ent.gz"), ".ent.gz");
  EXPECT_EQ(structure_ending("https://x/<ID>.pdb?raw=1"), ".pdb");
  EXPECT_EQ(structure_ending("https://x/get?file=<id>.cif"), ".cif");
  EXPECT_EQ(structure_ending("https://x/<ID>"), ".cif.gz");
}

TEST(StructureCache, KeepsWhatIsWritten) {
  const test_support::TempDir folder;
  const StructureCache cache(folder.path() / "new" / "cache", ".cif.gz");
  cache.require_writable();
  EXPECT_TRUE(cache.stores_gzip());
  EXPECT_EQ(cache.state_of("1UBI"), StructureCache::State::absent);
  const std::string bytes = test_support::gzip("data_1UBI\n_entry.id 1UBI\n# \n");
  const auto path = cache.write("1UBI", bytes);
  EXPECT_EQ(path, folder.path() / "new/cache/structures/ub/1UBI.cif.gz");
  EXPECT_EQ(path, cache.path_of("1UBI"));
  EXPECT_EQ(test_support::read_file(path), bytes);
  EXPECT_EQ(cache.state_of("1UBI"), StructureCache::State::intact);
  std::filesystem::resize_file(path, bytes.size() - 4);
  EXPECT_EQ(cache.state_of("1UBI"), StructureCache::State::damaged);
}

TEST(StructureCache, CheckingThatItIsWritableLeavesNothing) {
  const test_support::TempDir folder;
  StructureCache(folder.path(), ".cif.gz").require_writable();
  EXPECT_TRUE(std::filesystem::is_empty(folder.path() / "structures"));
}

void expect_unavailable(const std::filesystem::path& folder) {
  try {
    StructureCache(folder, ".cif.gz").require_writable();
    FAIL() << folder << " should not be writable";
  } catch (const RunError& error) {
    EXPECT_EQ(error.exit_code(), ExitCode::unavailable);
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
