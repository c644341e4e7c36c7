// SPDX-License-Identifier: MIT
#include "cli/output_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/magic.h>
#include <poll.h>
#include <sys/vfs.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <climits>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include <modesweep/cancel.hpp>
#include <modesweep/outcome.hpp>

#include "base/atomic_file.hpp"
#include "base/descriptor.hpp"
#include "cli/interrupt.hpp"

namespace modesweep::cli {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

constexpr int most_links = 40;  // as Linux has it
// How long a reader that does not read is waited for once a signal came.
constexpr auto patience = 1s;
constexpr auto look_interval = 100ms;

[[noreturn]] void throw_error(int error, const std::string& what) {
  throw std::system_error(error, std::generic_category(), what);
}

/// The number of N in /proc/<this process>/fd/N, of whichever of its threads.
std::optional<int> own_descriptor(const fs::path& link) {
  std::error_code error;
  const std::string own = fs::canonical("/proc/self", error).string() + "/";
  const fs::path folder = link.parent_path();
  if (error || folder.filename() != "fd" || !folder.string().starts_with(own)) return std::nullopt;
  const std::string name = link.filename();
  int number = -1;
  std::from_chars(name.data(), name.data() + name.size(), number);
  return number;
}

/// Such links lead to what a process has open, whatever their text says.
bool is_of_proc(const fs::path& folder) {
  struct statfs system {};
  return ::statfs(folder.c_str(), &system) == 0 && system.f_type == PROC_SUPER_MAGIC;
}

OutputTarget descriptor_target(int number, OutputTarget target, const std::string& name) {
  // What was opened after the start is closed on exec, and nobody's output.
  const int flags = ::fcntl(number, F_GETFD);
  if (flags < 0 || (flags & FD_CLOEXEC) != 0 ||
      (::fcntl(number, F_GETFL) & O_ACCMODE) == O_RDONLY || ::fstat(number, &target.status) != 0)
    throw_error(EBADF, name);
  target.kind = OutputTarget::Kind::descriptor;
  target.descriptor = number;
  return target;
}

OutputTarget::Kind kind_of(const struct stat& status, const std::string& name) {
  switch (status.st_mode & S_IFMT) {
    case S_IFREG: return OutputTarget::Kind::file;
    case S_IFCHR:
    case S_IFIFO: return OutputTarget::Kind::stream;
    case S_IFDIR: throw_error(EISDIR, name);
    case S_IFBLK: throw_error(ENOTSUP, name + " is a block device file");
    default: throw_error(ENOTSUP, name + " is a socket");
  }
}

/// Calls `is_ready`, which waits for `look_interval` at most, until it is.
template <class IsReady>
void wait_until(const IsReady& is_ready) {
  std::optional<std::chrono::steady_clock::time_point> end;
  while (!is_ready()) {
    if (interrupt_exit_code() == 0) continue;
    const auto now = std::chrono::steady_clock::now();
    if (!end) end = now + patience;
    if (now > *end) throw Cancelled();
  }
}

/// What is written as it is.
class OutputPipe {
 public:
  OutputPipe(const OutputTarget& target, std::string name)
      : name_(std::move(name)),
        opened_(target.kind == OutputTarget::Kind::stream ? open(target) : -1),
        number_(opened_.get() < 0 ? target.descriptor : opened_.get()) {}

  void write(std::string_view bytes) {
    while (!bytes.empty() && !is_closed_) {
      wait_until([&] {
        pollfd room{number_, POLLOUT, 0};
        return ::poll(&room, 1,
                      static_cast<int>(std::chrono::milliseconds(look_interval).count())) > 0;
      });
      // So much a pipe that has room takes without a wait that no signal could end.
      const ssize_t n =
          ::write(number_, bytes.data(), std::min<std::size_t>(bytes.size(), PIPE_BUF));
      if (n >= 0)
        bytes.remove_prefix(static_cast<std::size_t>(n));
      else if (errno == EPIPE)
        is_closed_ = true;
      else if (errno != EINTR && errno != EAGAIN)
        throw_error(errno, name_);
    }
  }

