// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <map>
#include <sstream>

#include "entry.hpp"

namespace modesweep {
namespace {

/// Labels and words, as readers of the format split them; modes by their number.
std::map<std::string, std::vector<std::string>> lines_of(const EntryModes& entry) {
  std::stringstream text;
  EXPECT_TRUE(write_nmd(text, entry));
  std::map<std::string, std::vector<std::string>> lines;
  for (std::string line; std::getline(text, line);) {
    std::istringstream words(line);
    std::string label, word;
    words >> label;
    if (label == "mode") label += (words >> word, " " + word);
    while (words >> word) lines[label].push_back(word);
  }
  return lines;
}

TEST(Nmd, HoldsTheEntryToThreeDecimals) {
  const EntryModes entry = solved(coil(12));
  auto lines = lines_of(entry);
  EXPECT_EQ(lines.size(), 7 + 5u);
  EXPECT_EQ(lines["name"], std::vector<std::string>{"1ABC"});
  ASSERT_EQ(lines["coordinates"].size(), 36u);
  for (std::size_t i = 0; i < 12; ++i) {
    const Node& node = entry.structure.nodes[i];
    EXPECT_EQ(lines["atomnames"].at(i), "CA");
    EXPECT_EQ(lines["resnames"].at(i), node.residue);
    EXPECT_EQ(lines["chainids"].at(i), "A");
    EXPECT_EQ(lines["resids"].at(i), std::to_string(node.number.value()));
    EXPECT_NEAR(std::stod(lines["bfactors"].at(i)), node.b_factor.value(), 0.00501);
    for (std::size_t axis = 0; axis < 3; ++axis)
      EXPECT_NEAR(std::stod(lines["coordinates"][3 * i + axis]), node.position[axis], 0.000501);
  }
  for (int k = 1; k <= 5; ++k) {
    const std::vector<std::string>& mode = lines["mode " + std::to_string(k)];
    ASSERT_EQ(mode.size(), 37u);
    const double scale = 1 / std::sqrt(entry.modes.eigenvalues[k - 1]);
    EXPECT_NEAR(std::stod(mode[0]), scale, 1e-5 * scale);
    for (std::size_t i = 0; i < 36; ++i)
      EXPECT_NEAR(std::stod(mode[i + 1]), mode_of(entry, k)[i], 0.000501);
  }
}

TEST(Nmd, HasAWordForEveryNodeWhateverItsNames) {
  EntryModes entry = solved(coil(6));
  entry.structure.header.id = "my file";
  entry.structure.nodes[2].chain = "";
  entry.structure.nodes[3].chain = "B 1";
  auto lines = lines_of(entry);
  EXPECT_EQ(lines["name"], std::vector<std::string>{"my_file"});
  EXPECT_EQ(lines["chainids"], (std::vector<std::string>{"A", "A", "_", "B_1", "A", "A"}));
}

TEST(Nmd, HasNoLineOfWhatTheFileDoesNotStateOfEveryResidue) {
  EntryModes entry = solved(coil(6));
  entry.structure.nodes[3].b_factor.reset();
  auto lines = lines_of(entry);
  EXPECT_FALSE(lines.contains("bfactors"));
  EXPECT_EQ(lines["resids"].size(), 6u);
  entry.structure.nodes[3].b_factor = 12;
  entry.structure.nodes[5].number.reset();
  lines = lines_of(entry);
  EXPECT_FALSE(lines.contains("resids"));
  EXPECT_EQ(lines["bfactors"].size(), 6u);
}

}  // namespace
}  // namespace modesweep
