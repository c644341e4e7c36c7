// SPDX-License-Identifier: MIT
#include "base/atomic_file.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <string>
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

TEST(AtomicFile, NoTwoHaveATemporaryNameInCommon) {
  const test_support::TempDir folder;
  const AtomicFile one(folder.path() / "out.txt"), other(folder.path() / "out.txt");
  EXPECT_NE(one.temporary_path(), other.temporary_path());
  EXPECT_LE(files_in(folder.path()), 2u);  // none where files need no name
}

TEST(AtomicFile, LeavesNothingOfAKilledProcess) {
  const test_support::TempDir folder;
  const pid_t child = ::fork();
  if (child == 0) {
    AtomicFile file(folder.path() / "out.txt");
    file.write("half");
    ::kill(::getpid(), SIGKILL);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFSIGNALED(status));
  if (::open(folder.path().c_str(), O_TMPFILE | O_WRONLY, 0600) < 0)
    GTEST_SKIP() << "this file system has no files without names";
  EXPECT_EQ(files_in(folder.path()), 0u);
}

TEST(AtomicFile, ANameThatJustFitsIsWritten) {
  const test_support::TempDir folder;
  std::string name(251, 'x');
  name.replace(230, 4, "\u00e9\u00e9");
  AtomicFile file(folder.path() / name);
  const std::string temporary = file.temporary_path().filename().string();
  EXPECT_LE(temporary.size(), 255u);
  // No half of a character before the ending.
  EXPECT_NE(temporary[temporary.find(".part.") - 1], '\xc3');
  file.commit();
  EXPECT_TRUE(std::filesystem::exists(folder.path() / name));
}

TEST(AtomicFile, HonoursTheUmask) {
  const test_support::TempDir folder;
  const mode_t before = ::umask(0027);
  AtomicFile(folder.path() / "usual").commit();
  AtomicFile(folder.path() / "secret", 0600).commit();
  ::umask(before);
  struct stat status {};
  ASSERT_EQ(::stat((folder.path() / "usual").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777u, 0640u);
  ASSERT_EQ(::stat((folder.path() / "secret").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777u, 0600u);
}

TEST(AtomicFile, AMissingFolderIsAnError) {
  EXPECT_THROW(AtomicFile("/nonexistent-folder/out.txt"), std::system_error);
}

TEST(AtomicFile, AFailedRenameIsAnError) {
  const test_support::TempDir folder;
  {
    AtomicFile file(folder.path() / "out.txt");
    std::filesystem::create_directory(folder.path() / "out.txt");
    EXPECT_THROW(file.commit(), std::system_error);
  }
  EXPECT_EQ(files_in(folder.path()), 1u);
}

}  // namespace
}  // namespace modesweep
