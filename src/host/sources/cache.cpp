// SPDX-License-Identifier: MIT
#include "sources/cache.hpp"

#include <fcntl.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <system_error>
#include <utility>
#include <vector>

#include <modesweep/outcome.hpp>
#include <modesweep/pdb_id.hpp>
#include <modesweep/structure_store.hpp>

#include "base/gzip.hpp"
#include "base/sha256.hpp"
#include "base/sqlite.hpp"
#include "base/text.hpp"
#include "sources/content_check.hpp"

namespace modesweep {
namespace {

namespace fs = std::filesystem;

fs::path folder_from(const char* variable) {
  const char* value = std::getenv(variable);
  return value ? fs::path(value) : fs::path();
}

// A file that was used so lately may be in use.
constexpr auto in_use = std::chrono::hours(1);

// Room is made down to this part of the limit, so that not every file has to make some.
constexpr double part_kept = 0.9;

constexpr int index_version = 1;
constexpr const char* index_schema = R"(
  CREATE TABLE files(name TEXT PRIMARY KEY, size INTEGER NOT NULL, mtime_ns INTEGER NOT NULL,
                     sha256 TEXT NOT NULL) WITHOUT ROWID;
)";

// std::filesystem has neither the time of the last access nor nanoseconds since the epoch. Of a
// regular file alone.
std::optional<struct stat> stat_of(const fs::path& path) {
  struct stat result {};
  if (::lstat(path.c_str(), &result) != 0 || !S_ISREG(result.st_mode)) return std::nullopt;
  return result;
}

std::int64_t mtime_ns(const struct stat& file) {
  return file.st_mtim.tv_sec * std::int64_t{1'000'000'000} + file.st_mtim.tv_nsec;
}

void note_use(const fs::path& path) {
  // A cache that can only be read keeps no such notes.
  const timespec times[2] = {{0, UTIME_NOW}, {0, UTIME_OMIT}};
  (void)::utimensat(AT_FDCWD, path.c_str(), times, AT_SYMLINK_NOFOLLOW);
}

/// Of a regular file that is no larger than any structure. What has taken its place since is not
/// followed or waited for.
std::optional<std::string> content_of(const fs::path& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
  if (descriptor < 0) return std::nullopt;
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(::fdopen(descriptor, "rb"),
                                                             std::fclose);
  struct stat status {};
  if (!file || ::fstat(descriptor, &status) != 0 || !S_ISREG(status.st_mode) ||
      static_cast<std::uint64_t>(status.st_size) > largest_inflated_file)
    return std::nullopt;
  std::string bytes(static_cast<std::size_t>(status.st_size), '\0');
  if (std::fread(bytes.data(), 1, bytes.size(), file.get()) != bytes.size()) return std::nullopt;
  return bytes;
}

/// The entry whose ID is the stem of the file, if it is one.
std::optional<std::string> id_of(const fs::path& path) {
  const std::string name = path.filename().string();
  return normalise_pdb_id(name.substr(0, name.find('.')));
}

}  // namespace

fs::path default_cache_dir() {
  if (fs::path own = folder_from("MODESWEEP_CACHE_DIR"); !own.empty()) return own;
  // The XDG base directory specification: a relative path is to be ignored.
  if (const fs::path xdg = folder_from("XDG_CACHE_HOME"); xdg.is_absolute())
    return xdg / "modesweep";
  if (const fs::path home = folder_from("HOME"); !home.empty()) return home / ".cache/modesweep";
  if (const passwd* user = ::getpwuid(::geteuid()); user && user->pw_dir && *user->pw_dir)
    return fs::path(user->pw_dir) / ".cache/modesweep";
  throw RunError(Cause::request, "there is no home folder: name a folder for the cache");
}

/// What was found when a file was last checked. Without the database nothing is known, and every
/// file is read to be checked; one that cannot be written (a folder of somebody else, a disk that
/// is full) is read.
class StructureCache::Index {
 public:
  struct Record {
    std::int64_t size = 0;
    std::int64_t mtime_ns = 0;
    std::string sha256;
  };

  Index(fs::path path, Reporter& reporter) : path_(std::move(path)), reporter_(reporter) {
    std::error_code ignored;
    const fs::file_type type = fs::symlink_status(path_, ignored).type();
    if (type != fs::file_type::regular && type != fs::file_type::not_found)
      give_up("it is no file of ours");
  }

