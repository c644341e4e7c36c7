// SPDX-License-Identifier: MIT
// Whether a run holds what it once held, and what of it has to be solved again.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include <modesweep/run_store.hpp>

#include "base/sqlite.hpp"
#include "store/run_database.hpp"

namespace modesweep {

/// Throws RunError (`unavailable`) where parameters or query of a run of this schema are not as
/// they were written.
void check_pairs(Database& database, RunSchema schema, const std::filesystem::path& folder);

/// The same of the entries' list: where one is gone, or another, or it is not known which one it
/// was. The view `listed` is there.
void check_entries(Database& database, RunSchema schema, const std::filesystem::path& folder);

/// What can be known without reading the rows: that none is missing, that their order is that of
/// the ranking, and how many entries are in which state. Throws RunError (`unavailable`) where it
/// is otherwise.
RunTotals checked_totals(Database& database, RunSchema schema, const std::filesystem::path& folder);

/// An entry whose result is not there, or not as it was.
struct ToRedo {
  enum class Why { damaged, missing, entry } why = Why::damaged;
  std::int64_t number = 0;
  std::string name;
};

/// What the tables and indices of a run have wrong, all of which they can be rid of.
struct RunDamage {
  std::vector<ToRedo> to_redo;      ///< in the order of their numbers
  std::vector<std::int64_t> stray;  ///< results of no entry that is solved
  bool indices = false;             ///< or the totals: they do not have what the tables have
  bool any() const { return !to_redo.empty() || !stray.empty() || indices; }
};
/// Reads all of them; the views `ranked` and `listed` are there.
RunDamage find_damage(Database& database, RunSchema schema);

/// Forgets results that are damaged and makes their entries such that are to be solved; in a
/// transaction. The list of entries is whole; checksums and totals are to be written anew.
void forget_damaged(Database& database, const RunDamage& damage);

}  // namespace modesweep
