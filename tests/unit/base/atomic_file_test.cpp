// SPDX-License-Identifier: MIT
#include "base/atomic_file.hpp"

#include <gtest/gtest.h>

#include <system_error>

#include "support/temp_dir.hpp"

namespace modesweep {
namespace {

std::size_t files_in(const std::filesystem::path& folder) {
  return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(folder), {}));
}

TEST(AtomicFile, AppearsOnCommitOnly) {
  const test_support::TempDir folder;
  const auto path = folder.write("out.txt", "before");
  {
    AtomicFile file(path);
    file.write("after");
    EXPECT_EQ(test_support::read_file(path), "before");
    file.commit();
  }
  EXPECT_EQ(test_support::read_file(path), "after");
  EXPECT_EQ(files_in(folder.path()), 1u);
}

TEST(AtomicFile, LeavesNothingWithoutCommit) {
  const test_support::TempDir folder;
  { AtomicFile(folder.path() / "out.txt").write("half"); }
  EXPECT_EQ(files_in(folder.path()), 0u);
}

TEST(AtomicFile, AMissingFolderIsAnError) {
  EXPECT_THROW(AtomicFile("/nonexistent-folder/out.txt"), std::system_error);
}

TEST(AtomicFile, AFailedRenameIsAnError) {
  const test_support::TempDir folder;
  AtomicFile file(folder.path() / "out.txt");
  std::filesystem::remove(file.temporary_path());
  EXPECT_THROW(file.commit(), std::system_error);  // the temporary name is gone: rename fails
}

}  // namespace
}  // namespace modesweep
