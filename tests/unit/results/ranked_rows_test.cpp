// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <sstream>

#include <modesweep/ranked_rows.hpp>
#include <modesweep/writers.hpp>

namespace modesweep {
namespace {

std::vector<Row> rows() {
  std::vector<Row> rows;
  const auto add = [&](const char* id, double share, const char* protein, double coll1) {
    Row& row = rows.emplace_back();
    row.header.id = id;
    row.header.protein = protein;
    row.shares = {share};
    row.collectivities = {coll1};
  };
  add("A", 0.25, "P1", 0.5);
  add("B", 0.75, "P1", 0.25);
  add("C", 0.5, "", 0.75);
  add("D", 0.125, "P1", 0.125);
  return rows;
}

std::string ids(const RankedRows& rows) {
  std::string text;
  rows.for_each(
      [&](const Row& row) { text += row.header.id + ":" + std::to_string(row.entries) + " "; });
  return text;
}

TEST(RankedRows, OfRowsInMemoryAreSortedThenOneOfEachProteinThenTheFirst) {
  EXPECT_EQ(ids(*rank_rows(rows(), {})), "B:1 C:1 A:1 D:1 ");
  RowOrder order;
  order.column = find_column("coll1");
  EXPECT_EQ(ids(*rank_rows(rows(), order)), "C:1 A:1 B:1 D:1 ");
  order.descending = false;
  EXPECT_EQ(ids(*rank_rows(rows(), order)), "D:1 B:1 A:1 C:1 ");
  order.unique = true;
  EXPECT_EQ(ids(*rank_rows(rows(), order)), "D:3 C:1 ");
  order.top = 1;
  const auto ranking = rank_rows(rows(), order);
  EXPECT_EQ(ids(*ranking), "D:3 ");
  EXPECT_EQ(ranking->ranked(), 4u);
  EXPECT_EQ(ranking->rows(), 2u);
  EXPECT_EQ(ranking->shown(), 1u);
}

TEST(RankedRows, ConditionsChooseBeforeProteinsAndTheFirst) {
  RowOrder order;
  order.where = *parse_condition("coll1 < 0.75 and pdb_id != 'B'");
  const auto matching = rank_rows(rows(), order);
  EXPECT_EQ(ids(*matching), "A:1 D:1 ");
  EXPECT_EQ(matching->ranked(), 4u);
  EXPECT_EQ(matching->matching(), 2u);
  order.unique = true;
  order.top = 1;
  const auto first = rank_rows(rows(), order);
  EXPECT_EQ(ids(*first), "A:2 ") << "B is the best of its protein, and does not count";
  EXPECT_EQ(first->matching(), 2u);
  EXPECT_EQ(first->rows(), 1u);
  order.where = *parse_condition("coll1 > 1");
  const auto none = rank_rows(rows(), order);
  EXPECT_EQ(ids(*none), "");
  EXPECT_EQ(none->ranked(), 4u);
  EXPECT_EQ(none->matching(), 0u);
  EXPECT_FALSE(none->dominant_protein());
}

TEST(RankedRows, OneOfEachProteinByIdentity) {
  std::vector<Row> rows = modesweep::rows();
  rows[0].sequences = {"ACDEFGHIKLMNPQRSTVWY"};
  rows[1].sequences = {"ACDEFGHIKLMNPQRSTVWW"};  // 95 %
  rows[2].sequences = {"CDEFGHIKLMNPQRSTVWW"};
  RowOrder order;
  order.unique = true;
  order.unique_identity = 95;
  const auto ranking = rank_rows(rows, order);
  EXPECT_EQ(ids(*ranking), "B:3 D:1 ") << "the best, not the longest, stands for the others";
  EXPECT_EQ(ranking->rows(), 2u);
  EXPECT_EQ(ranking->without_sequence(), 1u);
  order.unique_identity = 96;
  EXPECT_EQ(ids(*rank_rows(rows, order)), "B:2 A:1 D:1 ");
  order.unique_identity.reset();
  EXPECT_EQ(rank_rows(rows, order)->without_sequence(), 0u);
}

TEST(RankedRows, DominantIsWhoHoldsMostOfWhatIsShown) {
  RowOrder order;
  EXPECT_EQ(rank_rows(rows(), order)->dominant_protein()->rows, 3u);
  order.top = 2;
  EXPECT_FALSE(rank_rows(rows(), order)->dominant_protein());
}

TEST(RankedRows, AreWrittenWithTheirPlaces) {
  RowOrder order;
  order.top = 2;
  const auto ranking = rank_rows(rows(), order);
  const std::vector<Column> columns = {find_column("rank"), find_column("pdb_id"),
                                       find_column("fv1")};
  std::ostringstream tsv, jsonl, table;
  write_tsv(tsv, *ranking, columns);
  EXPECT_EQ(tsv.str(), "rank\tpdb_id\tfv1\n1\tB\t0.75\n2\tC\t0.5\n");
  write_jsonl(jsonl, *ranking, columns);
  EXPECT_EQ(
      jsonl.str(),
      "{\"rank\":1,\"pdb_id\":\"B\",\"fv1\":0.75}\n{\"rank\":2,\"pdb_id\":\"C\",\"fv1\":0.5}\n");
  write_table(table, *ranking, columns, 0, false);
  EXPECT_EQ(table.str(), "rank  pdb_id     fv1\n   1  B       0.7500\n   2  C       0.5000\n");
}

}  // namespace
}  // namespace modesweep
