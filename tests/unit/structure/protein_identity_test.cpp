// SPDX-License-Identifier: MIT
#include "structure/protein_identity.hpp"

#include <gtest/gtest.h>

#include <array>

#include "unit/structure/nodes.hpp"

namespace modesweep {
namespace {

using Names = std::vector<std::string>;

std::string protein(const std::vector<Names>& chains, const std::string& name) {
  std::vector<Node> nodes;
  for (const Names& chain : chains) add_nodes(nodes, name, chain);
  return protein_of_nodes(nodes).text();
}

const Names crystal = {"MET", "CYS", "HIS", "ASP", "GLU", "LYS", "TYR"};

TEST(ProteinIdentity, IsThatOfTheMonomerWhateverChainsAreCalled) {
  const std::string monomer = protein({crystal}, "A");
  EXPECT_TRUE(monomer.starts_with("sequence:"));
  EXPECT_EQ(protein({crystal, crystal}, ""), monomer);
  EXPECT_EQ(protein({crystal, crystal, crystal}, "A"), monomer);
  std::vector<Node> named;
  add_nodes(named, "A", crystal);
  add_nodes(named, "B", crystal);
  EXPECT_EQ(protein_of_nodes(named).text(), monomer);
  EXPECT_NE(protein({crystal, {"MET", "ALA"}}, ""), monomer);
}

TEST(ProteinIdentity, DoesNotDependOnProtonationOrForceField) {
  const std::string monomer = protein({crystal}, "A");
  for (const Names& names :
       std::vector<Names>{{"MET", "CYX", "HIE", "ASH", "GLH", "LYN", "TYM"},
                          {"MSE", "CYM", "HSD", "ASPP", "GLUP", "LSN", "TYR"},
                          {"NMET", "CYS2", "HISP", "ASPH", "GLUH", "LYSH", "CTYR"}})
    EXPECT_EQ(protein({names}, "A"), monomer) << names[1];
  EXPECT_NE(protein({{"MET", "SER", "HIE", "ASH", "GLH", "LYN", "TYM"}}, "A"), monomer);
}

TEST(ProteinIdentity, NucleicAcidsCountForNothing) {
  EXPECT_EQ(protein({{"DA", "DG", "DC"}}, "A"), "");
  // Not in a protein's chain either, where `prody anm` has three nodes of each nucleotide.
  std::vector<Node> nodes;
  add_nodes(nodes, "A", {"DA", "DA", "DA", "GLY", "ALA"});
  for (std::size_t i = 0; i < 3; ++i) nodes[i].atom = std::array{"P", "C4'", "C2"}[i];
  EXPECT_EQ(protein_of_nodes(nodes).sequences(), (std::vector<std::string>{"GA"}));
}

TEST(ProteinIdentity, SequencesAreThoseOfTheNodesEachOnceTheLongestFirst) {
  std::vector<Node> nodes;
  add_nodes(nodes, "B", {"GLY", "ALA"});
  add_nodes(nodes, "A", {"MSE", "CYX", "HIE", "UNK"});
  add_nodes(nodes, "C", {"ALA", "GLY"});
  add_nodes(nodes, "D", {"GLY", "ALA"});
  add_nodes(nodes, "E", {"DA", "DG"});
  EXPECT_EQ(protein_of_nodes(nodes).sequences(), (std::vector<std::string>{"MCHX", "AG", "GA"}));
}

}  // namespace
}  // namespace modesweep
