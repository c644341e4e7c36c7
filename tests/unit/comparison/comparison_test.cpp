// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <sstream>

#include <modesweep/comparison.hpp>
#include <modesweep/network.hpp>
#include <modesweep/properties.hpp>

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

double square_length(const std::vector<double>& values) {
  return std::inner_product(values.begin(), values.end(), values.begin(), 0.0);
}

/// A step of modes 1 and 3, most of it of mode 3.
struct Moved {
  Moved() {
    for (std::size_t i = 0; i < structure.nodes.size(); ++i)
      for (std::size_t x = 0; x < 3; ++x)
        structure.nodes[i].position[x] +=
            1e-3 * from.mode(2)[3 * i + x] + 5e-4 * from.mode(0)[3 * i + x];
  }
  EntryModes from = solved(coil(40));
  Structure structure = coil(40);
};

TEST(StepOfResidues, TakesTheStepApart) {
  const Moved moved;
  const EntryModes to = solved(turned(moved.structure));
  const StepOfResidues step = step_of_residues(moved.from, to).value();
  const Comparison whole = compare_modes(moved.from, to).value();
  ASSERT_EQ(step.displacement.size(), 40u);
  ASSERT_EQ(step.mode_displacements.size(), 20u);
  for (std::size_t i = 0; i < 40; ++i) {
    const Vec3 &a = coil(40).nodes[i].position, &b = moved.structure.nodes[i].position;
    EXPECT_NEAR(step.displacement[i], std::hypot(b[0] - a[0], b[1] - a[1], b[2] - a[2]), 1e-6);
    EXPECT_NEAR(step.step[3 * i + 1], b[1] - a[1], 1e-6) << "in the frame of the first";
    EXPECT_NEAR(step.held_displacement[i], step.displacement[i], 1e-6);
  }
  // Over all residues each mode has what its overlap holds.
  const double all = square_length(step.displacement);
  for (std::size_t k = 0; k < 20; ++k)
    EXPECT_NEAR(square_length(step.mode_displacements[k]) / all,
                std::pow(whole.first_deformation[k], 2), 1e-12);
  EXPECT_NEAR(square_length(step.mode_displacements[0]) / all, 0.2, 1e-3);
  EXPECT_EQ(step.morph_modes, 3u);
  EXPECT_NEAR(step.morph_part, 1, 1e-4);
  for (std::size_t i = 0; i < step.step.size(); ++i) EXPECT_NEAR(step.morph[i], step.step[i], 1e-5);
  EXPECT_EQ(step.first_fluctuations,
            square_fluctuations(moved.from.modes.eigenvalues, moved.from.modes.eigenvectors));
}

TEST(StepOfResidues, IsOfWhatIsMatched) {
  Structure part = turned(coil(40));
  part.nodes.erase(part.nodes.begin(), part.nodes.begin() + 10);
  const StepOfResidues step = step_of_residues(solved(coil(40)), solved(part)).value();
  ASSERT_EQ(step.displacement.size(), 30u);
  EXPECT_EQ(step.first_nodes.front().number, 11);
  const EntryModes whole = solved(coil(40));
  EXPECT_EQ(step.first_fluctuations[0],
            square_fluctuations(whole.modes.eigenvalues, whole.modes.eigenvectors)[10]);
  EXPECT_TRUE(step.mode_displacements.empty()) << "there is no step";
  std::ostringstream morph, lines;
  EXPECT_EQ(write_morph(morph, step, 5).error(), "there is no morph: COIL and COIL do not differ");
  EXPECT_EQ(morph.str(), "");
  write_comparison_lines(lines, step, LineFormat::tsv);
  EXPECT_NE(lines.str().find("\tsq_fluct_b\theld\nCOIL\tCOIL\tA\t11\t\t"), std::string::npos)
      << lines.str();
}

TEST(StepOfResidues, MorphsFromTheFirstOn) {
  Moved moved;
  for (Node& node : moved.structure.nodes) node.b_factor = 7;
  StepOfResidues step = step_of_residues(moved.from, solved(moved.structure)).value();
  for (double& x : step.morph) x *= 1e3;  // so that three decimals show it
  std::ostringstream out;
  ASSERT_TRUE(write_morph(out, step, 5));
  std::istringstream lines(out.str());
  std::vector<double> x;  // of the second residue
  int models = 0;
  for (std::string line; std::getline(lines, line);) {
    models += line.starts_with("MODEL ");
    if (line.starts_with("ATOM      2 ")) x.push_back(std::stod(line.substr(30, 8)));
  }
  EXPECT_EQ(models, 5);
  ASSERT_EQ(x.size(), 5u);
  for (std::size_t k = 0; k < 5; ++k)
    EXPECT_NEAR(x[k], step.first_nodes[1].position[0] + static_cast<double>(k) / 4 * step.morph[3],
                6e-4);
  EXPECT_NE(out.str().find("REMARK 999 ALONG MODES 1 TO 3 OF COIL: 100.0 % OF THE STEP\n"),
            std::string::npos);
  EXPECT_NE(out.str().find("CONECT    1    2\n"), std::string::npos);
  step.first_nodes[0].number = 123456;
  std::ostringstream none;
  EXPECT_FALSE(write_morph(none, step, 5));
  EXPECT_EQ(none.str(), "");
}

