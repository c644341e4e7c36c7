// SPDX-License-Identifier: MIT
#include "base/atomic_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/random.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <cstdint>
#include <string>
#include <system_error>

namespace modesweep {
namespace {

[[noreturn]] void throw_errno(const std::filesystem::path& path) {
  throw std::system_error(errno, std::generic_category(), path.string());
}

/// A name that nobody can know before, nor a process of the same number have left behind.
std::filesystem::path temporary_name(const std::filesystem::path& path) {
  std::uint64_t number = 0;
  if (::getrandom(&number, sizeof number, 0) != sizeof number) throw_errno(path);
  const std::string ending = fmt::format(".part.{:016x}", number);
  std::string name = path.filename();
  // A name that just fits leaves no room for more; characters stay whole.
  if (name.size() + ending.size() > NAME_MAX) {
    std::size_t size = NAME_MAX - ending.size();
    while (size > 0 && (name[size] & 0xC0) == 0x80) --size;
    name.resize(size);
  }
  return path.parent_path() / (name + ending);
}

/// How a file without a name is given one.
std::string link_of(int descriptor) { return fmt::format("/proc/self/fd/{}", descriptor); }

/// A file without a name; none where there can be none that could be given one.
int open_without_name(const std::filesystem::path& path, mode_t mode) {
  const std::filesystem::path folder = path.has_parent_path() ? path.parent_path() : ".";
  const int descriptor = ::open(folder.c_str(), O_TMPFILE | O_WRONLY | O_CLOEXEC, mode);
  if (descriptor < 0 || ::access(link_of(descriptor).c_str(), F_OK) == 0) return descriptor;
  ::close(descriptor);
  return -1;
}

}  // namespace

AtomicFile::AtomicFile(std::filesystem::path path, mode_t mode)
    : path_(std::move(path)),
      temporary_(temporary_name(path_)),
      descriptor_(open_without_name(path_, mode)) {
  if (descriptor_ >= 0) return;
  descriptor_ =
      ::open(temporary_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode);
  if (descriptor_ < 0) throw_errno(path_);
  has_name_ = true;
}

AtomicFile::~AtomicFile() {
  if (descriptor_ < 0) return;
  ::close(descriptor_);
  if (has_name_) ::unlink(temporary_.c_str());
}

void AtomicFile::write(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t n = ::write(descriptor_, bytes.data(), bytes.size());
    if (n < 0) {
      if (errno == EINTR) continue;
      throw_errno(path_);
    }
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
}

void AtomicFile::commit() {
  // A full disk may show only here, so the name is given last.
  if (::fsync(descriptor_) != 0 && errno != EINVAL && errno != EROFS) throw_errno(path_);
  if (!has_name_) {
    if (::linkat(AT_FDCWD, link_of(descriptor_).c_str(), AT_FDCWD, temporary_.c_str(),
                 AT_SYMLINK_FOLLOW) != 0)
      throw_errno(path_);
    has_name_ = true;
  }
  if (::rename(temporary_.c_str(), path_.c_str()) != 0) throw_errno(path_);
  ::close(descriptor_);
  descriptor_ = -1;
}

}  // namespace modesweep
