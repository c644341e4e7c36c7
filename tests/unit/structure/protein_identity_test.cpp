// SPDX-License-Identifier: MIT
#include "structure/protein_identity.hpp"

#include <gtest/gtest.h>

#include "unit/structure/nodes.hpp"

namespace modesweep {
namespace {

using Names = std::vector<std::string>;

std::string protein(const std::vector<Names>& chains, const std::string& name) {
  std::vector<Node> nodes;
  for (const Names& chain : chains) add_nodes(nodes, name, chain);
  return protein_of_nodes(nodes);
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
  EXPECT_EQ(protein_of_nodes(named), monomer);
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
}

}  // namespace
}  // namespace modesweep
