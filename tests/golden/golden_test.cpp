// SPDX-License-Identifier: MIT
// The library against what ProDy itself said about real files: one case a row of the tables.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <set>
#include <span>
#include <string>
#include <vector>

#include <modesweep/modes.hpp>
#include <modesweep/network.hpp>
#include <modesweep/properties.hpp>
#include <modesweep/structure.hpp>

#include "golden/golden_table.hpp"
#include "solver/cpu_solvers.hpp"

namespace modesweep {
namespace {

using GoldenRow = golden::Row;

/// The large rows by LAPACK take minutes and are a program of their own; all others, and the large
/// ones by the shift-invert solver, are quick.
constexpr bool large_rows = GOLDEN_LARGE;

constexpr int most_residues_quick = 250;
bool is_large(const GoldenRow& row) { return row.number("residues") > most_residues_quick; }

// A dense Hessian of more residues than this takes gigabytes and tens of minutes.
constexpr int most_residues_lapack = 2000;

std::vector<GoldenRow> rows_of_this_program() {
  std::vector<GoldenRow> rows;
  for (const char* table : {"prody.tsv", "prody_variants.tsv"})
    for (const GoldenRow& row : golden::read_table(table))
      if (!large_rows || (is_large(row) && row.number("residues") <= most_residues_lapack))
        rows.push_back(row);
  return rows;
}

void expect_same_modes(const Network& network, const ModeSolver& solver, const GoldenRow& row) {
  SCOPED_TRACE(std::string(solver.name()));
  const ModeRequest request{std::atoi(row.at("modes").c_str())};
  const std::vector<Outcome<Modes>> outcomes = solver.solve({&network, 1}, request);
  ASSERT_EQ(outcomes.size(), 1u);
  ASSERT_TRUE(outcomes[0]) << outcomes[0].error().message;
  const Modes& modes = *outcomes[0];
  golden::Numbers numbers;
  numbers.zero_modes = modes.zero_modes;
  numbers.eigenvalues = modes.eigenvalues;
  numbers.shares = fractional_variances(modes.eigenvalues);
  const auto width = static_cast<std::size_t>(network.degrees_of_freedom());
  for (std::size_t i = 0; i < std::min<std::size_t>(3, modes.eigenvalues.size()); ++i)
    numbers.collectivities.push_back(
        collectivity(std::span(modes.eigenvectors).subspan(i * width, width)));
  golden::expect_same(numbers, row);
}

class Golden : public testing::TestWithParam<GoldenRow> {};

TEST_P(Golden, AgreesWithProDy) {
  const GoldenRow& row = GetParam();
  if (const std::string why = row.missing(); !why.empty()) GTEST_SKIP() << why;

  ReadOptions options;
  options.nodes = row.node_rule();
  const Outcome<Structure> structure = read_structure(row.path(), options);
  if (row.at("status") == "no_ca") {
    ASSERT_FALSE(structure) << structure->nodes.size() << " nodes, where ProDy selects none";
    EXPECT_EQ(structure.error().code, "no_nodes");
    return;
  }
  ASSERT_TRUE(structure) << structure.error().message;
  EXPECT_EQ(std::to_string(structure->nodes.size()), row.at("residues"));

  std::vector<Vec3> positions;
  for (const Node& node : structure->nodes) positions.push_back(node.position);
  const Outcome<Network> network =
      build_network(positions, {row.number("cutoff"), row.number("gamma")});
  if (row.at("status") == "error: array must not contain infs or NaNs") {
    ASSERT_FALSE(network);
    EXPECT_EQ(network.error().code, "coincident_nodes");
    return;
  }
  ASSERT_EQ(row.at("status"), "ok") << "this test does not know what to expect";
  ASSERT_TRUE(network) << network.error().message;
  if (large_rows || !is_large(row)) expect_same_modes(*network, *make_lapack_solver(), row);
  if (large_rows) return;
  expect_same_modes(*network, *make_shift_invert_solver(), row);
  // All eigenpairs by Eigen take long; the small entries show that it is the same problem.
  if (network->nodes() <= 120) expect_same_modes(*network, *make_eigen_solver(), row);
}

INSTANTIATE_TEST_SUITE_P(File, Golden, testing::ValuesIn(rows_of_this_program()),
                         [](const auto& test) { return golden::case_name(test.param); });

TEST(GoldenTables, HaveEnoughFiles) {
  std::set<std::string> files;
  for (const GoldenRow& row : golden::read_table("prody.tsv"))
    if (row.at("status") == "ok" && row.number("fv1") > 0) files.insert(row.at("sha256"));
  EXPECT_GE(files.size(), 150u);
}

}  // namespace
}  // namespace modesweep
