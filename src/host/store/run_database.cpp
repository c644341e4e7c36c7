// SPDX-License-Identifier: MIT
#include "store/run_database.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <iterator>
#include <vector>

#include <modesweep/outcome.hpp>

#include "results/order_key.hpp"
#include "store/result_columns.hpp"

namespace modesweep {
namespace {

namespace fs = std::filesystem;

constexpr int schema_version = 5;
constexpr int schema_without_checksums = 4;

// Behind the columns of results.
constexpr const char* row_definitions =
    "order_key REAL NOT NULL DEFAULT 0, checksum INTEGER NOT NULL DEFAULT 0";

// Rows and counts of a large run are found without reading it: the first in their order, and how
// many are of which solver and from the cache, in one index.
constexpr const char* indices = R"(
  CREATE INDEX entries_states ON entries(state);
  CREATE INDEX results_ranked ON results(order_key DESC, pdb_id, solver, backend, from_cache);
)";

std::string schema() {
  return fmt::format(
      R"(
  CREATE TABLE parameters(name TEXT PRIMARY KEY, value TEXT NOT NULL);
  CREATE TABLE query(name TEXT PRIMARY KEY, value TEXT NOT NULL);
  -- state: found, downloaded, parsed, solved, failed (at a stage) or left_out (of the ranking).
  -- started: 0 not in work, 1 in work in a process that has finished no entry yet, 2 in another.
  CREATE TABLE entries(
    number INTEGER PRIMARY KEY, id TEXT NOT NULL, file BLOB NOT NULL, state TEXT NOT NULL,
    started INTEGER NOT NULL DEFAULT 0, attempts INTEGER NOT NULL DEFAULT 0,
    suspect INTEGER NOT NULL DEFAULT 0, deaths INTEGER NOT NULL DEFAULT 0,
    size INTEGER, mtime_ns INTEGER, sha256 TEXT,
    name TEXT, stage TEXT, code TEXT, message TEXT, time TEXT, version TEXT);
  CREATE INDEX entries_started ON entries(number) WHERE started;
  -- A row of each entry that is solved, and of no other.
  CREATE TABLE results(number INTEGER PRIMARY KEY, {}, {});
  {}
)",
      result_definitions(), row_definitions, indices);
}

void set_version(Database& database) {
  database.execute(fmt::format("PRAGMA user_version = {}", schema_version).c_str());
}

SqlResult sql_order_key(std::span<const SqlArgument> arguments) {
  const auto bytes = std::get<std::string_view>(arguments[0]);
  std::vector<double> shares(bytes.size() / sizeof(double));
  if (!shares.empty()) std::memcpy(shares.data(), bytes.data(), shares.size() * sizeof(double));
  return order_key(shares);
}

/// Paths compare by their components, those that are relative first.
SqlResult sql_path_key(std::span<const SqlArgument> arguments) {
  const fs::path path = std::get<std::string_view>(arguments[0]);
  std::string key(1, path.is_absolute() ? '\1' : '\0');
  for (const fs::path& component : path.relative_path()) (key += component.native()) += '\0';
  return key;
}

/// FNV-1a of 64 bits, of which each byte that differs alone makes another hash. NULL counts
/// nothing, so that columns which are added later change no checksum.
class Checksum {
 public:
  void add(std::uint64_t number) {
    for (int shift = 0; shift < 64; shift += 8)
      add_byte(static_cast<unsigned char>(number >> shift));
  }
  void add(std::string_view bytes) {
    add(bytes.size());
    for (const char byte : bytes) add_byte(static_cast<unsigned char>(byte));
  }
  std::int64_t value() const { return static_cast<std::int64_t>(hash_); }

 private:
  void add_byte(unsigned char byte) { hash_ = (hash_ ^ byte) * 0x100000001b3; }
  std::uint64_t hash_ = 0xcbf29ce484222325;
};

SqlResult sql_row_checksum(std::span<const SqlArgument> arguments) {
  Checksum checksum;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const SqlArgument& argument = arguments[i];
    if (std::holds_alternative<std::monostate>(argument)) continue;
    checksum.add(i);
    if (const auto* integer = std::get_if<std::int64_t>(&argument))
      checksum.add(static_cast<std::uint64_t>(*integer));
    else if (const auto* number = std::get_if<double>(&argument))
      checksum.add(std::bit_cast<std::uint64_t>(*number + 0.0));  // SQLite has no -0
    else
      checksum.add(std::get<std::string_view>(argument));
  }
  return checksum.value();
}

/// The columns that results has.
std::vector<std::string> present_columns(Database& database) {
  std::vector<std::string> names;
  Statement select(database, "SELECT name FROM pragma_table_info('results')");
  while (select.step()) names.push_back(select.bytes(0));
  return names;
}

