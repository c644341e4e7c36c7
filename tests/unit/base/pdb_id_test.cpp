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

TEST(PdbId, OfAFileName) {
  EXPECT_EQ(pdb_id_of_file_name("pdb_00001abc"), "1ABC");
  EXPECT_EQ(pdb_id_of_file_name("PDB_00001ABC_xyz"), "1ABC");
  EXPECT_EQ(pdb_id_of_file_name("pdb_00001abc_xyz_v1-2"), "1ABC");
  EXPECT_EQ(pdb_id_of_file_name("pdb_1abc5678_xyz-enrich"), "pdb_1abc5678");
  for (const char* stem : {"", "1abc", "pdb1abc", "pdb_00001ab", "pdb_00001abcd", "pdb_00001abc_A",
                           "pdb_00001abc_xyzzy", "xpdb_00001abc"})
    EXPECT_FALSE(pdb_id_of_file_name(stem)) << stem;
  EXPECT_EQ(entry_name("pdb_00001abc"), "1ABC");
  EXPECT_EQ(entry_name("my model"), "my model");
}

TEST(PdbId, InsideOfText) {
  EXPECT_EQ(with_normal_pdb_ids("pdb_00001abc, PDB_00002XYZ_A and PDB_1ABC5678"),
            "1ABC, 2XYZ_A and pdb_1abc5678");
  for (const char* text : {"", "pdb_", "xpdb_00001abc", "pdb_00001abcd", "pdb_00001ab!"})
    EXPECT_EQ(with_normal_pdb_ids(text), text);
}

}  // namespace
}  // namespace modesweep
