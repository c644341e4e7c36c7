// SPDX-License-Identifier: MIT
#include "store/run_database.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <iterator>
#include <limits>
#include <vector>

#include <modesweep/outcome.hpp>
#include <modesweep/settings.hpp>

#include "base/checksum.hpp"
#include "base/file_system.hpp"
#include "results/order_key.hpp"
#include "store/result_columns.hpp"

namespace modesweep {
namespace {

namespace fs = std::filesystem;

constexpr int schema_version = 7;

/// That a database bears; 0 where there is none.
constexpr int version_of(RunSchema schema) {
  switch (schema) {
    case RunSchema::none: return 0;
    case RunSchema::unchecked: return 4;
    case RunSchema::numbered: return 5;
    case RunSchema::counted: return 6;
    case RunSchema::present: break;
  }
  return schema_version;
}

// The columns that some schemas have and others have not, by which they are told apart: a number
// that is damaged or was written by hand must not make rows of another schema of them.
struct Mark {
  const char *table, *column;
  RunSchema first, last;
};
constexpr std::array marks = std::to_array<Mark>({
    {"entries", "beats", RunSchema::unchecked, RunSchema::unchecked},
    {"entries", "early_deaths", RunSchema::unchecked, RunSchema::unchecked},
    {"entries", "suspect", RunSchema::numbered, RunSchema::present},
    {"results", "order_key", RunSchema::numbered, RunSchema::present},
    {"results", "checksum", RunSchema::numbered, RunSchema::present},
    {"entries", "asked", RunSchema::counted, RunSchema::present},
    {"entries", "checksum", RunSchema::counted, RunSchema::present},
    {"totals", "digest", RunSchema::counted, RunSchema::present},
    {"totals", "list", RunSchema::present, RunSchema::present},
});

// Behind the columns of results.
constexpr const char* row_definitions =
    "order_key REAL NOT NULL DEFAULT 0, checksum INTEGER NOT NULL DEFAULT 0";

// Rows and counts of a large run are found without reading it: the first in their order, and how
// many are of which solver and from the cache, in one index.
constexpr const char* indices = R"(
  CREATE INDEX entries_states ON entries(state);
  CREATE INDEX results_ranked ON results(order_key DESC, pdb_id, solver, backend, from_cache,
                                         checksum);
)";

// How many entries were asked for and the sum of what `asked_of` has of each, the checksum of
// parameters and query, and how many rows there are with the sum of what `digest_of` has of each:
// whole rows can vanish, or come from elsewhere. In one row.
constexpr const char* totals_table = R"(
  CREATE TABLE totals(number INTEGER PRIMARY KEY, entries INTEGER NOT NULL, list INTEGER NOT NULL,
                      pairs INTEGER NOT NULL, results INTEGER NOT NULL, digest INTEGER NOT NULL);
)";

std::string schema() {
  return fmt::format(
      R"(
  CREATE TABLE parameters(name TEXT PRIMARY KEY, value TEXT NOT NULL);
  CREATE TABLE query(name TEXT PRIMARY KEY, value TEXT NOT NULL);
  -- state: found, downloaded, parsed, solved, failed (at a stage) or left_out (of the ranking).
  -- started: 0 not in work, 1 in work in a process that has finished no entry yet, 2 in another.
  -- asked: the checksum of what names the entry. checksum: that of all that its result depends on.
  -- chain: of a file that was divided, whose further chains were found in the entry that was listed.
  CREATE TABLE entries(
    number INTEGER PRIMARY KEY, id TEXT NOT NULL, file BLOB NOT NULL, state TEXT NOT NULL,
    started INTEGER NOT NULL DEFAULT 0, attempts INTEGER NOT NULL DEFAULT 0,
    suspect INTEGER NOT NULL DEFAULT 0, deaths INTEGER NOT NULL DEFAULT 0,
    size INTEGER, mtime_ns INTEGER, sha256 TEXT,
    name TEXT, stage TEXT, code TEXT, message TEXT, time TEXT, version TEXT,
    asked INTEGER NOT NULL DEFAULT 0, checksum INTEGER NOT NULL DEFAULT 0,
    chain TEXT, found_in INTEGER);
  CREATE INDEX entries_started ON entries(number) WHERE started;
  -- A row of each entry that is solved, and of no other.
  CREATE TABLE results(number INTEGER PRIMARY KEY, {}, {});
  {}
  {}
)",
      result_definitions(), row_definitions, totals_table, indices);
}

