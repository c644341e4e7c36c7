// SPDX-License-Identifier: MIT
// Runs that were kept by versions before, or by those to come.
#include <gtest/gtest.h>

#include <fmt/format.h>

#include <modesweep/run_store.hpp>

#include "base/checksum.hpp"
#include "base/sqlite.hpp"
#include "store/run_database.hpp"
#include "support/data_files.hpp"
#include "support/kept_run.hpp"
#include "support/temp_dir.hpp"
#include "unit/store/rows.hpp"

namespace modesweep {
namespace {

constexpr const char* schema_4 = R"(
  PRAGMA journal_mode = WAL;
  CREATE TABLE parameters(name TEXT PRIMARY KEY, value TEXT NOT NULL);
  CREATE TABLE query(name TEXT PRIMARY KEY, value TEXT NOT NULL);
  CREATE TABLE entries(
    number INTEGER PRIMARY KEY, id TEXT NOT NULL, file BLOB NOT NULL, state TEXT NOT NULL,
    started INTEGER NOT NULL DEFAULT 0, beats INTEGER NOT NULL DEFAULT 0,
    attempts INTEGER NOT NULL DEFAULT 0, deaths INTEGER NOT NULL DEFAULT 0,
    early_deaths INTEGER NOT NULL DEFAULT 0,
    size INTEGER, mtime_ns INTEGER, sha256 TEXT,
    name TEXT, stage TEXT, code TEXT, message TEXT, time TEXT, version TEXT);
  CREATE INDEX entries_started ON entries(number) WHERE started;
  CREATE TABLE results(number INTEGER PRIMARY KEY, pdb_id TEXT NOT NULL,
    id_is_entry INTEGER NOT NULL, title TEXT NOT NULL, molecules TEXT NOT NULL,
    organisms TEXT NOT NULL, method TEXT NOT NULL, resolution REAL, revision TEXT NOT NULL,
    protein TEXT NOT NULL, gnm INTEGER NOT NULL, chains INTEGER NOT NULL,
    residues INTEGER NOT NULL, models INTEGER NOT NULL, components INTEGER NOT NULL,
    zero_modes INTEGER NOT NULL, nucleic_left_out INTEGER NOT NULL,
    partial_assembly INTEGER NOT NULL, more_blocks INTEGER NOT NULL,
    uncertain_zero INTEGER NOT NULL, fallback INTEGER NOT NULL, few_modes INTEGER NOT NULL,
    eigenvalues BLOB NOT NULL, shares BLOB NOT NULL, collectivities BLOB NOT NULL,
    residuals BLOB NOT NULL, bfactor_corr REAL, bfactor_corr_all REAL, plddt_mean REAL,
    trace_all REAL, sq_flucts BLOB NOT NULL, hinges TEXT, solver TEXT NOT NULL,
    backend TEXT NOT NULL, from_cache INTEGER NOT NULL, seconds_parse REAL NOT NULL,
    seconds_network REAL NOT NULL, seconds_modes REAL NOT NULL);
  PRAGMA user_version = 4;
  INSERT INTO parameters VALUES('cutoff', '15');
  INSERT INTO query VALUES('source', 'files');
  -- Three are solved, one failed for good, one is to do, and the process died with one more.
  INSERT INTO entries(number, id, file, state, sha256) VALUES
    (0, '', CAST('/in/0' AS BLOB), 'solved', 'a0'), (1, '', CAST('/in/1' AS BLOB), 'solved', 'a1'),
    (2, '', CAST('/in/2' AS BLOB), 'solved', 'a2');
  INSERT INTO entries(number, id, file, state, name, stage, code, message) VALUES
    (3, '', CAST('/in/3' AS BLOB), 'failed', '3', 'parse', 'no_nodes', 'nothing');
  INSERT INTO entries(number, id, file, state, deaths, early_deaths, started, beats) VALUES
    (4, '', CAST('/in/4' AS BLOB), 'found', 1, 4, 0, 3),
    (5, '', CAST('/in/5' AS BLOB), 'found', 0, 0, 0, 0);
)";

// Shares of 0.25, 0.5 and 0.25 (little-endian), so that the second is the first.
std::string row_of_schema_4(int number, const char* share) {
  return fmt::format(
      "INSERT INTO results VALUES({0}, '1AB{0}', 1, 'a title', '', '', 'X-RAY', 1.5, '2011-07-13', "
      "'P{0}', 0, 2, 345, 1, 1, 6, 0, 0, 0, 0, 0, 0, x'{1}', x'{1}', x'{1}', x'', NULL, -0.125, "
      "NULL, NULL, x'', NULL, 'shift-invert', 'cpu', 0, 0.1, 0.2, 0.3);",
      number, share);
}

class RunSchemaTest : public testing::Test {
 protected:
  RunSchemaTest() {
    std::filesystem::create_directories(run());
    Database database(file());
    database.execute(schema_4);
    database.execute(row_of_schema_4(0, "000000000000d03f").c_str());
    database.execute(row_of_schema_4(1, "000000000000e03f").c_str());
    database.execute(row_of_schema_4(2, "000000000000d03f").c_str());
  }
  std::filesystem::path run() const { return folder_.path() / "run"; }
  std::filesystem::path file() const { return run() / "run.sqlite"; }

