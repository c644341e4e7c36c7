// SPDX-License-Identifier: MIT
#include "sources/url_templates.hpp"

#include <gtest/gtest.h>

#include <modesweep/outcome.hpp>

namespace modesweep {
namespace {

TEST(ExpandTemplate, FillsInEveryPlaceholder) {
  EXPECT_EQ(expand_template("https://files.rcsb.org/download/<ID>.cif.gz", "1UBI"),
            "https://files.rcsb.org/download/1UBI.cif.gz");
  EXPECT_EQ(expand_template("https://x/<hash>/<id>/<extended>/<id>.cif", "1UBI"),
            "https://x/ub/1ubi/pdb_00001ubi/1ubi.cif");
  EXPECT_EQ(expand_template("https://x/<hash>/<ID>/<id>/<extended>", "pdb_1abc5678"),
            "https://x/67/pdb_1abc5678/pdb_1abc5678/pdb_1abc5678");
  EXPECT_EQ(expand_template("https://x/<other>", "1UBI"), "https://x/<other>");
}

TEST(StructureEnding, IsThatOfTheTemplate) {
  EXPECT_EQ(structure_ending("https://x/<ID>.cif.gz"), ".cif.gz");
  EXPECT_EQ(structure_ending("https://x/pdb<id>.ent.gz"), ".ent.gz");
  EXPECT_EQ(structure_ending("https://x/<ID>.pdb?raw=1"), ".pdb");
  EXPECT_EQ(structure_ending("https://x/get?file=<id>.cif"), ".cif");
  EXPECT_EQ(structure_ending("https://x/<ID>"), ".cif.gz");
  EXPECT_EQ(structure_ending("https://x/<ID>.BCIF.GZ"), ".bcif.gz");
}

TEST(StructureEnding, TellsTheFormat) {
  EXPECT_EQ(structure_ending("https://x/<id>.bcif.gz"), ".bcif.gz");
  EXPECT_EQ(format_of(".bcif"), FileFormat::bcif);
  EXPECT_EQ(format_of(".ent.gz"), FileFormat::pdb);
  EXPECT_EQ(format_of(".mmcif"), FileFormat::cif);
  EXPECT_EQ(format_of(".pdbx.gz"), FileFormat::cif);
  for (const char* ending : {".pdb1.gz", ".ent1", ".pqr", ".pdbqt"})
    EXPECT_EQ(format_of(ending), FileFormat::pdb) << ending;
}

TEST(ArchiveTemplates, FollowTheOrderAskedFor) {
  const auto urls = archive_templates({"pdbe", "rcsb", "wwpdb"}, FileFormat::bcif);
  ASSERT_EQ(urls.size(), 2u) << "the wwPDB has no BinaryCIF";
  EXPECT_EQ(expand_template(urls[0], "1UBI"),
            "https://www.ebi.ac.uk/pdbe/entry-files/download/1ubi.bcif");
  EXPECT_EQ(expand_template(urls[1], "1UBI"), "https://models.rcsb.org/1ubi.bcif.gz");
  for (const FileFormat format : {FileFormat::cif, FileFormat::pdb})
    EXPECT_EQ(archive_templates(public_archives(), format).size(), 4u);
  EXPECT_THROW(archive_templates({"wwpdb"}, FileFormat::bcif), RunError);
  EXPECT_THROW(archive_templates({"rscb"}, FileFormat::cif), RunError);
}

}  // namespace
}  // namespace modesweep