bool is_among(std::string_view name, const std::vector<std::string>& names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

std::string checksum_of(std::string_view order_key, std::string_view columns) {
  return fmt::format("row_checksum(number, file, sha256, {}, {})", order_key, columns);
}

/// Of a row that is there, with the columns of later versions.
std::string checksum_of_row(const std::vector<std::string>& present) {
  std::vector<std::string> columns;
  for (const ResultColumn& column : result_columns())
    columns.push_back(is_among(column.name, present) ? std::string(column.name) : "NULL");
  for (const std::string& name : present)
    if (name != "number" && name != "order_key" && name != "checksum" && !is_among(name, columns))
      columns.push_back(name);
  return checksum_of("order_key", fmt::format("{}", fmt::join(columns, ", ")));
}

}  // namespace

void throw_unreadable(const fs::path& folder, std::string_view reason) {
  throw RunError(Cause::unavailable,
                 fmt::format("the run in {} cannot be read: {}", folder.string(), reason));
}

void throw_unwritable(const fs::path& folder, std::string_view reason) {
  throw RunError(Cause::output,
                 fmt::format("the run in {} cannot be written: {}", folder.string(), reason));
}

void throw_no_run(const fs::path& folder) {
  throw RunError(Cause::request, fmt::format("there is no run in {}", folder.string()));
}

void throw_other_version(const fs::path& folder) {
  throw RunError(Cause::request,
                 fmt::format("{} is no run of this version of modesweep: name another folder",
                             (folder / run_database_name).string()));
}

void define_run_functions(Database& database) {
  database.define("order_key", sql_order_key);
  database.define("path_key", sql_path_key);
  database.define("row_checksum", sql_row_checksum);
}

void create_run_tables(Database& database) { database.create_tables(schema_version, schema()); }

bool knows_run_tables(Database& database) {
  const std::int64_t found = database.version();
  return found == schema_version || found == schema_without_checksums;
}

void upgrade_run_tables(Database& database) {
  const std::int64_t found = database.version();
  const std::vector<std::string> present = present_columns(database);
  for (const ResultColumn& column : result_columns())
    if (!is_among(column.name, present))
      database.execute(
          fmt::format("ALTER TABLE results ADD COLUMN {} {}", column.name, column.type).c_str());
  if (found == schema_version) return;

  // Until then deaths were counted by another rule.
  database.execute(R"(
    ALTER TABLE entries ADD COLUMN suspect INTEGER NOT NULL DEFAULT 0;
    UPDATE entries SET suspect = 1, deaths = 0 WHERE deaths + early_deaths > 0;
    ALTER TABLE entries DROP COLUMN early_deaths;
    ALTER TABLE entries DROP COLUMN beats;
    ALTER TABLE results ADD COLUMN order_key REAL NOT NULL DEFAULT 0;
    ALTER TABLE results ADD COLUMN checksum INTEGER NOT NULL DEFAULT 0;
    UPDATE results SET order_key = order_key(shares);
  )");
  database.execute(fmt::format("UPDATE results SET checksum = (SELECT {} FROM entries WHERE "
                               "entries.number = results.number)",
                               checksum_of_row(present_columns(database)))
                       .c_str());
  database.execute(indices);
  set_version(database);
}

bool view_ranked_rows(Database& database) {
  const std::int64_t found = database.version();
  if (found != schema_version && found != schema_without_checksums) return false;
  const std::vector<std::string> present = present_columns(database);
  std::string columns;
  for (const ResultColumn& column : result_columns())
    columns += fmt::format("{}{}, ", is_among(column.name, present) ? "" : "NULL AS ", column.name);
  // The rows are the outer loop, so that their index gives the order.
  database.execute(
      fmt::format("CREATE TEMP VIEW ranked AS SELECT results.number AS number, file, sha256, "
                  "{}order_key, {}{} AS intact FROM results CROSS JOIN entries USING(number)",
                  found == schema_version ? "" : "order_key(shares) AS ", columns,
                  found == schema_version ? "checksum = " + checksum_of_row(present) : "1")
          .c_str());
  return true;
}

std::string insert_row_sql() {
  std::string values, order_key;
  int parameter = 2;
  for (const ResultColumn& column : result_columns()) {
    if (column.name == "shares") order_key = fmt::format("order_key(?{})", parameter);
    values += fmt::format("{}?{}", parameter > 2 ? ", " : "", parameter);
    ++parameter;
  }
  return fmt::format(
      "INSERT OR REPLACE INTO results(number, {}, order_key, checksum) "
      "SELECT number, {}, {}, {} FROM entries WHERE number = ?1",
      result_names(), values, order_key, checksum_of(order_key, values));
}

}  // namespace modesweep