  std::optional<Record> find(const std::string& name) {
    std::optional<Record> record;
    safely(Action::reads, [&] {
      Statement select(*database_, "SELECT size, mtime_ns, sha256 FROM files WHERE name = ?");
      if (select.bind(std::string_view(name)).step())
        record = Record{select.integer(0), select.integer(1), select.bytes(2)};
    });
    return record;
  }

  void keep(const std::string& name, const Record& record) {
    safely(Action::writes, [&] {
      Statement(*database_, "INSERT OR REPLACE INTO files VALUES(?, ?, ?, ?)")
          .bind(std::string_view(name))
          .bind(record.size)
          .bind(record.mtime_ns)
          .bind(std::string_view(record.sha256))
          .run();
    });
  }

  void forget(const std::string& name) {
    safely(Action::writes, [&] {
      Statement(*database_, "DELETE FROM files WHERE name = ?").bind(std::string_view(name)).run();
    });
  }

 private:
  enum class Action { reads, writes };

  template <class Statements>
  void safely(Action kind, const Statements& action) {
    if (unusable_ || (read_only_ && kind == Action::writes)) return;
    for (const bool last : {false, true}) {
      try {
        if (!database_) open();
        return action();
      } catch (const DatabaseError& error) {
        if (error.is_busy()) return;  // not known this time
        if (error.is_broken() && !read_only_ && !last && repair()) continue;
        if (!std::exchange(read_only_, true)) {
          reporter_.debug(fmt::format("{} is only read: {}", path_.string(), error.what()));
          database_.reset();
          if (kind == Action::writes) return;
          if (!last) continue;
        }
        give_up(error.what());
        return;
      }
    }
  }

  void open() {
    database_ = std::make_unique<Database>(
        path_, read_only_ ? Database::Access::read_only : Database::Access::read_write);
    if (read_only_) return;
    database_->use_write_ahead_log();
    database_->create_tables(index_version, index_schema);
  }

  bool repair() {
    try {
      if (!database_) database_ = std::make_unique<Database>(path_);
      database_->reset();
      open();
      return true;
    } catch (const DatabaseError&) {
      return false;
    }
  }

  void give_up(std::string_view reason) {
    reporter_.debug(fmt::format("{} is not used: {}", path_.string(), reason));
    unusable_ = true;
  }

