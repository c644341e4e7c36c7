// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <sstream>

#include "support/data_files.hpp"
#include "support/process.hpp"
#include "support/structure_text.hpp"
#include "support/temp_dir.hpp"

namespace {

using test_support::helix;
using test_support::pdb_text;
using test_support::read_file;
using test_support::RunOptions;
using test_support::RunResult;

class CompareCommand : public testing::Test {
 protected:
  RunResult compare(std::vector<std::string> arguments) const {
    RunOptions options;
    options.folder = folder_.path().string();
    options.environment["PDB_DIR"] = path("mirror");
    arguments.insert(arguments.begin(), {"compare", "--offline"});
    return test_support::run_modesweep(std::move(arguments), options);
  }
  std::string path(const std::string& name) const { return (folder_.path() / name).string(); }
  /// Of haemoglobin's alpha chains ProDy says (tests/golden/prody_compare.tsv): 141 residues,
  /// 0.230038704837851 angstrom, RMSIP 0.996361139201352 and 0.969756649610252.
  static std::string haemoglobin(const std::string& chain) {
    return (test_support::source_dir() / "data/demo/hemoglobin/2hhb.ent.gz").string() + ":" + chain;
  }
  test_support::TempDir folder_;
};

TEST_F(CompareCommand, PrintsATableForPeople) {
  const RunResult result = compare({haemoglobin("A"), haemoglobin("C")});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_TRUE(
      result.out.starts_with("A  2hhb_A, 141 residues\nB  2hhb_C, 141 residues\n"
                             "matched residues  141, 100.0 % identical\n"
                             "RMSD              0.230 angstrom\n"
                             "RMSIP             0.9964 of 10 modes, 0.9698 of 20 modes\n"))
      << result.out;
}

TEST_F(CompareCommand, WritesALineAMode) {
  ASSERT_EQ(compare({haemoglobin("A"), haemoglobin("C"), "-o", "c.jsonl", "-n", "12"}).exit_code,
            0);
  std::istringstream lines(read_file(path("c.jsonl")));
  int modes = 0;
  double cumulative = 0;
  for (std::string line; std::getline(lines, line);) {
    const auto row = nlohmann::json::parse(line);
    EXPECT_EQ(row["mode"], ++modes);
    EXPECT_EQ(row["matched"], 141);
    EXPECT_EQ(row["identity"], 1.0);
    EXPECT_NEAR(row["rmsd"].get<double>(), 0.230038704837851, 1e-9);
    EXPECT_NEAR(row["rmsip10"].get<double>(), 0.996361139201352, 1e-7);
    EXPECT_EQ(row["overlaps"].size(), 12u);
    EXPECT_GE(row["cumulative_a"].get<double>(), cumulative);
    cumulative = row["cumulative_a"];
  }
  EXPECT_EQ(modes, 12);
  const RunResult tsv = compare({haemoglobin("A"), haemoglobin("C"), "--format", "tsv"});
  EXPECT_EQ(std::count(tsv.out.begin(), tsv.out.end(), '\n'), 1 + 20);
}

TEST_F(CompareCommand, TakesEntriesAndTheModelOfRank) {
  folder_.write("mirror/divided/pdb/ab/pdb1abc.ent", pdb_text(helix(22), "1ABC"));
  folder_.write("h.pdb", pdb_text(helix(25)));
  const RunResult result =
      compare({"1abc", "h.pdb", "--select", "//A/3-20", "-n", "5", "--solver", "lapack"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_NE(result.out.find("A  1ABC, 18 residues\nB  h, 18 residues\n"), std::string::npos);
  EXPECT_NE(result.out.find("RMSIP             1.0000 of 5 modes"), std::string::npos);
  // One entry, two of its chains.
  EXPECT_EQ(compare({"1ABC:A", "1ABC:A"}).exit_code, 0);
}

TEST_F(CompareCommand, KnowsAProteinByTheNamesOfAForceField) {
  std::vector<test_support::Atom> crystal = helix(25), simulated = helix(25);
  for (std::size_t i = 0; i < 25; ++i) {
    constexpr std::array names = {std::array{"HIS", "HIE"}, std::array{"CYS", "CYX"},
                                  std::array{"TRP", "TRP"}, std::array{"HIS", "HIP"}};
    crystal[i].residue = names[i % names.size()][0];
    simulated[i].residue = names[i % names.size()][1];
    simulated[i].chain = "";
  }
  folder_.write("in/crystal.pdb", pdb_text(crystal));
  folder_.write("in/simulated.pdb", pdb_text(simulated));
  const RunResult result = compare({"in/crystal.pdb", "in/simulated.pdb"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_NE(result.out.find("matched residues  25, 100.0 % identical"), std::string::npos)
      << result.out;
  const RunResult unique =
      test_support::run_modesweep({"rank", "--files", path("in"), "--unique", "--no-result-cache",
                                   "--format", "tsv", "--columns", "residues,entries"});
  EXPECT_EQ(unique.out, "residues\tentries\n25\t2\n") << unique.err;
}

TEST_F(CompareCommand, SaysWhyNot) {
  std::vector<test_support::Atom> other = helix(25);
  for (test_support::Atom& atom : other) atom.residue = "TRP";
  folder_.write("in/h.pdb", pdb_text(helix(25)));
  folder_.write("in/w.pdb", pdb_text(other));
  const std::vector<std::tuple<std::vector<std::string>, int, std::string>> cases = {
      {{"in/h.pdb"}, 2, "B is required"},
      {{"in/h.pdb", "in"}, 2, "compare takes two structures, and in holds 2"},
      {{"in/h.pdb", "in/w.pdb", "--enm", "gnm"}, 2, "have no directions"},
      {{"in/h.pdb:A", "in/w.pdb", "--chains", "A"}, 2, "not with both"},
      {{"in/h.pdb", "in/w.pdb"}, 3, "no chain of one is like a chain of the other"},
      {{"in/h.pdb", "in/w.pdb:B"}, 3, "there is no chain B among A"},
      {{"in/h.pdb", "2XYZ"}, 4, "2XYZ: "},
      {{"in/h.pdb", "in/h.pdb", "-o", "nowhere/c.tsv"}, 6, "nowhere/c.tsv"}};
  for (const auto& [arguments, code, message] : cases) {
    const RunResult result = compare(arguments);
    EXPECT_EQ(result.exit_code, code) << message << '\n' << result.err;
    EXPECT_NE(result.err.find(message), std::string::npos) << result.err;
  }
}

TEST_F(CompareCommand, HelpSaysHowPartsOfModesAreTaken) {
  const RunResult result = test_support::run_modesweep({"compare", "--help"});
  EXPECT_EQ(result.exit_code, 0);
  for (const char* word : {"Kabsch", "scaled to length 1", "orthonormalised", "rmsip10",
                           "cumulative_a", "1AKE:A", "30 %"})
    EXPECT_NE(result.out.find(word), std::string::npos) << word;
}

}  // namespace
