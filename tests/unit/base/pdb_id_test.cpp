// SPDX-License-Identifier: MIT
#include <modesweep/pdb_id.hpp>

#include <gtest/gtest.h>

namespace modesweep {
namespace {

TEST(PdbId, NormalForms) {
  EXPECT_EQ(normalise_pdb_id("1ubi"), "1UBI");
  EXPECT_EQ(normalise_pdb_id("9AVH"), "9AVH");
  EXPECT_EQ(normalise_pdb_id("pdb_00001ubi"), "1UBI");
  EXPECT_EQ(normalise_pdb_id("PDB_00001UBI"), "1UBI");
  EXPECT_EQ(normalise_pdb_id("PDB_1ABC5678"), "pdb_1abc5678");
}

TEST(PdbId, RefusesWhatIsNotAnId) {
  for (const char* text :
       {"", "1UB", "1UBIX", "0ABC", "AUBI", "1UB ", "1AKE_A", "../..", "1U/I", "pdb_1abc567",
        "pdb_1abc56789", "pdb_1abc567/", "pdbx1abc5678", "1UB\xc3"})
    EXPECT_FALSE(normalise_pdb_id(text)) << text;
  EXPECT_FALSE(normalise_pdb_id(std::string(200, 'A')));
}

TEST(PdbId, ArchiveNames) {
  EXPECT_EQ(extended_pdb_id("1UBI"), "pdb_00001ubi");
  EXPECT_EQ(extended_pdb_id("pdb_1abc5678"), "pdb_1abc5678");
  EXPECT_EQ(pdb_id_hash("1ABC"), "ab");
  EXPECT_EQ(pdb_id_hash("pdb_1abc5678"), "67");
}

}  // namespace
}  // namespace modesweep
