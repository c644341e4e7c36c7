// SPDX-License-Identifier: MIT
// How a database keeps what was computed of one entry: the same columns in cache and run store.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include <modesweep/row.hpp>

#include "base/sqlite.hpp"

namespace modesweep {

struct ResultColumn {
  std::string_view name, type;
};

/// All of them, in their order.
std::span<const ResultColumn> result_columns();
/// "pdb_id TEXT NOT NULL, title TEXT ...", for CREATE TABLE.
std::string result_definitions();
/// "pdb_id, title ...", for SELECT and INSERT.
std::string result_names();
/// "?3, ?4, ...", one for each, from the number of the first.
std::string result_marks(int first);

/// Binds them in that order; `row` has to live until the statement has run. File and hash are the
/// caller's.
void bind_result(Statement& statement, const Row& row);
/// Reads them, the first from `column`. Every number has the bits that were bound.
Row read_result(const Statement& statement, int column);

}  // namespace modesweep
