// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <sstream>

#include <modesweep/comparison.hpp>
#include <modesweep/network.hpp>

#include "solver/cpu_solvers.hpp"

namespace modesweep {
namespace {

/// A compact coil with modes of its own, in chain A.
Structure coil(int residues) {
  Structure structure;
  structure.header.id = "COIL";
  for (int i = 0; i < residues; ++i) {
    Node node;
    node.position = {6 * std::cos(0.6 * i), 6 * std::sin(0.6 * i), 0.7 * i + std::sin(3.7 * i)};
    node.chain = "A";
    node.residue = i % 3 ? "ALA" : "LEU";
    node.atom = "CA";
    node.number = i + 1;
    structure.nodes.push_back(node);
  }
  return structure;
}

EntryModes solved(const Structure& structure, int modes = 20) {
  std::vector<Vec3> positions;
  for (const Node& node : structure.nodes) positions.push_back(node.position);
  const Network network = build_network(positions, {}).value();
  Model model;
  model.modes = modes;
  return {structure, "", model, {}, make_lapack_solver()->solve({&network, 1}, {modes})[0].value()};
}

/// About z by a right angle, and away.
Structure turned(Structure structure) {
  for (Node& node : structure.nodes)
    node.position = {-node.position[1] + 30, node.position[0] - 7, node.position[2] + 100};
  return structure;
}

TEST(Comparison, TurningChangesNothing) {
  const Structure structure = coil(40);
  const auto comparison = compare_modes(solved(structure), solved(turned(structure)));
  ASSERT_TRUE(comparison) << comparison.error();
  EXPECT_EQ(comparison->matched, 40u);
  EXPECT_EQ(comparison->identity, 1);
  EXPECT_NEAR(comparison->rmsd, 0, 1e-9);
  for (std::size_t i = 0; i < 20; ++i)
    for (std::size_t j = 0; j < 20; ++j)
      EXPECT_NEAR(comparison->overlaps[i][j], i == j, 1e-6) << i << ' ' << j;
  EXPECT_NEAR(comparison->rmsip10.value(), 1, 1e-9);
  EXPECT_NEAR(comparison->rmsip, 1, 1e-9);
  EXPECT_TRUE(comparison->first_deformation.empty());  // there is no step
}

TEST(Comparison, AStepAlongAModeIsFoundInBothFrames) {
  const Structure structure = coil(40);
  const EntryModes modes = solved(structure);
  Structure moved = structure;
  for (std::size_t i = 0; i < moved.nodes.size(); ++i)
    for (std::size_t x = 0; x < 3; ++x)
      moved.nodes[i].position[x] += 1e-3 * modes.mode(2)[3 * i + x];
  const auto comparison = compare_modes(modes, solved(turned(moved)));
  ASSERT_TRUE(comparison);
  EXPECT_NEAR(comparison->rmsd, 1e-3 / std::sqrt(40), 1e-7);
  for (std::size_t k = 0; k < 20; ++k) {
    EXPECT_NEAR(comparison->first_deformation[k], k == 2, 1e-3) << k;
    EXPECT_NEAR(comparison->second_deformation[k], k == 2, 1e-2) << k;
    EXPECT_NEAR(comparison->first_cumulative[k], k >= 2, 1e-3) << k;
  }
}

TEST(Comparison, PartsOfModesSpanASpace) {
  const Structure structure = coil(40);
  Structure part = structure;
  part.nodes.resize(30);
  const auto comparison = compare_modes(solved(structure), solved(part));
  ASSERT_TRUE(comparison) << comparison.error();
  EXPECT_EQ(comparison->first_nodes, 40u);
  EXPECT_EQ(comparison->matched, 30u);
  EXPECT_LE(comparison->rmsip, 1 + 1e-12);
  EXPECT_GT(comparison->rmsip, 0.5);
  // Columns are cosines: no space of 20 unit vectors can be asked for more.
  for (const auto& line : comparison->overlaps)
    for (const double overlap : line) EXPECT_LE(overlap, 1 + 1e-12);
}

TEST(Comparison, AModeOfAnotherPieceHasNoPart) {
  Structure both = coil(30);
  for (Node node : coil(30).nodes) {
    node.chain = "B";
    node.residue = "TRP";
    node.position[0] += 500;
    both.nodes.push_back(node);
  }
  const auto comparison = compare_modes(solved(both), solved(coil(30)));
  ASSERT_TRUE(comparison);
  EXPECT_EQ(comparison->matched, 30u);
  // Equal eigenvalues may have been mixed; the spaces are the same for all that.
  EXPECT_LE(comparison->rmsip, 1 + 1e-12);
  for (const auto& line : comparison->overlaps)
    for (const double overlap : line) EXPECT_TRUE(std::isfinite(overlap));
}

TEST(Comparison, FewerModesThanTen) {
  const auto comparison = compare_modes(solved(coil(40), 5), solved(coil(40), 7));
  ASSERT_TRUE(comparison);
  EXPECT_EQ(comparison->common_modes(), 5u);
  EXPECT_FALSE(comparison->rmsip10);
  EXPECT_EQ(comparison->overlaps.size(), 5u);
  EXPECT_EQ(comparison->overlaps[0].size(), 7u);
  std::ostringstream tsv, table;
  write_comparison_tsv(tsv, *comparison);
  const std::string text = tsv.str();
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 1 + 5);
  EXPECT_TRUE(text.starts_with("first\tsecond\tmatched\tidentity\trmsd\trmsip10\trmsip\tmode\t"));
  write_comparison_table(table, *comparison);
  EXPECT_NE(table.str().find("RMSIP             1.0000 of 5 modes\n"), std::string::npos)
      << table.str();
}

}  // namespace
}  // namespace modesweep
