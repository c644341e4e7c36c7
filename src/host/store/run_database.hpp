// SPDX-License-Identifier: MIT
// The database of a run: its tables, those of versions before, and what is said where it is none.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "base/sqlite.hpp"

namespace modesweep {

constexpr const char* run_database_name = "run.sqlite";

[[noreturn]] void throw_unreadable(const std::filesystem::path& folder, std::string_view reason);
[[noreturn]] void throw_unwritable(const std::filesystem::path& folder, std::string_view reason);
/// For a run of which `resume` solves again what is damaged.
[[noreturn]] void throw_damaged(const std::filesystem::path& folder, std::string_view what);
/// For a run that has lost what cannot be solved again.
[[noreturn]] void throw_lost(const std::filesystem::path& folder, std::string_view what);
/// For a run that SQLite cannot read, in SQLite's own words.
[[noreturn]] void throw_as_told(const std::filesystem::path& folder, const DatabaseError& error);
[[noreturn]] void throw_run_there(const std::filesystem::path& folder);
[[noreturn]] void throw_no_run(const std::filesystem::path& folder);

/// To be read, as it is now.
Database open_run_database(const std::filesystem::path& folder);

/// What all statements on a run need to be known first: the functions `order_key(shares)`,
/// `path_key(file)`, which orders as paths do, checksums, and the sums of them.
void define_run_functions(Database& database);

/// What a run knows of itself, from nothing on: `unchecked` (4) has no checksums, `numbered` (5)
/// those of its rows alone, with their numbers; `counted` (6) also knows what it holds, and
/// `present` (7) which parameters and which list of entries each of it belongs to.
enum class RunSchema { none, unchecked, numbered, counted, present };
/// Throws RunError where the tables are none of these: `request` for those of another version or
/// program, `unavailable` for ours where they are not those of the version that they bear.
RunSchema schema_of_run(Database& database, const std::filesystem::path& folder);

/// Makes the tables of a new run; in a transaction.
void create_run_tables(Database& database);
/// Of many rows the indices are made faster, and smaller, once all of them are there.
void drop_run_indices(Database& database);
void create_run_indices(Database& database);
/// Gives the tables of a schema before, or of this one and fewer columns, what they lack; in a
/// transaction. Their checksums were those of their values, and are to be written anew
/// (`seal_run_tables`) where this returns true.
bool upgrade_run_tables(Database& database, RunSchema found);

/// What a run knows that it holds.
struct KeptTotals {
  std::int64_t entries = 0;
  std::int64_t list = 0;   ///< the sum of the checksums of what names them
  std::int64_t pairs = 0;  ///< `checksum_of_pairs`
  std::int64_t results = 0;
  std::int64_t digest = 0;  ///< as `RankedIndex` has it
};
std::optional<KeptTotals> read_kept_totals(Database& database, RunSchema schema);
/// Takes the list of entries, parameters, query and index for right.
void write_kept_totals(Database& database, std::int64_t entries);

/// Of parameters and query together.
std::int64_t checksum_of_pairs(Database& database);

/// All that the index of rows has, in one pass.
struct RankedIndex {
  std::size_t rows = 0;
  std::int64_t digest = 0;  ///< the sum of a checksum of each of its entries
  bool is_ordered = true;
  std::map<std::string, std::size_t> solvers;  ///< as `RunTotals` has them
  std::size_t from_cache = 0;
};
RankedIndex read_ranked_index(Database& database);

/// Writes the checksums of all rows and entries and the totals of what is there, which is taken for
/// right.
void seal_run_tables(Database& database);
/// The same where the rows have their checksums.
void seal_run_entries(Database& database);
/// From here on this connection keeps checksums of entries and totals of results up to date,
/// whatever statement changes them.
void keep_checksums(Database& database);

/// Makes the view `ranked` for this connection alone: of each row number, file, sha256, order_key
/// and the columns of results, and `intact`: whether its checksum is that of its values. A run of
/// schema 4 is shown through it as it is, its rows unchecked.
void view_ranked_rows(Database& database, RunSchema schema);
/// Likewise `listed`: the columns of entries, and `unharmed`: whether the checksum is that of the
/// values; `named`: whether that of what names the entry is; `naming`: which one that would be.
void view_entries(Database& database, RunSchema schema);
/// Forgets both views.
void forget_views(Database& database);

/// The names and values of one of the tables `parameters` and `query`.
template <class Container>
Container read_pairs(Database& database, const char* table) {
  Container pairs;
  Statement select(database,
                   fmt::format("SELECT name, value FROM {} ORDER BY rowid", table).c_str());
  while (select.step()) pairs.insert(pairs.end(), {select.bytes(0), select.bytes(1)});
  return pairs;
}

template <class Container>
void write_pairs(Database& database, const char* table, const Container& pairs) {
  Statement insert(database,
                   fmt::format("INSERT INTO {}(name, value) VALUES(?, ?)", table).c_str());
  for (const auto& [name, value] : pairs) insert.bind(name).bind(value).run();
}

/// A column of results that this version does not know; empty: there is none.
std::string unknown_result_column(Database& database);

/// INSERT of the row of the entry ?1, which is to be marked as solved before; the columns of
/// results are bound from ?2.
std::string insert_row_sql(Database& database);

}  // namespace modesweep
