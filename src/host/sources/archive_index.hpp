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

/// All members throw DatabaseError.
class ArchiveIndex {
 public:
  struct Row {
    std::int64_t id;
    std::int64_t size;
    std::int64_t mtime_ns;
  };

  /// Opens or makes the file.
  explicit ArchiveIndex(const std::filesystem::path& path);

  /// Runs `change` in one transaction that no other process can write beside.
  void write(const std::function<void()>& change) { database_.write(change); }
  /// Empties the file, whatever is in it; readers in other processes are not disturbed.
  void reset() { database_.reset(); }

  /// Whether the tables are there, as this version of the program writes them.
  bool is_current();
  /// Does nothing where they are.
  void create_tables();
  /// All rows in the order of their paths, byte by byte. None where there are no tables yet.
  void for_each(const std::function<void(const std::string& path, const Row& row)>& visit);
  std::optional<Row> row(const std::string& path);
  void remove(std::int64_t id);
  void add(const ArchiveFile& file, const IndexedText& text);

  /// Relative paths for an expression of `parse_fts_query`, best match first, ties by path.
  std::vector<std::string> find(const std::string& match);
  std::uint64_t size();
  /// How many files could not be read, and the first one's reason.
  std::pair<std::uint64_t, std::string> problems();

 private:
  Database database_;
};

}  // namespace modesweep
