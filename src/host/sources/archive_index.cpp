// SPDX-License-Identifier: MIT
#include "sources/archive_index.hpp"

#include <utility>

#include "base/checksum.hpp"

namespace modesweep {
namespace {

// Changes whenever the tables do, or what is read from headers and names into them.
constexpr int schema_version = 3;

constexpr const char* schema = R"(
  CREATE TABLE files(id INTEGER PRIMARY KEY, path BLOB NOT NULL UNIQUE, size INTEGER NOT NULL,
                     mtime_ns INTEGER NOT NULL, problem TEXT NOT NULL);
  CREATE VIRTUAL TABLE texts USING fts5(id, title, keywords, molecules, organisms, names,
                                        tokenize = 'unicode61 remove_diacritics 2');
  CREATE TABLE seal(checksum INTEGER NOT NULL);
)";

}  // namespace

ArchiveIndex::ArchiveIndex(const std::filesystem::path& path)
    : archive_(path.stem()), database_(path) {}

// Of the tables that SQLite's full-text index keeps its own in as well: what a word is found by is
// in none but those.
std::int64_t ArchiveIndex::checksum() {
  Checksum checksum;
  checksum.add(archive_);
  checksum.add(static_cast<std::uint64_t>(checksum_of_tables(database_, "seal")));
  return checksum.value();
}

void ArchiveIndex::check() {
  database_.read([&] {
    if (!is_current()) return;
    Statement seal(database_, "SELECT checksum FROM seal");
    if (!seal.step() || seal.integer(0) != checksum())
      throw DatabaseError::malformed("its checksum is not that of what it holds");
  });
}

void ArchiveIndex::check_pages() {
  const std::string said = database_.complaint();
  if (!said.empty()) throw DatabaseError::malformed(said);
}

ArchiveIndex::State ArchiveIndex::state() {
  try {
    check();
    check_pages();
    Statement tables(database_, "SELECT count(*) FROM sqlite_master");
    tables.step();
    const bool is_new = database_.version() == 0 && tables.integer(0) == 0;
    return is_new || is_current() ? State::whole : State::of_another_version;
  } catch (const DatabaseError& error) {
    if (!error.is_broken()) throw;
    return State::damaged;
  }
}

void ArchiveIndex::write(const std::function<void()>& change) {
  database_.write([&] {
    database_.create_tables(schema_version, schema);
    change();
    // The full-text index writes what it still has in memory at a savepoint.
    database_.execute("SAVEPOINT changed; RELEASE changed; DELETE FROM seal");
    Statement(database_, "INSERT INTO seal(checksum) VALUES(?)").bind(checksum()).step();
  });
}

bool ArchiveIndex::is_current() { return database_.version() == schema_version; }

void ArchiveIndex::for_each(
    const std::function<void(const std::string& path, const Row& row)>& visit) {
  if (!is_current()) return;
  Statement select(database_, "SELECT path, id, size, mtime_ns FROM files ORDER BY path");
  while (select.step())
    visit(select.bytes(0), {select.integer(1), select.integer(2), select.integer(3)});
}

std::optional<ArchiveIndex::Row> ArchiveIndex::row(const std::string& path) {
  Statement select(database_, "SELECT id, size, mtime_ns FROM files WHERE path = ?");
  if (!select.bind_bytes(path).step()) return std::nullopt;
  return Row{select.integer(0), select.integer(1), select.integer(2)};
}

void ArchiveIndex::remove(std::int64_t id) {
  for (const char* sql : {"DELETE FROM texts WHERE rowid = ?", "DELETE FROM files WHERE id = ?"})
    Statement(database_, sql).bind(id).step();
}

void ArchiveIndex::add(const ArchiveFile& file, const IndexedText& text) {
  Statement(database_, "INSERT INTO files(path, size, mtime_ns, problem) VALUES(?, ?, ?, ?)")
      .bind_bytes(file.path)
      .bind(file.size)
      .bind(file.mtime_ns)
      .bind(text.problem)
      .step();
  Statement(database_,
            "INSERT INTO texts(rowid, id, title, keywords, molecules, organisms, names) "
            "VALUES(?, ?, ?, ?, ?, ?, ?)")
      .bind(database_.last_insert_id())
      .bind(text.id)
      .bind(text.title)
      .bind(text.keywords)
      .bind(text.molecules)
      .bind(text.organisms)
      .bind(text.names)
      .step();
}

std::uint64_t ArchiveIndex::size() {
  Statement count(database_, "SELECT count(*) FROM files");
  count.step();
  return static_cast<std::uint64_t>(count.integer(0));
}

ArchiveIndex::Found ArchiveIndex::find(const std::string& match) {
  Found found;
  database_.read([&] {
    found.indexed = size();
    // The weights follow the columns: an entry's own words tell more than those of folders.
    Statement select(database_,
                     "SELECT files.path FROM texts JOIN files ON files.id = texts.rowid "
                     "WHERE texts MATCH ? "
                     "ORDER BY bm25(texts, 10.0, 5.0, 3.0, 3.0, 2.0, 1.0), files.path");
    select.bind(match);
    while (select.step()) found.paths.push_back(select.bytes(0));
  });
  return found;
}

std::pair<std::uint64_t, std::string> ArchiveIndex::problems() {
  Statement select(database_,
                   "SELECT count(*) OVER (), problem FROM files WHERE problem != '' "
                   "ORDER BY path LIMIT 1");
  if (!select.step()) return {};
  return {static_cast<std::uint64_t>(select.integer(0)), select.bytes(1)};
}

}  // namespace modesweep