  void expect_its_rows() {
    const auto view = RunView::open(run());
    std::string shown;
    view->ranked_rows({})->for_each([&](const Row& row) {
      shown += fmt::format("{} {} {} {} {}; ", row.header.id, row.file.string(), row.sha256,
                           row.shares.at(0), *row.bfactor_corr_all);
    });
    EXPECT_EQ(shown,
              "1AB1 /in/1 a1 0.5 -0.125; 1AB0 /in/0 a0 0.25 -0.125; 1AB2 /in/2 a2 0.25 -0.125; ");
    EXPECT_EQ(
        view->ranked_rows({.column = find_column("ev1"), .descending = {}, .top = 1})->shown(), 1u);
    const auto unique =
        view->ranked_rows({.column = {}, .descending = {}, .unique = true, .unique_identity = 95});
    EXPECT_EQ(unique->rows(), 3u) << "by their proteins";
    EXPECT_EQ(unique->without_sequence(), 3u);
    EXPECT_EQ(view->parameters(), (Settings{{"cutoff", "15"}}));
    const RunTotals totals = view->totals();
    EXPECT_EQ(totals.states,
              (std::map<std::string, std::size_t>{{"failed", 1}, {"found", 2}, {"solved", 3}}));
    EXPECT_EQ(totals.solvers.at("shift-invert on cpu"), 3u);
    EXPECT_EQ(totals.reasons.at("parse: no_nodes"), 1u);
  }
  /// ", pdb_id, ..." of a row of this schema, for its checksum.
  static std::string columns_of_row(Database& database) {
    std::string columns;
    Statement names(database,
                    "SELECT name FROM pragma_table_info('results') WHERE name NOT IN ('number', "
                    "'order_key', 'checksum')");
    while (names.step()) columns += ", " + names.bytes(0);
    return columns;
  }
  std::int64_t version() const { return Database(file(), Database::Access::read_only).version(); }

  test_support::TempDir folder_;
  SilentReporter reporter_;
};

TEST_F(RunSchemaTest, ARunOfTheSchemaBeforeIsShownAsItIs) {
  const std::string before = test_support::read_file(file());
  expect_its_rows();
  EXPECT_EQ(test_support::read_file(file()), before);
  EXPECT_EQ(version(), 4);
}

TEST_F(RunSchemaTest, ItIsBroughtToThisOneWhenItIsGoneOnWith) {
  {
    const auto store = RunStore::open(run(), reporter_);
    const std::vector<RunEntry> to_do = store->to_do(false);
    ASSERT_EQ(to_do.size(), 2u);
    EXPECT_EQ(to_do[0].number, 5);
    EXPECT_FALSE(to_do[0].suspect);
    EXPECT_EQ(to_do[1].number, 4);
    EXPECT_TRUE(to_do[1].suspect) << "the process died with it";
    store->check_unchanged();
    EXPECT_EQ(test_support::ranking_of(run()).rows.size(), 3u);
  }
  EXPECT_EQ(version(), 7);
  expect_its_rows();
  {
    Database database(file());
    database.execute("UPDATE results SET zero_modes = 7 WHERE number = 2");
  }
  EXPECT_THROW(expect_its_rows(), RunError) << "its rows have checksums";
}

// Schema 5 had checksums of its rows, with their numbers, and nothing else of what this one has.
TEST_F(RunSchemaTest, ADamagedRowOfSchema5IsNotTakenForWhole) {
  RunStore::open(run(), reporter_)->to_do(false);
  {
    Database database(file());
    define_row_checksum(database);
    database.execute(fmt::format(R"(
      UPDATE results SET checksum = (SELECT row_checksum(results.number, file, sha256, order_key{})
        FROM entries WHERE entries.number = results.number);
      DROP TABLE totals; DROP INDEX results_ranked;
      CREATE INDEX results_ranked ON results(order_key DESC, pdb_id, solver, backend, from_cache);
      ALTER TABLE entries DROP COLUMN asked; ALTER TABLE entries DROP COLUMN checksum;
      PRAGMA user_version = 5)",
                                 columns_of_row(database))
                         .c_str());
  }
  expect_its_rows();
  {
    Database database(file());
    database.execute("UPDATE results SET zero_modes = 7 WHERE number = 2");
  }
  EXPECT_THROW(expect_its_rows(), RunError);
  EXPECT_EQ(check_run(run()).damage.size(), 1u);
  EXPECT_EQ(RunStore::open(run(), reporter_)->to_do(false).size(), 3u) << "it is solved again";
  EXPECT_EQ(version(), 7);
  EXPECT_EQ(RunView::open(run())->ranked_rows({})->shown(), 2u);
  EXPECT_TRUE(check_run(run()).damage.empty());
}

