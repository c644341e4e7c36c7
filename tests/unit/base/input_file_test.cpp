// SPDX-License-Identifier: MIT
#include "base/input_file.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <thread>

#include <modesweep/outcome.hpp>

#include "base/cancel_scope.hpp"
#include "support/temp_dir.hpp"

namespace modesweep {
namespace {

class InputFile : public testing::Test {
 protected:
  std::filesystem::path pipe() const {
    const std::filesystem::path path = folder_.path() / "pipe";
    EXPECT_EQ(::mkfifo(path.c_str(), 0600), 0);
    return path;
  }
  test_support::TempDir folder_;
};

TEST_F(InputFile, IsReadUpToTheLimit) {
  const auto path = folder_.write("file", "12345");
  EXPECT_EQ(read_input(path, 5).value(), "12345");
  EXPECT_TRUE(read_input(path, 4).error().too_large);
  EXPECT_EQ(read_input(folder_.write("empty", ""), 0).value(), "");
}

TEST_F(InputFile, IsNeitherAFolderNorMissing) {
  EXPECT_EQ(read_input(folder_.path(), 5).error().message, "Is a directory");
  EXPECT_EQ(read_input(folder_.path() / "missing", 5).error().message, "No such file or directory");
}

TEST_F(InputFile, APipeIsReadToItsEnd) {
  const std::filesystem::path path = pipe();
  const std::string text(300'000, 'x');
  for (const std::size_t limit : {text.size(), text.size() - 1}) {
    std::thread writer([&] {
      const int end = ::open(path.c_str(), O_WRONLY);
      for (std::size_t done = 0; done < text.size();) {
        const ssize_t n = ::write(end, text.data() + done, text.size() - done);
        if (n <= 0) break;
        done += static_cast<std::size_t>(n);
      }
      ::close(end);
    });
    ::signal(SIGPIPE, SIG_IGN);
    const auto bytes = read_input(path, limit);
    writer.join();
    if (limit == text.size())
      EXPECT_EQ(bytes.value(), text);
    else
      EXPECT_TRUE(bytes.error().too_large);
  }
}

TEST_F(InputFile, ACancellationEndsTheWaitForAPipe) {
  const std::filesystem::path path = pipe();
  const CancelSource source;
  source.cancel();
  const CancelToken token = source.token();
  const CancelScope scope(&token);
  EXPECT_THROW(static_cast<void>(read_input(path, 5)), Cancelled);  // nobody ever opened it
  const int writer = ::open(path.c_str(), O_RDWR);
  EXPECT_THROW(static_cast<void>(read_input(path, 5)), Cancelled);  // nobody writes
  ::close(writer);
}

}  // namespace
}  // namespace modesweep
