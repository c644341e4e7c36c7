// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <array>
#include <string_view>

#include <modesweep/comparison.hpp>

namespace modesweep {
namespace {

std::string name_of(char letter) {
  constexpr std::string_view letters = "ACDEFGHIKLMNPQRSTVWY";
  constexpr std::array names = {"ALA", "CYS", "ASP", "GLU", "PHE", "GLY", "HIS",
                                "ILE", "LYS", "LEU", "MET", "ASN", "PRO", "GLN",
                                "ARG", "SER", "THR", "VAL", "TRP", "TYR"};
  const std::size_t place = letters.find(letter);
  return place == std::string_view::npos ? "UNK" : names[place];
}

/// A chain of these one-letter residues, numbered from `first`; `-` leaves a number out.
void add_chain(std::vector<Node>& nodes, const std::string& name, std::string_view letters,
               int first = 1) {
  for (std::size_t i = 0; i < letters.size(); ++i)
    if (letters[i] != '-')
      nodes.push_back({{}, 0, name, name_of(letters[i]), "CA", first + static_cast<int>(i), ' '});
}

std::vector<Node> chain(std::string_view letters, int first = 1) {
  std::vector<Node> nodes;
  add_chain(nodes, "A", letters, first);
  return nodes;
}

using Places = std::vector<std::size_t>;

constexpr const char* protein = "MKWVTFISLLFLFSSAYSRGVFRRDAHKSEVAHRFKDLGE";

Places range(std::size_t begin, std::size_t end) {
  Places places;
  for (; begin < end; ++begin) places.push_back(begin);
  return places;
}

TEST(NodeMatch, LeavesOutWhatOneLacks) {
  const std::string whole = protein;
  // A loop and both ends are not seen in the second, whose numbers are others.
  const std::string part = whole.substr(3, 12) + "-----" + whole.substr(20, 15);
  const auto match = match_nodes(chain(whole), chain(part, 101));
  ASSERT_TRUE(match) << match.error();
  Places first = range(3, 15);
  for (const std::size_t place : range(20, 35)) first.push_back(place);
  EXPECT_EQ(match->first, first);
  EXPECT_EQ(match->second, range(0, 27));
  EXPECT_EQ(match->identical, 27u);
  const auto back = match_nodes(chain(part, 101), chain(whole));
  ASSERT_TRUE(back) << back.error();
  EXPECT_EQ(back->first, range(0, 27));
  EXPECT_EQ(back->second, first);
}

TEST(NodeMatch, ModifiedResiduesAreTheirParents) {
  std::vector<Node> modified = chain(protein);
  modified[0].residue = "MSE";
  modified[7].residue = "SEP";
  const auto match = match_nodes(chain(protein), modified);
  ASSERT_TRUE(match);
  EXPECT_EQ(match->identical, 40u);
  modified[8].residue = "TRP";
  EXPECT_EQ(match_nodes(chain(protein), modified)->identical, 39u);
}

TEST(NodeMatch, KnowsTheNamesOfForceFields) {
  std::vector<Node> simulated = chain(protein);
  simulated[0].residue = "NMET";
  simulated[24].residue = "ASPH";
  simulated[26].residue = "HIE";
  simulated[27].residue = "LYN";
  simulated[32].residue = "HSP";
  simulated[39].residue = "CGLU";
  const auto match = match_nodes(chain(protein), simulated);
  ASSERT_TRUE(match);
  EXPECT_EQ(match->first, range(0, 40));
  EXPECT_EQ(match->identical, 40u);
}

TEST(NodeMatch, CopiesWithoutANameAreChainsOfTheirOwn) {
  std::vector<Node> named, nameless;
  add_chain(named, "A", protein);
  add_chain(named, "B", protein);
  add_chain(nameless, "", protein);
  add_chain(nameless, "", protein);
  for (const auto& match : {match_nodes(named, nameless), match_nodes(nameless, named),
                            match_nodes(nameless, nameless)}) {
    ASSERT_TRUE(match) << match.error();
    EXPECT_EQ(match->first, range(0, 80));
    EXPECT_EQ(match->second, range(0, 80));
    EXPECT_EQ(match->identical, 80u);
  }
}

/// As one text, to be read at a glance.
std::string listed(const NodeMatch& match) {
  std::string text;
  for (const MatchedPiece& piece : match.pieces)
    text += piece.first + ' ' + piece.first_range + " = " + piece.second + ' ' +
            piece.second_range + ", " + std::to_string(piece.identical) + " of " +
            std::to_string(piece.residues) + (piece.by_numbers ? " by number\n" : " by sequence\n");
  return text;
}

TEST(NodeMatch, ListsItsPieces) {
  std::vector<Node> first, second;
  add_chain(first, "A", protein);
  add_chain(first, "", protein, 101);
  add_chain(first, "", protein, 101);
  first[3].insertion = 'B';
  add_chain(second, "", std::string(protein).substr(3), 104);
  second[5].residue = "GLY";
  add_chain(second, "C", protein, 301);
  const auto match = match_nodes(first, second);
  ASSERT_TRUE(match) << match.error();
  EXPECT_EQ(listed(*match),
            "A 1-40 = C 301-340, 40 of 40 by sequence\n"
            "_ 104-140 = _ 104-140, 36 of 37 by number\n");
  const auto copies = match_nodes(first, first);
  ASSERT_TRUE(copies);
  EXPECT_EQ(listed(*copies),
            "A 1-40 = A 1-40, 40 of 40 by number\n"
            "_ 101-140 = _ 101-140, 40 of 40 by number\n"
            "_-2 101-140 = _-2 101-140, 40 of 40 by number\n");
  std::size_t residues = 0;
  for (const MatchedPiece& piece : copies->pieces) residues += piece.residues;
  EXPECT_EQ(residues, copies->first.size());

  std::vector<Node> end(first.begin(), first.begin() + 4);
  EXPECT_EQ(listed(match_nodes(end, end).value()), "A 1-4B = A 1-4B, 4 of 4 by number\n");
  for (Node& node : end) node.number.reset();
  EXPECT_EQ(listed(match_nodes(end, end).value()), "A  = A , 4 of 4 by sequence\n");
}

TEST(NodeMatch, WithoutNumbersGoesBySequence) {
  std::vector<Node> unnumbered = chain(std::string(protein).substr(5));
  for (Node& node : unnumbered) node.number.reset();
  const auto match = match_nodes(chain(protein), unnumbered);
  ASSERT_TRUE(match) << match.error();
  EXPECT_EQ(match->first, range(5, 40));
  EXPECT_EQ(match->second, range(0, 35));
  const auto same = match_nodes(unnumbered, unnumbered);
  ASSERT_TRUE(same) << same.error();
  EXPECT_EQ(same->first, range(0, 35));
}

TEST(NodeMatch, UnknownResiduesLeaveTheOthersInTheirPlaces) {
  const std::string part = "WT-GGCVQX";
  std::vector<Node> unnumbered = chain(part);
  for (Node& node : unnumbered) node.number.reset();
  const auto match = match_nodes(chain("WTMGGCVQX"), unnumbered);
  ASSERT_TRUE(match) << match.error();
  EXPECT_EQ(match->first, (Places{0, 1, 3, 4, 5, 6, 7, 8}));
  EXPECT_EQ(match->second, range(0, 8));
}

TEST(NodeMatch, PairsChainsBySequenceThenByName) {
  constexpr const char* other = "GSHMASMTGGQQMGRGSEFELRRQACGRTRAPPPPPLRSG";
  std::vector<Node> first, second;
  add_chain(first, "A", protein);
  add_chain(first, "B", protein);
  add_chain(first, "C", other);
  add_chain(second, "C", other);
  add_chain(second, "B", protein);
  add_chain(second, "D", protein);
  const auto match = match_nodes(first, second);
  ASSERT_TRUE(match);
  // A, which has no namesake, takes what B and C leave.
  EXPECT_EQ(match->first, range(0, 120));
  Places expected = range(80, 120);
  for (const std::size_t place : range(40, 80)) expected.push_back(place);
  for (const std::size_t place : range(0, 40)) expected.push_back(place);
  EXPECT_EQ(match->second, expected);

  std::vector<Node> swapped;
  add_chain(swapped, "B", protein);
  add_chain(swapped, "A", protein);
  const auto by_name = match_nodes(chain(protein), swapped);
  ASSERT_TRUE(by_name);
  EXPECT_EQ(by_name->second, range(40, 80));
}

TEST(NodeMatch, RefusesWhatIsNotAlike) {
  const auto match = match_nodes(chain(protein), chain(std::string(40, 'P')));
  ASSERT_FALSE(match);
  EXPECT_EQ(match.error(),
            "no chain of one is like a chain of the other: less than 30 % of the residues are "
            "identical");
  EXPECT_FALSE(match_nodes(chain("MK"), chain("MK")));
  std::vector<Node> nucleic = chain(protein);
  for (Node& node : nucleic) node.atom = "P";
  EXPECT_FALSE(match_nodes(nucleic, nucleic));
}

}  // namespace
}  // namespace modesweep
