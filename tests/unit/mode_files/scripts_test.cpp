// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <sstream>
#include <utility>

#include "entry.hpp"

namespace modesweep {
namespace {

using Lines = std::vector<std::string>;
using Writer = Written (*)(std::ostream&, const EntryModes&, const Motion&);

Lines lines_of(Writer write, const EntryModes& entry, const Motion& motion = {}) {
  std::stringstream out;
  const Written outcome = write(out, entry, motion);
  EXPECT_TRUE(outcome) << outcome.error();
  Lines lines;
  for (std::string line; std::getline(out, line);) lines.push_back(line);
  return lines;
}

std::string failure(Writer write, const EntryModes& entry, const Motion& motion = {}) {
  std::ostringstream out;
  const Written outcome = write(out, entry, motion);
  EXPECT_FALSE(outcome);
  EXPECT_TRUE(out.str().empty());
  return outcome ? "" : outcome.error();
}

Lines beginning_with(const Lines& lines, const std::string& start) {
  Lines found;
  for (const std::string& line : lines)
    if (line.starts_with(start)) found.push_back(line);
  return found;
}

bool has(const Lines& lines, const std::string& line) {
  return std::find(lines.begin(), lines.end(), line) != lines.end();
}

std::vector<double> numbers_in(std::string text) {
  std::replace_if(
      text.begin(), text.end(), [](char c) { return c == ',' || c == '(' || c == ')'; }, ' ');
  std::istringstream words(text);
  std::vector<double> numbers;
  for (double x; words >> x;) numbers.push_back(x);
  return numbers;
}

EntryModes example(int nodes = 12) {
  EntryModes entry = solved(coil(nodes));
  entry.core = {{2, 3, 4, 6, 7, 9}, 0, nodes, false};
  entry.hinges = {{4, 10}};
  return entry;
}

/// Tail and tip of the arrow of each node along a mode, as either script is to have it; without
/// those shorter than 0.4.
std::vector<std::vector<double>> expected_arrows(const EntryModes& entry, int mode,
                                                 double amplitude) {
  std::vector<std::vector<double>> arrows;
  const std::size_t n = entry.structure.nodes.size();
  for (std::size_t i = 0; i < n; ++i) {
    const Vec3& at = entry.structure.nodes[i].position;
    std::vector<double> arrow(at.begin(), at.end());
    double squared = 0;
    for (std::size_t axis = 0; axis < 3; ++axis) {
      const double step =
          amplitude * std::sqrt(static_cast<double>(n)) * mode_of(entry, mode)[3 * i + axis];
      arrow.push_back(at[axis] + step);
      squared += step * step;
    }
    if (std::sqrt(squared) >= 0.4) arrows.push_back(arrow);
  }
  return arrows;
}

void expect_arrows(const Lines& written, std::size_t first_character,
                   const std::vector<std::vector<double>>& expected) {
  ASSERT_EQ(written.size(), expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    std::string numbers = written[i].substr(first_character);
    if (const std::size_t to = numbers.find(" toPoint"); to != std::string::npos)
      numbers.erase(to, 8);
    const std::vector<double> arrow = numbers_in(numbers);
    ASSERT_EQ(arrow.size(), 6u) << written[i];
    for (std::size_t k = 0; k < 6; ++k) EXPECT_NEAR(arrow[k], expected[i][k], 0.000501);
  }
}

TEST(Scripts, SayWhatTheyDraw) {
  for (const Writer write : {write_pml, write_cxc}) {
    const Lines lines = lines_of(write, example(), {{2}, 1.5});
    EXPECT_EQ(lines.at(0), "# 1ABC: 12 residues, ANM with a cutoff of 15 A, by modesweep");
    EXPECT_EQ(lines.at(1),
              "# Arrows end at the mode's first extreme, 1.5 A RMSD from the structure. Those "
              "shorter than 0.4 A are left out.");
    EXPECT_TRUE(lines.at(2).starts_with("# Mode 2, eigenvalue ")) << lines[2];
    EXPECT_TRUE(lines.at(2).ends_with(" arrows, color d55e00")) << lines[2];
    EXPECT_EQ(lines.at(3), "# Core and its linkers: 6 of 12, color 0072b2, loose ends bbbbbb");
    EXPECT_EQ(lines.at(4), "# Hinges, of the slowest mode of a GNM: 2, color f0e442");
  }
}

TEST(Scripts, SayThatThereIsNoCore) {
  EntryModes entry = example();
  entry.core = {{2, 3}, 0, 12, true};
  for (const Writer write : {write_pml, write_cxc})
    EXPECT_TRUE(has(lines_of(write, entry),
                    "# There is no core to speak of: all residues have color bbbbbb"));
  EXPECT_TRUE(beginning_with(lines_of(write_pml, entry), "select 1ABC_core, 1ABC_core").empty());
}

TEST(Scripts, RefuseWhatHasNoDirections) {
  EntryModes entry = example();
  entry.model.network.model = ElasticModel::gnm;
  for (const Writer write : {write_pml, write_cxc}) {
    EXPECT_EQ(failure(write, entry), "a GNM's modes have no directions to move along");
    EXPECT_EQ(failure(write, example(), {{1, 6}, 2}), "there is no mode 6 among 5");
  }
}

/// A script runs with the rights of whoever opens it.
TEST(Scripts, RunNothingOfWhatAFileSays) {
  EntryModes entry = example();
  entry.structure.header.id = "a\";quit\n\\";
  entry.structure.nodes[1].residue = "\";q";
  entry.structure.nodes[2].atom = "#\\";
  entry.structure.nodes[3].chain = "long\"\nsystem; exit $`";
  entry.structure.nodes[4].chain = "\"";
  entry.structure.nodes[5].chain = ";";
  for (const Writer write : {write_pml, write_cxc})
    for (const std::string& line : lines_of(write, entry)) {
      EXPECT_EQ(line.find_first_of(";`$"), std::string::npos) << line;
      EXPECT_FALSE(line.ends_with('\\')) << line;
      for (const char* start : {"quit", "system", "exit"})
        EXPECT_FALSE(line.starts_with(start)) << line;
      if (!line.starts_with("/modesweep_lines.append(\"")) continue;
      EXPECT_EQ(std::count(line.begin(), line.end(), '"'), 2) << line;
      EXPECT_EQ(line.find('\\'), std::string::npos) << line;
      EXPECT_TRUE(line.ends_with("\")")) << line;
    }
  EXPECT_TRUE(has(lines_of(write_pml, entry), "orient a__quit___ca"));
}

TEST(Pml, HoldsTheStructure) {
  const Lines lines = lines_of(write_pml, example());
  const Lines pdb = beginning_with(lines, "/modesweep_lines.append(");
  ASSERT_EQ(pdb.size(), 12 + 12 + 1u);
  EXPECT_EQ(pdb[1],
            "/modesweep_lines.append(\"ATOM      2  CA  MSE A  -1      -0.286   2.281  -5.750  "
            "1.00 10.37           C\")");
  EXPECT_EQ(pdb[12], "/modesweep_lines.append(\"CONECT    1    2\")");
  EXPECT_EQ(pdb[24], "/modesweep_lines.append(\"END\")");
  EXPECT_TRUE(has(lines, "/cmd.read_pdbstr(\"\\n\".join(modesweep_lines), \"1ABC_ca\")"));
}

TEST(Pml, HasAnArrowForEachResidueThatMovesAndMode) {
  const EntryModes entry = example(30);
  const Lines lines = lines_of(write_pml, entry, {{3, 1}, 1});
  std::map<std::string, Lines> arrows;  // by the line that draws them
  Lines open;
  const std::string append = "/modesweep_mode.append(";
  for (const std::string& line : lines) {
    if (line == "/modesweep_mode = []") open.clear();
    if (line.starts_with(append)) open.push_back(line);
    if (line.starts_with("/modesweep_arrows(")) arrows[line] = std::exchange(open, {});
  }
  ASSERT_EQ(arrows.size(), 2u);
  const auto expected = expected_arrows(entry, 1, 1);
  EXPECT_LT(expected.size(), 30u) << "none is short in this example";
  expect_arrows(arrows.at("/modesweep_arrows(\"1ABC_mode1\", modesweep_mode, \"009e73\", 0.55)"),
                append.size(), expected);
  expect_arrows(arrows.at("/modesweep_arrows(\"1ABC_mode3\", modesweep_mode, \"d55e00\", 0.55)"),
                append.size(), expected_arrows(entry, 3, 1));
}

TEST(Pml, SelectsCoreAndHinges) {
  const Lines lines = lines_of(write_pml, example());
  EXPECT_EQ(
      beginning_with(lines, "select "),
      (Lines{"select 1ABC_core, none", "select 1ABC_core, 1ABC_core or (1ABC_ca and id 3-5+7-8+10)",
             "select 1ABC_hinges, none",
             "select 1ABC_hinges, 1ABC_hinges or (1ABC_ca and id 5+11)"}));
}

TEST(Pml, SelectsManyPiecesInLinesThatPyMolCanRead) {
  EntryModes entry;
  entry.structure.nodes = coil(400);
  entry.structure.header.id = "1ABC";
  entry.modes.eigenvalues = {1};
  entry.modes.eigenvectors.assign(1200, 0.0);
  entry.core.whole = 400;
  for (std::int32_t i = 0; i < 400; i += 2) entry.core.nodes.push_back(i);
  const Lines selections =
      beginning_with(lines_of(write_pml, entry), "select 1ABC_core, 1ABC_core");
  EXPECT_EQ(selections.size(), 4u);
  for (const std::string& line : selections) EXPECT_LT(line.size(), 1000u);
}

TEST(Pml, RefusesWhatPdbFormatCannotHold) {
  EntryModes entry = example();
  entry.structure.nodes[4].number = 10000;
  EXPECT_NE(failure(write_pml, entry).find("a number of five characters (cxc has no such limit)"),
            std::string::npos);
  lines_of(write_cxc, entry);
}

TEST(Cxc, HasMarkersAndLinksOfTheTrace) {
  const Lines lines = lines_of(write_cxc, example());
  const Lines markers = beginning_with(lines, "marker #900 position ");
  ASSERT_EQ(markers.size(), 12u);
  EXPECT_EQ(markers[0], "marker #900 position 2.300,0.000,-7.250 radius 0.4 color #bbbbbb");
  EXPECT_TRUE(markers[2].ends_with(" radius 0.4 color #0072b2")) << markers[2];
  EXPECT_TRUE(markers[4].ends_with(" radius 1.1 color #f0e442")) << markers[4];
  EXPECT_TRUE(markers[10].ends_with(" radius 1.1 color #f0e442")) << markers[10];
  const Lines links = beginning_with(lines, "marker link ");
  ASSERT_EQ(links.size(), 11u);
  EXPECT_EQ(links[0], "marker link #900:1,2 radius 0.4 color #bbbbbb");
  EXPECT_EQ(links[4], "marker link #900:5,6 radius 0.4 color #0072b2");
}

TEST(Cxc, HasAConeForEachResidueThatMovesAndMode) {
  const EntryModes entry = example(30);
  const Lines lines = lines_of(write_cxc, entry, {{3, 1}, 1});
  const std::string start = "shape cone radius 0.55 fromPoint ";
  std::map<std::string, Lines> cones;  // by model
  for (const std::string& line : beginning_with(lines, start)) {
    const std::string tail = line.substr(line.find(" color "));
    const std::string model = tail.substr(tail.find('#', 10), 4);
    EXPECT_EQ(tail, " color #" + std::string(model == "#901" ? "d55e00" : "009e73") +
                        " divisions 12 modelId " + model + "." +
                        std::to_string(cones[model].size() + 1));
    cones[model].push_back(line.substr(0, line.find(" color ")));
  }
  ASSERT_EQ(cones.size(), 2u);
  expect_arrows(cones.at("#901"), start.size(), expected_arrows(entry, 3, 1));
  expect_arrows(cones.at("#902"), start.size(), expected_arrows(entry, 1, 1));
  EXPECT_TRUE(has(lines, "rename #902 1ABC_mode1"));
}

}  // namespace
}  // namespace modesweep