  fs::path path_;
  Reporter& reporter_;
  std::unique_ptr<Database> database_;
  bool read_only_ = false;
  bool unusable_ = false;
};

StructureCache::StructureCache(const fs::path& cache_dir, Reporter& reporter)
    : folder_(cache_dir / "structures"),
      parts_(folder_ / "parts"),
      reporter_(reporter),
      index_(std::make_unique<Index>(cache_dir / "structures.sqlite", reporter)) {
  remove_abandoned_parts(parts_);
}

StructureCache::~StructureCache() = default;
StructureCache::StructureCache(StructureCache&&) noexcept = default;

std::optional<std::string> StructureCache::why_read_only() const {
  try {
    part("probe", "");
    return std::nullopt;
  } catch (const std::system_error& error) {
    return fmt::format(
        "the cache folder {} cannot be written ({}): name another folder for the cache",
        folder_.string(), error.code().message());
  }
}

void StructureCache::set_limit(std::uint64_t bytes) {
  limit_ = next_look_ = bytes;
  if (limit_ > 0) make_room();
}

fs::path StructureCache::path_of(std::string_view id, std::string_view ending) const {
  return folder_ / pdb_id_hash(id) / (std::string(id) += ending);
}

bool StructureCache::has(std::string_view id, std::string_view ending) const {
  return stat_of(path_of(id, ending)).has_value();
}

StructureCache::State StructureCache::check(std::string_view id, std::string_view ending,
                                            Look look) {
  const fs::path path = path_of(id, ending);
  const auto file = stat_of(path);
  if (!file) return State::absent;
  const auto record = index_->find(path.filename());
  const bool as_recorded = look == Look::as_needed && record && record->size == file->st_size &&
                           record->mtime_ns == mtime_ns(*file);
  const State state = as_recorded ? State::intact : check_content(path, id);
  if (state == State::intact) note_use(path);
  return state;
}

std::string StructureCache::sha256_on_record(std::string_view id, std::string_view ending) {
  const auto record = index_->find(path_of(id, ending).filename());
  return record ? record->sha256 : std::string();
}

StructureCache::State StructureCache::check_content(const fs::path& path, std::string_view id) {
  // Before reading: what is written meanwhile has another time.
  const auto file = stat_of(path);
  const std::optional<std::string> bytes = content_of(path);
  if (!file || !bytes) return State::damaged;
  const std::string hash = sha256(*bytes);
  const auto record = index_->find(path.filename());
  const bool gzip_name = path.extension() == ".gz";
  std::string room;
  if (record ? record->sha256 != hash
             : !accept_content(*bytes, id, gzip_name, largest_inflated_file, room))
    return State::damaged;
  index_->keep(path.filename(), {file->st_size, mtime_ns(*file), hash});
  return State::intact;
}

PartFile StructureCache::part(std::string_view id, std::string_view ending) const {
  make_own_folder(parts_);
  return PartFile(parts_, std::string(id) += ending);
}

fs::path StructureCache::keep(std::string_view id, std::string_view ending, PartFile part,
                              const std::string& sha256) {
  const std::uint64_t bytes = part.size();
  if (limit_ > 0 && held_ + bytes > next_look_) make_room();
  fs::path path = path_of(id, ending);
  make_own_folder(path.parent_path());
  part.commit(path);
  remove_abandoned_parts(path.parent_path(), path.filename().native());
  held_ += bytes;
  if (const auto written = stat_of(path))
    index_->keep(path.filename(), {written->st_size, mtime_ns(*written), sha256});
  return path;
}

void StructureCache::for_each(const std::function<void(const CachedFile&)>& visit) const {
  std::error_code error;
  for (fs::recursive_directory_iterator it(folder_, error), end; !error && it != end;
       it.increment(error)) {
    if (it->path() == parts_) {
      it.disable_recursion_pending();
      continue;
    }
    const auto file = stat_of(it->path());
    const auto id = id_of(it->path());
    if (!file || !id) continue;
    const std::chrono::sys_seconds last_used(std::chrono::seconds(file->st_atim.tv_sec));
    if (!is_part(it->path()))
      visit({it->path(), *id, static_cast<std::uint64_t>(file->st_size), last_used});
    else if (std::chrono::system_clock::now() - last_used > in_use)  // of a program before this one
      ::unlink(it->path().c_str());
  }
}

StructureCache::State StructureCache::verify(const CachedFile& file) {
  const State state = check_content(file.path, file.id);
  if (state == State::damaged) {
    // It must not match what is on record, and no other content may take its place unnoticed.
    if (auto record = index_->find(file.path.filename())) {
      record->mtime_ns = -1;
      index_->keep(file.path.filename(), *record);
    }
  }
  return state;
}

bool StructureCache::remove(const CachedFile& file) {
  index_->forget(file.path.filename());
  return ::unlink(file.path.c_str()) == 0;
}

void StructureCache::make_room() {
  std::vector<CachedFile> files;
  held_ = 0;
  for_each([&](const CachedFile& file) {
    held_ += file.bytes;
    files.push_back(file);
  });
  if (held_ > limit_) {
    std::sort(files.begin(), files.end(),
              [](const CachedFile& a, const CachedFile& b) { return a.last_used < b.last_used; });
    const auto still_in_use = std::chrono::system_clock::now() - in_use;
    const auto goal = static_cast<std::uint64_t>(part_kept * double(limit_));
    std::size_t removed = 0;
    std::uint64_t freed = 0;
    for (const CachedFile& file : files) {
      if (held_ <= goal || file.last_used > still_in_use) break;
      if (!remove(file)) continue;
      held_ -= file.bytes;
      freed += file.bytes;
      ++removed;
    }
    if (removed > 0)
      reporter_.info(fmt::format("{} longest ago and left the cache ({:.1f} MB)",
                                 counted(removed, "file was used", "files were used"),
                                 double(freed) * 1e-6));
    if (held_ > limit_ && next_look_ == limit_)
      reporter_.warning(
          fmt::format("files used within the last hour fill the cache beyond its limit ({:.1f} of "
                      "{:.1f} MB)",
                      double(held_) * 1e-6, double(limit_) * 1e-6));
  }
  // Not at every file when nothing can go.
  next_look_ = std::max(limit_, held_ + limit_ / 20);
}

}  // namespace modesweep