void set_version(Database& database) {
  database.execute(fmt::format("PRAGMA user_version = {}", schema_version).c_str());
}

/// Empty where a column that was changed by hand holds something else.
std::string_view bytes_of(const SqlArgument& argument) {
  if (const auto* const text = std::get_if<std::string_view>(&argument)) return *text;
  const auto* const bytes = std::get_if<SqlBytes>(&argument);
  return bytes ? bytes->bytes : std::string_view();
}

SqlResult sql_order_key(std::span<const SqlArgument> arguments) {
  const std::string_view bytes = bytes_of(arguments[0]);
  std::vector<double> shares(bytes.size() / sizeof(double));
  if (!shares.empty()) std::memcpy(shares.data(), bytes.data(), shares.size() * sizeof(double));
  return order_key(shares);
}

/// Paths compare by their components, those that are relative first.
SqlResult sql_path_key(std::span<const SqlArgument> arguments) {
  const fs::path path = bytes_of(arguments[0]);
  std::string key(1, path.is_absolute() ? '\1' : '\0');
  for (const fs::path& component : path.relative_path()) (key += component.native()) += '\0';
  return key;
}

std::uint64_t unsigned_integer(const SqlArgument& argument) {
  const auto* const integer = std::get_if<std::int64_t>(&argument);
  return integer ? static_cast<std::uint64_t>(*integer) : 0;
}

/// Sums that begin again where they would be too large, which SQL's own do not.
SqlResult sql_sum(std::span<const SqlArgument> arguments) {
  return static_cast<std::int64_t>(unsigned_integer(arguments[0]) + unsigned_integer(arguments[1]));
}
SqlResult sql_difference(std::span<const SqlArgument> arguments) {
  return static_cast<std::int64_t>(unsigned_integer(arguments[0]) - unsigned_integer(arguments[1]));
}

/// The columns that a table has; none where there is no such table.
std::vector<std::string> present_columns(Database& database, const char* table = "results") {
  std::vector<std::string> names;
  Statement select(database,
                   fmt::format("SELECT name FROM pragma_table_info('{}')", table).c_str());
  while (select.step()) names.push_back(select.bytes(0));
  return names;
}

