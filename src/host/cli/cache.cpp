// SPDX-License-Identifier: MIT
// The command `cache`: what was downloaded and computed, and how to be rid of it.
#include "sources/cache.hpp"
#include "base/text.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <system_error>

#include "base/clock.hpp"
#include "base/sqlite.hpp"
#include "cli/command.hpp"
#include "cli/exit_code.hpp"
#include "cli/option_groups.hpp"
#include "cli/output_stream.hpp"
#include "cli/parse.hpp"

namespace modesweep::cli {
namespace {

namespace fs = std::filesystem;

struct CacheOptions {
  fs::path cache_dir;
  std::vector<std::string> ids;     ///< normal form; empty: all
  std::chrono::days older_than{0};  ///< since it was used last
};

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

int list(const CacheOptions& options, const Call&, Reporter& reporter) {
  const StructureCache cache(options.cache_dir, reporter);
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
                        shown_path(file.path));
  }
  print(text);
  reporter.info(
      fmt::format("{}, {}", counted(std::ssize(files), "structure file"), megabytes(bytes)));
  return 0;
}

int verify(const CacheOptions& options, const Call& call, Reporter& reporter) {
  StructureCache cache(options.cache_dir, reporter);
  Amount checked;
  std::string damaged;
  for_each_wanted(cache, options, [&](const CachedFile& file) {
    if (call.cancel.is_cancelled()) throw Cancelled();
    ++checked.files;
    checked.bytes += file.bytes;
    if (cache.verify(file) == StructureCache::State::damaged)
      damaged += shown_path(file.path) + "\n";
  });
  print(damaged);
  const auto bad = std::count(damaged.begin(), damaged.end(), '\n');
  reporter.info(fmt::format("{} read, {}; damaged: {}", counted(checked.files, "structure file"),
                            megabytes(checked.bytes), bad));
  return static_cast<int>(bad > 0 ? ExitCode::entries_failed : ExitCode::ok);
}

int clear(const CacheOptions& options, const Call&, Reporter& reporter) {
  StructureCache cache(options.cache_dir, reporter);
  Amount structures;
  for_each_wanted(cache, options, [&](const CachedFile& file) {
    if (!cache.remove(file)) return;
    ++structures.files;
    structures.bytes += file.bytes;
  });
  std::string text = fmt::format("structure files removed: {}, {}\n", structures.files,
                                 megabytes(structures.bytes));
  if (options.ids.empty()) {
    const Amount emptied = empty_databases(options.cache_dir, options.older_than, reporter);
    text += fmt::format("databases of results and archives emptied: {}, {}\n", emptied.files,
                        megabytes(emptied.bytes));
  }
  print(text);
  return 0;
}

using Action = int (*)(const CacheOptions&, const Call&, Reporter&);

struct Chosen {
  CacheOptions options;
  Action action = nullptr;
};

/// Each action is a command of its own.
Flags add_action(const Flags& flags, const char* name, const char* help, Action action,
                 Chosen& chosen) {
  Flags sub = flags.below(name, help);
  CacheOptions& options = chosen.options;
  sub.convert(
      "ID", std::vector<std::string>(),
      [&options](const std::vector<std::string>& typed) {
        options.ids = parse_ids(fmt::format("{}", fmt::join(typed, ",")));
        // A list that turns out empty must not clear everything.
        if (options.ids.empty()) usage("there is no ID in the list of IDs");
      },
      "entry IDs (else all)");
  add_cache_dir(sub, options.cache_dir, "cache, as of rank");
  sub.common();
  sub.then([&chosen, action] { chosen.action = action; });
  return sub;
}

Run add(const Flags& flags) {
  const auto chosen = std::make_shared<Chosen>();
  add_action(flags, "list", "print ID, bytes, time of last use and path of each structure file",
             list, *chosen);
  add_action(flags, "verify",
             "read every structure file to its end; damaged ones are named, and fetched again when "
             "next needed",
             verify, *chosen);
  add_action(flags, "clear",
             "remove structure files, results and archive indexes, and print what that freed",
             clear, *chosen)
      .convert("--older-than", 0,
               [&older_than = chosen->options.older_than](int days) {
                 older_than = std::chrono::days(days);
               },
               "only what was not used for so many days", {between(1, 36500), named("DAYS")});
  return [chosen](const Call& call, Reporter& reporter) {
    return chosen->action(chosen->options, call, reporter);
  };
}

}  // namespace

Command cache_command() { return {"cache", "list, verify or clear what was downloaded", add}; }

}  // namespace modesweep::cli
