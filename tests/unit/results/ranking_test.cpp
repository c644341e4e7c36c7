// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <limits>
#include <sstream>

#include <modesweep/ranking.hpp>
#include <modesweep/writers.hpp>

namespace modesweep {
namespace {

Row row(const std::string& id, double share, const std::string& file = "f") {
  Row result;
  result.header.id = id;
  result.file = file;
  result.shares = {share, 0.25, 0.125};
  result.eigenvalues = {0.1, 0.2, 0.4};
  result.collectivities = {0.5, 0.25, 0.125};
  result.components = 1;
  result.zero_modes = 6;
  return result;
}

std::string order(const std::vector<Row>& rows) {
  std::string text;
  for (const Row& r : rows) text += r.header.id + r.file.string() + " ";
  return text;
}

TEST(Ranking, ByShareThenIdThenPath) {
  std::vector<Row> rows = {row("B", 0.5), row("C", 0.7), row("A", 0.5, "2"), row("A", 0.5, "1")};
  sort_rows(rows);
  EXPECT_EQ(order(rows), "Cf A1 A2 Bf ");
}

TEST(Ranking, RoundingDoesNotDecide) {
  std::vector<Row> rows = {row("B", 0.5 + 1e-11), row("A", 0.5)};
  sort_rows(rows);
  EXPECT_EQ(order(rows), "Af Bf ");
}

TEST(Ranking, ByAnotherColumnWithEmptyValuesLast) {
  std::vector<Row> rows = {row("A", 0.1), row("B", 0.2), row("C", 0.3)};
  rows[1].header.resolution = 2.0;
  rows[2].header.resolution = 1.0;
  sort_rows(rows, find_column("resolution"), false);
  EXPECT_EQ(order(rows), "Cf Bf Af ");
  sort_rows(rows, find_column("resolution"), std::nullopt);
  EXPECT_EQ(order(rows), "Bf Cf Af ");
  sort_rows(rows, find_column("pdb_id"), std::nullopt);
  EXPECT_EQ(order(rows), "Af Bf Cf ");
}

TEST(Ranking, Notes) {
  Row r = row("A", 0.5);
  EXPECT_TRUE(notes(r).empty());
  r.collectivities[0] = 0.05;
  r.components = 2;
  r.zero_modes = 13;
  r.nucleic_left_out = r.partial_assembly = r.more_blocks = r.uncertain_zero = r.few_modes = true;
  EXPECT_EQ(notes(r), (std::vector<std::string_view>{"local", "pieces", "loose", "nucleic", "part",
                                                     "blocks", "unsure", "few"}));
  r.zero_modes = 12;
  EXPECT_EQ(notes(r)[2], "nucleic");
}

TEST(Ranking, NotesOfTheCore) {
  using Codes = std::vector<std::string_view>;
  Row r = row("A", 0.5);
  CoreOfRow& core = r.core.emplace();
  core.outside1 = 0.5;
  EXPECT_EQ(notes(r), Codes{});
  core.outside1 = 0.51;
  r.collectivities[0] = 0.05;
  EXPECT_EQ(notes(r), Codes{"tail"}) << "a tail is not local as well";
  core.linkers = 3;
  CoreModes& modes = core.modes.emplace();
  modes.collectivities = {0.09};
  modes.components = 1;
  modes.zero_modes = 7;
  modes.rigid = 0.9;
  modes.uncertain_zero = true;
  EXPECT_EQ(notes(r), (Codes{"tail", "linked", "chains"}));
  EXPECT_EQ(notes(r, Judged::core), (Codes{"local", "linked", "chains", "loose", "unsure"}));
  modes.collectivities = {0.1};
  modes.rigid = 0.89;
  EXPECT_EQ(notes(r, Judged::core), (Codes{"linked", "loose", "unsure"}));
  core = {};
  core.coreless = true;
  EXPECT_EQ(notes(r), (Codes{"local", "coreless"})) << "whether it is a tail cannot be said";
  EXPECT_EQ(notes(r, Judged::core), (Codes{"local", "coreless"}));
}

TEST(Columns, TheDefaultOnesInTheirOrder) {
  std::string names;
  for (const Column& column : default_columns()) names += column.name + " ";
  EXPECT_EQ(names,
            "rank pdb_id chains residues fv1 fv2 fv3 coll1 ev1 zero_modes components notes title ");
}

TEST(Columns, ResidualIsThatOfTheWorstMode) {
  const Column residual = find_column("residual");
  Row r = row("A", 0.5);
  EXPECT_EQ(residual.get(r, 1, residual.index), Value());
  r.residuals = {1e-12, 3e-11, 2e-11};
  EXPECT_EQ(residual.get(r, 1, residual.index), Value(3e-11));
}

TEST(Columns, PlddtIsOfPredictedModels) {
  const Column plddt = find_column("plddt_mean");
  Row r = row("A", 0.5);
  EXPECT_EQ(plddt.get(r, 1, plddt.index), Value());
  r.plddt_mean = 87.5;
  EXPECT_EQ(plddt.get(r, 1, plddt.index), Value(87.5));
}

TEST(Columns, AnyModesShareAndAnUnknownName) {
  Row r = row("A", 0.5);
  const Column fv3 = find_column("fv3");
  EXPECT_EQ(fv3.get(r, 1, fv3.index), Value(0.125));
  const Column fv9 = find_column("fv9");
  EXPECT_EQ(fv9.get(r, 1, fv9.index), Value());
  for (const char* name : {"fv", "fv0", "fv1x", "coll4", "ID", ""})
    EXPECT_THROW(find_column(name), RunError) << name;
}

TEST(Writers, WhatIsNoNumberIsNoValue) {
  Row r = row("A", 0.5);
  r.bfactor_corr = std::numeric_limits<double>::quiet_NaN();
  r.sq_flucts = {1, std::numeric_limits<double>::infinity()};
  const std::vector<Column> columns = {find_column("bfactor_corr"), find_column("sq_flucts"),
                                       find_column("rank")};
  std::ostringstream tsv, jsonl;
  write_tsv(tsv, {&r, 1}, columns);
  EXPECT_EQ(tsv.str(), "bfactor_corr\tsq_flucts\trank\n\t1,\t1\n");
  write_jsonl(jsonl, {&r, 1}, columns);
  EXPECT_EQ(jsonl.str(), "{\"bfactor_corr\":null,\"sq_flucts\":[1.0,null],\"rank\":1}\n");
}

TEST(Writers, TsvHasTwelveDigitsAndNoBreaks) {
  std::vector<Row> rows = {row("A", 1.0 / 3)};
  rows[0].header.title = "a\tb\nc";
  std::ostringstream out;
  write_tsv(out, rows,
            {find_column("rank"), find_column("fv1"), find_column("title"),
             find_column("eigenvalues"), find_column("method")});
  EXPECT_EQ(out.str(),
            "rank\tfv1\ttitle\teigenvalues\tmethod\n1\t0.333333333333\ta b c\t0.1,0.2,0.4\t\n");
}

TEST(Writers, JsonlHoldsAllColumnsAndSurvivesBadUtf8) {
  std::vector<Row> rows = {row("A", 1.0 / 3)};
  rows[0].header.title = "bad \xff byte";
  std::ostringstream out;
  write_jsonl(out, rows, {});
  EXPECT_NE(out.str().find("\"fv1\":0.333333333333,"), std::string::npos) << out.str();
  EXPECT_NE(out.str().find("\"resolution\":null"), std::string::npos);
  for (const Column& column : known_columns())
    EXPECT_NE(out.str().find("\"" + column.name + "\":"), std::string::npos) << column.name;
}

TEST(Writers, CsvHasQuotesWhereTheyAreNeeded) {
  std::vector<Row> rows = {row("A", 1.0 / 3)};
  rows[0].header.title = "5'-d(*CP*GP)-3', \"B\" form\n";
  std::ostringstream out;
  write_csv(out, rows,
            {find_column("rank"), find_column("fv1"), find_column("title"),
             find_column("eigenvalues"), find_column("method")});
  EXPECT_EQ(out.str(),
            "rank,fv1,title,eigenvalues,method\n"
            "1,0.333333333333,\"5'-d(*CP*GP)-3', \"\"B\"\" form \",\"0.1,0.2,0.4\",\n");
}

std::vector<Column> columns_of(std::initializer_list<const char*> names) {
  std::vector<Column> columns;
  for (const char* name : names) columns.push_back(find_column(name));
  return columns;
}

TEST(Writers, TheTableIsAlignedAndTitlesAreCutBetweenWords) {
  std::vector<Row> rows = {row("1ABC", 0.5), row("LONGNAME", 0.25)};
  rows[0].header.title = "h\xc3\xa9moglobine de cheval";
  const auto table = [&](int width, std::vector<std::string> left_out = {}) {
    std::ostringstream out;
    EXPECT_EQ(write_table(out, rows, columns_of({"pdb_id", "title", "fv1"}), width, false),
              left_out);
    return out.str();
  };
  const std::string whole =
      "pdb_id    title                     fv1\n"
      "1ABC      h\xc3\xa9moglobine de cheval  0.5000\n"
      "LONGNAME                         0.2500\n";
  EXPECT_EQ(table(0), whole);
  EXPECT_EQ(table(39), whole);
  EXPECT_EQ(table(36),
            "pdb_id    title                  fv1\n"
            "1ABC      h\xc3\xa9moglobine de ...  0.5000\n"
            "LONGNAME                      0.2500\n");
  EXPECT_EQ(table(35),
            "pdb_id    title                 fv1\n"
            "1ABC      h\xc3\xa9moglobine ...    0.5000\n"
            "LONGNAME                     0.2500\n");
  EXPECT_EQ(table(29, {"title"}), "pdb_id       fv1\n1ABC      0.5000\nLONGNAME  0.2500\n");
  EXPECT_EQ(table(1, {"title", "fv1"}), "pdb_id\n1ABC\nLONGNAME\n");
}

TEST(Writers, LaterModesAreLeftOutBeforeNotes) {
  const std::vector<Row> rows = {row("1ABC", 0.5)};
  std::ostringstream out;
  const std::vector<std::string> left_out =
      write_table(out, rows, columns_of({"pdb_id", "fv1", "fv2", "ev3", "notes"}), 24, false);
  EXPECT_EQ(left_out, (std::vector<std::string>{"ev3", "fv2"}));
  EXPECT_TRUE(out.str().starts_with("pdb_id     fv1  notes\n")) << out.str();
}

TEST(Writers, NumbersOfAColumnHaveOneStyle) {
  std::vector<Row> rows = {row("A", 0.5), row("B", 0.0123), row("C", 0)};
  const auto table = [&](double smallest) {
    rows[2].shares[0] = smallest;
    std::ostringstream out;
    write_table(out, rows, columns_of({"fv1"}), 0, false);
    return out.str();
  };
  EXPECT_EQ(table(0), "   fv1\n0.5000\n0.0123\n0.0000\n");
  EXPECT_EQ(table(1e-17), table(0));
  EXPECT_EQ(table(-12.25), "     fv1\n  0.5000\n  0.0123\n-12.2500\n");
  EXPECT_EQ(table(0.00042), "    fv1\n0.50000\n0.01230\n0.00042\n");
  EXPECT_EQ(table(-3.2e-7), "      fv1\n 5.00e-01\n 1.23e-02\n-3.20e-07\n");
  EXPECT_EQ(table(std::numeric_limits<double>::quiet_NaN()), "   fv1\n0.5000\n0.0123\n\n");
}

TEST(Writers, FailuresAreATable) {
  std::ostringstream out;
  write_failures(out, {{"1ABC", "x.cif", {Stage::parse, "no_nodes", "no C-alpha"}}});
  EXPECT_EQ(out.str(),
            "pdb_id\tfile\tstage\tcode\tmessage\n1ABC\tx.cif\tparse\tno_nodes\tno C-alpha\n");
}

}  // namespace
}  // namespace modesweep
