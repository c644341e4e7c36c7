// SPDX-License-Identifier: MIT
#include "base/safe_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <system_error>

namespace modesweep {
namespace {

const char* kind_of(mode_t mode) {
  if (S_ISLNK(mode)) return "a symbolic link";
  if (S_ISDIR(mode)) return "a folder";
  if (S_ISFIFO(mode)) return "a FIFO";
  if (S_ISSOCK(mode)) return "a socket";
  return "a device file";
}

bool is_of_stranger(const std::filesystem::path& path, uid_t owner) {
  if (owner == ::geteuid() || owner == 0) return false;
  struct stat folder {};
  const std::filesystem::path parent = path.has_parent_path() ? path.parent_path() : ".";
  return ::stat(parent.c_str(), &folder) == 0 && (folder.st_mode & S_IWOTH) != 0 &&
         folder.st_uid != owner;
}

void check(const std::filesystem::path& path, const struct stat& status, FileUse use) {
  if (!S_ISREG(status.st_mode))
    throw UnsafeFile(path.string() + " is " + kind_of(status.st_mode) +
                     ", not a file of its own: it is not opened");
  if (use == FileUse::write && status.st_nlink > 1)
    throw UnsafeFile(path.string() +
                     " has another name (a hard link): it is not written, as that file may be "
                     "anything");
  if (is_of_stranger(path, status.st_uid))
    throw UnsafeFile(path.string() +
                     " belongs to another user, in a folder where everybody may write: it is not "
                     "opened (those who share a folder need one that only their group may write)");
}

[[noreturn]] void throw_errno(int error, const std::filesystem::path& path) {
  throw std::system_error(error, std::generic_category(), path.string());
}

}  // namespace

void check_safe(const std::filesystem::path& path, FileUse use) {
  struct stat status {};
  if (::lstat(path.c_str(), &status) == 0) check(path, status, use);
}

int open_safe(const std::filesystem::path& path, int flags, mode_t mode) {
  const FileUse use = (flags & O_ACCMODE) == O_RDONLY ? FileUse::read : FileUse::write;
  check_safe(path, use);  // opening a device may already do something
  const int guarded = (flags & ~O_TRUNC) | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
  const int descriptor = ::open(path.c_str(), guarded, mode);
  if (descriptor < 0) {
    const int error = errno;
    check_safe(path, use);  // it may have become something else just now
    throw_errno(error, path);
  }
  try {
    struct stat status {};
    if (::fstat(descriptor, &status) != 0) throw_errno(errno, path);
    check(path, status, use);
    if ((flags & O_TRUNC) != 0 && ::ftruncate(descriptor, 0) != 0) throw_errno(errno, path);
  } catch (...) {
    ::close(descriptor);
    throw;
  }
  return descriptor;
}

}  // namespace modesweep
