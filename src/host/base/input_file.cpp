// SPDX-License-Identifier: MIT
#include "base/input_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "base/cancel_scope.hpp"
#include "base/descriptor.hpp"

namespace modesweep {
namespace {

constexpr std::size_t piece = std::size_t{16} << 20;
constexpr int wait_ms = 100;  // between looks at a cancellation

tl::unexpected<InputProblem> unreadable(int error) {
  return tl::unexpected(InputProblem{false, std::strerror(error)});
}

tl::unexpected<InputProblem> too_large(std::size_t limit) {
  return tl::unexpected(
      InputProblem{true, fmt::format("it has more than the {} MB that are read", limit >> 20)});
}

/// What it is where there is nothing to read; else null. Told without opening it, which alone does
/// something to some device files.
const char* problem_of(const struct stat& file) {
  switch (file.st_mode & S_IFMT) {
    case S_IFREG:
    case S_IFIFO: return nullptr;
    case S_IFDIR: return std::strerror(EISDIR);
    case S_IFSOCK: return "it is a socket, not a file";
    default: break;
  }
  struct stat input {};
  const bool is_terminal =
      ::isatty(STDIN_FILENO) && ::fstat(STDIN_FILENO, &input) == 0 && input.st_rdev == file.st_rdev;
  return is_terminal ? nullptr : "it is a device file";
}

/// Waits until there is something to read, or whoever writes has come and gone.
void wait_for_writer(int descriptor) {
  for (pollfd waiting{descriptor, POLLIN, 0}; ::poll(&waiting, 1, wait_ms) <= 0;) check_cancelled();
}

}  // namespace

tl::expected<std::string, InputProblem> read_input(const std::filesystem::path& path,
                                                   std::size_t limit) {
  struct stat file {};
  if (::stat(path.c_str(), &file) != 0) return unreadable(errno);
  if (const char* const problem = problem_of(file))
    return tl::unexpected(InputProblem{false, problem});
  // To open a pipe is to wait for its writer, where no cancellation is seen.
  const Descriptor opened(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
  if (opened.get() < 0) return unreadable(errno);

  const bool regular = S_ISREG(file.st_mode);
  std::string bytes;
  if (regular) {
    if (static_cast<std::size_t>(file.st_size) > limit) return too_large(limit);
    bytes.resize(static_cast<std::size_t>(file.st_size));
  }
  CancelCheck cancelled;
  std::array<char, 65536> more;  // a pipe has no size, and a file may have grown
  for (std::size_t size = 0;;) {
    if (!regular) wait_for_writer(opened.get());
    const bool fits = size < bytes.size();
    const ssize_t n = fits
                          ? ::read(opened.get(), &bytes[size], std::min(piece, bytes.size() - size))
                          : ::read(opened.get(), more.data(), more.size());
    if (n < 0 && errno != EINTR && errno != EAGAIN) return unreadable(errno);
    if (n < 0) continue;
    if (n == 0) {
      bytes.resize(size);
      return bytes;
    }
    if (!fits) bytes.append(more.data(), static_cast<std::size_t>(n));
    size += static_cast<std::size_t>(n);
    if (size > limit) return too_large(limit);
    cancelled.after(static_cast<std::size_t>(n));
  }
}

}  // namespace modesweep
