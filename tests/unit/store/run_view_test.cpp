// SPDX-License-Identifier: MIT
// What is read of a run is what its rows in memory would give.
#include <gtest/gtest.h>

#include <sstream>

#include <modesweep/run_store.hpp>
#include <modesweep/writers.hpp>

#include "base/sqlite.hpp"
#include "support/temp_dir.hpp"
#include "unit/store/rows.hpp"

namespace modesweep {
namespace {

class RunViewTest : public testing::Test {
 protected:
  std::filesystem::path run() const { return folder_.path() / "run"; }

  std::unique_ptr<RunStore> begun(std::size_t entries) {
    auto store = RunStore::open(run(), reporter_);
    std::vector<RunEntry> list;
    for (std::size_t i = 0; i < entries; ++i) list.push_back({0, "", "/in/" + std::to_string(i)});
    store->begin({{"cutoff", "15"}}, {{"source", "files"}}, list);
    return store;
  }
  static void keep(RunStore& store, std::int64_t number, const Row& row) {
    store.started(number, row.file);
    store.solved(number, row);
  }
  std::vector<Row> keep_random_rows(RunStore& store, int count) {
    std::mt19937 random(20261127);
    std::vector<Row> rows;
    for (int i = 0; i < count; ++i) {
      rows.push_back(random_row(random));
      keep(store, i, rows.back());
    }
    return rows;
  }
  static std::string as_written(const RankedRows& rows) {
    std::ostringstream out;
    write_jsonl(out, rows, {});
    return out.str();
  }

