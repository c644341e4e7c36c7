// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <sstream>

#include "entry.hpp"

namespace modesweep {
namespace {

Animation loop(int mode, double amplitude, int frames) { return {{{mode}, amplitude}, frames}; }

struct File {
  std::vector<std::string> remarks;
  std::vector<std::vector<std::string>> models;  ///< lines of each
  std::vector<std::string> bonds;                ///< after all of them
  std::string text;
};

File written(const EntryModes& entry, const Animation& animation) {
  std::stringstream out;
  const Written outcome = write_pdb_animation(out, entry, animation);
  EXPECT_TRUE(outcome) << outcome.error();
  File result;
  result.text = out.str();
  bool open = false, ended = false;
  for (std::string line; std::getline(out, line);) {
    EXPECT_FALSE(ended) << line;
    if (line.starts_with("REMARK")) {
      result.remarks.push_back(line);
    } else if (line.starts_with("MODEL ")) {
      EXPECT_FALSE(open);
      open = true;
      EXPECT_TRUE(result.bonds.empty());
      result.models.emplace_back();
      EXPECT_EQ(std::stoul(line.substr(10, 4)), result.models.size());
    } else if (line == "ENDMDL") {
      open = false;
    } else if (line.starts_with("CONECT")) {
      EXPECT_FALSE(open);
      result.bonds.push_back(line);
    } else if (line == "END") {
      EXPECT_FALSE(open);
      ended = true;
    } else {
      EXPECT_TRUE(open) << line;
      result.models.back().push_back(line);
    }
  }
  EXPECT_TRUE(ended);
  return result;
}

double coordinate(const std::string& line, std::size_t axis) {
  return std::stod(line.substr(30 + 8 * axis, 8));
}

std::string failure(const EntryModes& entry, const Animation& animation = {}) {
  std::ostringstream out;
  const Written outcome = write_pdb_animation(out, entry, animation);
  EXPECT_FALSE(outcome);
  EXPECT_TRUE(out.str().empty());
  return outcome ? "" : outcome.error();
}

bool mentions(const std::string& text, const char* words) {
  return text.find(words) != std::string::npos;
}

TEST(PdbAnimation, LoopsThroughTheExtremesAtTheAmplitude) {
  const EntryModes entry = solved(coil(12));
  const File file = written(entry, loop(2, 1.5, 8));
  ASSERT_EQ(file.models.size(), 8u);
  const double root = std::sqrt(0.5);
  const std::vector<double> expected = {0, root, 1, root, 0, -root, -1, -root};
  for (std::size_t frame = 0; frame < 8; ++frame) {
    ASSERT_EQ(file.models[frame].size(), 12u);
    double squared = 0;
    for (std::size_t i = 0; i < 12; ++i)
      for (std::size_t axis = 0; axis < 3; ++axis) {
        const double moved =
            coordinate(file.models[frame][i], axis) - entry.structure.nodes[i].position[axis];
        EXPECT_NEAR(moved,
                    expected[frame] * 1.5 * std::sqrt(12.0) * mode_of(entry, 2)[3 * i + axis],
                    0.000501);
        squared += moved * moved;
      }
    EXPECT_NEAR(std::sqrt(squared / 12), 1.5 * std::abs(expected[frame]), 0.001);
  }
  EXPECT_NE(file.remarks.at(0).find("MODE 2 OF 1ABC"), std::string::npos);
  EXPECT_NE(file.remarks.at(1).find("MODELS 3 AND 7"), std::string::npos);
}

TEST(PdbAnimation, LoopsThroughOneModeAfterTheOther) {
  const EntryModes entry = solved(coil(12));
  const File both = written(entry, {{{3, 1}, 1.5}, 8});
  ASSERT_EQ(both.models.size(), 16u);
  const std::vector<std::vector<std::string>> third = written(entry, loop(3, 1.5, 8)).models,
                                              first = written(entry, loop(1, 1.5, 8)).models;
  for (std::size_t frame = 0; frame < 8; ++frame) {
    EXPECT_EQ(both.models[frame], third[frame]);
    EXPECT_EQ(both.models[8 + frame], first[frame]);
  }
  ASSERT_EQ(both.remarks.size(), 4u);
  EXPECT_TRUE(mentions(both.remarks[0], "MODE 3 OF 1ABC"));
  EXPECT_TRUE(mentions(both.remarks[1], "MODELS 3 AND 7"));
  EXPECT_TRUE(mentions(both.remarks[2], "MODE 1 OF 1ABC"));
  EXPECT_TRUE(mentions(both.remarks[3], "MODELS 11 AND 15"));
  EXPECT_TRUE(mentions(failure(entry, {{{1, 2}, 1}, 5000}), "10000 models are more than 9,999"));
}

TEST(PdbAnimation, JoinsNeighboursInAChain) {
  std::vector<Node> nodes = coil(9);
  for (int i : {6, 7, 8}) nodes[i].chain = "B";
  for (int i : {3, 4, 5}) nodes[i].position[0] += 2;  // as if a residue were missing before them
  const File file = written(solved(std::move(nodes)), loop(1, 1, 4));
  EXPECT_EQ(file.bonds, (std::vector<std::string>{
                            "CONECT    1    2", "CONECT    2    1    3", "CONECT    3    2",
                            "CONECT    4    5", "CONECT    5    4    6", "CONECT    6    5",
                            "CONECT    7    8", "CONECT    8    7    9", "CONECT    9    8"}));
}

TEST(PdbAnimation, HasDisplacementsInTheColumnOfBFactorsWhereAskedFor) {
  const EntryModes entry = solved(coil(12));
  const File file = written(entry, {{{1, 2}, 1.5}, 4, BColumn::displacement});
  EXPECT_TRUE(mentions(file.text, "REMARK 999 B COLUMN: DISPLACEMENT AT THE EXTREMES"));
  for (int mode : {1, 2}) {
    const std::size_t first = 4 * (mode - 1);
    for (std::size_t i = 0; i < 12; ++i) {
      double squared = 0;
      for (std::size_t axis = 0; axis < 3; ++axis)
        squared += std::pow(
            coordinate(file.models[first + 1][i], axis) - coordinate(file.models[first][i], axis),
            2);
      for (std::size_t frame = 0; frame < 4; ++frame)
        EXPECT_NEAR(std::stod(file.models[first + frame][i].substr(60, 6)), std::sqrt(squared),
                    0.007);
    }
  }
  EXPECT_FALSE(mentions(written(entry, loop(1, 1, 4)).text, "B COLUMN"));
}

TEST(PdbAnimation, HasTheColumnsOfTheFormat) {
  EntryModes entry = solved(coil(6));
  entry.structure.nodes[1].insertion = 'C';
  entry.structure.nodes[2].b_factor = 4321;
  entry.structure.nodes[3].chain = "B";
  entry.structure.nodes[4].chain = "B";
  entry.structure.nodes[4].atom = "C4'";
  entry.structure.nodes[5].chain = "";
  const std::vector<std::string> lines = written(entry, loop(1, 1, 4)).models.at(0);
  ASSERT_EQ(lines.size(), 8u);
  EXPECT_EQ(lines[0],
            "ATOM      1  CA  ALA A  -2       2.300   0.000  -7.250  1.00 10.00           C");
  EXPECT_EQ(lines[1].substr(0, 30), "ATOM      2  CA  MSE A  -1C   ");
  EXPECT_EQ(lines[2].substr(54), "  1.00999.99           C");
  EXPECT_EQ(lines[3], "TER");
  EXPECT_EQ(lines[4].substr(0, 30), "ATOM      4  CA  MSE B   1    ");
  EXPECT_EQ(lines[5].substr(0, 30), "ATOM      5  C4' ALA B   2    ");
  EXPECT_EQ(lines[6], "TER");
  EXPECT_EQ(lines[7].substr(0, 30), "ATOM      6  CA  MSE     3    ");
}

TEST(PdbAnimation, LeavesBFactorsThatAreNotStatedBlank) {
  EntryModes entry = solved(coil(6));
  entry.structure.nodes[2].b_factor.reset();
  const std::vector<std::string> lines = written(entry, loop(1, 1, 4)).models.at(0);
  EXPECT_EQ(lines[1].substr(54), "  1.00 10.37           C");
  EXPECT_EQ(lines[2].substr(54), "  1.00                 C");
}

TEST(PdbAnimation, CountsTheChainOfAResidueWithoutANumber) {
  EntryModes entry = solved(coil(6));
  std::vector<Node>& nodes = entry.structure.nodes;
  for (int i : {2, 3, 4}) nodes[i].chain = "";
  nodes[3].number.reset();
  nodes[4].insertion = 'B';
  const File file = written(entry, loop(1, 1, 4));
  std::string numbers;
  for (const std::string& line : file.models[0])
    if (line != "TER") numbers += line.substr(21, 6);
  EXPECT_EQ(numbers, "A  -2 A  -1     1     2     3 A   3 ");
  EXPECT_NE(file.text.find("REMARK 999 CHAIN (BLANK) IS COUNTED FROM 1"), std::string::npos);
  EXPECT_EQ(file.text.find("REMARK 999 CHAIN A IS COUNTED"), std::string::npos);
}

TEST(PdbAnimation, EndsACopyOfAChainThatHasItsName) {
  EntryModes entry = solved(coil(8));
  for (std::size_t i = 0; i < 8; ++i) entry.structure.nodes[i].number = static_cast<int>(i % 4);
  const std::vector<std::string> lines = written(entry, loop(1, 1, 4)).models.at(0);
  ASSERT_EQ(lines.size(), 9u);
  EXPECT_EQ(lines[4], "TER");
}

TEST(PdbAnimation, SaysWhichLetterStandsForALongChainName) {
  EntryModes entry = solved(coil(8));
  for (int i : {2, 3}) entry.structure.nodes[i].chain = "AB";
  for (int i : {4, 5}) entry.structure.nodes[i].chain = "B";
  for (int i : {6, 7}) entry.structure.nodes[i].chain = "A-2";
  const File file = written(entry, loop(1, 1, 4));
  std::string letters;
  for (const std::string& line : file.models[0])
    if (line != "TER") letters += line[21];
  EXPECT_EQ(letters, "AACCBBDD");
  EXPECT_NE(file.text.find("REMARK 999 CHAIN AB IS WRITTEN AS C\n"), std::string::npos);
  EXPECT_NE(file.text.find("REMARK 999 CHAIN A-2 IS WRITTEN AS D\n"), std::string::npos);
}

TEST(PdbAnimation, RefusesWhatTheFormatCannotHold) {
  const EntryModes good = solved(coil(10));
  EXPECT_EQ(failure(good, loop(6, 1, 4)), "there is no mode 6 among 5");
  EXPECT_EQ(failure(good, loop(0, 1, 4)), "there is no mode 0 among 5");
  EXPECT_TRUE(mentions(failure(good, loop(1, 5000, 4)), "too far from the origin"));

  EntryModes entry = good;
  entry.structure.nodes[4].number = 10000;
  EXPECT_TRUE(mentions(failure(entry), "a number of five characters"));
  entry = good;
  entry.structure.nodes[4].number = -1000;
  EXPECT_TRUE(mentions(failure(entry), "a number of five characters"));
  entry = good;
  entry.structure.nodes[4].residue = "A1B2C";
  EXPECT_TRUE(mentions(failure(entry), "residue A1B2C 2 of chain A"));
  entry = good;
  entry.structure.nodes[4].position[1] = -999.5;
  EXPECT_TRUE(mentions(failure(entry), "too far from the origin"));

  EntryModes many = solved(coil(63), 1);
  for (std::size_t i = 0; i < 63; ++i) many.structure.nodes[i].chain = "C" + std::to_string(i);
  EXPECT_TRUE(mentions(failure(many, loop(1, 0.1, 4)), "more than 62 chains"));
  many.structure.nodes[62].chain = "C0";
  written(many, loop(1, 0.1, 4));
}

TEST(PdbAnimation, RefusesMoreAtomsThanTheFormatNumbers) {
  EntryModes entry;
  entry.structure.nodes.assign(100000, coil(1)[0]);
  entry.modes.eigenvalues = {1};
  entry.modes.eigenvectors.assign(300000, 0.0);
  EXPECT_TRUE(mentions(failure(entry), "100000 atoms"));
}

}  // namespace
}  // namespace modesweep
