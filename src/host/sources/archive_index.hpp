// SPDX-License-Identifier: MIT
// The full-text index of an archive: one SQLite file.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/sqlite.hpp"
#include "sources/archive_files.hpp"

namespace modesweep {

/// What a file is found by, field by field, and why its content could not be read (empty: it
/// could).
struct IndexedText {
  std::string id, title, keywords, molecules, organisms, names;
  std::string problem;
};

/// Of all that it holds it keeps a checksum, so that what a disk or a hand changes is noticed. All
/// members throw DatabaseError.
class ArchiveIndex {
 public:
  struct Row {
    std::int64_t id;
    std::int64_t size;
    std::int64_t mtime_ns;
  };

  /// Opens or makes the file.
  explicit ArchiveIndex(const std::filesystem::path& path);

  /// Throws what is broken where the tables do not hold what was written.
  void check();
  /// The same where SQLite finds the file malformed: before anything is written to it.
  void check_pages();
  enum class State { whole, of_another_version, damaged };
  /// What both say, and whose tables these are; a file that is still empty is whole.
  State state();

  /// Runs `change` in one transaction that no other process can write beside; makes the tables
  /// where there are none.
  void write(const std::function<void()>& change);
  /// Empties the file, whatever is in it; readers in other processes are not disturbed.
  void reset() { database_.reset(); }

  /// Whether the tables are there, as this version of the program writes them.
  bool is_current();
  /// All rows in the order of their paths, byte by byte. None where there are no tables yet.
  void for_each(const std::function<void(const std::string& path, const Row& row)>& visit);
  std::optional<Row> row(const std::string& path);
  std::uint64_t size();
  void remove(std::int64_t id);
  void add(const ArchiveFile& file, const IndexedText& text);

  struct Found {
    std::vector<std::string> paths;  ///< relative, best match first, ties by path
    std::uint64_t indexed = 0;       ///< files of which these were found
  };
  /// For an expression of `parse_fts_query`.
  Found find(const std::string& match);
  /// How many files could not be read, and the first one's reason.
  std::pair<std::uint64_t, std::string> problems();

 private:
  std::int64_t checksum();

  const std::string archive_;  ///< which one it is the index of: others have other names
  Database database_;
};

}  // namespace modesweep
