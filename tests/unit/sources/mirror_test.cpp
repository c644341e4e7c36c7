// SPDX-License-Identifier: MIT
#include "sources/mirror.hpp"

#include <gtest/gtest.h>

#include <tuple>

#include "sources/content_check.hpp"
#include "support/temp_dir.hpp"

namespace modesweep {
namespace {

constexpr const char* text = "data_1UBI\n_entry.id 1UBI\n# \n";

TEST(Mirror, KnowsTheLayoutsOfTheArchive) {
  for (const char* name :
       {"structures/divided/mmCIF/ub/1ubi.cif.gz", "data/structures/divided/mmCIF/ub/1ubi.cif.gz",
        "divided/mmCIF/ub/1ubi.cif.gz", "mmCIF/ub/1ubi.cif.gz", "ub/1ubi.cif.gz", "ub/1ubi.cif",
        "structures/divided/pdb/ub/pdb1ubi.ent.gz", "data/structures/divided/pdb/ub/pdb1ubi.ent",
        "divided/pdb/ub/pdb1ubi.ent.gz", "pdb/ub/pdb1ubi.ent.gz", "ub/pdb1ubi.ent.gz",
        "entries/ub/pdb_00001ubi/pdb_00001ubi.cif.gz",
        "data/entries/ub/pdb_00001ubi/pdb_00001ubi.cif", "mmCIF/ub/pdb_00001ubi.cif.gz",
        "pub/pdb/data/structures/divided/mmCIF/ub/1ubi.cif.gz"}) {
    const test_support::TempDir folder;
    const auto path = folder.write(name, text);
    const Mirror mirror(folder.path());
    EXPECT_EQ(mirror.find("1UBI", &looks_intact), path) << name;
    EXPECT_FALSE(mirror.find("1UBQ", &looks_intact)) << name;
  }
}

TEST(Mirror, KnowsTheLayoutOf2027) {
  for (const char* root :
       {"", "entries/", "data/entries/", "pub/wwpdb/pdb/data/entries/", "pdb/data/entries/",
        "pub/databases/wwpdb/pdb/data/entries/", "pdb_data/entries/"})
    for (const char* ending : {".cif.gz", ".cif", ".pdb.gz", ".pdb"})
      for (const auto& [id, extended, hash] :
           {std::tuple("1UBI", "pdb_00001ubi", "ub"), std::tuple("3060", "pdb_00003060", "06"),
            std::tuple("pdb_1abc5678", "pdb_1abc5678", "67")}) {
        const test_support::TempDir folder;
        const std::string entry = std::string(root) + hash + "/" + extended + "/";
        folder.write(entry + "assemblies/" + extended + "-assembly1.cif.gz", text);
        const auto path = folder.write(entry + "structures/" + extended + ending, text);
        const Mirror mirror(folder.path());
        EXPECT_EQ(mirror.find(id, &looks_intact), path) << path;
        EXPECT_FALSE(mirror.find("1UBQ", &looks_intact));
      }
}

TEST(Mirror, PrefersMmcifToPdbFormatInTheLayoutOf2027) {
  const test_support::TempDir folder;
  const std::string entry = "entries/ub/pdb_00001ubi/structures/pdb_00001ubi";
  const auto pdb = folder.write(entry + ".pdb.gz", text);
  const auto cif = folder.write(entry + ".cif.gz", text);
  EXPECT_EQ(Mirror(folder.path()).find("1UBI", &looks_intact), cif);
  EXPECT_EQ(Mirror(folder.path()).find("1UBI", &looks_intact, true), pdb);
}

TEST(Mirror, FindsTwelveCharacterIds) {
  const test_support::TempDir folder;
  const auto path =
      folder.write("entries/67/pdb_1abc5678/pdb_1abc5678.cif.gz", "data_x\n_entry.id x\n# \n");
  EXPECT_EQ(Mirror(folder.path()).find("pdb_1abc5678", &looks_intact), path);
}

TEST(Mirror, PrefersMmcifToPdbFormatAndGzipToPlain) {
  const test_support::TempDir folder;
  const auto pdb = folder.write("pdb/ub/pdb1ubi.ent.gz", text);
  EXPECT_EQ(Mirror(folder.path()).find("1UBI", &looks_intact), pdb);
  const auto plain = folder.write("mmCIF/ub/1ubi.cif", text);
  EXPECT_EQ(Mirror(folder.path()).find("1UBI", &looks_intact), plain);
  const auto packed = folder.write("mmCIF/ub/1ubi.cif.gz", text);
  EXPECT_EQ(Mirror(folder.path()).find("1UBI", &looks_intact), packed);
}

TEST(Mirror, PassesOverADamagedFile) {
  const test_support::TempDir folder;
  folder.write("mmCIF/ub/1ubi.cif.gz", "");
  EXPECT_FALSE(Mirror(folder.path()).find("1UBI", &looks_intact));
  const auto good = folder.write("pdb/ub/pdb1ubi.ent", text);
  EXPECT_EQ(Mirror(folder.path()).find("1UBI", &looks_intact), good);
}

TEST(Mirror, AMissingFolderIsUnusable) {
  EXPECT_FALSE(Mirror("/nonexistent-mirror").usable());
  EXPECT_TRUE(Mirror("/").usable());
}

}  // namespace
}  // namespace modesweep
