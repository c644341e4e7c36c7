// SPDX-License-Identifier: MIT
// The quick readers against gemmi's on every real file at hand.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>

#include "reader_comparison.hpp"
#include "support/data_files.hpp"
#include "support/structure_text.hpp"

namespace modesweep {
namespace {

using reader_comparison::compare;
using reader_comparison::difference;
using reader_comparison::Verdict;

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

TEST(ReadersAgree, OnRealFiles) {
  const std::vector<std::filesystem::path> files = real_files();
  int compared = 0, quick = 0;
  for (const std::filesystem::path& file : files) {
    const Outcome<std::string> text = read_maybe_gzipped(file);
    if (!text || not_a_structure(*text)) continue;
    ++compared;
    bool taken = false;
    for (const ReadOptions& options :
         {ReadOptions{NodeRule::prody, {}}, ReadOptions{NodeRule::prody_app, {}},
          ReadOptions{NodeRule::polymer, {}}, ReadOptions{NodeRule::prody, 2}}) {
      const Verdict verdict = compare(*text, file, options);
      EXPECT_EQ(verdict.problem, "") << file << " by rule " << to_string(options.nodes);
      taken |= verdict.quick;
    }
    quick += taken;
    if (is_mmcif_text(*text)) {
      const std::optional<Header> header = read_mmcif_header(*text, file);
      ASSERT_TRUE(header) << file;
      Structure quick_header, oracle;
      quick_header.header = *header;
      oracle.header = read_header_with_gemmi(*text, file).value();
      EXPECT_EQ(difference(quick_header, oracle), "") << file;
    }
    if (!taken) std::printf("left to gemmi: %s\n", file.c_str());
  }
  std::printf("%d real files compared, %d of them read without gemmi\n", compared, quick);
  ASSERT_GT(compared, 10);
  EXPECT_GT(quick, compared / 2);
}

/// Both formats of the atoms, by all rules that have a quick reader.
void expect_quick_and_same(const std::vector<test_support::Atom>& atoms) {
  for (const std::string& text : {test_support::mmcif_text(atoms), test_support::pdb_text(atoms)})
    for (const NodeRule rule : {NodeRule::prody, NodeRule::prody_app}) {
      const Verdict verdict = compare(text, "made", {rule, {}});
      EXPECT_TRUE(verdict.quick) << text;
      EXPECT_EQ(verdict.problem, "") << text;
    }
}

TEST(ReadersAgree, OnResiduesWhoseRowsAreApart) {
  std::vector<test_support::Atom> atoms = test_support::helix(12);
  test_support::Atom again = atoms[2];  // its conformers after those of the others
  again.x = "7.000";
  atoms.push_back(again);
  again.residue = "SER";
  atoms.push_back(again);
  atoms.push_back(atoms[11]);
  expect_quick_and_same(atoms);
  for (test_support::Atom& atom : test_support::helix(5, "B", 20)) atoms.push_back(atom);
  for (test_support::Atom& atom : test_support::helix(5, "A", 40)) atoms.push_back(atom);
  expect_quick_and_same(atoms);
}

TEST(ReadersAgree, OnNumbersThatGrowAtTheEndOfALine) {
  std::vector<test_support::Atom> atoms;
  for (int model = 1; model <= 12; ++model)
    for (test_support::Atom atom : test_support::helix(3)) {
      atom.model = model;
      atoms.push_back(atom);
    }
  expect_quick_and_same(atoms);
}

}  // namespace
}  // namespace modesweep
