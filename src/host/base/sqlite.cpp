// SPDX-License-Identifier: MIT
#include "base/sqlite.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sqlite3.h>
#include <unistd.h>

#include <chrono>
#include <cstring>
#include <new>
#include <system_error>
#include <thread>

#include "base/safe_file.hpp"

namespace modesweep {
namespace {

constexpr auto longest_wait = std::chrono::milliseconds(2000);
constexpr auto busy_interval = std::chrono::milliseconds(10);

void check(sqlite3* database, int code) {
  if (code == SQLITE_OK || code == SQLITE_ROW || code == SQLITE_DONE) return;
  throw DatabaseError(code, sqlite3_errmsg(database));
}

sqlite3* opened(const char* name, int flags, const char* file_system = nullptr) {
  sqlite3* database = nullptr;
  const int code = sqlite3_open_v2(name, &database,
                                   flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_NOFOLLOW, file_system);
  if (code != SQLITE_OK) {
    const std::string message = database ? sqlite3_errmsg(database) : sqlite3_errstr(code);
    sqlite3_close(database);
    throw DatabaseError(code, message);
  }
  return database;
}

/// The path without links in its folders, which SQLITE_OPEN_NOFOLLOW would refuse as well. SQLite
/// opens by name, and files of its own beside the database.
std::filesystem::path checked(const std::filesystem::path& path, Database::Access access) {
  const bool is_read =
      access == Database::Access::read_only || access == Database::Access::immutable;
  const FileUse use = is_read ? FileUse::read : FileUse::write;
  try {
    for (const char* ending : {"", "-wal", "-journal"}) check_safe(path.native() + ending, use);
    check_safe(path.native() + "-shm", FileUse::write);  // also by who only reads
    // SQLite gives no right to a group, whatever the umask says; its other files follow this one.
    // One that is there must not be opened: closing it would drop locks of other connections.
    if (use == FileUse::write && !std::filesystem::exists(path))
      ::close(open_safe(path, O_RDWR | O_CREAT | O_EXCL));
  } catch (const UnsafeFile& error) {
    throw DatabaseError(SQLITE_CANTOPEN, error.what());
  } catch (const std::system_error&) {
    // SQLite says it in its own words.
  }
  std::error_code error;
  const std::filesystem::path whole = std::filesystem::absolute(path, error);
  const std::filesystem::path folder = std::filesystem::canonical(whole.parent_path(), error);
  return error ? path : folder / path.filename();
}

/// The name as a URI, which is the only way to say `immutable`.
std::string immutable_uri(const std::filesystem::path& path) {
  const std::string name = std::filesystem::absolute(path);
  std::string uri = "file:";
  for (const char c : name)
    uri += c == '?' || c == '#' || c == '%' ? fmt::format("%{:02X}", static_cast<unsigned char>(c))
                                            : std::string(1, c);
  return uri + "?immutable=1";
}

sqlite3* opened_read_only(const std::filesystem::path& path) {
  sqlite3* database = opened(path.c_str(), SQLITE_OPEN_READONLY);
  // A write-ahead log needs files beside the database even to be read. Where they cannot be made
  // nobody has it open.
  const int code =
      sqlite3_exec(database, "SELECT count(*) FROM sqlite_master", nullptr, nullptr, nullptr);
  const bool lacks_them = (code & 0xFF) == SQLITE_CANTOPEN || (code & 0xFF) == SQLITE_READONLY;
  if (!lacks_them) return database;
  sqlite3_close(database);
  std::error_code ignored;
  if (!std::filesystem::exists(path.native() + "-wal", ignored))
    return opened(immutable_uri(path).c_str(), SQLITE_OPEN_READONLY | SQLITE_OPEN_URI);
  // The log of a process that was killed is read by an index in memory, which takes no locks.
  database = opened(path.c_str(), SQLITE_OPEN_READONLY, "unix-none");
  sqlite3_db_config(database, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
  sqlite3_exec(database, "PRAGMA locking_mode = EXCLUSIVE", nullptr, nullptr, nullptr);
  return database;
}

sqlite3* opened_for(Database::Access access, const std::filesystem::path& path) {
  constexpr int write = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
  switch (access) {
    case Database::Access::read_write: return opened(path.c_str(), write);
    case Database::Access::alone: return opened(path.c_str(), write, "unix-none");
    case Database::Access::read_only: return opened_read_only(path);
    case Database::Access::immutable: break;
  }
  return opened(immutable_uri(path).c_str(), SQLITE_OPEN_READONLY | SQLITE_OPEN_URI);
}

SqlArgument argument_of(sqlite3_value* value) {
  switch (sqlite3_value_type(value)) {
    case SQLITE_NULL: return {};
    case SQLITE_INTEGER: return std::int64_t{sqlite3_value_int64(value)};
    case SQLITE_FLOAT: return sqlite3_value_double(value);
    default: break;
  }
  const void* data = sqlite3_value_blob(value);
  const std::string_view bytes(static_cast<const char*>(data),
                               static_cast<std::size_t>(sqlite3_value_bytes(value)));
  if (sqlite3_value_type(value) == SQLITE_BLOB) return SqlBytes{bytes};
  return bytes;
}

/// What SQLite calls: nothing may be thrown through it.
void call(sqlite3_context* context, int count, sqlite3_value** values) noexcept {
  try {
    std::vector<SqlArgument> arguments;
    arguments.reserve(static_cast<std::size_t>(count));
    for (int i = 0; i < count; ++i) arguments.push_back(argument_of(values[i]));
    const auto function = reinterpret_cast<SqlFunction>(sqlite3_user_data(context));
    const SqlResult result = function(arguments);
    if (const auto* integer = std::get_if<std::int64_t>(&result))
      sqlite3_result_int64(context, *integer);
    else if (const auto* number = std::get_if<double>(&result))
      sqlite3_result_double(context, *number);
    else
      sqlite3_result_blob64(context, std::get<std::string>(result).data(),
                            std::get<std::string>(result).size(), SQLITE_TRANSIENT);
  } catch (const std::bad_alloc&) {
    sqlite3_result_error_nomem(context);
  } catch (const std::exception& error) {
    sqlite3_result_error(context, error.what(), -1);
  }
}

}  // namespace

DatabaseError DatabaseError::malformed(const std::string& message) {
  return {SQLITE_CORRUPT, message};
}

bool DatabaseError::is_broken() const {
  const int code = code_ & 0xFF;
  // All statements are ours: one that does not compile met other tables than ours.
  return code == SQLITE_CORRUPT || code == SQLITE_NOTADB || code == SQLITE_ERROR ||
         code == SQLITE_SCHEMA || code == SQLITE_FORMAT;
}

bool DatabaseError::is_no_database() const { return (code_ & 0xFF) == SQLITE_NOTADB; }

bool DatabaseError::is_malformed() const { return (code_ & 0xFF) == SQLITE_CORRUPT; }

bool DatabaseError::is_unwritable() const {
  const int code = code_ & 0xFF;
  return code == SQLITE_READONLY || code == SQLITE_CANTOPEN || code == SQLITE_PERM;
}

bool DatabaseError::is_full() const { return (code_ & 0xFF) == SQLITE_FULL; }

bool DatabaseError::is_busy() const {
  const int code = code_ & 0xFF;
  return code == SQLITE_BUSY || code == SQLITE_LOCKED;
}

Database::Database(const std::filesystem::path& path, Access access)
    : database_(opened_for(access, checked(path, access)), sqlite3_close) {
  sqlite3_busy_timeout(database_.get(), static_cast<int>(longest_wait.count()));
  // In memory, so that a statement that fails leaves nothing of itself.
  // Exclusive, so that a write-ahead log which comes with the file is read without shared memory.
  if (access == Access::alone)
    execute(
        "PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF");
}

void Database::execute(const char* sql) {
  check(database_.get(), sqlite3_exec(database_.get(), sql, nullptr, nullptr, nullptr));
}

void Database::use_write_ahead_log() {
  // SQLite does not wait here for another process that does the same.
  for (auto waited = std::chrono::milliseconds(0);; waited += busy_interval) {
    try {
      execute("PRAGMA journal_mode = WAL");
      break;
    } catch (const DatabaseError& error) {
      if (!error.is_busy() || waited >= longest_wait) throw;
      std::this_thread::sleep_for(busy_interval);
    }
  }
  execute("PRAGMA synchronous = NORMAL");
}

void Database::empty_write_ahead_log() { execute("PRAGMA wal_checkpoint(TRUNCATE)"); }

void Database::transaction(const char* begin, const std::function<void()>& action) {
  execute(begin);
  try {
    action();
    execute("COMMIT");
  } catch (...) {
    // After some errors SQLite has rolled back already; that second one means nothing.
    sqlite3_exec(database_.get(), "ROLLBACK", nullptr, nullptr, nullptr);
    throw;
  }
}

void Database::write(const std::function<void()>& change) {
  transaction("BEGIN IMMEDIATE", change);
}

void Database::read(const std::function<void()>& queries) { transaction("BEGIN", queries); }

void Database::define(const char* name, SqlFunction function) {
  check(database_.get(),
        sqlite3_create_function_v2(
            database_.get(), name, -1, SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS,
            reinterpret_cast<void*>(function), call, nullptr, nullptr, nullptr));
}

void Database::reset() {
  // SQLite's own way to empty a file that may be damaged and in use.
  sqlite3_db_config(database_.get(), SQLITE_DBCONFIG_RESET_DATABASE, 1, nullptr);
  const int code = sqlite3_exec(database_.get(), "VACUUM", nullptr, nullptr, nullptr);
  sqlite3_db_config(database_.get(), SQLITE_DBCONFIG_RESET_DATABASE, 0, nullptr);
  check(database_.get(), code);
}

std::string Database::complaint() {
  Statement select(*this, "PRAGMA integrity_check(1)");
  std::string said = select.step() ? select.bytes(0) : "ok";
  if (said == "ok") return {};
  if (said.starts_with("***")) said.erase(0, said.find('\n') + 1);  // the name of the database
  return said.substr(0, said.find('\n'));
}

std::int64_t Database::version() {
  Statement select(*this, "PRAGMA user_version");
  select.step();
  return select.integer(0);
}

void Database::create_tables(int wanted, const std::string& schema) {
  const std::int64_t found = version();
  if (found == wanted) return;
  if (found != 0) throw DatabaseError(SQLITE_FORMAT, "written by another version of modesweep");
  execute(schema.c_str());
  execute(fmt::format("PRAGMA user_version = {}", wanted).c_str());
}

void Database::stop_when(std::function<bool()> is_due) {
  constexpr int instructions_between = 10'000;
  is_due_ = std::make_unique<std::function<bool()>>(std::move(is_due));
  sqlite3_progress_handler(
      database_.get(), instructions_between,
      [](void* due) { return (*static_cast<std::function<bool()>*>(due))() ? 1 : 0; },
      is_due_.get());
}

std::int64_t Database::last_insert_id() const { return sqlite3_last_insert_rowid(database_.get()); }

std::int64_t Database::changes() const { return sqlite3_changes64(database_.get()); }

Statement::Statement(Database& database, const char* sql) : database_(database.database_.get()) {
  check(database_, sqlite3_prepare_v2(database_, sql, -1, &statement_, nullptr));
}

Statement::~Statement() { sqlite3_finalize(statement_); }

Statement& Statement::bind(std::int64_t value) {
  check(database_, sqlite3_bind_int64(statement_, ++bound_, value));
  return *this;
}

Statement& Statement::bind(double value) {
  check(database_, sqlite3_bind_double(statement_, ++bound_, value));
  return *this;
}

Statement& Statement::bind(std::string_view text) {
  // No address would be NULL to SQLite.
  check(database_, sqlite3_bind_text64(statement_, ++bound_, text.empty() ? "" : text.data(),
                                       text.size(), SQLITE_STATIC, SQLITE_UTF8));
  return *this;
}

Statement& Statement::bind_copy(std::string_view text) {
  check(database_, sqlite3_bind_text64(statement_, ++bound_, text.data(), text.size(),
                                       SQLITE_TRANSIENT, SQLITE_UTF8));
  return *this;
}

Statement& Statement::bind_null() {
  check(database_, sqlite3_bind_null(statement_, ++bound_));
  return *this;
}

Statement& Statement::bind_bytes(std::string_view bytes) {
  check(database_, sqlite3_bind_blob64(statement_, ++bound_, bytes.empty() ? "" : bytes.data(),
                                       bytes.size(), SQLITE_STATIC));
  return *this;
}

Statement& Statement::bind_value(const SqlArgument& value) {
  if (const auto* integer = std::get_if<std::int64_t>(&value)) return bind(*integer);
  if (const auto* number = std::get_if<double>(&value)) return bind(*number);
  if (const auto* text = std::get_if<std::string_view>(&value)) return bind(*text);
  if (const auto* bytes = std::get_if<SqlBytes>(&value)) return bind_bytes(bytes->bytes);
  return bind_null();
}

Statement& Statement::bind_numbers(std::span<const double> values) {
  return bind_bytes({reinterpret_cast<const char*>(values.data()), values.size_bytes()});
}

bool Statement::step() {
  const int code = sqlite3_step(statement_);
  check(database_, code);
  return code == SQLITE_ROW;
}

void Statement::run() {
  try {
    while (step()) {
    }
  } catch (...) {
    reset();
    throw;
  }
  reset();
}

void Statement::reset() {
  sqlite3_reset(statement_);  // repeats the error of the last step, which was thrown
  bound_ = 0;
}

bool Statement::is_null(int column) const {
  return sqlite3_column_type(statement_, column) == SQLITE_NULL;
}

std::int64_t Statement::integer(int column) const {
  return sqlite3_column_int64(statement_, column);
}

double Statement::number(int column) const { return sqlite3_column_double(statement_, column); }

std::string Statement::bytes(int column) const { return std::string(text(column)); }

std::string_view Statement::text(int column) const {
  const void* data = sqlite3_column_blob(statement_, column);
  const int size = sqlite3_column_bytes(statement_, column);
  return data ? std::string_view(static_cast<const char*>(data), static_cast<std::size_t>(size))
              : std::string_view();
}

std::vector<double> Statement::numbers(int column) const {
  const void* data = sqlite3_column_blob(statement_, column);
  const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement_, column));
  std::vector<double> values(size / sizeof(double));
  if (!values.empty()) std::memcpy(values.data(), data, values.size() * sizeof(double));
  return values;
}

int Statement::columns() const { return sqlite3_column_count(statement_); }

SqlArgument Statement::value(int column) const {
  switch (sqlite3_column_type(statement_, column)) {
    case SQLITE_NULL: return {};
    case SQLITE_INTEGER: return integer(column);
    case SQLITE_FLOAT: return number(column);
    case SQLITE_BLOB: return SqlBytes{text(column)};
    default: return text(column);
  }
}

}  // namespace modesweep