bool is_among(std::string_view name, const std::vector<std::string>& names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

void add_pairs(Checksum& checksum, Database& database, const char* table) {
  for (const auto& [name, value] : read_pairs<Settings>(database, table)) {
    checksum.add(name);
    checksum.add(value);
  }
}

/// The parameters that all of a run was made with, as a text of SQL.
std::string parameters_in_sql(Database& database) {
  Checksum checksum;
  add_pairs(checksum, database, "parameters");
  return fmt::format("'{}'", checksum.value());
}

/// Of a row of this run: its parameters and what its entry is are in it. Its number is not, so that
/// rows can be given other ones.
std::string checksum_of_values(Database& database, std::string_view order_key,
                               std::string_view columns) {
  return fmt::format("typed_checksum({}, id, file, sha256, {}, {})", parameters_in_sql(database),
                     order_key, columns);
}

/// The columns of a row that is there, those of later versions last.
std::string columns_of_row(const std::vector<std::string>& present) {
  std::vector<std::string> columns;
  for (const ResultColumn& column : result_columns())
    columns.push_back(is_among(column.name, present) ? std::string(column.name) : "NULL");
  for (const std::string& name : present)
    if (name != "number" && name != "order_key" && name != "checksum" && !is_among(name, columns))
      columns.push_back(name);
  return fmt::format("{}", fmt::join(columns, ", "));
}

/// Of a row that is there, as its schema has it.
std::string checksum_of_row(Database& database, RunSchema schema) {
  const std::string columns = columns_of_row(present_columns(database));
  if (schema == RunSchema::present) return checksum_of_values(database, "order_key", columns);
  return fmt::format("row_checksum({}file, sha256, order_key, {})",
                     schema == RunSchema::numbered ? "results.number, " : "", columns);
}

/// Columns of entries that may be NULL; tables of earlier versions lack them.
constexpr std::array<std::string_view, 2> columns_of_chains = {"chain TEXT", "found_in INTEGER"};

std::string_view name_of_column(std::string_view definition) {
  return definition.substr(0, definition.find(' '));
}

/// ", chain, found_in", with NULL for what is not there.
std::string chain_of(Database& database, std::string_view table) {
  const std::vector<std::string> present = present_columns(database, "entries");
  std::string columns;
  for (const std::string_view definition : columns_of_chains) {
    const std::string_view name = name_of_column(definition);
    columns += is_among(name, present) ? fmt::format(", {}{}", table, name) : ", NULL";
  }
  return columns;
}

/// What `table` prefixes: the row of the entry. Times and attempts decide nothing.
std::string asked_of(Database& database, std::string_view table) {
  return fmt::format("row_checksum({0}id, CASE {0}id WHEN '' THEN {0}file ELSE '' END{1})", table,
                     chain_of(database, table));
}
std::string checksum_of_entry(Database& database, RunSchema schema, std::string_view table) {
  return fmt::format(
      "{1}{0}id, {0}file, {0}state, {0}deaths, {0}sha256, {0}name, {0}stage, {0}code, "
      "{0}message{2})",
      table,
      schema == RunSchema::present ? "typed_checksum(" + parameters_in_sql(database) + ", "
                                   : "row_checksum(",
      chain_of(database, table));
}
constexpr const char* columns_of_entry =
    "id, file, state, deaths, sha256, name, stage, code, message, chain, found_in";

/// What the index of rows has of one.
std::string digest_of(std::string_view table) {
  return fmt::format(
      "row_checksum({0}number, {0}order_key, {0}pdb_id, {0}solver, {0}backend, {0}from_cache, "
      "{0}checksum)",
      table);
}

/// Whether the tables are those of a schema. Columns of results that may be NULL can be of later
/// versions.
bool has_tables_of(Database& database, RunSchema schema) {
  const std::vector<std::string> results = present_columns(database);
  for (const ResultColumn& column : result_columns())
    if (column.type.ends_with("NOT NULL") && !is_among(column.name, results)) return false;
  std::map<std::string_view, std::vector<std::string>> columns;
  return std::all_of(marks.begin(), marks.end(), [&](const Mark& mark) {
    const auto [table, fresh] = columns.try_emplace(mark.table);
    if (fresh) table->second = present_columns(database, mark.table);
    const bool wanted = mark.first <= schema && schema <= mark.last;
    return is_among(mark.column, table->second) == wanted;
  });
}

[[noreturn]] void throw_other_version(const fs::path& folder) {
  throw RunError(Cause::request,
                 fmt::format("{} is no run of this version of modesweep, or a damaged one: name "
                             "another folder",
                             (folder / run_database_name).string()));
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

void throw_damaged(const fs::path& folder, std::string_view what) {
  throw RunError(Cause::unavailable,
                 fmt::format("the run in {0} is damaged: {1} (modesweep resume {0} solves again "
                             "what it can)",
                             folder.string(), what));
}

void throw_lost(const fs::path& folder, std::string_view what) {
  throw RunError(
      Cause::unavailable,
      fmt::format("the run in {} is damaged: {}: it cannot be gone on with; name another "
                  "folder for a new run, which takes what was solved from the result "
                  "cache",
                  folder.string(), what));
}

void throw_as_told(const fs::path& folder, const DatabaseError& error) {
  if (error.is_malformed())
    throw_lost(folder, fmt::format("SQLite finds its file malformed ({})", error.what()));
  if (error.is_no_database()) throw_other_version(folder);
  if (error.is_broken())
    throw_lost(folder, fmt::format("its tables are not as they were made ({})", error.what()));
  throw_unreadable(folder, error.what());
}

void throw_run_there(const fs::path& folder) {
  throw RunError(Cause::request,
                 fmt::format("there is a run in {} already: name another folder for the merged one",
                             folder.string()));
}

void throw_no_run(const fs::path& folder) {
  throw RunError(Cause::request, fmt::format("there is no run in {}", folder.string()));
}

Database open_run_database(const fs::path& folder) {
  const fs::path file = folder / run_database_name;
  std::error_code error;
  // There a run without a log is a file that is only ever replaced, and locks may not be had.
  const bool is_copy =
      is_on_shared_file_system(folder) && !fs::exists(file.native() + "-wal", error);
  return Database(file, is_copy ? Database::Access::immutable : Database::Access::read_only);
}

void define_run_functions(Database& database) {
  database.define("order_key", sql_order_key);
  database.define("path_key", sql_path_key);
  database.define("sum_of", sql_sum);
  database.define("difference_of", sql_difference);
  define_row_checksum(database);
}

void create_run_tables(Database& database) { database.create_tables(schema_version, schema()); }

void drop_run_indices(Database& database) {
  database.execute("DROP INDEX IF EXISTS entries_states; DROP INDEX IF EXISTS results_ranked");
}

void create_run_indices(Database& database) { database.execute(indices); }

RunSchema schema_of_run(Database& database, const fs::path& folder) {
  const std::int64_t version = database.version();
  Statement tables(database,
                   "SELECT count(*), count(*) FILTER (WHERE name IN ('parameters', 'query', "
                   "'entries', 'results')) FROM sqlite_master");
  tables.step();
  if (version == version_of(RunSchema::none) && tables.integer(0) == 0) return RunSchema::none;
  for (const RunSchema schema :
       {RunSchema::unchecked, RunSchema::numbered, RunSchema::counted, RunSchema::present})
    if (version == version_of(schema) && has_tables_of(database, schema)) return schema;
  const bool is_known = version == version_of(RunSchema::none) ||
                        (version >= version_of(RunSchema::unchecked) && version <= schema_version);
  if (!is_known || tables.integer(1) < 2) throw_other_version(folder);
  throw_lost(folder,
             fmt::format("its tables are not those of the version that it bears ({})", version));
}

std::int64_t checksum_of_pairs(Database& database) {
  Checksum checksum;
  for (const char* table : {"parameters", "query"}) add_pairs(checksum, database, table);
  return checksum.value();
}

RankedIndex read_ranked_index(Database& database) {
  RankedIndex index;
  Statement select(database,
                   "SELECT number, order_key, pdb_id, solver, backend, from_cache, checksum "
                   "FROM results ORDER BY order_key DESC, pdb_id");
  std::uint64_t digest = 0;
  double last_key = std::numeric_limits<double>::infinity();
  std::string last_id, solver, backend;
  std::size_t* rows_of_solver = nullptr;
  for (; select.step(); ++index.rows) {
    const double key = select.number(1);
    const std::string_view id = select.text(2);
    if (key > last_key || (key == last_key && id < last_id)) index.is_ordered = false;
    last_key = key;
    last_id = id;
    const std::int64_t from_cache = select.integer(5);
    index.from_cache += from_cache != 0 ? 1 : 0;
    if (!rows_of_solver || solver != select.text(3) || backend != select.text(4)) {
      solver = select.text(3);
      backend = select.text(4);
      rows_of_solver = &index.solvers[fmt::format("{} on {}", solver, backend)];
    }
    ++*rows_of_solver;
    const std::array<SqlArgument, 7> values = {
        select.integer(0), key, id, solver, backend, from_cache, select.integer(6)};
    digest += static_cast<std::uint64_t>(checksum_of(values, Types::ignored));
  }
  index.digest = static_cast<std::int64_t>(digest);
  return index;
}

std::optional<KeptTotals> read_kept_totals(Database& database, RunSchema schema) {
  Statement select(database, fmt::format("SELECT entries, {}, pairs, results, digest FROM totals",
                                         schema == RunSchema::present ? "list" : "0")
                                 .c_str());
  if (!select.step()) return std::nullopt;
  return KeptTotals{select.integer(0), select.integer(1), select.integer(2), select.integer(3),
                    select.integer(4)};
}

void write_kept_totals(Database& database, std::int64_t entries) {
  std::uint64_t list = 0;
  for (Statement select(database, "SELECT asked FROM entries"); select.step();)
    list += static_cast<std::uint64_t>(select.integer(0));
  const RankedIndex index = read_ranked_index(database);
  database.execute("DELETE FROM totals");
  Statement insert(
      database, "INSERT INTO totals(entries, list, pairs, results, digest) VALUES(?, ?, ?, ?, ?)");
  insert.bind(entries).bind(static_cast<std::int64_t>(list)).bind(checksum_of_pairs(database));
  insert.bind(static_cast<std::int64_t>(index.rows)).bind(index.digest).run();
}

void seal_run_tables(Database& database) {
  database.execute(fmt::format("UPDATE results SET checksum = {0} FROM entries "
                               "WHERE entries.number = results.number AND results.checksum <> {0}",
                               checksum_of_row(database, RunSchema::present))
                       .c_str());
  seal_run_entries(database);
}

void seal_run_entries(Database& database) {
  database.execute(fmt::format("UPDATE entries SET asked = {0}, checksum = {1} "
                               "WHERE asked <> {0} OR checksum <> {1}",
                               asked_of(database, ""),
                               checksum_of_entry(database, RunSchema::present, ""))
                       .c_str());
  Statement entries(database, "SELECT count(*) FROM entries");
  entries.step();
  write_kept_totals(database, entries.integer(0));
}

void keep_checksums(Database& database) {
  // Else a row that is replaced does not count as one that is deleted.
  database.execute("PRAGMA recursive_triggers = ON");
  database.execute(fmt::format(R"(
    CREATE TEMP TRIGGER entry_changed AFTER UPDATE OF {0} ON entries BEGIN
      UPDATE entries SET asked = {1}, checksum = {2} WHERE number = new.number;
    END;
    CREATE TEMP TRIGGER entry_added AFTER INSERT ON entries BEGIN
      UPDATE entries SET asked = {1}, checksum = {2} WHERE number = new.number;
      UPDATE totals SET entries = entries + 1, list = sum_of(list, {1});
    END;
    CREATE TEMP TRIGGER entry_renamed AFTER UPDATE OF id, file, chain, found_in ON entries
    WHEN {3} <> {1} BEGIN
      UPDATE totals SET list = difference_of(sum_of(list, {1}), {3});
    END;
    CREATE TEMP TRIGGER result_kept AFTER INSERT ON results BEGIN
      UPDATE totals SET results = results + 1, digest = sum_of(digest, {4});
    END;
    CREATE TEMP TRIGGER result_gone AFTER DELETE ON results BEGIN
      UPDATE totals SET results = results - 1, digest = difference_of(digest, {5});
    END;
  )",
                               columns_of_entry, asked_of(database, "new."),
                               checksum_of_entry(database, RunSchema::present, "new."),
                               asked_of(database, "old."), digest_of("new."), digest_of("old."))
                       .c_str());
}

bool upgrade_run_tables(Database& database, RunSchema found) {
  const std::vector<std::string> columns = present_columns(database);
  for (const ResultColumn& column : result_columns())
    if (!is_among(column.name, columns))
      database.execute(
          fmt::format("ALTER TABLE results ADD COLUMN {} {}", column.name, column.type).c_str());
  const std::vector<std::string> of_entries = present_columns(database, "entries");
  for (const std::string_view definition : columns_of_chains)
    if (!is_among(name_of_column(definition), of_entries))
      database.execute(fmt::format("ALTER TABLE entries ADD COLUMN {}", definition).c_str());
  if (found == RunSchema::present) return false;

  if (found == RunSchema::unchecked)
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
  if (found < RunSchema::counted)
    database.execute(R"(
      ALTER TABLE entries ADD COLUMN asked INTEGER NOT NULL DEFAULT 0;
      ALTER TABLE entries ADD COLUMN checksum INTEGER NOT NULL DEFAULT 0;
    )");
  drop_run_indices(database);
  database.execute("DROP TABLE IF EXISTS totals");
  database.execute(totals_table);
  create_run_indices(database);
  set_version(database);
  return true;
}

void view_ranked_rows(Database& database, RunSchema schema) {
  const std::vector<std::string> present = present_columns(database);
  std::string columns;
  for (const ResultColumn& column : result_columns())
    columns += fmt::format("{}{}, ", is_among(column.name, present) ? "" : "NULL AS ", column.name);
  const bool checked = schema > RunSchema::unchecked;
  // The rows are the outer loop, so that their index gives the order.
  database.execute(
      fmt::format("CREATE TEMP VIEW ranked AS SELECT results.number AS number, file, sha256, "
                  "{}order_key, {}{} AS intact FROM results CROSS JOIN entries USING(number)",
                  checked ? "" : "order_key(shares) AS ", columns,
                  checked ? "results.checksum = " + checksum_of_row(database, schema) : "1")
          .c_str());
}

void view_entries(Database& database, RunSchema schema) {
  const bool checked = schema >= RunSchema::counted;
  const std::vector<std::string> present = present_columns(database, "entries");
  std::string missing;
  for (const std::string_view definition : columns_of_chains)
    if (const std::string_view name = name_of_column(definition); !is_among(name, present))
      missing += fmt::format(", NULL AS {}", name);
  database.execute(
      fmt::format(
          "CREATE TEMP VIEW listed AS SELECT *, {0} AS naming, {1} AS named, {2} AS unharmed{3} "
          "FROM entries",
          asked_of(database, ""), checked ? "asked = " + asked_of(database, "") : "1",
          checked ? "checksum = " + checksum_of_entry(database, schema, "") : "1", missing)
          .c_str());
}

void forget_views(Database& database) { database.execute("DROP VIEW ranked; DROP VIEW listed"); }

std::string unknown_result_column(Database& database) {
  for (const std::string& name : present_columns(database)) {
    const auto columns = result_columns();
    const bool is_known =
        name == "number" || name == "order_key" || name == "checksum" ||
        std::any_of(columns.begin(), columns.end(),
                    [&](const ResultColumn& column) { return column.name == name; });
    if (!is_known) return name;
  }
  return {};
}

std::string insert_row_sql(Database& database) {
  const std::string values = result_marks(2);
  const auto columns = result_columns();
  const auto shares = std::find_if(columns.begin(), columns.end(),
                                   [](const ResultColumn& c) { return c.name == "shares"; });
  const std::string order_key = fmt::format("order_key(?{})", 2 + (shares - columns.begin()));
  return fmt::format(
      "INSERT OR REPLACE INTO results(number, {}, order_key, checksum) "
      "SELECT number, {}, {}, {} FROM entries WHERE number = ?1",
      result_names(), values, order_key, checksum_of_values(database, order_key, values));
}

}  // namespace modesweep
