// SPDX-License-Identifier: MIT
// The command `cache`: what was downloaded and computed, and how to be rid of it.
#include "sources/cache.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <system_error>

#include "base/clock.hpp"
#include "base/sqlite.hpp"
#include "cli/commands.hpp"
#include "cli/exit_code.hpp"

namespace modesweep::cli {
namespace {

namespace fs = std::filesystem;

struct Amount {
  std::size_t files = 0;
  std::uint64_t bytes = 0;
};

std::string megabytes(std::uint64_t bytes) {
  return fmt::format("{:.1f} MB", static_cast<double>(bytes) * 1e-6);
}

/// With `ids` these entries alone.
void for_each_wanted(const StructureCache& cache, const CacheOptions& options,
                     const std::function<void(const CachedFile&)>& visit) {
  const auto newest = std::chrono::system_clock::now() - options.older_than;
  cache.for_each([&](const CachedFile& file) {
    const bool named = options.ids.empty() || std::find(options.ids.begin(), options.ids.end(),
                                                        file.id) != options.ids.end();
    if (named && (options.older_than.count() == 0 || file.last_used < newest)) visit(file);
  });
}

/// The databases of the cache: results, and indexes of archives.
std::vector<fs::path> databases(const fs::path& cache_dir) {
  std::vector<fs::path> paths = {cache_dir / "results.sqlite"};
  std::error_code error;
  for (fs::directory_iterator it(cache_dir / "archives", error), end; !error && it != end;
       it.increment(error))
    if (it->path().extension() == ".sqlite") paths.push_back(it->path());
  std::erase_if(paths, [](const fs::path& path) { return !fs::exists(path); });
  return paths;
}

std::uint64_t size_of(const fs::path& path) {
  std::error_code error;
  const std::uintmax_t size = fs::file_size(path, error);
  return error ? 0 : size;
}

/// What is in it goes, the file stays: another process may have it open.
Amount empty_databases(const fs::path& cache_dir, std::chrono::days older_than,
                       Reporter& reporter) {
  Amount freed;
  for (const fs::path& path : databases(cache_dir)) {
    std::error_code error;
    const auto written = fs::last_write_time(path, error);
    if (older_than.count() > 0 && !(written < fs::file_time_type::clock::now() - older_than))
      continue;
    const std::uint64_t before = size_of(path);
    try {
      Database(path).reset();
    } catch (const DatabaseError& failure) {
      reporter.warning(fmt::format("{} was not emptied: {}", path.string(), failure.what()));
      continue;
    }
    const std::uint64_t after = size_of(path);
    if (before <= after) continue;
    ++freed.files;
    freed.bytes += before - after;
  }
  return freed;
}

int list(const StructureCache& cache, const CacheOptions& options, Reporter& reporter) {
  std::vector<CachedFile> files;
  for_each_wanted(cache, options, [&](const CachedFile& file) { files.push_back(file); });
  std::sort(files.begin(), files.end(), [](const CachedFile& a, const CachedFile& b) {
    return std::tie(a.id, a.path) < std::tie(b.id, b.path);
  });
  std::string text;
  std::uint64_t bytes = 0;
  for (const CachedFile& file : files) {
    bytes += file.bytes;
    text += fmt::format("{}\t{}\t{}\t{}\n", file.id, file.bytes, utc_time(file.last_used),
                        file.path.string());
  }
  print(text);
  reporter.info(fmt::format("{} structure files, {}", files.size(), megabytes(bytes)));
  return 0;
}

int verify(StructureCache& cache, const CacheOptions& options, const CancelToken& cancel,
           Reporter& reporter) {
  Amount checked;
  std::string damaged;
  for_each_wanted(cache, options, [&](const CachedFile& file) {
    if (cancel.is_cancelled()) throw Cancelled();
    ++checked.files;
    checked.bytes += file.bytes;
    if (cache.verify(file) == StructureCache::State::damaged) damaged += file.path.string() + "\n";
  });
  print(damaged);
  const auto bad = std::count(damaged.begin(), damaged.end(), '\n');
  reporter.info(fmt::format("{} structure files read, {}; damaged: {}", checked.files,
                            megabytes(checked.bytes), bad));
  return static_cast<int>(bad > 0 ? ExitCode::entries_failed : ExitCode::ok);
}

int clear(StructureCache& cache, const Arguments& arguments, Reporter& reporter) {
  const CacheOptions& options = arguments.cache;
  Amount structures;
  for_each_wanted(cache, options, [&](const CachedFile& file) {
    if (!cache.remove(file)) return;
    ++structures.files;
    structures.bytes += file.bytes;
  });
  std::string text = fmt::format("structure files removed: {}, {}\n", structures.files,
                                 megabytes(structures.bytes));
  if (options.ids.empty()) {
    const Amount emptied =
        empty_databases(arguments.access.store.cache_dir, options.older_than, reporter);
    text += fmt::format("databases of results and archives emptied: {}, {}\n", emptied.files,
                        megabytes(emptied.bytes));
  }
  print(text);
  return 0;
}

}  // namespace

int run_cache(const Arguments& arguments, Reporter& reporter) {
  StructureCache cache(arguments.access.store.cache_dir, reporter);
  switch (arguments.cache.action) {
    case CacheOptions::Action::list: return list(cache, arguments.cache, reporter);
    case CacheOptions::Action::verify:
      return verify(cache, arguments.cache, arguments.cancel, reporter);
    case CacheOptions::Action::clear: return clear(cache, arguments, reporter);
  }
  return static_cast<int>(ExitCode::internal);
}

}  // namespace modesweep::cli
