// SPDX-License-Identifier: MIT
#include "store/run_check.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>
#include <variant>

#include <modesweep/pdb_id.hpp>

#include "base/checksum.hpp"
#include "base/text.hpp"

namespace modesweep {
namespace {

namespace fs = std::filesystem;

constexpr std::array<std::string_view, 6> all_states = {"found",  "downloaded", "parsed",
                                                        "solved", "failed",     "left_out"};

using States = std::map<std::string, std::size_t>;

std::size_t sum_of(const States& states) {
  std::size_t sum = 0;
  for (const auto& [state, count] : states) sum += count;
  return sum;
}

KeptTotals kept_totals(Database& database, RunSchema schema, const fs::path& folder) {
  const std::optional<KeptTotals> kept = read_kept_totals(database, schema);
  if (!kept) throw_lost(folder, "it does not know any more how many entries it had");
  return *kept;
}

/// Of columns id, file and chain from `column` on.
std::string name_at(const Statement& select, int column) {
  const std::string id = select.bytes(column);
  const std::string name = id.empty() ? entry_name(structure_stem(select.bytes(column + 1))) : id;
  return select.is_null(column + 2) ? name : chain_entry_name(name, select.bytes(column + 2));
}

const char* explanation(ToRedo::Why why) {
  switch (why) {
    case ToRedo::Why::damaged: return "its row is damaged (its checksum is not that of its values)";
    case ToRedo::Why::missing: return "it is solved, and its row is missing";
    case ToRedo::Why::entry: break;
  }
  return "what is written of the entry is damaged (its checksum is not that of its values)";
}

/// Which entry is in which state, as a table or an index of it has them.
struct EntryStates {
  States counts;
  std::uint64_t digest = 0;  ///< the sum of a checksum of each
  void add(const Statement& select, int number, int state) {
    const SqlArgument values[] = {select.value(number), select.value(state)};
    const auto* const text = std::get_if<std::string_view>(&values[1]);
    ++counts[text ? std::string(*text) : std::string()];  // what is no text is no state
    digest += static_cast<std::uint64_t>(checksum_of(values, Types::counted));
  }
};

/// As the index of states has them.
EntryStates read_states(Database& database) {
  EntryStates states;
  Statement select(database, "SELECT number, state FROM entries ORDER BY state");
  while (select.step()) states.add(select, 0, 1);
  return states;
}

/// Why entries are not in the ranking; throws where one of them is not as it was written, or is
/// none of these but for their index.
States read_reasons(Database& database, const fs::path& folder) {
  States reasons;
  Statement select(
      database,
      "SELECT number, stage, code, unharmed AND EXISTS (SELECT 1 FROM entries AS e NOT INDEXED "
      "WHERE e.number = listed.number AND e.state IN ('failed', 'left_out')) "
      "FROM listed WHERE state IN ('failed', 'left_out') ORDER BY number");
  std::int64_t harmed = 0;
  for (std::int64_t last = -1; select.step(); last = select.integer(0)) {
    ++reasons[fmt::format("{}: {}", select.bytes(1), select.bytes(2))];
    if (select.integer(3) == 0 || select.integer(0) == last) ++harmed;
  }
  if (harmed > 0)
    throw_damaged(folder, fmt::format("of entries that were left out {} written",
                                      counted(harmed, "is not as it was", "are not as they were")));
  return reasons;
}

void count_chains(Database& database, RunTotals& totals) {
  Statement select(database, "SELECT count(chain), count(found_in) FROM listed");
  select.step();
  totals.chains = static_cast<std::size_t>(select.integer(0));
  totals.further_chains = static_cast<std::size_t>(select.integer(1));
}

/// Of a schema that does not know what it holds.
RunTotals unchecked_totals(Database& database, const fs::path& folder) {
  RunTotals totals;
  totals.states = read_states(database).counts;
  totals.reasons = read_reasons(database, folder);
  count_chains(database, totals);
  Statement solvers(database,
                    "SELECT solver, backend, from_cache, count(*) FROM results "
                    "GROUP BY solver, backend, from_cache");
  while (solvers.step()) {
    const auto rows = static_cast<std::size_t>(solvers.integer(3));
    totals.solvers[fmt::format("{} on {}", solvers.bytes(0), solvers.bytes(1))] += rows;
    if (solvers.integer(2) != 0) totals.from_cache += rows;
    totals.rows += rows;
  }
  return totals;
}

/// Those of the table itself, entry by entry.
EntryStates read_listed(Database& database, RunDamage& damage) {
  EntryStates states;
  Statement select(
      database,
      "SELECT number, state, id, file, chain, unharmed, state = 'solved' AND NOT EXISTS "
      "(SELECT 1 FROM results WHERE results.number = listed.number) "
      "FROM listed ORDER BY number");
  while (select.step()) {
    states.add(select, 0, 1);
    const bool harmed = select.integer(5) == 0;
    if (harmed || select.integer(6) != 0)
      damage.to_redo.push_back({harmed ? ToRedo::Why::entry : ToRedo::Why::missing,
                                select.integer(0), name_at(select, 2)});
  }
  return states;
}

void read_rows(Database& database, RunDamage& damage) {
  {
    Statement select(database,
                     "SELECT number, pdb_id FROM ranked WHERE NOT intact ORDER BY number");
    while (select.step())
      damage.to_redo.push_back({ToRedo::Why::damaged, select.integer(0), select.bytes(1)});
  }
  Statement select(database,
                   "SELECT number FROM results NOT INDEXED WHERE NOT EXISTS (SELECT 1 FROM entries "
                   "WHERE entries.number = results.number AND state = 'solved')");
  while (select.step()) damage.stray.push_back(select.integer(0));
}

}  // namespace

void check_pairs(Database& database, RunSchema schema, const fs::path& folder) {
  if (schema < RunSchema::counted) return;
  if (kept_totals(database, schema, folder).pairs != checksum_of_pairs(database))
    throw_lost(folder,
               "its parameters or its query are not as they were written (by their checksum)");
}

void check_entries(Database& database, RunSchema schema, const fs::path& folder) {
  if (schema < RunSchema::counted) return;
  const KeptTotals kept = kept_totals(database, schema, folder);
  std::int64_t found = 0, first = 0, last = -1, nameless = 0;
  std::uint64_t list = 0;
  for (Statement select(database, "SELECT number, naming, NOT unharmed AND NOT named FROM listed");
       select.step(); ++found) {
    first = std::min(first, select.integer(0));
    last = std::max(last, select.integer(0));
    list += static_cast<std::uint64_t>(select.integer(1));
    nameless += select.integer(2);
  }
  const std::string all = counted(kept.entries, "entry", "entries");
  if (found != kept.entries || last != kept.entries - 1)
    throw_lost(folder, fmt::format("it has {} of its {}", found, all));
  if (first != 0) throw_lost(folder, "its entries are not numbered as they were");
  if (nameless > 0)
    throw_lost(folder, fmt::format("of its {} {} can no longer be named", all, nameless));
  if (schema == RunSchema::present && static_cast<std::int64_t>(list) != kept.list)
    throw_lost(folder, "its entries are not those that it was begun with");
}

RunTotals checked_totals(Database& database, RunSchema schema, const fs::path& folder) {
  if (schema < RunSchema::counted) return unchecked_totals(database, folder);
  check_pairs(database, schema, folder);
  const KeptTotals kept = kept_totals(database, schema, folder);
  RankedIndex index = read_ranked_index(database);
  RunTotals totals;
  totals.states = read_states(database).counts;
  const std::size_t entries = sum_of(totals.states);
  if (static_cast<std::int64_t>(entries) != kept.entries)
    throw_damaged(folder, fmt::format("it has {} of its {}", entries,
                                      counted(kept.entries, "entry", "entries")));
  for (const auto& [state, count] : totals.states)
    if (std::find(all_states.begin(), all_states.end(), state) == all_states.end())
      throw_damaged(folder, "the states of its entries are not as they were written");
  const auto rows = static_cast<std::int64_t>(index.rows);
  const std::size_t solved = totals.states.contains("solved") ? totals.states.at("solved") : 0;
  if (rows != kept.results || index.rows != solved)
    throw_damaged(folder, fmt::format("it has {}, {} solved, and {} kept", counted(rows, "row"),
                                      counted(solved, "entry is", "entries are"),
                                      counted(kept.results, "was", "were")));
  if (!index.is_ordered || index.digest != kept.digest)
    throw_damaged(folder, "the order of its rows is not as it was written");
  totals.reasons = read_reasons(database, folder);
  count_chains(database, totals);
  totals.rows = index.rows;
  totals.solvers = std::move(index.solvers);
  totals.from_cache = index.from_cache;
  return totals;
}

RunDamage find_damage(Database& database, RunSchema schema) {
  RunDamage damage;
  const EntryStates states = read_listed(database, damage);
  read_rows(database, damage);
  std::stable_sort(damage.to_redo.begin(), damage.to_redo.end(),
                   [](const ToRedo& a, const ToRedo& b) { return a.number < b.number; });
  // An entry that is damaged is so with its row, which has a part of it in its checksum.
  damage.to_redo.erase(
      std::unique(damage.to_redo.begin(), damage.to_redo.end(),
                  [](const ToRedo& a, const ToRedo& b) { return a.number == b.number; }),
      damage.to_redo.end());
  if (schema < RunSchema::counted) return damage;
  const std::optional<KeptTotals> kept = read_kept_totals(database, schema);
  const RankedIndex index = read_ranked_index(database);
  damage.indices = !index.is_ordered || !kept || index.digest != kept->digest ||
                   static_cast<std::int64_t>(index.rows) != kept->results ||
                   read_states(database).digest != states.digest;
  return damage;
}

RunCheck check_run(const fs::path& folder) {
  if (!holds_run(folder)) throw_no_run(folder);
  RunCheck found;
  const auto part = [&](const auto& action) {
    try {
      action();
    } catch (const RunError& error) {
      if (error.cause() != Cause::unavailable) throw;
      found.damage.emplace_back(error.what());
    }
  };
  try {
    Database database = open_run_database(folder);
    define_run_functions(database);
    database.execute("BEGIN");
    RunSchema schema = RunSchema::none;
    part([&] { schema = schema_of_run(database, folder); });
    if (!found.damage.empty()) return found;
    if (const std::string said = database.complaint(); !said.empty())
      found.damage.push_back("SQLite: " + said);
    if (schema == RunSchema::none) throw_no_run(folder);
    view_ranked_rows(database, schema);
    view_entries(database, schema);
    part([&] { check_pairs(database, schema, folder); });
    part([&] { check_entries(database, schema, folder); });
    const RunDamage damage = find_damage(database, schema);
    for (const ToRedo& entry : damage.to_redo)
      found.damage.push_back(
          fmt::format("{} (entry {}): {}", entry.name, entry.number, explanation(entry.why)));
    for (const std::int64_t number : damage.stray)
      found.damage.push_back(fmt::format("a row of entry {}, which is not solved", number));
    if (damage.indices)
      found.damage.emplace_back("the order or the count of its rows is not as it was written");
    Statement counts(database,
                     "SELECT (SELECT count(*) FROM entries), (SELECT count(*) FROM results)");
    counts.step();
    found.entries = static_cast<std::size_t>(counts.integer(0));
    found.rows = static_cast<std::size_t>(counts.integer(1));
  } catch (const DatabaseError& error) {
    if (!error.is_broken() || error.is_no_database()) throw_as_told(folder, error);
    found.damage.emplace_back(fmt::format("SQLite: {}", error.what()));
  }
  return found;
}

void forget_damaged(Database& database, const RunDamage& damage) {
  // A row cannot be deleted whose entry in an index is not there.
  database.execute("REINDEX");
  Statement forget(database, "DELETE FROM results WHERE number = ?");
  Statement redo(database,
                 "UPDATE entries SET state = 'found', started = 0, suspect = 0, deaths = 0, sha256 "
                 "= NULL, name = NULL, stage = NULL, code = NULL, message = NULL WHERE number = ?");
  for (const ToRedo& entry : damage.to_redo) {
    forget.bind(entry.number).run();
    redo.bind(entry.number).run();
  }
  for (const std::int64_t number : damage.stray) forget.bind(number).run();
}

}  // namespace modesweep