Structure named(Structure structure, const std::string& name) {
  structure.header.id = name;
  return structure;
}

TEST(ComparisonMatrix, OfTheSameResiduesIsEachTwoCompared) {
  Structure bent = coil(40);
  for (Node& node : bent.nodes) node.position[2] *= 1.05;
  const std::vector<EntryModes> entries = {solved(named(coil(40), "one")),
                                           solved(named(turned(Moved().structure), "two")),
                                           solved(named(bent, "three"))};
  const ComparisonMatrix matrix = compare_all(entries).value();
  EXPECT_EQ(matrix.names, (std::vector<std::string>{"one", "two", "three"}));
  EXPECT_EQ(matrix.common, 40u);
  ASSERT_EQ(matrix.pairs.size(), 3u);
  for (const auto& [i, j] : {std::pair(0, 1), std::pair(0, 2), std::pair(1, 2)}) {
    const auto first = static_cast<std::size_t>(i), second = static_cast<std::size_t>(j);
    const PairComparison& pair = matrix.pair(second, first);
    EXPECT_EQ(pair.first, first);
    EXPECT_EQ(pair.second, second);
    const Comparison two = compare_modes(entries[first], entries[second]).value();
    EXPECT_NEAR(pair.rmsd, two.rmsd, 1e-12);
    EXPECT_NEAR(pair.rmsip10.value(), two.rmsip10.value(), 1e-12);
    EXPECT_NEAR(pair.rmsip, two.rmsip, 1e-12);
    EXPECT_NEAR(pair.overlap, two.overlaps[0][0], 1e-12);
    EXPECT_NEAR(pair.first_deformation.value(), two.first_deformation[0], 1e-9);
    EXPECT_NEAR(pair.first_cumulative.value(), two.first_cumulative[9], 1e-9);
    EXPECT_NEAR(pair.second_deformation.value(), two.second_deformation[0], 1e-9);
    EXPECT_NEAR(pair.second_cumulative.value(), two.second_cumulative[9], 1e-9);
    EXPECT_EQ(pair.identity, 1);
  }
}

TEST(ComparisonMatrix, IsOverWhatAllHave) {
  Structure start = coil(40), end = turned(coil(40)), other = coil(40);
  start.nodes.resize(30);
  end.nodes.erase(end.nodes.begin(), end.nodes.begin() + 15);
  end.nodes[0].residue = "TRP";
  for (Node& node : other.nodes) node.residue = "TRP";
  const ComparisonMatrix matrix =
      compare_all({solved(named(coil(40), "one")), solved(named(start, "start")),
                   solved(named(other, "other")), solved(named(end, "end"))})
          .value();
  EXPECT_EQ(matrix.names, (std::vector<std::string>{"one", "start", "end"}));
  EXPECT_EQ(matrix.residues, (std::vector<std::size_t>{40, 30, 25}));
  EXPECT_EQ(matrix.matched, (std::vector<std::size_t>{40, 30, 25}));
  EXPECT_EQ(matrix.common, 15u);
  ASSERT_EQ(matrix.left_out.size(), 1u);
  EXPECT_EQ(matrix.left_out[0].first, "other");
  EXPECT_EQ(matrix.pair(0, 1).identity, 1);
  EXPECT_NEAR(matrix.pair(1, 2).identity, 14. / 15, 1e-12);
  EXPECT_NEAR(matrix.pair(1, 2).rmsd, 0, 1e-9);
  EXPECT_FALSE(matrix.pair(1, 2).first_deformation);
  EXPECT_FALSE(compare_all({solved(coil(40)), solved(other)}));

  std::ostringstream table, csv;
  write_comparison_table(table, matrix);
  EXPECT_NE(table.str().find("below), over the 15 residues that all have\n"), std::string::npos)
      << table.str();
  EXPECT_TRUE(table.str().starts_with("one does not differ from the others: there is no step"));
  write_comparison_lines(csv, matrix, LineFormat::csv);
  EXPECT_TRUE(
      csv.str().starts_with("first,second,common,identity,rmsd,rmsip10,rmsip,overlap,"
                            "deformation_a,cumulative_a,deformation_b,cumulative_b\n"
                            "one,start,15,1,"))
      << csv.str();
}

