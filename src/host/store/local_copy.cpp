// SPDX-License-Identifier: MIT
#include "store/local_copy.hpp"

#include <fcntl.h>
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

}  // namespace

LocalCopy::File::File(const fs::path& folder) {
  std::string name = fs::temp_directory_path() / "modesweep-run-XXXXXX";
  const Descriptor made(::mkstemp(name.data()));
  if (made.get() < 0) throw_errno(name);
  path = name;
  // With the log of a run that was written in its folder, which SQLite then brings in here.
  const fs::path kept = folder / run_database_name;
  bring(kept, path);
  bring(with_ending(kept, log_ending), with_ending(path, log_ending));
}

LocalCopy::File::~File() {
  ::unlink(path.c_str());
  ::unlink(with_ending(path, log_ending).c_str());
}

LocalCopy::LocalCopy(const fs::path& folder)
    : folder_(folder),
      file_(std::make_unique<File>(folder)),
      database_(file_->path, Database::Access::alone),
      bytes_(open_safe(file_->path, O_RDONLY)) {
  file_.reset();
}

void LocalCopy::save() const {
  AtomicFile copy(folder_ / run_database_name);
  read_all(bytes_.get(), folder_, [&](std::string_view piece) { copy.write(piece); });
  // A log there is of a file before; SQLite would take it for one of this.
  for (const char* ending : {log_ending, "-shm"})
    ::unlink(with_ending(folder_ / run_database_name, ending).c_str());
  copy.commit();
}

}  // namespace modesweep
