// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <filesystem>
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
  EXPECT_TRUE(result.out.starts_with(
      "Mode 1 of 2hhb_A holds 0.2 % of the step from 2hhb_A to 2hhb_C "
      "(overlap 0.045; the first ten 0.581); from 2hhb_C mode 1 holds 0.4 %. "
      "Of 2hhb_A's single modes 2 holds most: 12 %.\n"
      "What a mode holds is the square of its overlap, a part of the square "
      "length of the step.\n\n"
      "A  2hhb_A, 141 residues\nB  2hhb_C, 141 residues\n"
      "matched residues  141, 100.0 % identical\n"
      "  chain A 1-141 with chain C 1-141: 141 residues, 100.0 % identical, "
      "by number\n"
      "RMSD              0.230 angstrom\n"
      "RMSIP             0.9964 of 10 modes, 0.9698 of 20 modes\n"))
      << result.out;
}

TEST_F(CompareCommand, WritesALineAMode) {
  ASSERT_EQ(
      compare({haemoglobin("A"), haemoglobin("C"), "-o", "c.jsonl", "-n", "12", "--per", "mode"})
          .exit_code,
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
  const RunResult tsv =
      compare({haemoglobin("A"), haemoglobin("C"), "--format", "tsv", "--per", "mode"});
  EXPECT_EQ(std::count(tsv.out.begin(), tsv.out.end(), '\n'), 1 + 20);
}

/// What ProDy 2.3.1 says: `calcTransformation` of chain C onto A, differences of the coordinates,
/// `calcSqFlucts` of both, and the differences projected by numpy onto mode 1 and onto all 20.
TEST_F(CompareCommand, WritesALineAResidue) {
  struct Expected {
    int number;
    double displacement, sq_fluct_a, sq_fluct_b, held, mode1;
  };
  const std::vector<Expected> all = {
      {1, 0.46642544, 0.1112843, 0.09025702, 0.27404443, 0.01065146},
      {71, 0.18410494, 0.01811502, 0.0182614, 0.1568064, 0.00793472},
      {141, 0.10011332, 0.62806314, 0.61932733, 0.20400415, 0.03267824}};
  ASSERT_EQ(compare({haemoglobin("A"), haemoglobin("C"), "-o", "step.jsonl"}).exit_code, 0);
  std::istringstream lines(read_file(path("step.jsonl")));
  std::vector<nlohmann::json> rows;
  for (std::string line; std::getline(lines, line);) rows.push_back(nlohmann::json::parse(line));
  ASSERT_EQ(rows.size(), 141u);
  for (const Expected& expected : all) {
    const nlohmann::json& row = rows[static_cast<std::size_t>(expected.number - 1)];
    EXPECT_EQ(row["chain_a"], "A");
    EXPECT_EQ(row["chain_b"], "C");
    EXPECT_EQ(row["residue_number_a"], expected.number);
    EXPECT_EQ(row["residue_number_b"], expected.number);
    EXPECT_NEAR(row["displacement"], expected.displacement, 1e-7);
    EXPECT_NEAR(row["sq_fluct_a"], expected.sq_fluct_a, 1e-7);
    EXPECT_NEAR(row["sq_fluct_b"], expected.sq_fluct_b, 1e-7);
    EXPECT_NEAR(row["held"], expected.held, 1e-7);
    EXPECT_NEAR(row["mode1"], expected.mode1, 1e-7);
    EXPECT_TRUE(row.contains("mode20"));
  }
  ASSERT_EQ(compare({haemoglobin("A"), haemoglobin("C"), "-o", "step.csv"}).exit_code, 0);
  const std::string csv = read_file(path("step.csv"));
  EXPECT_NE(csv.find("\n2hhb_A,2hhb_C,A,71,,ALA,C,71,,ALA,0.18410493"), std::string::npos);
  const RunResult out = compare({haemoglobin("A"), haemoglobin("C"), "-o", "-", "--format", "csv"});
  EXPECT_EQ(out.out, csv);
  const RunResult device = compare({haemoglobin("A"), haemoglobin("C"), "-o", "/dev/stdout"});
  EXPECT_TRUE(device.out.starts_with("Mode 1 of 2hhb_A holds")) << "it needs no ending";
}

TEST_F(CompareCommand, MorphsAsFarAsModesLead) {
  const RunResult result =
      compare({haemoglobin("A"), haemoglobin("C"), "--morph", "m.pdb", "-o", "t.txt"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_NE(
      result.err.find("m.pdb: from 2hhb_A towards 2hhb_C along modes 1 to 20, which hold 46.7 "
                      "%: all that were computed (--modes computes more)"),
      std::string::npos)
      << result.err;
  EXPECT_NE(read_file(path("m.pdb"))
                .find("REMARK 999 0.230 A RMSD FROM 2hhb_C IN MODEL 1, 0.168 A "
                      "IN MODEL 21\n"),
            std::string::npos);
  EXPECT_TRUE(read_file(path("t.txt")).starts_with("Mode 1 of 2hhb_A holds"));
  const RunResult none = compare({haemoglobin("A"), haemoglobin("A"), "--morph", "n.pdb"});
  EXPECT_EQ(none.exit_code, 3);
  EXPECT_NE(none.err.find("there is no morph: 2hhb_A and 2hhb_A do not differ"), std::string::npos);
  EXPECT_FALSE(std::filesystem::exists(path("n.pdb")));
}

TEST_F(CompareCommand, ComparesMany) {
  folder_.write("in/short.pdb", pdb_text(helix(25)));
  folder_.write("in/long.pdb", pdb_text(helix(28)));
  std::vector<test_support::Atom> other = helix(25);
  for (test_support::Atom& atom : other) atom.residue = "TRP";
  folder_.write("in/other.pdb", pdb_text(other));
  folder_.write("in/bad.pdb", "<html>");
  // The first is named, and found in the folder again.
  const RunResult result = compare({"in/short.pdb", "in", "-o", "all.tsv"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  const std::string lines = read_file(path("all.tsv"));
  EXPECT_EQ(std::count(lines.begin(), lines.end(), '\n'), 2) << lines;
  EXPECT_NE(lines.find("\nshort\tlong\t25\t1\t"), std::string::npos) << lines;
  EXPECT_NE(result.err.find("bad: "), std::string::npos) << result.err;
  EXPECT_NE(result.err.find("other is left out: no chain of one is like"), std::string::npos)
      << result.err;
  EXPECT_EQ(compare({"in/bad.pdb", "in"}).exit_code, 3);
}

TEST_F(CompareCommand, TheChainWithoutANameCanBeNamed) {
  std::vector<test_support::Atom> nameless = helix(25), both = helix(25);
  for (test_support::Atom& atom : nameless) atom.chain = "";
  both.insert(both.end(), nameless.begin(), nameless.end());
  folder_.write("both.pdb", pdb_text(both));
  folder_.write("one.pdb", pdb_text(nameless));
  for (const char* name : {"both.pdb:_", "both.pdb: "}) {
    const RunResult result = compare({name, "one.pdb"});
    ASSERT_EQ(result.exit_code, 0) << result.err;
    EXPECT_NE(result.out.find("A  both__, 25 residues\nB  one, 25 residues\n"
                              "matched residues  25, 100.0 % identical\n"
                              "  chain _ 1-25 with chain _ 1-25: 25 residues"),
              std::string::npos)
        << result.out;
  }
}

TEST_F(CompareCommand, WritesAPage) {
  folder_.write("a.pdb", pdb_text(helix(25), "", "</script><b>BOLD</b>"));
  folder_.write("<b>.pdb", pdb_text(helix(22)));
  const RunResult result = compare({"a.pdb", "./<b>.pdb", "-o", "compare.html"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  const std::string page = read_file(path("compare.html"));
  EXPECT_TRUE(page.starts_with("<!DOCTYPE html>"));
  EXPECT_TRUE(page.ends_with("</html>\n"));
  EXPECT_EQ(page.find("<!-- insert"), std::string::npos);
  EXPECT_EQ(page.find("<b>"), std::string::npos);
  const std::string mark = " id=\"comparison\">";
  const std::size_t start = page.find(mark) + mark.size();
  const auto data =
      nlohmann::json::parse(page.substr(start, page.find("</script>", start) - start));
  EXPECT_EQ(data["b"]["name"], "<b>");
  EXPECT_EQ(data["matched"], 22);
  EXPECT_EQ(data["residues"]["displacement"].size(), 22u);
  EXPECT_EQ(data["pieces"][0]["a"], "A 1-22");
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
      {{"in/h.pdb"}, 2, "compare takes two structures at least, not 1"},
      {{"in/h.pdb", "in"}, 3, "no chain of one is like a chain of the other"},
      {{"in/h.pdb", "in/h.pdb", "-o", "c.foo"}, 2, "c.foo has the ending of no format"},
      {{"in/h.pdb", "in/h.pdb", "-o", "c"}, 2, "c has the ending of no format"},
      {{"in/h.pdb", "in/h.pdb", "--per", "mode"}, 2, "--per is of tsv, csv and jsonl"},
      {{"in", "1abc", "--per", "mode", "-o", "c.tsv"}, 2, "--per is of two structures"},
      {{"in", "1abc", "--morph", "c.pdb"}, 2, "--morph is of two structures, and here are 3"},
      {{"in", "1abc", "-o", "c.html"}, 2, "html is of two structures"},
      {{"in/h.pdb", "in/h.pdb", "-o", "c.pdb", "--format", "tsv", "--morph", "c.pdb"},
       2,
       "are the same file"},
      {{"in/h.pdb", "in/h.pdb", "--morph", "c.cif"}, 2, "--morph writes PDB format: c.cif"},
      {{"in/h.pdb", "in/w.pdb", "--morph", "in/w.pdb"}, 2, "is an input as well"},
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
  const RunResult result = test_support::run_modesweep({"compare", "--help-all"});
  EXPECT_EQ(result.exit_code, 0);
  for (const char* word : {"Kabsch", "scaled to length 1", "orthonormalised", "rmsip10",
                           "cumulative_a", "1AKE:A", "30 %"})
    EXPECT_NE(result.out.find(word), std::string::npos) << word;
}

}  // namespace
