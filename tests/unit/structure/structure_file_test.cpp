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
  for (const char* name : {"1ubi.txt", "pdb", ".pdb", ".cif.gz", "a.gz", "cif", "a.tar.zst"})
    EXPECT_FALSE(is_structure_file_name(name)) << name;
  EXPECT_EQ(structure_stem("x/pdb1ubi.ent.gz"), "pdb1ubi");
  EXPECT_EQ(structure_stem("d1cih__.pdb"), "d1cih__");
  EXPECT_EQ(structure_stem("A.B.CIF"), "A.B");
  EXPECT_EQ(structure_stem("notes.txt"), "notes.txt");
}

TEST(StructureFile, EveryFormatMayBeCompressedInEveryWay) {
  for (const std::string ending : {"cif", "mmcif", "mcif", "pdbx", "bcif", "pdb", "ent", "pdbqt",
                                   "pqr", "pdb1", "pdb12", "ent1", "PDBx", "Pdb2"})
    for (const char* compression : {"", ".gz", ".zst", ".xz", ".bz2", ".GZ"}) {
      const std::string name = "x/1abc." + ending + compression;
      EXPECT_TRUE(is_structure_file_name(name)) << name;
      EXPECT_EQ(structure_stem(name), "1abc");
    }
  for (const char* name : {"a.pdba", "a.pdb1x", "a.1pdb", "a.cif1", "a.pqr2", "a.pdb.old",
                           "a.pdb.gz.part", "a.entx", "a.1", "a.12"})
    EXPECT_FALSE(is_structure_file_name(name)) << name;
}

TEST(StructureFile, DomainsOfScopNeedNoEnding) {
  for (const char* name : {"d1dlwa_", "d1kyow1", "e1abc.1a", "g1abc.1", "d1abc.2", "D1DLWA_",
                           "d4v4oA_", "d2k39.1", "d1yeb__"}) {
    EXPECT_TRUE(is_structure_file_name(name)) << name;
    EXPECT_EQ(structure_stem(name), name);
    EXPECT_TRUE(is_structure_file_name(std::string(name) + ".gz")) << name;
    EXPECT_EQ(structure_stem(std::string(name) + ".gz"), name);
    EXPECT_EQ(structure_stem(std::string(name) + ".ent"), name);
  }
  for (const char* name : {"d1dlwa", "d1dlwa_x", "c1dlwa_", "ddlwaa_", "d1foo.c", "e1abc.1ab",
                           "g1abc.", "d1dl-a_", "example", "dataset"})
    EXPECT_FALSE(is_structure_file_name(name)) << name;
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
