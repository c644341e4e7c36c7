// SPDX-License-Identifier: MIT
#include "sources/archive_index.hpp"

#include <fmt/format.h>
#include <sqlite3.h>

#include <chrono>
#include <string_view>
#include <utility>

namespace modesweep {
namespace {

// Changes whenever the tables do, or what is read from headers and names into them.
constexpr int schema_version = 1;

constexpr auto longest_wait = std::chrono::milliseconds(2000);

constexpr const char* schema = R"(
  CREATE TABLE files(id INTEGER PRIMARY KEY, path BLOB NOT NULL UNIQUE, size INTEGER NOT NULL,
                     mtime_ns INTEGER NOT NULL, problem TEXT NOT NULL);
  CREATE VIRTUAL TABLE texts USING fts5(id, title, keywords, molecules, organisms, names,
                                        tokenize = 'unicode61 remove_diacritics 2');
)";

void check(sqlite3* database, int code) {
  if (code == SQLITE_OK || code == SQLITE_ROW || code == SQLITE_DONE) return;
  throw IndexError(code, sqlite3_errmsg(database));
}

void execute(sqlite3* database, const char* sql) {
  check(database, sqlite3_exec(database, sql, nullptr, nullptr, nullptr));
}

class Statement {
 public:
  Statement(sqlite3* database, const char* sql) : database_(database) {
    check(database_, sqlite3_prepare_v2(database_, sql, -1, &statement_, nullptr));
  }
  ~Statement() { sqlite3_finalize(statement_); }
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;

  Statement& bind(std::int64_t value) {
    check(database_, sqlite3_bind_int64(statement_, ++bound_, value));
    return *this;
  }
  Statement& bind(std::string_view text) {
    check(database_, sqlite3_bind_text64(statement_, ++bound_, text.data(), text.size(),
                                         SQLITE_STATIC, SQLITE_UTF8));
    return *this;
  }
  // File names may hold any bytes.
  Statement& bind_bytes(std::string_view bytes) {
    check(database_,
          sqlite3_bind_blob64(statement_, ++bound_, bytes.data(), bytes.size(), SQLITE_STATIC));
    return *this;
  }

  /// False after the last row.
  bool step() {
    const int code = sqlite3_step(statement_);
    check(database_, code);
    return code == SQLITE_ROW;
  }
  std::int64_t integer(int column) const { return sqlite3_column_int64(statement_, column); }
  std::string bytes(int column) const {
    const void* data = sqlite3_column_blob(statement_, column);
    const int size = sqlite3_column_bytes(statement_, column);
    return data ? std::string(static_cast<const char*>(data), static_cast<std::size_t>(size))
                : std::string();
  }

 private:
  sqlite3* database_;
  sqlite3_stmt* statement_ = nullptr;
  int bound_ = 0;
};

sqlite3* opened(const std::filesystem::path& path) {
  sqlite3* database = nullptr;
  const int code =
      sqlite3_open_v2(path.c_str(), &database, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, nullptr);
  if (code != SQLITE_OK) {
    const std::string message = database ? sqlite3_errmsg(database) : sqlite3_errstr(code);
    sqlite3_close(database);
    throw IndexError(code, message);
  }
  return database;
}

}  // namespace

bool IndexError::is_broken() const {
  const int code = code_ & 0xFF;
  // All statements are ours: one that does not compile met other tables than ours.
  return code == SQLITE_CORRUPT || code == SQLITE_NOTADB || code == SQLITE_ERROR ||
         code == SQLITE_SCHEMA || code == SQLITE_FORMAT;
}

bool IndexError::is_busy() const {
  const int code = code_ & 0xFF;
  return code == SQLITE_BUSY || code == SQLITE_LOCKED;
}

ArchiveIndex::ArchiveIndex(const std::filesystem::path& path)
    : database_(opened(path), sqlite3_close) {
  sqlite3_busy_timeout(database_.get(), static_cast<int>(longest_wait.count()));
}

