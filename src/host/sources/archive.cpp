// SPDX-License-Identifier: MIT
#include <modesweep/archive.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <exception>
#include <functional>
#include <span>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include <modesweep/machine.hpp>
#include <modesweep/structure.hpp>

#include "base/process_limits.hpp"
#include "base/sha256.hpp"
#include "base/text.hpp"
#include "sources/archive_files.hpp"
#include "sources/archive_index.hpp"
#include "sources/fts_query.hpp"

namespace modesweep {
namespace {

namespace fs = std::filesystem;

// How long another process may take to index the same folder.
constexpr auto longest_wait = std::chrono::minutes(30);

// How often an index is made anew, or looked at once more, where other processes do so as well.
constexpr int most_tries = 10;

constexpr std::size_t least_portion = 1000, largest_portion = 10'000;  // files a transaction

IndexedText text_of(const fs::path& folder, const ArchiveFile& file) {
  const fs::path relative(file.path);
  IndexedText text;
  for (const fs::path& part : relative.parent_path()) text.names += name_words(part.native()) + ' ';
  text.names += name_words(structure_stem(relative));
  Outcome<Header> header = read_header(folder / relative);
  if (!header) {
    text.problem = std::move(header.error().message);
    return text;
  }
  text.id = std::move(header->id);
  text.title = std::move(header->title);
  text.keywords = std::move(header->keywords);
  text.molecules = std::move(header->molecules);
  text.organisms = std::move(header->organisms);
  return text;
}

class StageReport {
 public:
  StageReport(Reporter& reporter, std::string_view name, std::uint64_t total)
      : reporter_(reporter) {
    reporter_.begin_stage(name, total);
  }
  ~StageReport() { reporter_.end_stage(); }
  StageReport(const StageReport&) = delete;
  StageReport& operator=(const StageReport&) = delete;

 private:
  Reporter& reporter_;
};

// What the folder holds against what the index holds.
struct Difference {
  std::vector<std::string> gone;       // paths of the index without a file
  std::vector<ArchiveFile> unindexed;  // files that are new or have changed

  bool empty() const { return gone.empty() && unindexed.empty(); }
};

bool is_same(const ArchiveFile& file, const ArchiveIndex::Row& row) {
  return row.size == file.size && row.mtime_ns == file.mtime_ns;
}

// Both stand in the order of their paths, so that neither is looked up in the other.
Difference compare(std::vector<ArchiveFile> files, ArchiveIndex& index) {
  Difference difference;
  auto file = files.begin();
  const auto take = [&] { difference.unindexed.push_back(std::move(*file)); };
  index.for_each([&](const std::string& path, const ArchiveIndex::Row& row) {
    for (; file != files.end() && file->path < path; ++file) take();
    if (file == files.end() || file->path != path) {
      difference.gone.push_back(path);
      return;
    }
    if (!is_same(*file, row)) take();
    ++file;
  });
  for (; file != files.end(); ++file) take();
  return difference;
}

[[noreturn]] void throw_unusable(const fs::path& path, std::string_view reason) {
  throw RunError(Cause::unavailable, fmt::format("the index of the archive cannot be used: {}: {}",
                                                 path.string(), reason));
}

class SqliteArchive final : public Archive {
 public:
  SqliteArchive(const fs::path& folder, const fs::path& index_path, Reporter& reporter)
      : folder_(folder), index_path_(index_path), reporter_(reporter), index_(index_path) {
    safely([&] { refresh(); });
    warn();
  }

  ArchiveMatches search(const std::string& term) override {
    const FtsQuery query = parse_fts_query(term);
    if (query.match.empty())
      throw RunError(Cause::request, "the search term has no word that an archive could hold");
    ArchiveMatches matches;
    if (query.ignored_brackets)
      matches.warnings.emplace_back(
          "brackets have no meaning in the search of an archive and were read as spaces");
    ArchiveIndex::Found found;
    safely([&] {
      // Another process may have made it anew since, or have met other files.
      for (int tries = 1; (found = index_.find(query.match)).indexed != files_; ++tries) {
        if (tries == most_tries) throw_unusable(index_path_, "other processes change it");
        refresh();
      }
    });
    for (const std::string& path : found.paths) matches.files.push_back(folder_ / path);
    matches.indexed = found.indexed;
    return matches;
  }

 private:
  // A damaged index costs the time to make it anew, one that another process writes the time until
  // it is done.
  template <class Action>
  void safely(const Action& action) {
    const auto deadline = std::chrono::steady_clock::now() + longest_wait;
    std::string damage;
    bool told = false;
    for (int tries = 1;;) {
      try {
        if (!damage.empty()) {
          make_anew(damage);
          damage.clear();
          refresh();
        }
        return action();
      } catch (const DatabaseError& error) {
        if (error.is_broken() && tries++ < most_tries) {
          damage = error.what();
        } else if (error.is_busy() && std::chrono::steady_clock::now() < deadline) {
          if (!told) reporter_.info("waiting for another process that indexes this archive");
          told = true;
        } else {
          throw_unusable(index_path_, error.what());
        }
      }
    }
  }

  /// Makes the index anew, unless another process has done so since.
  void make_anew(const std::string& damage) {
    const ArchiveIndex::State state = index_.state();
    if (state == ArchiveIndex::State::whole) return;
    index_.reset();
    if (state == ArchiveIndex::State::of_another_version)
      reporter_.info(
          fmt::format("the index of the archive, {}, is of another version and is made anew",
                      index_path_.string()));
    else
      reporter_.warning(
          fmt::format("the index of the archive, {}, was damaged and is made anew: {}",
                      index_path_.string(), damage));
  }