  test_support::TempDir folder_;
  SilentReporter reporter_;
};

TEST_F(RunViewTest, EveryOrderIsThatOfRowsInMemory) {
  const auto store = begun(100);
  const std::vector<Row> rows = keep_random_rows(*store, 100);
  const auto view = RunView::open(run());
  std::vector<RowOrder> orders = {{}};
  for (const Column& column : known_columns())
    orders.push_back({.column = column, .descending = {}});
  for (const char* name : {"fv7", "ev3", "cum2", "fv2_all"})
    orders.push_back({.column = find_column(name), .descending = {}});
  for (RowOrder order : orders)
    for (const std::optional<bool> descending :
         {std::optional<bool>(), std::optional(true), std::optional(false)})
      for (const auto& [unique, identity, top] :
           {std::tuple(false, 0, 0), {true, 0, 0}, {true, 0, 7}, {true, 95, 7}}) {
        order.descending = descending;
        order.unique = unique;
        order.unique_identity = identity > 0 ? std::optional<double>(identity) : std::nullopt;
        order.top = static_cast<std::size_t>(top);
        order.percentiles = true;
        const auto wanted = rank_rows(rows, order);
        const auto found = view->ranked_rows(order);
        const std::string name = order.column ? order.column->name : "";
        ASSERT_EQ(as_written(*found), as_written(*wanted)) << name;
        ASSERT_EQ(found->ranked(), wanted->ranked());
        ASSERT_EQ(found->rows(), wanted->rows());
        ASSERT_EQ(found->shown(), wanted->shown());
        ASSERT_EQ(found->without_sequence(), wanted->without_sequence());
        const auto a = found->dominant_protein(), b = wanted->dominant_protein();
        ASSERT_EQ(a.has_value(), b.has_value());
        if (a) {
          ASSERT_EQ(a->protein, b->protein);
          ASSERT_EQ(a->rows, b->rows);
        }
      }
}

TEST_F(RunViewTest, WhatMeetsAConditionIsThatOfRowsInMemory) {
  const auto store = begun(100);
  const std::vector<Row> rows = keep_random_rows(*store, 100);
  const auto view = RunView::open(run());
  std::size_t matching = 0;
  for (const char* text :
       {"tail", "not tail and not few", "residues >= 102 or protein = 'P3'", "resolution < 2",
        "not resolution < 2", "fv1_all > 0.1 or bfactor_corr > 0", "title ~ 'TITLE 3'",
        "notes ~ 'pieces' and sha256 < '5'", "coll1 < coll2", "residues > 1000"}) {
    for (const char* column : {"", "coll1", "title", "resolution", "hinges"})
      for (const auto& [unique, top] : {std::pair(false, 0), {true, 0}, {false, 3}, {true, 3}}) {
        RowOrder order;
        order.where = *parse_condition(text);
        if (*column != '\0') order.column = find_column(column);
        order.unique = unique;
        order.top = static_cast<std::size_t>(top);
        const auto wanted = rank_rows(rows, order);
        const auto found = view->ranked_rows(order);
        ASSERT_EQ(as_written(*found), as_written(*wanted)) << text << " by " << column;
        ASSERT_EQ(found->ranked(), 100u);
        ASSERT_EQ(found->matching(), wanted->matching()) << text;
        ASSERT_EQ(found->rows(), wanted->rows()) << text;
        ASSERT_EQ(found->shown(), wanted->shown()) << text;
        matching += found->matching();
      }
  }
  EXPECT_GT(matching, 1000u);
}

TEST_F(RunViewTest, TheProteinOfMostRowsShownIsNamed) {
  const auto store = begun(5);
  for (int i = 0; i < 5; ++i) {
    Row row = made_up_row("1AB" + std::to_string(i), 0.9 - 0.1 * i);
    row.header.protein = i == 1 || i == 2 ? "P1" : "";
    keep(*store, i, row);
  }
  const auto view = RunView::open(run());
  EXPECT_FALSE(view->ranked_rows({})->dominant_protein());
  const auto most =
      view->ranked_rows({.column = {}, .descending = {}, .top = 3})->dominant_protein();
  ASSERT_TRUE(most);
  EXPECT_EQ(most->protein, "P1");
  EXPECT_EQ(most->rows, 2u);
}

// The first rows of a large run have to be found without going through all of them.
TEST_F(RunViewTest, TheFirstRowsComeFromAnIndex) {
  const auto store = begun(1);
  Database database(run() / "run.sqlite", Database::Access::read_only);
  std::string plan;
  Statement explain(database,
                    "EXPLAIN QUERY PLAN SELECT results.number FROM results CROSS JOIN entries "
                    "USING(number) ORDER BY order_key DESC, pdb_id, file LIMIT 10");
  while (explain.step()) plan += explain.bytes(3) + "; ";
  EXPECT_NE(plan.find("SCAN results USING COVERING INDEX results_ranked"), std::string::npos)
      << plan;
}

TEST_F(RunViewTest, TotalsAndWhatWasLeftOut) {
  const auto store = begun(300);
  const std::vector<Row> rows = keep_random_rows(*store, 290);
  store->started(290, "/in/a.c");
  store->started(291, "/in/a/c");
  store->left_out(290, {"B", "/in/a.c", {Stage::parse, "no_nodes", "nothing"}});
  store->left_out(291, {"B", "/in/a/c", {Stage::parse, "no_nodes", "nothing"}});
  store->left_out(292, {"A", "/in/292", {Stage::download, "not_found", "no such entry"}});
  store->left_out(293, {"C", "/in/293", {Stage::rank, "few_modes", "too small"}});
  const auto view = RunView::open(run());
  const RunTotals totals = view->totals();
  EXPECT_EQ(totals.states, (std::map<std::string, std::size_t>{
                               {"failed", 3}, {"found", 6}, {"left_out", 1}, {"solved", 290}}));
  EXPECT_EQ(totals.reasons,
            (std::map<std::string, std::size_t>{
                {"download: not_found", 1}, {"parse: no_nodes", 2}, {"rank: few_modes", 1}}));
  std::map<std::string, std::size_t> solvers;
  std::size_t from_cache = 0;
  for (const Row& row : rows) {
    ++solvers["shift-invert on " + row.backend];
    from_cache += row.from_cache;
  }
  EXPECT_EQ(totals.solvers, solvers);
  EXPECT_EQ(totals.from_cache, from_cache);
  std::ostringstream failures;
  write_failures(failures, [&](const auto& visit) { view->for_each_left_out(visit); });
  EXPECT_EQ(failures.str(),
            "pdb_id\tfile\tstage\tcode\tmessage\n"
            "A\t/in/292\tdownload\tnot_found\tno such entry\n"
            "B\t/in/a/c\tparse\tno_nodes\tnothing\n"
            "B\t/in/a.c\tparse\tno_nodes\tnothing\n"
            "C\t/in/293\trank\tfew_modes\ttoo small\n");
}

TEST_F(RunViewTest, ItStaysAsItWasOpened) {
  const auto store = begun(2);
  keep(*store, 0, made_up_row("1ABC", 0.5));
  const auto before = RunView::open(run());
  keep(*store, 1, made_up_row("1ABD", 0.75));
  EXPECT_EQ(before->ranked_rows({})->shown(), 1u);
  EXPECT_EQ(before->totals().states.at("solved"), 1u);
  EXPECT_EQ(RunView::open(run())->ranked_rows({})->shown(), 2u);
}

TEST_F(RunViewTest, ARowsCallbackMayEndIt) {
  const auto store = begun(2);
  keep(*store, 0, made_up_row("1ABC", 0.5));
  keep(*store, 1, made_up_row("1ABD", 0.75));
  const auto view = RunView::open(run());
  const auto rows = view->ranked_rows({});
  EXPECT_THROW(rows->for_each([](const Row&) { throw std::length_error("full"); }),
               std::length_error);
  int seen = 0;
  rows->for_each([&](const Row&) { ++seen; });
  EXPECT_EQ(seen, 2);
}

// Whatever a disk or a hand changes of a row.
TEST_F(RunViewTest, ADamagedRowIsNotShownAndSolvedAgain) {
  for (const char* change : {"UPDATE results SET residues = 346 WHERE pdb_id = '1ABD'",
                             "UPDATE results SET order_key = 0.5 WHERE pdb_id = '1ABD'",
                             "UPDATE results SET shares = CAST(x'01' || substr(shares, 2) AS BLOB) "
                             "WHERE pdb_id = '1ABD'",
                             "UPDATE results SET hinges = 'A1' WHERE pdb_id = '1ABD'",
                             "UPDATE entries SET sha256 = 'b' WHERE number = 1"}) {
    std::filesystem::remove_all(run());
    {
      const auto store = begun(3);
      keep(*store, 0, made_up_row("1ABC", 0.5));
      keep(*store, 1, made_up_row("1ABD", 0.25));
    }
    {
      Database database(run() / "run.sqlite");
      database.execute(change);
    }
    {
      std::vector<std::string> shown;
      try {
        const auto view = RunView::open(run());
        view->ranked_rows({})->for_each([&](const Row& row) { shown.push_back(row.header.id); });
        ADD_FAILURE() << "shown as it is: " << change;
      } catch (const RunError& error) {
        EXPECT_EQ(error.cause(), Cause::unavailable);
        EXPECT_NE(std::string(error.what()).find(" is damaged: "), std::string::npos)
            << error.what();
      }
    }
    const auto store = RunStore::open(run(), reporter_);
    const std::vector<RunEntry> to_do = store->to_do(false);
    ASSERT_EQ(to_do.size(), 2u) << change;
    EXPECT_EQ(to_do[0].number, 1) << change;
    EXPECT_FALSE(to_do[0].suspect);
    keep(*store, 1, made_up_row("1ABD", 0.25));
    EXPECT_EQ(RunView::open(run())->ranked_rows({})->shown(), 2u);
  }
}

// Which file it was nobody knows any more: another one must not be solved in its place.
TEST_F(RunViewTest, AnEntryOfAnotherNameIsLost) {
  {
    const auto store = begun(3);
    keep(*store, 1, made_up_row("1ABD", 0.25));
  }
  {
    Database database(run() / "run.sqlite");
    database.execute("UPDATE entries SET file = CAST('/in/x' AS BLOB) WHERE number = 2");
  }
  EXPECT_EQ(RunView::open(run())->ranked_rows({})->shown(), 1u) << "its row is not there yet";
  EXPECT_EQ(check_run(run()).damage.size(), 2u);
  const auto store = RunStore::open(run(), reporter_);
  EXPECT_THROW(store->entries(), RunError);
  EXPECT_THROW(store->to_do(false), RunError);
}

// The index that gives the order knows nothing of paths, which decide between rows that tie.
TEST_F(RunViewTest, ARowThatIsNotShownAndDecidesIsChecked) {
  {
    const auto store = begun(3);
    for (int i = 0; i < 3; ++i) {
      Row row = made_up_row("1ABC", 0.5);
      row.file = "/in/" + std::to_string(i);
      keep(*store, i, row);
    }
  }
  {
    Database database(run() / "run.sqlite");
    database.execute("UPDATE entries SET file = CAST('/in/9' AS BLOB) WHERE number = 0");
  }
  const auto view = RunView::open(run());
  const RowOrder first = {.column = {}, .descending = {}, .top = 1};
  EXPECT_THROW(view->ranked_rows(first)->for_each([](const Row&) {}), RunError);
}

TEST_F(RunViewTest, ARowThatMeetsNoConditionIsChecked) {
  {
    const auto store = begun(2);
    keep(*store, 0, made_up_row("1ABC", 0.5));
    keep(*store, 1, made_up_row("1ABD", 0.25));
  }
  {
    Database database(run() / "run.sqlite");
    database.execute("UPDATE results SET residues = 5 WHERE number = 1");
  }
  RowOrder order;
  order.where = *parse_condition("residues > 100");
  order.top = 1;
  EXPECT_THROW(RunView::open(run())->ranked_rows(order), RunError);
}

TEST_F(RunViewTest, AProteinThatIsNotShownIsCheckedWhereItIsCounted) {
  {
    const auto store = begun(3);
    for (int i = 0; i < 3; ++i) {
      Row row = made_up_row("1AB" + std::to_string(i), 0.5 - 0.1 * i);
      row.header.protein = "P1";
      keep(*store, i, row);
    }
  }
  {
    Database database(run() / "run.sqlite");
    database.execute("UPDATE results SET protein = 'P2' WHERE number = 2");
  }
  const auto view = RunView::open(run());
  RowOrder unique{.column = {}, .descending = {}, .unique = true, .top = 1};
  EXPECT_THROW(view->ranked_rows(unique), RunError);
  unique.unique_identity = 95;
  EXPECT_THROW(view->ranked_rows(unique), RunError);
  int shown = 0;
  view->ranked_rows({.column = {}, .descending = {}, .top = 2})->for_each([&](const Row&) {
    ++shown;
  });
  EXPECT_EQ(shown, 2) << "of the row that is damaged they know nothing";
}

}  // namespace
}  // namespace modesweep
