// SPDX-License-Identifier: MIT
// Chains from one reading of a file, against each of them read alone.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include <modesweep/structure.hpp>

#include "support/data_files.hpp"
#include "support/structure_text.hpp"
#include "support/temp_dir.hpp"

namespace modesweep {
namespace {

using test_support::Atom;
using test_support::helix;

void expect_same(const Structure& one, const Structure& other) {
  EXPECT_EQ(one.header.id, other.header.id);
  EXPECT_EQ(one.header.title, other.header.title);
  EXPECT_EQ(one.header.protein, other.header.protein);
  EXPECT_EQ(one.models, other.models);
  EXPECT_EQ(one.chains, other.chains);
  EXPECT_EQ(one.nucleic_left_out, other.nucleic_left_out);
  EXPECT_EQ(one.partial_assembly, other.partial_assembly);
  EXPECT_EQ(one.more_blocks, other.more_blocks);
  EXPECT_EQ(one.predicted, other.predicted);
  ASSERT_EQ(one.nodes.size(), other.nodes.size());
  for (std::size_t i = 0; i < one.nodes.size(); ++i) {
    EXPECT_EQ(one.nodes[i].position, other.nodes[i].position);
    EXPECT_EQ(one.nodes[i].chain, other.nodes[i].chain);
    EXPECT_EQ(one.nodes[i].residue, other.nodes[i].residue);
    EXPECT_EQ(one.nodes[i].number, other.nodes[i].number);
    EXPECT_EQ(one.nodes[i].b_factor, other.nodes[i].b_factor);
  }
}

/// The chains' names, in their order, each of which is as it is read alone.
std::vector<std::string> chains_as_alone(const std::filesystem::path& file,
                                         const ReadOptions& options = {}) {
  const Outcome<std::vector<Structure>> chains =
      read_chains(read_bytes(file).value(), file, options);
  if (!chains) return {chains.error().code};
  std::vector<std::string> names;
  for (const Structure& chain : *chains) {
    names.push_back(chain.nodes.front().chain);
    ReadOptions alone = options;
    alone.chains = {names.back()};
    const Outcome<Structure> structure = read_structure(file, alone);
    EXPECT_TRUE(structure) << structure.error().message;
    if (!structure) continue;
    SCOPED_TRACE(file.string() + ' ' + names.back());
    expect_same(chain, *structure);
  }
  return names;
}

std::vector<Atom> operator+(std::vector<Atom> atoms, const std::vector<Atom>& more) {
  atoms.insert(atoms.end(), more.begin(), more.end());
  return atoms;
}

class ReadChains : public testing::Test {
 protected:
  std::filesystem::path file(const std::string& name, const std::string& text) const {
    return folder_.write(name, text);
  }
  test_support::TempDir folder_;
};

using Names = std::vector<std::string>;

TEST_F(ReadChains, AreInTheOrderOfTheFileAlsoWhereTheyAreInPieces) {
  std::vector<Atom> tail = helix(3, "B", 90);
  for (Atom& atom : tail) {
    atom.number += 40;
    atom.hetatm = true;
    atom.residue = "MSE";
  }
  const std::vector<Atom> atoms = helix(12, "B") + helix(5, "A", 30) + tail + helix(4, "", 60);
  EXPECT_EQ(chains_as_alone(file("x.pdb", test_support::pdb_text(atoms))), (Names{"B", "A", ""}));
  EXPECT_EQ(chains_as_alone(file(
                "x.cif", test_support::mmcif_text(helix(12, "B") + tail + helix(5, "Aa", 30)))),
            (Names{"B", "Aa"}));
}

TEST_F(ReadChains, ABlankNameAndAnUnderscoreAreTwo) {
  const std::vector<Atom> atoms = helix(5, "_") + helix(4, "", 60);
  EXPECT_EQ(chains_as_alone(file("x.pdb", test_support::pdb_text(atoms))), (Names{"_", ""}));
}

TEST_F(ReadChains, AreOfWhatIsChosen) {
  const auto pdb = file(
      "x.pdb", test_support::pdb_text(helix(12, "A") + helix(12, "B", 30) + helix(12, "C", 60)));
  ReadOptions options;
  options.chains = {"A", "C"};
  EXPECT_EQ(chains_as_alone(pdb, options), (Names{"A", "C"}));
  options.chains = {};
  options.selection = "//B,C/3-7";
  EXPECT_EQ(chains_as_alone(pdb, options), (Names{"B", "C"}));
  options.selection = "//Z";
  EXPECT_EQ(chains_as_alone(pdb, options), (Names{"nothing_selected"}));
  options = {};
  options.chains = {"Z"};
  EXPECT_EQ(chains_as_alone(pdb, options), (Names{"no_chain"}));
  EXPECT_EQ(chains_as_alone(file("none.pdb", "<html>")), (Names{"not_a_structure"}));
}

TEST_F(ReadChains, OfAPdbFileHaveTheProteinsThatItsRecordsGiveThem) {
  const std::string atoms = test_support::pdb_text(helix(12, "A") + helix(12, "B", 30) +
                                                   helix(12, "C", 60) + helix(12, "D", 90));
  const auto pdb = file("x.pdb",
                        "DBREF  1ABC A    1    12  UNP    P00001   ONE_HUMAN        1     12\n"
                        "DBREF1 1ABC B    1    12  UNP                  TWO_HUMAN\n"
                        "DBREF2 1ABC B     A0A000XYZ9                      1          12\n"
                        "DBREF  1ABC C    1    12  GB     12345    12345            1     12\n"
                        "SEQRES   1 A   12  ALA ALA ALA ALA ALA ALA ALA ALA ALA ALA ALA ALA\n"
                        "SEQRES   1 C   13  GLY ALA ALA ALA ALA ALA ALA ALA ALA ALA ALA ALA ALA\n" +
                            atoms);
  EXPECT_EQ(chains_as_alone(pdb), (Names{"A", "B", "C", "D"}));
  const std::vector<Structure> chains = read_chains(read_bytes(pdb).value(), pdb, {}).value();
  EXPECT_EQ(chains[0].header.protein, "P00001");
  EXPECT_EQ(chains[1].header.protein, "A0A000XYZ9");
  EXPECT_TRUE(chains[2].header.protein.starts_with("sequence:"));
  EXPECT_TRUE(chains[3].header.protein.starts_with("sequence:"));  // of its nodes
  EXPECT_NE(chains[2].header.protein, chains[3].header.protein);
  EXPECT_EQ(read_structure(pdb, {})->header.protein, "A0A000XYZ9,P00001");
  ReadOptions two;
  two.chains = {"A", "B"};
  EXPECT_EQ(read_structure(pdb, two)->header.protein, "A0A000XYZ9,P00001");
}

TEST_F(ReadChains, OfAnMmcifFileHaveTheProteinsOfTheirEntities) {
  std::string atoms = test_support::mmcif_text(helix(12, "A") + helix(12, "B", 30) +
                                               helix(12, "C", 60) + helix(12, "D", 90));
  const std::string other = "_entity_poly.entity_id 1\n_entity_poly.type 'polypeptide(L)'\n#\n";
  atoms.erase(atoms.find(other), other.size());
  const auto cif = file("x.cif", atoms +
                                     "loop_\n_struct_ref.id\n_struct_ref.entity_id\n"
                                     "_struct_ref.db_name\n_struct_ref.pdbx_db_accession\n"
                                     "1 7 UNP P00001\n2 8 UNP P00002\n3 8 UNP P00003\n#\n"
                                     "loop_\n_entity_poly.entity_id\n_entity_poly.type\n"
                                     "_entity_poly.pdbx_seq_one_letter_code_can\n"
                                     "_entity_poly.pdbx_strand_id\n"
                                     "7 'polypeptide(L)' AAAAAAAAAAAA A,C\n"
                                     "8 'polypeptide(L)' AAAAAAAAAAAA B\n"
                                     "9 'polypeptide(L)' GAAAAAAAAAAA D\n#\n");
  EXPECT_EQ(chains_as_alone(cif), (Names{"A", "B", "C", "D"}));
  const std::vector<Structure> chains = read_chains(read_bytes(cif).value(), cif, {}).value();
  EXPECT_EQ(chains[0].header.protein, "P00001");
  EXPECT_EQ(chains[1].header.protein, "P00002,P00003");
  EXPECT_EQ(chains[2].header.protein, "P00001");
  EXPECT_TRUE(chains[3].header.protein.starts_with("sequence:"));
  EXPECT_EQ(read_structure(cif, {})->header.protein, "P00001,P00002,P00003");
}

TEST(ReadChainsOfRealFiles, AreAsTheyAreAlone) {
  std::size_t compared = 0;
  for (const auto& file : test_support::real_structure_files()) {
    // The names alone of LDH and trypsin chains fill minutes, and they have one chain each.
    if (file.string().find("theseus") != std::string::npos) continue;
    const Outcome<Structure> whole = read_structure(file, {});
    const Names chains = chains_as_alone(file);
    if (!whole) {
      EXPECT_EQ(chains, (Names{whole.error().code})) << file;
    } else {
      EXPECT_EQ(std::ssize(chains), whole->chains) << file;
    }
    compared += chains.size();
    if (HasFailure()) break;
  }
  EXPECT_GT(compared, 40u);
}

}  // namespace
}  // namespace modesweep
