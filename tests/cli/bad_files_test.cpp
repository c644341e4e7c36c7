// SPDX-License-Identifier: MIT
// One bad file is one row of the failures, whatever is wrong with it; the others are ranked.
#include <gtest/gtest.h>

#include "support/gzip.hpp"
#include "support/process.hpp"
#include "support/structure_text.hpp"
#include "support/temp_dir.hpp"

namespace {

using test_support::Atom;
using test_support::helix;
using test_support::mmcif_text;
using test_support::pdb_text;
using test_support::run_modesweep;
using test_support::TempDir;

struct BadFile {
  std::string name;
  std::string content;
  std::string stage;
  std::string code;
};

std::vector<Atom> spoiled(const std::string& x) {
  std::vector<Atom> atoms = helix(20);
  atoms[4].x = x;
  return atoms;
}

std::vector<Atom> renamed(const std::string& name, const std::string& residue) {
  std::vector<Atom> atoms = helix(20);
  for (Atom& atom : atoms) {
    atom.name = name;
    atom.residue = residue;
  }
  return atoms;
}

std::vector<Atom> coincident() {
  std::vector<Atom> atoms = helix(20);
  atoms[9].x = atoms[8].x;
  atoms[9].y = atoms[8].y;
  atoms[9].z = atoms[8].z;
  return atoms;
}

std::vector<BadFile> bad_files() {
  std::string wrong_crc = test_support::gzip(pdb_text(helix(20)));
  wrong_crc[wrong_crc.size() - 6] ^= 1;
  const std::string cif = mmcif_text(helix(20));
  return {{"empty.pdb", "", "parse", "empty"},
          {"cut.cif", cif.substr(0, cif.size() - 30), "parse", "not_a_structure"},
          {"binary.pdb",
           std::string("\x7f"
                       "ELF\0\1\2",
                       7),
           "parse", "not_a_structure"},
          {"page.cif", "<!DOCTYPE html><html>500</html>", "parse", "not_a_structure"},
          {"crc.pdb.gz", wrong_crc, "parse", "bad_gzip"},
          {"blank.pdb", pdb_text(spoiled("        ")), "parse", "bad_coordinates"},
          {"stars.pdb", pdb_text(spoiled("********")), "parse", "bad_coordinates"},
          {"nan.pdb", pdb_text(spoiled("nan")), "parse", "bad_coordinates"},
          {"nan.cif", mmcif_text(spoiled("nan")), "parse", "bad_coordinates"},
          {"missing.cif", mmcif_text(spoiled("?")), "parse", "bad_coordinates"},
          {"far.cif", mmcif_text(spoiled("1e300")), "network", "bad_coordinates"},
          {"coincident.pdb", pdb_text(coincident()), "network", "coincident_nodes"},
          {"no_ca.pdb", pdb_text(renamed("CB", "ALA")), "parse", "no_nodes"},
          {"dna.pdb", pdb_text(renamed("P", "DA")), "parse", "no_nodes"},
          {"one.pdb", pdb_text(helix(1)), "rank", "few_modes"}};
}

TEST(BadFiles, AreRowsOfTheFailuresAndTheRestIsRanked) {
  const TempDir folder;
  for (const BadFile& file : bad_files()) folder.write("in/" + file.name, file.content);
  folder.write("in/good.pdb", pdb_text(helix(20)));
  const std::string failures = (folder.path() / "failures.tsv").string();
  const auto result = run_modesweep({"rank", "--files", (folder.path() / "in").string(), "--format",
                                     "tsv", "--failures", failures});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(std::count(result.out.begin(), result.out.end(), '\n'), 2) << result.out;
  const std::string table = test_support::read_file(failures);
  for (const BadFile& file : bad_files()) {
    const std::string row =
        (folder.path() / "in" / file.name).string() + "\t" + file.stage + "\t" + file.code + "\t";
    EXPECT_NE(table.find(row), std::string::npos) << row << "\n" << table;
  }
  EXPECT_NE(result.err.find("left out    15"), std::string::npos) << result.err;
}

TEST(BadFiles, StrictIsExitCode1AndOnlyBadOnesIs3) {
  const TempDir folder;
  const std::string good = folder.write("good.pdb", pdb_text(helix(20))).string();
  const std::string bad = folder.write("bad.pdb", "<html>").string();
  const std::string small = folder.write("small.pdb", pdb_text(helix(5))).string();
  EXPECT_EQ(run_modesweep({"rank", "--files", good, bad, "--strict"}).exit_code, 1);
  EXPECT_EQ(run_modesweep({"rank", "--files", good, small, "--strict"}).exit_code, 0);
  EXPECT_EQ(run_modesweep({"rank", "--files", bad}).exit_code, 3);
  EXPECT_EQ(run_modesweep({"rank", "--files", good, "/nonexistent.pdb"}).exit_code, 0);
}

TEST(BadFiles, OddNetworksThatHaveModesAreRanked) {
  const TempDir folder;
  std::vector<Atom> line, isolated = helix(20), ligand = helix(20), twice = helix(20);
  for (int i = 0; i < 30; ++i) {
    line.push_back({});
    line.back().number = i + 1;
    line.back().x = std::to_string(3.8 * i).substr(0, 6);
  }
  isolated[19].x = "99.000";
  Atom glycine = ligand.back();
  glycine.residue = "GLY";
  glycine.hetatm = true;
  glycine.number = 99;
  glycine.x = "8.000";
  ligand.push_back(glycine);
  Atom duplicate = twice[3];
  duplicate.x = "7.000";
  twice.insert(twice.begin() + 4, duplicate);
  folder.write("line.pdb", pdb_text(line));
  folder.write("isolated.pdb", pdb_text(isolated));
  folder.write("ligand.pdb", pdb_text(ligand));
  folder.write("twice.pdb", pdb_text(twice));
  const auto result = run_modesweep({"rank", "--files", folder.path().string(), "--format", "tsv",
                                     "--columns", "pdb_id,residues,zero_modes,components,notes"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_NE(result.out.find("line\t30\t61\t1\t"), std::string::npos) << result.out;
  EXPECT_NE(result.out.find("isolated\t20\t9\t2\t"), std::string::npos) << result.out;
  EXPECT_NE(result.out.find("ligand\t21\t"), std::string::npos) << result.out;
  EXPECT_NE(result.out.find("twice\t21\t"), std::string::npos) << result.out;
}

}  // namespace