  void refresh() {
    ArchiveWalk walk = walk_archive(folder_);
    files_ = walk.files.size();
    problem_ = problem_of(walk, folder_);
    passed_over_ = files_ > 0 ? sentence_on(walk.passed_over) : std::string();
    index_.check();
    // Nothing is locked or written where nothing changed.
    const Difference difference = compare(std::move(walk.files), index_);
    if (index_.is_current() && difference.empty()) return;
    index_.check_pages();
    index_.write([&] {
      for (const std::string& path : difference.gone)
        if (const auto row = index_.row(path)) index_.remove(row->id);
    });
    add(difference.unindexed);
  }

  /// In portions: what was indexed stays when the process is killed, and other processes that index
  /// the same folder get their turns.
  void add(const std::vector<ArchiveFile>& files) {
    if (files.empty()) return;
    const StageReport stage(reporter_, "index", files.size());
    std::size_t portion = least_portion;
    for (std::size_t begin = 0; begin < files.size(); begin += portion) {
      // The whole index is read for its checksum after each.
      portion = std::clamp<std::size_t>(index_.size() / 4, least_portion, largest_portion);
      const std::span<const ArchiveFile> part =
          std::span(files).subspan(begin, std::min(portion, files.size() - begin));
      index_.write([&] {
        // Another process may have been here since.
        std::vector<const ArchiveFile*> missing;
        for (const ArchiveFile& file : part) {
          const auto row = index_.row(file.path);
          if (row && is_same(file, *row)) continue;
          if (row) index_.remove(row->id);
          missing.push_back(&file);
        }
        add_portion(missing);
      });
      reporter_.advance(part.size());
    }
  }

  /// Threads read texts, which this one adds in the order of the files. It reads as well where the
  /// next one is not there yet, and alone where no thread can be started.
  void add_portion(const std::vector<const ArchiveFile*>& files) {
    struct Item {
      IndexedText text;
      std::exception_ptr problem;
      std::atomic<bool> is_read = false;
    };
    std::vector<Item> items(files.size());
    std::atomic<std::size_t> next = 0;
    const auto read_one = [&] {
      const std::size_t i = next++;
      if (i >= items.size()) return false;
      try {
        items[i].text = text_of(folder_, *files[i]);
      } catch (...) {
        items[i].problem = std::current_exception();
      }
      items[i].is_read = true;
      items[i].is_read.notify_one();
      return true;
    };
    std::vector<std::jthread> readers = start_readers(files.size(), [&] {
      while (read_one()) {
      }
    });
    try {
      for (std::size_t i = 0; i < items.size(); ++i) {
        while (!items[i].is_read && read_one()) {
        }
        items[i].is_read.wait(false);
        if (items[i].problem) std::rethrow_exception(items[i].problem);
        index_.add(*files[i], std::exchange(items[i].text, {}));
      }
    } catch (...) {
      next = items.size();  // the readers have nothing more to do
      throw;
    }
  }

  std::vector<std::jthread> start_readers(std::size_t files, const std::function<void()>& read) {
    // With this thread.
    const std::size_t wanted = std::min(static_cast<std::size_t>(allowed_cpus().amount), files);
    check_descriptors(static_cast<int>(wanted));
    std::vector<std::jthread> readers;
    try {
      while (readers.size() + 1 < wanted) readers.emplace_back(read);
    } catch (const std::system_error& error) {
      if (!std::exchange(told_of_threads_, true))
        reporter_.warning(fmt::format("{} of {} threads can be started to index the archive: {}",
                                      readers.size() + 1, wanted, error.what()));
    }
    return readers;
  }

  void warn() {
    if (!problem_.empty()) reporter_.warning(problem_);
    if (!passed_over_.empty()) reporter_.info(passed_over_);
    std::pair<std::uint64_t, std::string> problems;
    safely([&] { problems = index_.problems(); });
    if (problems.first > 0)
      reporter_.warning(
          fmt::format("{} of {} could not be read, to be found by name only (first: {})",
                      problems.first, counted(files_, "file"), problems.second));
  }

  fs::path folder_;
  fs::path index_path_;
  Reporter& reporter_;
  ArchiveIndex index_;
  std::size_t files_ = 0;
  std::string problem_;      ///< of the walk, for the user
  std::string passed_over_;  ///< what the walk found beside them
  bool told_of_threads_ = false;
};

}  // namespace

std::unique_ptr<Archive> open_archive(const fs::path& folder, const fs::path& cache_dir,
                                      Reporter& reporter) {
  std::error_code error;
  const fs::path canonical = fs::canonical(folder, error);
  if (error || !fs::is_directory(canonical, error))
    throw RunError(Cause::request, fmt::format("the archive {} is not a folder", folder.string()));
  const fs::path indexes = cache_dir / "archives";
  fs::create_directories(indexes, error);
  if (error) throw_unusable(indexes, error.message());
  const fs::path path = indexes / (sha256(canonical.native()) + ".sqlite");
  try {
    return std::make_unique<SqliteArchive>(folder, path, reporter);
  } catch (const DatabaseError& failure) {
    throw_unusable(path, failure.what());
  }
}

}  // namespace modesweep
