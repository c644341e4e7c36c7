// SPDX-License-Identifier: MIT
// Our readers against gemmi's on every real file at hand.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <iterator>
#include <set>
#include <sstream>
#include <tuple>

#include "gemmi_oracle.hpp"
#include "reader_comparison.hpp"
#include "structure/plain_text.hpp"
#include "structure/residue_names.hpp"
#include "structure/text_format.hpp"
#include "support/data_files.hpp"
#include "support/structure_text.hpp"

namespace modesweep {
namespace {

using reader_comparison::difference;

/// Real files: all of them, or each tenth and all mmCIF files.
std::vector<std::filesystem::path> real_files() {
  std::vector<std::filesystem::path> files = test_support::real_structure_files();
  if (REAL_FILES_ALL) return files;
  std::vector<std::filesystem::path> some;
  for (std::size_t i = 0; i < files.size(); ++i)
    if (i % 10 == 0 || files[i].string().find(".cif") != std::string::npos)
      some.push_back(files[i]);
  return some;
}

/// gemmi keeps B factors as floats, and makes up those that are not there.
void round_b_factors(Structure& structure) {
  for (Node& node : structure.nodes)
    if (node.b_factor) node.b_factor = static_cast<float>(*node.b_factor);
}

/// gemmi looks for columns of short lines in what it read before.
std::string with_whole_lines(const std::string& text) {
  if (text_format(text) == TextFormat::mmcif) return text;
  constexpr std::size_t columns = 80;
  std::istringstream lines(text);
  std::string padded, line;
  while (std::getline(lines, line)) {
    if (line.size() < columns) line.resize(columns, ' ');
    padded += line + "\n";
  }
  return padded;
}

using Place = std::tuple<Vec3, std::string, std::string>;

std::multiset<Place> places_of(const Structure& structure) {
  std::multiset<Place> places;
  for (const Node& node : structure.nodes) places.emplace(node.position, node.chain, node.residue);
  return places;
}

/// By the rule `polymer` gemmi guesses chain by chain what is a polymer. It takes no amino acid
/// that ours does not take.
void expect_at_least(const Structure& ours, const Structure& oracle,
                     const std::filesystem::path& file) {
  const std::multiset<Place> taken = places_of(ours), by_gemmi = places_of(oracle);
  std::vector<Place> left_out;
  std::set_difference(by_gemmi.begin(), by_gemmi.end(), taken.begin(), taken.end(),
                      std::back_inserter(left_out));
  for (const auto& [position, chain, residue] : left_out)
    EXPECT_FALSE(is_amino_acid(residue)) << file << ": " << residue << " of chain " << chain;
  if (taken != by_gemmi)
    std::printf("polymer: %zu residues, gemmi's guess %zu: %s\n", taken.size(), by_gemmi.size(),
                file.filename().c_str());
}

TEST(ReadersAgree, OnRealFiles) {
  int compared = 0;
  for (const std::filesystem::path& file : real_files()) {
    Outcome<std::string> text = read_decompressed(file);
    if (!text) continue;
    text = with_whole_lines(plain_text(*std::move(text)).text);
    if (!text_format(*text)) continue;
    ++compared;
    for (const ReadOptions& options :
         {ReadOptions{NodeRule::prody, {}}, ReadOptions{NodeRule::prody_app, {}},
          ReadOptions{NodeRule::polymer, {}}, ReadOptions{NodeRule::prody, 2}}) {
      Outcome<Structure> ours = read_structure(*text, file, options);
      Outcome<Structure> oracle = read_with_gemmi(*text, file, options);
      if (options.nodes == NodeRule::polymer) {
        if (ours && oracle) expect_at_least(*ours, *oracle, file);
        EXPECT_TRUE(ours || !oracle) << file;
        continue;
      }
      ASSERT_EQ(ours.has_value(), oracle.has_value())
          << file << (ours ? oracle.error().message : ours.error().message);
      if (!ours) continue;
      round_b_factors(*ours);
      round_b_factors(*oracle);
      EXPECT_EQ(difference(*ours, *oracle), "") << file << " by rule " << to_string(options.nodes);
    }
    Structure our_header, oracle_header;
    our_header.header = read_header(file).value();
    oracle_header.header = read_header_with_gemmi(*text, file).value();
    EXPECT_EQ(difference(our_header, oracle_header), "") << file;
  }
  std::printf("%d real files compared\n", compared);
  ASSERT_GT(compared, 10);
}

/// Both formats of the atoms.
void expect_same(const std::vector<test_support::Atom>& atoms) {
  for (const std::string& text : {test_support::mmcif_text(atoms), test_support::pdb_text(atoms)})
    for (const NodeRule rule : {NodeRule::prody, NodeRule::prody_app}) {
      const Outcome<Structure> ours = read_structure(text, "made", {rule, {}});
      const Outcome<Structure> oracle = read_with_gemmi(text, "made", {rule, {}});
      ASSERT_TRUE(ours && oracle) << text;
      EXPECT_EQ(difference(*ours, *oracle), "") << text;
    }
}

TEST(ReadersAgree, OnChainsThatComeBack) {
  std::vector<test_support::Atom> atoms = test_support::helix(12);
  for (test_support::Atom& atom : test_support::helix(5, "B", 20)) atoms.push_back(atom);
  for (test_support::Atom& atom : test_support::helix(5, "A", 40)) atoms.push_back(atom);
  expect_same(atoms);
}

TEST(ReadersAgree, OnNumbersThatGrowAtTheEndOfALine) {
  std::vector<test_support::Atom> atoms;
  for (int model = 1; model <= 12; ++model)
    for (test_support::Atom atom : test_support::helix(3)) {
      atom.model = model;
      atoms.push_back(atom);
    }
  expect_same(atoms);
}

/// What gemmi sorts stays where it stands: nodes are in the order of the file, as ProDy has them.
TEST(ReadersDisagree, OnResiduesWhoseRowsAreApart) {
  std::vector<test_support::Atom> atoms = test_support::helix(12);
  test_support::Atom again = atoms[2];  // once more, after the others
  again.x = "7.000";
  atoms.push_back(again);
  for (const std::string& text : {test_support::mmcif_text(atoms), test_support::pdb_text(atoms)}) {
    const Outcome<Structure> ours = read_structure(text, "made", {});
    ASSERT_TRUE(ours) << ours.error().message;
    ASSERT_EQ(ours->nodes.size(), 13u);
    EXPECT_EQ(ours->nodes[12].position[0], 7.0);
    EXPECT_EQ(read_with_gemmi(text, "made", {})->nodes[3].position[0], 7.0);
  }
}

}  // namespace
}  // namespace modesweep
