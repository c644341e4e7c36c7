// SPDX-License-Identifier: MIT
#include "store/local_copy.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <string>
#include <string_view>
#include <system_error>

#include "base/atomic_file.hpp"
#include "base/safe_file.hpp"
#include "store/run_database.hpp"

namespace modesweep {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void throw_errno(const fs::path& path) {
  throw std::system_error(errno, std::generic_category(), path.string());
}

/// Hands over all of a file in pieces.
template <class Use>
void read_all(int descriptor, const fs::path& path, const Use& use) {
  std::array<char, 1 << 16> piece;
  for (off_t at = 0;;) {
    const ssize_t size = ::pread(descriptor, piece.data(), piece.size(), at);
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) throw_errno(path);
    if (size == 0) return;
    use(std::string_view(piece.data(), static_cast<std::size_t>(size)));
    at += size;
  }
}

fs::path with_ending(const fs::path& path, const char* ending) { return path.native() + ending; }

/// Does nothing where there is no such file.
void bring(const fs::path& from, const fs::path& to) {
  std::error_code error;
  if (!fs::exists(fs::symlink_status(from, error))) return;
  const Descriptor source(open_safe(from, O_RDONLY));
  const Descriptor target(open_safe(to, O_WRONLY | O_CREAT | O_TRUNC, 0600));
  read_all(source.get(), from, [&](std::string_view piece) {
    while (!piece.empty()) {
      const ssize_t written = ::write(target.get(), piece.data(), piece.size());
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) throw_errno(to);
      piece.remove_prefix(static_cast<std::size_t>(written));
    }
  });
}

constexpr const char* log_ending = "-wal";

/// As SQLite does: the first one that there is, $TMPDIR before the others.
fs::path temporary_folder() {
  const char* const named = std::getenv("TMPDIR");
  for (const char* folder : {named, "/tmp", "/var/tmp"})
    if (folder && ::access(folder, W_OK | X_OK) == 0) return folder;
  return named ? named : "/tmp";
}

fs::path new_file() {
  std::string name = temporary_folder() / "modesweep-run-XXXXXX";
  const Descriptor made(::mkstemp(name.data()));
  if (made.get() < 0) throw_errno(name);
  return name;
}

/// What processes that were killed in the middle of a copy have left.
void remove_parts(const fs::path& folder) {
  const std::string beginning = fmt::format("{}.part.", run_database_name);
  std::error_code error;
  for (fs::directory_iterator file(folder, error), end; !error && file != end;
       file.increment(error))
    if (file->path().filename().native().starts_with(beginning)) ::unlink(file->path().c_str());
}

}  // namespace

LocalCopy::Name::~Name() {
  ::unlink(path.c_str());
  ::unlink(with_ending(path, log_ending).c_str());
}

LocalCopy::LocalCopy(const fs::path& folder)
    : folder_(folder), name_(std::make_unique<Name>(new_file())) {
  const fs::path kept = folder / run_database_name, log = with_ending(kept, log_ending);
  std::error_code error;
  // With the log of a run that was written in its folder, which SQLite then brings in here.
  const bool has_log = fs::exists(kept, error) && fs::exists(log, error);
  bring(kept, name_->path);
  if (has_log) bring(log, with_ending(name_->path, log_ending));
  database_.emplace(name_->path, Database::Access::alone);
  bytes_.emplace(open_safe(name_->path, O_RDONLY));
  name_.reset();
  remove_parts(folder);
  // The log goes once the file has all of it: until then both together are the same run.
  if (has_log) save();
  forget_logs();
}

void LocalCopy::forget_logs() const {
  for (const char* ending : {log_ending, "-shm", "-journal"})
    ::unlink(with_ending(folder_ / run_database_name, ending).c_str());
}

void LocalCopy::save() const {
  AtomicFile copy(folder_ / run_database_name);
  read_all(bytes_->get(), folder_, [&](std::string_view piece) { copy.write(piece); });
  copy.commit();
}

}  // namespace modesweep
