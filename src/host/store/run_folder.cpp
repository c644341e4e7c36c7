// SPDX-License-Identifier: MIT
#include "store/run_folder.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <string>
#include <system_error>

#include <modesweep/outcome.hpp>
#include <modesweep/run_store.hpp>

#include "base/file_system.hpp"
#include "base/safe_file.hpp"
#include "store/run_database.hpp"

namespace modesweep {
namespace {

namespace fs = std::filesystem;

bool lies_there(const fs::path& file) {
  std::error_code error;
  return fs::exists(fs::symlink_status(file, error));
}

int open_lock(const fs::path& folder) {
  try {
    return open_safe(folder / run_lock_name, O_RDWR | O_CREAT, 0644);
  } catch (const UnsafeFile& error) {
    throw_unwritable(folder, error.what());
  } catch (const std::system_error& error) {
    throw_unwritable(folder, error.code().message());
  }
}

[[noreturn]] void throw_locked(const fs::path& folder, int lock, int error) {
  if (error != EWOULDBLOCK) throw_unwritable(folder, std::strerror(error));
  std::array<char, 32> pid{};
  const ssize_t size = ::pread(lock, pid.data(), pid.size() - 1, 0);
  throw RunError(Cause::unavailable,
                 fmt::format("another process{} works on the run in {} (modesweep show {} "
                             "prints what it has)",
                             size > 0 ? fmt::format(" ({})", pid.data()) : "", folder.string(),
                             folder.string()));
}

bool is_unsupported(int error) {
  return error == ENOSYS || error == ENOLCK || error == EOPNOTSUPP || error == EINVAL;
}

int locked(const fs::path& folder) {
  for (;;) {
    const int lock = open_lock(folder);
    const int error = ::flock(lock, LOCK_EX | LOCK_NB) == 0 ? 0 : errno;
    struct stat ours {
    }, named{};
    if (error == 0 && ::fstat(lock, &ours) == 0 &&
        ::stat((folder / run_lock_name).c_str(), &named) == 0 && ours.st_ino == named.st_ino) {
      // For people only: on a full disk the lock holds without it.
      const std::string pid = std::to_string(::getpid());
      [[maybe_unused]] const bool written =
          ::ftruncate(lock, 0) == 0 && ::pwrite(lock, pid.data(), pid.size(), 0) > 0;
      return lock;
    }
    // Shared file systems need not have locks. A run there is written in whole copies, so that two
    // processes do not damage it, if they do the work twice.
    if (is_unsupported(error) && is_on_shared_file_system(folder)) return lock;
    const Descriptor unused(lock);
    if (error != 0) throw_locked(folder, lock, error);
  }
}

}  // namespace

MadeFolders::MadeFolders(const fs::path& folder) {
  std::error_code error;
  for (fs::path at = folder; !at.empty() && !fs::exists(at, error); at = at.parent_path()) {
    if (at.has_filename()) made_.push_back(at);  // not what ends with a slash
    if (!at.has_relative_path()) break;
  }
  fs::create_directories(folder, error);
  if (error) {
    remove();
    throw_unwritable(folder, error.message());
  }
}

void MadeFolders::remove() const {
  for (const fs::path& folder : made_) ::rmdir(folder.c_str());
}

RunFolder::RunFolder(const fs::path& folder)
    : folder_(folder),
      made_(folder),
      had_lock_(lies_there(folder / run_lock_name)),
      lock_(locked(folder)),
      had_database_(holds_run(folder)) {}

RunFolder::~RunFolder() {
  if (is_kept_) return;
  // While it is locked: who waits for the lock finds out that it is another file by then.
  std::error_code ignored;
  if (!had_database_)
    for (const char* ending : {"", "-wal", "-shm", "-journal"})
      fs::remove(folder_ / (std::string(run_database_name) + ending), ignored);
  if (!had_lock_) fs::remove(folder_ / run_lock_name, ignored);
}

void RunFolder::keep() {
  is_kept_ = true;
  made_.keep();
}

bool RunFolder::is_there() const {
  struct stat ours {
  }, named{};
  return ::fstat(lock_.get(), &ours) == 0 &&
         ::stat((folder_ / run_lock_name).c_str(), &named) == 0 && ours.st_dev == named.st_dev &&
         ours.st_ino == named.st_ino;
}

bool is_file_of_run(const fs::path& name) {
  // SQLite keeps more beside the database: -wal, -shm, -journal.
  return name == run_lock_name || name == run_crash_name ||
         name.native().starts_with(run_database_name);
}

}  // namespace modesweep