void ArchiveIndex::write(const std::function<void()>& change) {
  execute(database_.get(), "BEGIN IMMEDIATE");
  try {
    change();
    execute(database_.get(), "COMMIT");
  } catch (...) {
    // After some errors SQLite has rolled back already; that second one means nothing.
    sqlite3_exec(database_.get(), "ROLLBACK", nullptr, nullptr, nullptr);
    throw;
  }
}

void ArchiveIndex::reset() {
  // SQLite's own way to empty a file that may be damaged and in use.
  sqlite3_db_config(database_.get(), SQLITE_DBCONFIG_RESET_DATABASE, 1, nullptr);
  const int code = sqlite3_exec(database_.get(), "VACUUM", nullptr, nullptr, nullptr);
  sqlite3_db_config(database_.get(), SQLITE_DBCONFIG_RESET_DATABASE, 0, nullptr);
  check(database_.get(), code);
}

std::int64_t ArchiveIndex::version() {
  Statement select(database_.get(), "PRAGMA user_version");
  select.step();
  return select.integer(0);
}

bool ArchiveIndex::is_current() { return version() == schema_version; }

void ArchiveIndex::create_tables() {
  if (is_current()) return;
  if (version() != 0) throw IndexError(SQLITE_FORMAT, "written by another version");
  execute(database_.get(), schema);
  execute(database_.get(), fmt::format("PRAGMA user_version = {}", schema_version).c_str());
}

std::unordered_map<std::string, ArchiveIndex::Row> ArchiveIndex::rows() {
  std::unordered_map<std::string, Row> result;
  if (!is_current()) return result;
  Statement select(database_.get(), "SELECT path, id, size, mtime_ns FROM files");
  while (select.step())
    result.emplace(select.bytes(0), Row{select.integer(1), select.integer(2), select.integer(3)});
  return result;
}

void ArchiveIndex::remove(std::int64_t id) {
  for (const char* sql : {"DELETE FROM texts WHERE rowid = ?", "DELETE FROM files WHERE id = ?"})
    Statement(database_.get(), sql).bind(id).step();
}

void ArchiveIndex::add(const ArchiveFile& file, const IndexedText& text) {
  Statement(database_.get(), "INSERT INTO files(path, size, mtime_ns, problem) VALUES(?, ?, ?, ?)")
      .bind_bytes(file.path)
      .bind(file.size)
      .bind(file.mtime_ns)
      .bind(text.problem)
      .step();
  Statement(database_.get(),
            "INSERT INTO texts(rowid, id, title, keywords, molecules, organisms, names) "
            "VALUES(?, ?, ?, ?, ?, ?, ?)")
      .bind(sqlite3_last_insert_rowid(database_.get()))
      .bind(text.id)
      .bind(text.title)
      .bind(text.keywords)
      .bind(text.molecules)
      .bind(text.organisms)
      .bind(text.names)
      .step();
}

std::vector<std::string> ArchiveIndex::find(const std::string& match) {
  // The weights follow the columns: an entry's own words tell more than those of folders.
  Statement select(database_.get(),
                   "SELECT files.path FROM texts JOIN files ON files.id = texts.rowid "
                   "WHERE texts MATCH ? "
                   "ORDER BY bm25(texts, 10.0, 5.0, 3.0, 3.0, 2.0, 1.0), files.path");
  select.bind(match);
  std::vector<std::string> paths;
  while (select.step()) paths.push_back(select.bytes(0));
  return paths;
}

std::uint64_t ArchiveIndex::size() {
  Statement count(database_.get(), "SELECT count(*) FROM files");
  count.step();
  return static_cast<std::uint64_t>(count.integer(0));
}

std::pair<std::uint64_t, std::string> ArchiveIndex::problems() {
  Statement select(database_.get(),
                   "SELECT count(*) OVER (), problem FROM files WHERE problem != '' "
                   "ORDER BY path LIMIT 1");
  if (!select.step()) return {};
  return {static_cast<std::uint64_t>(select.integer(0)), select.bytes(1)};
}

}  // namespace modesweep
