// SPDX-License-Identifier: MIT
#include "base/safe_file.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <system_error>

#include "support/data_files.hpp"
#include "support/temp_dir.hpp"

namespace modesweep {
namespace {

class SafeFileTest : public testing::Test {
 protected:
  std::filesystem::path path(const char* name) const { return folder_.path() / name; }
  static void expect_refused(const std::filesystem::path& path, int flags, const char* reason) {
    try {
      ::close(open_safe(path, flags));
      ADD_FAILURE() << path << " was opened";
    } catch (const UnsafeFile& error) {
      EXPECT_NE(std::string(error.what()).find(reason), std::string::npos) << error.what();
    }
  }
  test_support::TempDir folder_;
};

TEST_F(SafeFileTest, AFileOfOursIsOpenedMadeAndEmptied) {
  ::close(open_safe(path("new"), O_RDWR | O_CREAT));
  EXPECT_TRUE(std::filesystem::is_regular_file(path("new")));
  folder_.write("old", "contents");
  ::close(open_safe(path("old"), O_RDWR));
  EXPECT_EQ(test_support::read_file(path("old")), "contents");
  ::close(open_safe(path("old"), O_WRONLY | O_TRUNC));
  EXPECT_EQ(test_support::read_file(path("old")), "");
  EXPECT_THROW(open_safe(path("none"), O_RDONLY), std::system_error);
  EXPECT_NO_THROW(check_safe(path("none"), FileUse::write));
}

TEST_F(SafeFileTest, NoLinkIsFollowed) {
  folder_.write("victim", "contents");
  std::filesystem::create_symlink(path("victim"), path("link"));
  std::filesystem::create_symlink(path("nothing"), path("dangling"));
  for (const int flags : {O_RDONLY, O_WRONLY | O_CREAT | O_TRUNC}) {
    expect_refused(path("link"), flags, "a symbolic link");
    expect_refused(path("dangling"), flags, "a symbolic link");
  }
  EXPECT_EQ(test_support::read_file(path("victim")), "contents");
  EXPECT_FALSE(std::filesystem::exists(path("nothing")));
}

TEST_F(SafeFileTest, AFileOfTwoNamesIsReadAndNotWritten) {
  folder_.write("victim", "contents");
  std::filesystem::create_hard_link(path("victim"), path("link"));
  expect_refused(path("link"), O_WRONLY | O_TRUNC, "a hard link");
  EXPECT_EQ(test_support::read_file(path("victim")), "contents");
  ::close(open_safe(path("link"), O_RDONLY));
}

TEST_F(SafeFileTest, WhatIsNoFileIsRefusedAtOnce) {
  ASSERT_EQ(::mkfifo(path("fifo").c_str(), 0600), 0);
  std::filesystem::create_directory(path("folder"));
  const int socket = ::socket(AF_UNIX, SOCK_STREAM, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, path("socket").c_str(), sizeof address.sun_path - 1);
  ASSERT_EQ(::bind(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  ::close(socket);
  for (const int flags : {O_RDONLY, O_WRONLY | O_CREAT | O_TRUNC}) {
    expect_refused(path("fifo"), flags, "a FIFO");
    expect_refused(path("folder"), flags, "a folder");
    expect_refused(path("socket"), flags, "a socket");
  }
}

TEST_F(SafeFileTest, AStrangersFileIsRefusedWhereEverybodyMayWrite) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can give a file to somebody else";
  constexpr uid_t stranger = 65533;
  folder_.write("shared/file", "contents");
  ASSERT_EQ(::chown(path("shared/file").c_str(), stranger, stranger), 0);
  std::filesystem::permissions(path("shared"), std::filesystem::perms(0775));
  EXPECT_NO_THROW(check_safe(path("shared/file"), FileUse::write)) << "a folder of a group";
  std::filesystem::permissions(path("shared"), std::filesystem::perms(01777));
  expect_refused(path("shared/file"), O_RDWR, "another user");
  expect_refused(path("shared/file"), O_RDONLY, "another user");
  ASSERT_EQ(::chown(path("shared").c_str(), stranger, stranger), 0);
  EXPECT_NO_THROW(check_safe(path("shared/file"), FileUse::write)) << "its folder is his as well";
}

}  // namespace
}  // namespace modesweep