// Schema 6 knew what it holds, and not that the rows were its own.
TEST_F(RunSchemaTest, SchemaSixIsCheckedAsItWasAndBroughtToThisOne) {
  RunStore::open(run(), reporter_)->to_do(false);
  {
    Database database(file());
    define_run_functions(database);
    database.execute(fmt::format(R"(
      UPDATE results SET checksum = (SELECT row_checksum(file, sha256, order_key{})
        FROM entries WHERE entries.number = results.number);
      UPDATE entries SET checksum = row_checksum(id, file, state, deaths, sha256, name, stage, code,
        message))",
                                 columns_of_row(database))
                         .c_str());
    write_kept_totals(database, 6);
    database.execute("ALTER TABLE totals DROP COLUMN list; PRAGMA user_version = 6");
  }
  expect_its_rows();
  EXPECT_TRUE(check_run(run()).damage.empty());
  const std::string whole = test_support::read_file(file());
  const auto change = [&](const char* sql) {
    folder_.write("run/run.sqlite", whole);
    Database(file()).execute(sql);
    EXPECT_THROW(expect_its_rows(), RunError) << sql;
    EXPECT_FALSE(check_run(run()).damage.empty()) << sql;
  };
  for (const char* sql : {"UPDATE results SET zero_modes = 7 WHERE number = 2",
                          "DELETE FROM results WHERE number = 2",
                          "UPDATE entries SET message = 'x' WHERE number = 3"}) {
    change(sql);
    EXPECT_EQ(RunStore::open(run(), reporter_)->to_do(false).size(), 3u) << sql;
    EXPECT_EQ(version(), 7);
    EXPECT_TRUE(check_run(run()).damage.empty()) << sql;
  }
  change("DELETE FROM entries WHERE number = 5");
  EXPECT_THROW(RunStore::open(run(), reporter_)->to_do(false), RunError);
  EXPECT_EQ(version(), 6);
  folder_.write("run/run.sqlite", whole);
  EXPECT_EQ(RunStore::open(run(), reporter_)->to_do(false).size(), 2u);
  EXPECT_EQ(version(), 7);
  expect_its_rows();
  EXPECT_TRUE(check_run(run()).damage.empty());
}

TEST_F(RunSchemaTest, WhoOnlyAsksWhatItHoldsLeavesItAsItIs) {
  {
    const auto store = RunStore::open(run(), reporter_);
    EXPECT_FALSE(store->is_new());
    EXPECT_FALSE(store->parameters().empty());
    EXPECT_FALSE(store->entries().empty());
    store->check_unchanged();
  }
  EXPECT_EQ(version(), 4);
}

TEST_F(RunSchemaTest, ADeathBeforeTheUpgradeIsCounted) {
  {
    Database database(file());
    database.execute("UPDATE entries SET started = 1 WHERE number = 5");
  }
  const std::vector<RunEntry> to_do = RunStore::open(run(), reporter_)->to_do(false);
  ASSERT_EQ(to_do.size(), 2u);
  EXPECT_TRUE(to_do[0].suspect && to_do[1].suspect);
}

TEST_F(RunSchemaTest, ColumnsThatATableLacksAreAddedAndThoseItHasMoreAreKept) {
  RunStore::open(run(), reporter_)->to_do(false);
  {
    Database database(file());
    database.execute("ALTER TABLE results DROP COLUMN hinges");
  }
  expect_its_rows();
  {
    const auto store = RunStore::open(run(), reporter_);
    store->to_do(false);
    Row row = made_up_row("1AB5", 0.125);
    row.hinges = {{"A45"}};
    row.file = "/in/5";
    store->started(5, row.file);
    store->solved(5, row);
    EXPECT_EQ(store->failure(), "");
    EXPECT_EQ(test_support::ranking_of(run()).rows.back().hinges, std::vector<std::string>{"A45"});
    EXPECT_EQ(test_support::ranking_of(run()).rows.front().hinges, std::nullopt);
  }
  {
    Database database(file());
    database.execute("ALTER TABLE results ADD COLUMN of_later REAL");
  }
  EXPECT_EQ(RunView::open(run())->ranked_rows({})->shown(), 4u);
  EXPECT_EQ(RunStore::open(run(), reporter_)->to_do(false).size(), 1u) << "no row is damaged";
}

}  // namespace
}  // namespace modesweep
