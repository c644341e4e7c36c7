// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <modesweep/ranking.hpp>

namespace modesweep {
namespace {

std::vector<Row> rows_of(const std::vector<std::string>& proteins) {
  std::vector<Row> rows;
  for (const std::string& protein : proteins) {
    Row& row = rows.emplace_back();
    row.header.id = std::to_string(rows.size());
    row.header.protein = protein;
  }
  return rows;
}

TEST(Unique, TheFirstOfEachProteinCountsTheOthers) {
  std::vector<Row> rows = rows_of({"P1", "", "P2", "P1", "", "P1,P2", "P1"});
  keep_best_of_each_protein(rows);
  std::string kept;
  for (const Row& row : rows) kept += row.header.id + ":" + std::to_string(row.entries) + " ";
  EXPECT_EQ(kept, "1:3 2:1 3:1 5:1 6:1 ");
}

TEST(Unique, MoreThanHalfIsDominant) {
  const auto dominant = [](const std::vector<std::string>& proteins) {
    const auto most = dominant_protein(rows_of(proteins));
    return most ? most->protein + ":" + std::to_string(most->rows) : "none";
  };
  EXPECT_EQ(dominant({"P1", "P2", "P1"}), "P1:2");
  EXPECT_EQ(dominant({"P1", "P2", "P1", "P2"}), "none");
  EXPECT_EQ(dominant({"P1"}), "none");  // one row is no repetition
  EXPECT_EQ(dominant({"", "", ""}), "none");
  EXPECT_EQ(dominant({}), "none");
}

}  // namespace
}  // namespace modesweep