 private:
  /// Neither made nor cut, and appended to: another process may have a regular file open.
  int open(const OutputTarget& target) const {
    int number = -1;
    wait_until([&] {
      number = ::open(target.path.c_str(), O_WRONLY | O_APPEND | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
      if (number >= 0) return true;
      if (errno != ENXIO || !S_ISFIFO(target.status.st_mode)) throw_error(errno, name_);
      std::this_thread::sleep_for(look_interval);  // nobody reads it yet
      return false;
    });
    return number;
  }

  std::string name_;
  Descriptor opened_;
  int number_;
  bool is_closed_ = false;
};

/// Never makes a file, nor follows a link that came meanwhile.
int open_existing(const OutputTarget& target) {
  return ::open(target.path.c_str(), O_WRONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
}

bool copy_acl(int from, int to) {
  constexpr const char* name = "system.posix_acl_access";
  std::string acl(XATTR_SIZE_MAX, '\0');
  const ssize_t size = ::fgetxattr(from, name, acl.data(), acl.size());
  if (size >= 0) return ::fsetxattr(to, name, acl.data(), static_cast<std::size_t>(size), 0) == 0;
  // The folder may have given it one.
  return ::fremovexattr(to, name) == 0 || errno == ENODATA || errno == ENOTSUP;
}

/// False where not all can be kept.
bool keep_owner_and_mode(const OutputTarget& target, int from, int to) {
  struct stat made {};
  const struct stat& kept = target.status;
  return ::fstat(to, &made) == 0 &&
         ((made.st_uid == kept.st_uid && made.st_gid == kept.st_gid) ||
          ::fchown(to, kept.st_uid, kept.st_gid) == 0) &&
         (((made.st_mode ^ kept.st_mode) & 0777) == 0 || ::fchmod(to, kept.st_mode & 0777) == 0) &&
         copy_acl(from, to);
}

/// Whether a file may still be written where it cannot be replaced.
bool is_denial(const std::error_code& error) {
  return error == std::errc::permission_denied || error == std::errc::operation_not_permitted ||
         error == std::errc::read_only_file_system || error == std::errc::device_or_resource_busy;
}

/// What is to take the place of the file; nothing where that cannot be, or could not be as the file
/// is.
std::unique_ptr<AtomicFile> make_replacement(const OutputTarget& target, int existing) {
  try {
    auto file = std::make_unique<AtomicFile>(target.path, S_IRUSR | S_IWUSR);
    if (keep_owner_and_mode(target, existing, file->descriptor())) return file;
  } catch (const std::system_error& error) {
    if (!is_denial(error.code())) throw;
  }
  return nullptr;
}

/// Takes room for all of it first, so that a full disk is known before what was there is gone.
void write_in_place(int existing, std::string_view text, const OutputTarget& target,
                    const std::string& name) {
  const auto size = static_cast<off_t>(text.size());
  if (size > target.status.st_size && ::fallocate(existing, 0, 0, size) != 0 &&
      (errno == ENOSPC || errno == EDQUOT || errno == EFBIG)) {
    const int error = errno;
    [[maybe_unused]] const int undone = ::ftruncate(existing, target.status.st_size);
    throw_error(error, name);
  }
  while (!text.empty()) {
    const ssize_t n = ::write(existing, text.data(), text.size());
    if (n < 0 && errno != EINTR) throw_error(errno, name);
    if (n > 0) text.remove_prefix(static_cast<std::size_t>(n));
  }
  if (::ftruncate(existing, size) != 0 || (::fsync(existing) != 0 && errno != EINVAL))
    throw_error(errno, name);
}

void write_existing(const OutputTarget& target, const Write& write, const std::string& name) {
  const Descriptor existing(open_existing(target));
  if (existing.get() < 0) throw_error(errno, name);
  if (const std::unique_ptr<AtomicFile> file = make_replacement(target, existing.get())) {
    in_pieces([&](std::string_view bytes) { file->write(bytes); }, write);
    try {
      return file->commit();
    } catch (const std::system_error& error) {
      if (!is_denial(error.code())) throw;
    }
  }
  std::string text;
  in_pieces([&](std::string_view bytes) { text += bytes; }, write);
  write_in_place(existing.get(), text, target, name);
}

void check_existing(const OutputTarget& target, const std::string& name) {
  const Descriptor existing(open_existing(target));
  if (existing.get() < 0) throw_error(errno, name);
  make_replacement(target, existing.get());
}

void check_stream(const OutputTarget& target, const std::string& name) {
  // A FIFO is not opened before it is written: its reader would see an end.
  if (S_ISFIFO(target.status.st_mode)) {
    if (::faccessat(AT_FDCWD, target.path.c_str(), W_OK, AT_EACCESS) != 0) throw_error(errno, name);
    return;
  }
  const OutputPipe probe(target, name);
}

}  // namespace

OutputTarget look_at(const fs::path& name) {
  const std::string text = name.string();
  fs::path at = name;
  for (int links = 0; links <= most_links; ++links) {
    if (!at.has_filename()) throw_error(EISDIR, text);
    std::error_code error;
    const fs::path folder = fs::canonical(at.has_parent_path() ? at.parent_path() : ".", error);
    if (error) throw std::system_error(error, text);
    at = folder / at.filename();
    OutputTarget target;
    target.path = at;
    if (::lstat(at.c_str(), &target.status) != 0) {
      if (errno != ENOENT) throw_error(errno, text);
      return target;
    }
    if (!S_ISLNK(target.status.st_mode)) {
      target.kind = kind_of(target.status, text);
      return target;
    }
    if (const std::optional<int> number = own_descriptor(at))
      return descriptor_target(*number, std::move(target), text);
    // The system may forbid to follow a stranger's link (fs.protected_symlinks): that is asked
    // before the link is read.
    const bool leads_somewhere = ::stat(at.c_str(), &target.status) == 0;
    if (!leads_somewhere && errno != ENOENT) throw_error(errno, text);
    if (leads_somewhere && is_of_proc(folder)) {
      kind_of(target.status, text);
      target.kind = OutputTarget::Kind::stream;
      return target;
    }
    const fs::path led = fs::read_symlink(at, error);
    if (error) throw std::system_error(error, text);
    at = folder / led;
  }
  throw_error(ELOOP, text);
}

void write_file(const fs::path& name, const Write& write) {
  const OutputTarget target = look_at(name);
  switch (target.kind) {
    case OutputTarget::Kind::new_file: {
      AtomicFile file(target.path);
      in_pieces([&](std::string_view bytes) { file.write(bytes); }, write);
      return file.commit();
    }
    case OutputTarget::Kind::file: return write_existing(target, write, name.string());
    case OutputTarget::Kind::stream:
    case OutputTarget::Kind::descriptor: {
      OutputPipe pipe(target, name.string());
      return in_pieces([&](std::string_view bytes) { pipe.write(bytes); }, write);
    }
  }
}

bool takes_new_files(const fs::path& folder) {
  try {
    const AtomicFile probe(folder / "probe");
    return true;
  } catch (const std::system_error& error) {
    if (is_denial(error.code())) return false;
    throw;
  }
}

void cannot_write(const std::system_error& error) {
  throw RunError(Cause::output, fmt::format("output could not be written: {}", error.what()));
}

void check_writable(const fs::path& name) {
  if (name.empty()) return;
  try {
    const OutputTarget target = look_at(name);
    switch (target.kind) {
      case OutputTarget::Kind::new_file: {
        const AtomicFile probe(target.path);
        break;
      }
      case OutputTarget::Kind::file: check_existing(target, name.string()); break;
      case OutputTarget::Kind::stream: check_stream(target, name.string()); break;
      case OutputTarget::Kind::descriptor: break;
    }
  } catch (const std::system_error& error) {
    cannot_write(error);
  }
}

}  // namespace modesweep::cli
