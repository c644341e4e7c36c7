// SPDX-License-Identifier: MIT
// SQLite as the archive's index, the result cache and the run store use it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

struct sqlite3;
struct sqlite3_stmt;

namespace modesweep {

/// A statement that SQLite did not carry out.
class DatabaseError : public std::runtime_error {
 public:
  DatabaseError(int code, const std::string& message) : std::runtime_error(message), code_(code) {}
  /// What SQLite has no way to see: `is_malformed`.
  static DatabaseError malformed(const std::string& message);
  /// The file is not a database of ours, or a damaged one.
  bool is_broken() const;
  /// It is no database, or its first bytes are damaged.
  bool is_no_database() const;
  /// It is a database, whose pages are not as SQLite wrote them.
  bool is_malformed() const;
  /// The file, or those that SQLite needs beside it, cannot be written.
  bool is_unwritable() const;
  /// A disk has no room.
  bool is_full() const;
  /// Another process holds the lock.
  bool is_busy() const;

 private:
  int code_;
};

/// Bytes are no text to SQL, and equal to none.
struct SqlBytes {
  std::string_view bytes;
};
/// What a function of ours gets from SQL: nothing, an integer, a number, text or bytes.
using SqlArgument = std::variant<std::monostate, std::int64_t, double, std::string_view, SqlBytes>;
/// What it gives back; a string as bytes, which SQL compares as memcmp does.
using SqlResult = std::variant<std::int64_t, double, std::string>;
/// Of its arguments alone: the same ones have the same result.
using SqlFunction = SqlResult (*)(std::span<const SqlArgument> arguments);

/// One connection, for one thread at a time. All members throw DatabaseError.
class Database {
 public:
  /// Alone: written, where nobody else knows of the file; no locks are taken, which some file
  /// systems lack, and there is no journal: after a crash the file is worth nothing.
  /// Immutable: read, where files are replaced as a whole, never changed.
  enum class Access { read_write, read_only, alone, immutable };

  /// Opens the file, where it is safe as safe_file.hpp has it; makes it where it is to be written,
  /// with the rights that the umask leaves. A file that is only read may lie in a folder that
  /// nobody can write.
  explicit Database(const std::filesystem::path& path, Access access = Access::read_write);

  void execute(const char* sql);
  /// Readers do not wait for the writer, nor the writer for readers; what is committed outlives the
  /// process, and the last of it may be lost with the machine's power.
  void use_write_ahead_log();
  /// Brings what is in the log into the file, so that a copy of the file alone has it.
  void empty_write_ahead_log();
  /// Runs `change` in one transaction that no other process can write beside.
  void write(const std::function<void()>& change);
  /// Runs `queries` on one state of the database, whatever others write meanwhile.
  void read(const std::function<void()>& queries);
  /// Empties the file, whatever is in it; readers in other processes are not disturbed.
  void reset();

  /// What SQLite finds wrong with the file first, which it reads in full and whose indices it
  /// compares with their tables; empty: nothing.
  std::string complaint();

  /// Makes a function known to the SQL of this connection, with any number of arguments.
  void define(const char* name, SqlFunction function);

  /// The version of the tables; 0 where there are none yet.
  std::int64_t version();
  /// Does nothing where they are there; where another version's are, the error `is_broken`.
  void create_tables(int version, const std::string& schema);
  /// From here on statements end with an error once it says so, long ones in their middle.
  void stop_when(std::function<bool()> is_due);
  std::int64_t last_insert_id() const;
  /// Rows that the last INSERT, UPDATE or DELETE changed.
  std::int64_t changes() const;

 private:
  friend class Statement;
  void transaction(const char* begin, const std::function<void()>& action);

  std::unique_ptr<std::function<bool()>> is_due_;  ///< outlives the connection that asks it
  std::unique_ptr<sqlite3, int (*)(sqlite3*)> database_;
};

/// One prepared statement. Parameters are bound from the left, columns counted from 0; text and
/// bytes that are bound have to live until the last `step`.
class Statement {
 public:
  Statement(Database& database, const char* sql);
  ~Statement();
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;

  Statement& bind(std::int64_t value);
  Statement& bind(double value);                ///< to the last bit
  Statement& bind(std::string_view text);       ///< which lives until the statement has run
  Statement& bind_copy(std::string_view text);  ///< which need not
  Statement& bind_null();
  /// File names may hold any bytes.
  Statement& bind_bytes(std::string_view bytes);
  /// Whatever another statement holds, which must not step before this one has run.
  Statement& bind_value(const SqlArgument& value);
  /// To the last bit, in this machine's byte order.
  Statement& bind_numbers(std::span<const double> values);

  /// False after the last row.
  bool step();
  /// Carries it out and makes it ready for the next values.
  void run();
  void reset();

  bool is_null(int column) const;
  std::int64_t integer(int column) const;
  double number(int column) const;
  std::string bytes(int column) const;      ///< of text too
  std::string_view text(int column) const;  ///< the same, until the next step
  std::vector<double> numbers(int column) const;
  int columns() const;
  /// Whatever it holds, until the next step.
  SqlArgument value(int column) const;

 private:
  sqlite3* database_;
  sqlite3_stmt* statement_ = nullptr;
  int bound_ = 0;
};

}  // namespace modesweep
