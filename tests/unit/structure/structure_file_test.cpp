// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <modesweep/structure.hpp>

#include "support/gzip.hpp"
#include "support/temp_dir.hpp"

namespace modesweep {
namespace {

TEST(StructureFile, NamesAndStems) {
  for (const char* name : {"1ubi.pdb", "1UBI.PDB.GZ", "a.cif", "a.mmcif.gz", "pdb1ubi.ent.gz"})
    EXPECT_TRUE(is_structure_file_name(name)) << name;
  for (const char* name : {"1ubi.txt", "pdb", ".pdb", ".cif.gz", "a.pdb.bz2", "a.gz", "cif"})
    EXPECT_FALSE(is_structure_file_name(name)) << name;
  EXPECT_EQ(structure_stem("x/pdb1ubi.ent.gz"), "pdb1ubi");
  EXPECT_EQ(structure_stem("d1cih__.pdb"), "d1cih__");
  EXPECT_EQ(structure_stem("A.B.CIF"), "A.B");
  EXPECT_EQ(structure_stem("notes.txt"), "notes.txt");
}

TEST(StructureFile, ReadsPlainAndGzip) {
  const test_support::TempDir folder;
  EXPECT_EQ(*read_decompressed(folder.write("a", "text")), "text");
  EXPECT_EQ(*read_decompressed(folder.write("b", test_support::gzip("text"))), "text");
}

TEST(StructureFile, FailuresHaveCodes) {
  const test_support::TempDir folder;
  EXPECT_EQ(read_decompressed(folder.path() / "none").error().code, "unreadable");
  EXPECT_EQ(read_decompressed(folder.path()).error().code, "unreadable");
  EXPECT_EQ(read_decompressed(folder.write("a", "")).error().code, "empty");
  EXPECT_EQ(read_decompressed(folder.write("b", test_support::gzip(""))).error().code, "empty");
  EXPECT_EQ(read_decompressed(folder.write("c", "\x1f\x8b cut")).error().code, "bad_gzip");
}

TEST(StructureFile, Sha256IsTheOneOfFips180) {
  const test_support::TempDir folder;
  EXPECT_EQ(*file_sha256(folder.write("a", "abc")),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

}  // namespace
}  // namespace modesweep
