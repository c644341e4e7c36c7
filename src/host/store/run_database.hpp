// SPDX-License-Identifier: MIT
// The database of a run: its tables, those of versions before, and what is said where it is none.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "base/sqlite.hpp"

namespace modesweep {

constexpr const char* run_database_name = "run.sqlite";

[[noreturn]] void throw_unreadable(const std::filesystem::path& folder, std::string_view reason);
[[noreturn]] void throw_unwritable(const std::filesystem::path& folder, std::string_view reason);
[[noreturn]] void throw_no_run(const std::filesystem::path& folder);
[[noreturn]] void throw_other_version(const std::filesystem::path& folder);

/// What all statements on a run need to be known first: the functions `order_key(shares)`,
/// `path_key(file)`, which orders as paths do, and `row_checksum(...)`.
void define_run_functions(Database& database);

/// Makes the tables of a new run; in a transaction.
void create_run_tables(Database& database);
/// Whether the tables are of this schema or of schema 4, which can be brought to it.
bool knows_run_tables(Database& database);
/// Gives the tables of a run of schema 4, or of this schema and fewer columns, what they lack; in a
/// transaction.
void upgrade_run_tables(Database& database);

/// Makes the view `ranked` for this connection alone: of each row number, file, sha256, order_key
/// and the columns of results, and `intact`: whether its checksum is that of its values. A run of
/// schema 4 is shown through it as it is, its rows unchecked. False where the tables are of another
/// version.
bool view_ranked_rows(Database& database);

/// The names and values of one of the tables `parameters` and `query`.
template <class Container>
Container read_pairs(Database& database, const char* table) {
  Container pairs;
  Statement select(database,
                   fmt::format("SELECT name, value FROM {} ORDER BY rowid", table).c_str());
  while (select.step()) pairs.insert(pairs.end(), {select.bytes(0), select.bytes(1)});
  return pairs;
}

/// INSERT of the row of the entry ?1, which is to be marked as solved before; the columns of
/// results are bound from ?2.
std::string insert_row_sql();

}  // namespace modesweep
