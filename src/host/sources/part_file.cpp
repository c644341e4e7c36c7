// SPDX-License-Identifier: MIT
#include "sources/part_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <system_error>
#include <utility>

namespace modesweep {
namespace {

namespace fs = std::filesystem;

constexpr const char* infix = ".part.";

// Where a file system knows no locks, a part that nobody wrote to for so long is abandoned: far
// longer than a transfer may stall.
constexpr auto abandoned_after = std::chrono::hours(1);

[[noreturn]] void throw_error(int error, const fs::path& path) {
  throw std::system_error(error, std::generic_category(), path.string());
}

std::string random_ending(const fs::path& folder) {
  std::uint64_t number = 0;
  if (::getrandom(&number, sizeof number, 0) != sizeof number) throw_error(errno, folder);
  return fmt::format("{}{:016x}", infix, number);
}

bool is_old(const struct stat& file) {
  const std::chrono::sys_seconds written(std::chrono::seconds(file.st_mtim.tv_sec));
  return std::chrono::system_clock::now() - written > abandoned_after;
}

/// Whether nobody writes to it any more.
bool is_abandoned(int descriptor) {
  if (::flock(descriptor, LOCK_EX | LOCK_NB) == 0) return true;
  struct stat file {};
  return errno != EWOULDBLOCK && ::fstat(descriptor, &file) == 0 && is_old(file);
}

}  // namespace

void make_own_folder(const fs::path& folder) {
  fs::create_directories(folder);
  if (fs::is_symlink(fs::symlink_status(folder))) throw_error(ELOOP, folder);
}

PartFile::PartFile(const fs::path& folder, std::string_view name) {
  while (!create(folder / (std::string(name) + random_ending(folder)))) {
  }
}

/// False where another process took the file for an abandoned one before it was locked.
bool PartFile::create(const fs::path& path) {
  descriptor_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
  if (descriptor_ < 0) throw_error(errno, path);
  const bool locked = ::flock(descriptor_, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK;
  struct stat file {};
  if (locked && ::fstat(descriptor_, &file) == 0 && file.st_nlink > 0) {
    path_ = path;
    return true;
  }
  ::close(std::exchange(descriptor_, -1));
  return false;
}

PartFile::PartFile(PartFile&& other) noexcept
    : path_(std::move(other.path_)),
      descriptor_(std::exchange(other.descriptor_, -1)),
      size_(other.size_) {}

PartFile& PartFile::operator=(PartFile&& other) noexcept {
  std::swap(path_, other.path_);
  std::swap(descriptor_, other.descriptor_);
  std::swap(size_, other.size_);
  return *this;
}

PartFile::~PartFile() {
  if (descriptor_ < 0) return;
  ::unlink(path_.c_str());
  ::close(descriptor_);
}

void PartFile::append(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t n = ::pwrite(descriptor_, bytes.data(), bytes.size(), static_cast<off_t>(size_));
    if (n < 0) {
      if (errno == EINTR) continue;
      throw_error(errno, path_);
    }
    bytes.remove_prefix(static_cast<std::size_t>(n));
    size_ += static_cast<std::uint64_t>(n);
  }
}

void PartFile::clear() {
  if (::ftruncate(descriptor_, 0) != 0) throw_error(errno, path_);
  size_ = 0;
}

std::string PartFile::bytes() const {
  std::string bytes(size_, '\0');
  for (std::size_t read = 0; read < bytes.size();) {
    const ssize_t n =
        ::pread(descriptor_, bytes.data() + read, bytes.size() - read, static_cast<off_t>(read));
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) throw_error(n < 0 ? errno : EIO, path_);  // nobody but us may shorten it
    read += static_cast<std::size_t>(n);
  }
  return bytes;
}

void PartFile::commit(const fs::path& path) {
  // A full disk may show only here, so the name is given last.
  if (::fsync(descriptor_) != 0 && errno != EINVAL && errno != EROFS) throw_error(errno, path);
  if (::rename(path_.c_str(), path.c_str()) != 0) throw_error(errno, path);
  ::close(std::exchange(descriptor_, -1));
}

bool is_part(const fs::path& path) {
  return path.filename().native().find(infix) != std::string::npos;
}

void remove_abandoned_parts(const fs::path& folder, std::string_view name) {
  const std::string beginning = name.empty() ? std::string() : std::string(name) + infix;
  std::error_code error;
  if (fs::symlink_status(folder, error).type() != fs::file_type::directory) return;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    if (!is_part(it->path()) || !it->path().filename().native().starts_with(beginning)) continue;
    // Not to be stopped by what is no file: a pipe is opened without waiting, a link is not
    // followed.
    const int descriptor = ::open(it->path().c_str(), O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (descriptor < 0) continue;
    if (is_abandoned(descriptor)) ::unlink(it->path().c_str());
    ::close(descriptor);
  }
}

}  // namespace modesweep
