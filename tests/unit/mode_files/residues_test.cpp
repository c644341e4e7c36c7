// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include <modesweep/properties.hpp>

#include "entry.hpp"
#include "support/table.hpp"

namespace modesweep {
namespace {

std::vector<std::vector<std::string>> table(const EntryModes& entry, bool with_header) {
  std::stringstream text;
  write_residues_tsv(text, entry, with_header);
  std::vector<std::vector<std::string>> rows;
  for (std::string line; std::getline(text, line);)
    rows.push_back(test_support::split_fields(line));
  return rows;
}

EntryModes example() {
  EntryModes entry = solved(coil(12));
  entry.structure.nodes[3].insertion = 'B';
  entry.structure.nodes[4].chain = "";
  return entry;
}

TEST(Residues, TsvHasALineForEachNode) {
  const EntryModes entry = example();
  const auto rows = table(entry, true);
  ASSERT_EQ(rows.size(), 13u);
  EXPECT_EQ(rows[0], (std::vector<std::string>{"entry", "chain", "residue_number", "insertion_code",
                                               "residue_name", "atom_name", "b_factor", "sq_fluct",
                                               "displacement1", "displacement2", "displacement3",
                                               "degenerate_modes"}));
  const std::vector<double> fluctuations =
      square_fluctuations(entry.modes.eigenvalues, entry.modes.eigenvectors);
  for (std::size_t i = 0; i < 12; ++i) {
    const std::vector<std::string>& row = rows[i + 1];
    EXPECT_EQ(row.at(0), "1ABC");
    EXPECT_EQ(row.at(1), i == 4 ? "" : "A");
    EXPECT_EQ(row.at(2), std::to_string(static_cast<int>(i) - 2));
    EXPECT_EQ(row.at(3), i == 3 ? "B" : "");
    EXPECT_EQ(row.at(4), i % 2 == 0 ? "ALA" : "MSE");
    EXPECT_NEAR(std::stod(row.at(6)), entry.structure.nodes[i].b_factor.value(), 1e-10);
    EXPECT_NEAR(std::stod(row.at(7)) / fluctuations[i], 1, 1e-11);
    for (int k = 1; k <= 3; ++k) {
      const double* u = &mode_of(entry, k)[3 * i];
      EXPECT_NEAR(std::stod(row.at(static_cast<std::size_t>(7 + k))),
                  std::sqrt(u[0] * u[0] + u[1] * u[1] + u[2] * u[2]), 1e-12);
    }
    EXPECT_EQ(row.at(11), "");
  }
  EXPECT_EQ(table(entry, false).size(), 12u);
}

TEST(Residues, JsonlHasTheSameColumns) {
  EntryModes entry = example();
  entry.modes.eigenvalues = {0.1, 0.1, 0.2, 0.3, 0.4};
  std::stringstream text;
  write_residues_jsonl(text, entry);
  std::size_t i = 0;
  for (std::string line; std::getline(text, line); ++i) {
    const auto row = nlohmann::json::parse(line);
    EXPECT_EQ(row.size(), 12u);
    EXPECT_EQ(row["residue_number"], static_cast<int>(i) - 2);
    EXPECT_EQ(row["chain"].is_null(), i == 4);
    EXPECT_EQ(row["insertion_code"].is_null(), i != 3);
    EXPECT_TRUE(row["sq_fluct"].is_number_float());
    EXPECT_EQ(row["degenerate_modes"], "1-2");
  }
  EXPECT_EQ(i, 12u);
}

TEST(Residues, ModesThatAreNotThereAreLeftEmpty) {
  const EntryModes entry = solved(coil(12), 2);
  for (const auto& row : table(entry, false)) {
    EXPECT_NE(row.at(9), "");
    EXPECT_EQ(row.at(10), "");
  }
}

TEST(Residues, WhatTheFileDoesNotStateIsLeftEmpty) {
  EntryModes entry = solved(coil(12));
  entry.structure.nodes[4].b_factor.reset();
  entry.structure.nodes[7].number.reset();
  const auto rows = table(entry, false);
  std::stringstream text;
  write_residues_jsonl(text, entry);
  for (std::size_t i = 0; i < 12; ++i) {
    EXPECT_EQ(rows[i].at(6).empty(), i == 4);
    EXPECT_EQ(rows[i].at(2).empty(), i == 7);
    std::string line;
    std::getline(text, line);
    const auto row = nlohmann::json::parse(line);
    EXPECT_EQ(row.at("b_factor").is_null(), i == 4);
    EXPECT_EQ(row.at("residue_number").is_null(), i == 7);
  }
}

TEST(Residues, HelpNamesEveryColumn) {
  const auto rows = table(example(), true);
  for (const std::string& name : rows.at(0))
    EXPECT_NE(residue_column_help().find("\n  " + name + " "), std::string::npos) << name;
}

}  // namespace
}  // namespace modesweep
