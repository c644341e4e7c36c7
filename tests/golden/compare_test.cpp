// SPDX-License-Identifier: MIT
// Two structures of one protein: overlaps, RMSIP and the step between them against ProDy's.
#include <gtest/gtest.h>

#include <cmath>
#include <sstream>

#include <modesweep/comparison.hpp>
#include <modesweep/network.hpp>

#include "golden/golden_table.hpp"
#include "solver/cpu_solvers.hpp"

namespace modesweep {
namespace {

constexpr double tolerance = 1e-6;

/// Package, file, hash and chain of one of the two.
golden::Row side(const golden::Row& row, bool second) {
  const std::string suffix = second ? "2" : "";
  golden::Row result;
  for (const char* column : {"package", "file", "chain"}) result[column] = row.at(column + suffix);
  result["sha256"] = row.at(second ? "sha256_2" : "sha256");
  return result;
}

EntryModes modes_of(const golden::Row& side) {
  Model model;
  if (!side.at("chain").empty()) model.read.chains = {side.at("chain")};
  Structure structure = read_structure(side.path(), model.read).value();
  std::vector<Vec3> positions;
  for (const Node& node : structure.nodes) positions.push_back(node.position);
  const Network network = build_network(std::move(positions), {}).value();
  Modes modes = make_shift_invert_solver()->solve({&network, 1}, {})[0].value();
  return {std::move(structure), "", model, {}, std::move(modes)};
}

void expect_near(const std::vector<double>& ours, const golden::Row& row,
                 const std::string& column) {
  std::istringstream words(row.at(column));
  std::size_t i = 0;
  for (std::string word; std::getline(words, word, ','); ++i)
    EXPECT_NEAR(ours.at(i), std::stod(word), tolerance) << column << ' ' << i + 1;
  EXPECT_EQ(i, ours.size()) << column;
}

class GoldenComparison : public testing::TestWithParam<golden::Row> {};

TEST_P(GoldenComparison, AgreesWithProDy) {
  const golden::Row& row = GetParam();
  const golden::Row first = side(row, false), second = side(row, true);
  for (const golden::Row& one : {first, second})
    if (const std::string why = one.missing(); !why.empty()) GTEST_SKIP() << why;
  const auto comparison = compare_modes(modes_of(first), modes_of(second));
  ASSERT_TRUE(comparison) << comparison.error();
  EXPECT_EQ(comparison->first_nodes, row.number("residues"));
  EXPECT_EQ(comparison->second_nodes, row.number("residues2"));
  ASSERT_EQ(comparison->matched, row.number("matched"));
  EXPECT_NEAR(comparison->identity * row.number("matched"), row.number("identical"), tolerance);
  EXPECT_NEAR(comparison->rmsd, row.number("rmsd"), tolerance);
  EXPECT_NEAR(comparison->rmsip10.value(), row.number("rmsip10"), tolerance);
  EXPECT_NEAR(comparison->rmsip, row.number("rmsip20"), tolerance);
  expect_near(comparison->first_deformation, row, "deformation");
  expect_near(comparison->first_cumulative, row, "cumulative");
  expect_near(comparison->second_deformation, row, "deformation2");
  expect_near(comparison->second_cumulative, row, "cumulative2");
  std::vector<double> overlaps;
  constexpr std::size_t recorded = 6;
  for (std::size_t i = 0; i < recorded; ++i)
    overlaps.insert(overlaps.end(), comparison->overlaps[i].begin(),
                    comparison->overlaps[i].begin() + recorded);
  expect_near(overlaps, row, "overlaps");
}

std::vector<golden::Row> rows() {
  std::vector<golden::Row> rows = golden::read_table("prody_compare.tsv");
  for (golden::Row& row : rows)  // what a row's label looks at
    for (const auto& [column, usual] : {std::pair("nodes", "prody"), std::pair("cutoff", "15"),
                                        std::pair("gamma", "1"), std::pair("modes", "20")})
      row[column] = usual;
  return rows;
}

INSTANTIATE_TEST_SUITE_P(Pair, GoldenComparison, testing::ValuesIn(rows()), [](const auto& test) {
  std::string name = test.param.at("file") + test.param.at("chain") + "_" + test.param.at("file2") +
                     test.param.at("chain2");
  for (char& c : name)
    if (!std::isalnum(static_cast<unsigned char>(c))) c = '_';
  return name;
});

}  // namespace
}  // namespace modesweep