/// Of two structures whose modes are known.
Comparison made(std::vector<double> from_a, std::vector<double> from_b) {
  Comparison made;
  made.first = "4AKE_A";
  made.second = "1AKE_A";
  made.first_deformation = std::move(from_a);
  made.second_deformation = std::move(from_b);
  double sum = 0;
  for (const double overlap : made.first_deformation)
    made.first_cumulative.push_back(std::sqrt(sum += overlap * overlap));
  return made;
}

TEST(ComparisonSentence, SaysWhatModesHold) {
  std::vector<double> twelve = {0.786, 0.5};
  twelve.resize(12, 0.08);
  EXPECT_EQ(
      comparison_sentence(made(twelve, {0.529})),
      "Mode 1 of 4AKE_A holds 62 % of the step from 4AKE_A to 1AKE_A (overlap 0.786; the first "
      "ten 0.959); from 1AKE_A mode 1 holds 28 %.");
  EXPECT_EQ(
      comparison_sentence(made({0.2, 0.01, 0.3}, {0.02})),
      "Mode 1 of 4AKE_A holds 4.0 % of the step from 4AKE_A to 1AKE_A (overlap 0.200; the first "
      "3 0.361); from 1AKE_A mode 1 holds less than 0.1 %. Of 4AKE_A's single modes 3 holds "
      "most: 9.0 %.");
  EXPECT_EQ(comparison_sentence(made({1}, {0.3149})),
            "Mode 1 of 4AKE_A holds 100 % of the step from 4AKE_A to 1AKE_A (overlap 1.000); from "
            "1AKE_A mode 1 holds 9.9 %.");
  EXPECT_EQ(comparison_sentence(made({}, {})),
            "4AKE_A and 1AKE_A do not differ: there is no step that modes could hold.");
}

TEST(ComparisonTable, SaysWhatIsCut) {
  const Moved moved;
  const Comparison comparison = compare_modes(moved.from, solved(moved.structure)).value();
  std::ostringstream cut, whole;
  write_comparison_table(cut, comparison);
  write_comparison_table(whole, comparison, true);
  EXPECT_NE(cut.str().find("\n  (the first 10 of 20 modes)\n"), std::string::npos);
  EXPECT_EQ(cut.str().find("\n    11  "), std::string::npos) << cut.str();
  EXPECT_EQ(whole.str().find("(the first"), std::string::npos);
  EXPECT_NE(whole.str().find("\n    20  "), std::string::npos);
  EXPECT_NE(cut.str().find("  chain A 1-40 with chain A 1-40: 40 residues, 100.0 % identical, by "
                           "number\n"),
            std::string::npos)
      << cut.str();
}

TEST(ComparisonTable, MatricesHaveTheColumnsThatFit) {
  const Moved moved;
  const Comparison comparison = compare_modes(moved.from, solved(moved.structure)).value();
  const auto table = [&](bool all, std::size_t width) {
    std::ostringstream out;
    write_comparison_table(out, comparison, all, width);
    return out.str();
  };
  EXPECT_NE(table(false, 60).find("       5       6\n     1  "), std::string::npos);
  EXPECT_NE(table(false, 60).find("  (no room for modes of B after 6)\n"), std::string::npos);
  EXPECT_NE(table(true, 61).find("  (no room for modes of B after 6)\n"), std::string::npos);
  EXPECT_EQ(table(false, 86), table(false, 0));
  EXPECT_NE(table(false, 1).find("  (no room for modes of B after 1)\n"), std::string::npos);
}

TEST(ComparisonLines, CommasAndQuotesAreQuoted) {
  Comparison comparison = compare_modes(solved(coil(40), 2), solved(coil(40), 2)).value();
  comparison.first = "one, \"two\"\n";
  std::ostringstream csv;
  write_comparison_lines(csv, comparison, LineFormat::csv);
  EXPECT_NE(csv.str().find("\n\"one, \"\"two\"\" \",COIL,40,1,"), std::string::npos) << csv.str();
  EXPECT_TRUE(csv.str().ends_with("1\"\n")) << "the list of overlaps\n" << csv.str();
}

TEST(Comparison, FewerModesThanTen) {
  const auto comparison = compare_modes(solved(coil(40), 5), solved(coil(40), 7));
  ASSERT_TRUE(comparison);
  EXPECT_EQ(comparison->common_modes(), 5u);
  EXPECT_FALSE(comparison->rmsip10);
  EXPECT_EQ(comparison->overlaps.size(), 5u);
  EXPECT_EQ(comparison->overlaps[0].size(), 7u);
  std::ostringstream tsv, table;
  write_comparison_lines(tsv, *comparison, LineFormat::tsv);
  const std::string text = tsv.str();
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 1 + 5);
  EXPECT_TRUE(text.starts_with("first\tsecond\tmatched\tidentity\trmsd\trmsip10\trmsip\tmode\t"));
  write_comparison_table(table, *comparison);
  EXPECT_NE(table.str().find("RMSIP             1.0000 of 5 modes\n"), std::string::npos)
      << table.str();
}

}  // namespace
}  // namespace modesweep
