// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "support/data_files.hpp"
#include "support/npz.hpp"
#include "support/process.hpp"
#include "support/structure_text.hpp"
#include "support/temp_dir.hpp"

namespace {

using test_support::helix;
using test_support::pdb_text;
using test_support::read_file;
using test_support::run_modesweep;
using test_support::RunOptions;
using test_support::RunResult;

class ModesCommand : public testing::Test {
 protected:
  ModesCommand() {
    for (int n : {20, 25}) folder_.write("in/h" + std::to_string(n) + ".pdb", pdb_text(helix(n)));
    folder_.write("mirror/divided/pdb/ab/pdb1abc.ent", pdb_text(helix(22), "1ABC"));
    folder_.write("in/empty.txt", "");
  }
  RunResult modes(std::vector<std::string> arguments) const {
    RunOptions options;
    options.folder = folder_.path().string();
    options.environment["PDB_DIR"] = path("mirror");
    arguments.insert(arguments.begin(), {"modes", "--offline"});
    return run_modesweep(std::move(arguments), options);
  }
  std::string path(const std::string& name) const { return (folder_.path() / name).string(); }
  /// Names of the files in a folder.
  std::set<std::string> files(const std::string& name) const {
    std::set<std::string> names;
    for (const auto& file : std::filesystem::directory_iterator(path(name)))
      names.insert(file.path().filename().string());
    return names;
  }
  test_support::TempDir folder_;
};

TEST_F(ModesCommand, PrintsOneTableOfEntriesAndFilesInTheOrderAsked) {
  const RunResult result = modes({"in/h25.pdb", "1abc", "--files", "in/h20.pdb"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  std::istringstream lines(result.out);
  std::vector<std::string> names;
  int rows = 0;
  for (std::string line; std::getline(lines, line); ++rows)
    if (const std::string name = line.substr(0, line.find('\t'));
        names.empty() || names.back() != name)
      names.push_back(name);
  EXPECT_EQ(names, (std::vector<std::string>{"entry", "h25", "1ABC", "h20"}));
  EXPECT_EQ(rows, 1 + 25 + 22 + 20);
}

TEST_F(ModesCommand, SeveralInputsGoToAFolderInEachFormat) {
  const RunResult result =
      modes({"in", "--ids", "1ABC", "--format", "nmd,npz,pdb,pml,cxc,tsv,jsonl", "-o", "new/out"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_TRUE(result.out.empty());
  std::set<std::string> expected;
  for (const char* name : {"h20", "h25", "1ABC"})
    for (const char* format : {"nmd", "npz", "pdb", "pml", "cxc", "tsv", "jsonl"})
      expected.insert(std::string(name) + "." + format);
  EXPECT_EQ(files("new/out"), expected);
  const auto arrays = test_support::read_npz(read_file(path("new/out/1ABC.npz")));
  EXPECT_EQ(arrays.at("eigenvectors").shape, (std::vector<std::size_t>{66, 20}));
  EXPECT_EQ(arrays.at("entry").texts().at(0), U"1ABC");
  for (const char* name : {"h20.tsv", "h25.tsv"})
    EXPECT_TRUE(read_file(path("new/out/") + name).starts_with("entry\t")) << name;

  ASSERT_EQ(modes({"in", "-o", "npz"}).exit_code, 0);
  EXPECT_EQ(files("npz"), (std::set<std::string>{"h20.npz", "h25.npz"}));
}

TEST_F(ModesCommand, OneInputGoesToAFileByItsEnding) {
  for (const char* ending : {"nmd", "npz", "pdb", "pml", "cxc", "tsv", "jsonl"})
    ASSERT_EQ(modes({"in/h20.pdb", "-n", "7", "-o", std::string("m.") + ending}).exit_code, 0);
  EXPECT_TRUE(read_file(path("m.nmd")).starts_with("name h20\natomnames CA "));
  EXPECT_TRUE(read_file(path("m.pdb")).ends_with("CONECT   20   19\nEND\n"));
  EXPECT_TRUE(read_file(path("m.pml")).ends_with("\norient h20_ca\nzoom h20_ca, 5\n"));
  EXPECT_TRUE(read_file(path("m.cxc")).ends_with("\nview\n"));
  const auto row = nlohmann::json::parse(
      read_file(path("m.jsonl")).substr(0, read_file(path("m.jsonl")).find('\n')));
  EXPECT_EQ(row["entry"], "h20");
  EXPECT_EQ(test_support::read_npz(read_file(path("m.npz"))).at("eigenvalues").doubles().size(),
            7u);
  ASSERT_EQ(modes({"in/h20.pdb", "--format", "jsonl", "-o", "m.txt", "-n", "7"}).exit_code, 0);
  EXPECT_EQ(read_file(path("m.txt")), read_file(path("m.jsonl")));
  ASSERT_EQ(modes({"in/h20.pdb", "-o", "folder/"}).exit_code, 0);
  EXPECT_EQ(files("folder"), std::set<std::string>{"h20.npz"});
}

TEST_F(ModesCommand, TakesTheModelOfRank) {
  const auto numbers = [&](std::vector<std::string> more) {
    more.insert(more.begin(), {"in/h20.pdb", "-o", "m.npz"});
    EXPECT_EQ(modes(more).exit_code, 0);
    return test_support::read_npz(read_file(path("m.npz")));
  };
  const auto plain = numbers({}), stiff = numbers({"--gamma", "2"}),
             near = numbers({"--cutoff", "8", "--solver", "lapack"});
  EXPECT_NEAR(stiff.at("eigenvalues").doubles()[0], 2 * plain.at("eigenvalues").doubles()[0],
              1e-12);
  EXPECT_LT(near.at("eigenvalues").doubles()[0], plain.at("eigenvalues").doubles()[0]);
  EXPECT_EQ(near.at("cutoff").doubles()[0], 8);
  EXPECT_EQ(near.at("solver").texts()[0], U"lapack");
}

TEST_F(ModesCommand, OfAGnmHaveNoDirections) {
  const RunResult result =
      modes({"in/h25.pdb", "--enm", "gnm", "--format", "npz,nmd,pdb,pml,cxc,tsv", "-o", "out"});
  EXPECT_EQ(result.exit_code, 3);
  EXPECT_NE(result.err.find("a GNM's modes have no directions"), std::string::npos) << result.err;
  EXPECT_EQ(files("out"), (std::set<std::string>{"h25.npz", "h25.tsv"}));
  const auto arrays = test_support::read_npz(read_file(path("out/h25.npz")));
  EXPECT_EQ(arrays.at("eigenvectors").shape, (std::vector<std::size_t>{25, 20}));
  EXPECT_EQ(arrays.at("model").texts().at(0), U"GNM");
  EXPECT_EQ(arrays.at("cutoff").doubles(), std::vector<double>{10});
  EXPECT_EQ(arrays.at("zero_modes").integers(), std::vector<std::int64_t>{1});
}

TEST_F(ModesCommand, TakesChainsAndSelections) {
  std::vector<test_support::Atom> atoms = helix(20, "A");
  for (const test_support::Atom& atom : helix(25, "B", 9)) atoms.push_back(atom);
  folder_.write("two.pdb", pdb_text(atoms));
  folder_.write("odd:A.pdb", pdb_text(helix(30)));
  const auto nodes = [&](const std::vector<std::string>& arguments, const std::string& file) {
    const RunResult result = modes(arguments);
    EXPECT_EQ(result.exit_code, 0) << result.err;
    return test_support::read_npz(read_file(path(file))).at("coordinates").shape.at(0);
  };
  EXPECT_EQ(nodes({"two.pdb:B", "-o", "m.npz"}, "m.npz"), 25u);
  EXPECT_EQ(nodes({"two.pdb", "--chains", "B, A", "-o", "m.npz"}, "m.npz"), 45u);
  EXPECT_EQ(nodes({"two.pdb:A", "--select", "3-18", "-o", "m.npz"}, "m.npz"), 16u);
  const auto arrays = test_support::read_npz(read_file(path("m.npz")));
  EXPECT_EQ(arrays.at("entry").texts().at(0), U"two_A");
  EXPECT_EQ(arrays.at("chains_selected").texts().at(0), U"A");
  EXPECT_EQ(arrays.at("selection").texts().at(0), U"3-18");
  EXPECT_EQ(nodes({"1abc:A", "two.pdb:A,B", "-o", "out"}, "out/two_A_B.npz"), 45u);
  EXPECT_EQ(files("out"), (std::set<std::string>{"1ABC_A.npz", "two_A_B.npz"}));
  EXPECT_EQ(nodes({"odd:A.pdb", "-o", "m.npz"}, "m.npz"), 30u);

  for (const auto& [arguments, message] :
       std::vector<std::pair<std::vector<std::string>, std::string>>{
           {{"two.pdb:C"}, "there is no chain C among A, B"},
           {{"two.pdb", "--select", "//A/50"}, "//A/50 selects no residue of its chains A, B"}}) {
    const RunResult result = modes(arguments);
    EXPECT_EQ(result.exit_code, 3);
    EXPECT_NE(result.err.find(message), std::string::npos) << result.err;
  }
}

TEST_F(ModesCommand, ABlankChainCanBeNamed) {
  std::vector<test_support::Atom> atoms = helix(20, "");
  for (const test_support::Atom& atom : helix(25, "B", 9)) atoms.push_back(atom);
  folder_.write("two.pdb", pdb_text(atoms));
  for (const std::vector<std::string>& arguments :
       std::vector<std::vector<std::string>>{{"two.pdb:_"},
                                             {"two.pdb: "},
                                             {"two.pdb", "--chains", "_"},
                                             {"two.pdb", "--chains", " "},
                                             {"two.pdb", "--select", "//_/"}}) {
    std::vector<std::string> all = arguments;
    all.insert(all.end(), {"-o", "m.npz"});
    const RunResult result = modes(all);
    ASSERT_EQ(result.exit_code, 0) << arguments.back() << '\n' << result.err;
    EXPECT_EQ(test_support::read_npz(read_file(path("m.npz"))).at("coordinates").shape.at(0), 20u)
        << arguments.back();
  }
  ASSERT_EQ(modes({"two.pdb:_", "two.pdb:B,_", "-o", "out"}).exit_code, 0);
  EXPECT_EQ(files("out"), (std::set<std::string>{"two__.npz", "two_B__.npz"}));
  const RunResult missing = modes({"two.pdb:A"});
  EXPECT_EQ(missing.exit_code, 3);
  EXPECT_NE(missing.err.find("there is no chain A among B, _ (those with nodes; \"_\" is the one "
                             "without a name)"),
            std::string::npos)
      << missing.err;
}

TEST_F(ModesCommand, SolversAgreeOnTheSigns) {
  std::vector<std::vector<double>> vectors;
  for (const char* solver : {"shift-invert", "lapack", "eigen"}) {
    ASSERT_EQ(modes({"in/h25.pdb", "--solver", solver, "-o", "m.npz"}).exit_code, 0);
    vectors.push_back(
        test_support::read_npz(read_file(path("m.npz"))).at("eigenvectors").doubles());
  }
  for (const std::vector<double>& other : vectors)
    for (std::size_t i = 0; i < other.size(); ++i)
      ASSERT_NEAR(other[i], vectors[0][i], 1e-7) << "mode " << i / 75 + 1;
}

TEST_F(ModesCommand, AnimatesTheModeAskedFor) {
  ASSERT_EQ(
      modes({"in/h20.pdb", "-o", "m.pdb", "--mode", "3", "--amplitude", "1.25", "--frames", "12"})
          .exit_code,
      0);
  const std::string text = read_file(path("m.pdb"));
  EXPECT_NE(text.find("MODE 3 OF h20"), std::string::npos);
  EXPECT_NE(text.find("12 FRAMES, 1.25 A RMSD"), std::string::npos);
  EXPECT_NE(text.find("MODEL       12\n"), std::string::npos);
  EXPECT_EQ(text.find("MODEL       13\n"), std::string::npos);
}

TEST_F(ModesCommand, AnimatesSeveralModesInOneFile) {
  ASSERT_EQ(modes({"in/h20.pdb", "-o", "m.pdb", "--mode", "2, 1,3", "--frames", "8", "--b-column",
                   "displacement"})
                .exit_code,
            0);
  const std::string text = read_file(path("m.pdb"));
  const std::size_t second = text.find("MODE 2 OF h20"), first = text.find("MODE 1 OF h20"),
                    third = text.find("MODE 3 OF h20");
  EXPECT_LT(second, first);
  EXPECT_LT(first, third);
  EXPECT_NE(third, std::string::npos);
  EXPECT_NE(text.find("B COLUMN: DISPLACEMENT"), std::string::npos);
  EXPECT_NE(text.find("MODEL       24\n"), std::string::npos);
  EXPECT_EQ(text.find("MODEL       25\n"), std::string::npos);
}

TEST_F(ModesCommand, DrawsModesCoreAndHinges) {
  // A helix far too thin for a core, and the same with hinges as `rank` names them.
  const std::vector<std::string> drawn = {"in/h25.pdb", "--mode", "1,4", "--amplitude", "3"};
  for (const char* file : {"m.pml", "m.cxc"}) {
    std::vector<std::string> arguments = drawn;
    arguments.insert(arguments.end(), {"-o", file});
    ASSERT_EQ(modes(arguments).exit_code, 0);
    const std::string text = read_file(path(file));
    for (const char* words :
         {"# h25: 25 residues, ANM", "3 A RMSD", "# Mode 1, ", "# Mode 4, ", "# Hinges, "})
      EXPECT_NE(text.find(words), std::string::npos) << words << '\n' << file;
  }
  const RunResult ranked = run_modesweep(
      {"rank", "--files", path("in/h25.pdb"), "--format", "jsonl", "--columns", "hinges"});
  const auto hinges = nlohmann::json::parse(ranked.out).at("hinges");
  ASSERT_FALSE(hinges.empty());
  std::string ids;
  for (const auto& hinge : hinges)  // the residues of h25 are counted from 1, as atoms are
    ids += (ids.empty() ? "" : "+") + hinge.get<std::string>().substr(1);
  EXPECT_NE(read_file(path("m.pml")).find("(h25_ca and id " + ids + ")\n"), std::string::npos)
      << ids << '\n'
      << read_file(path("m.pml"));
}

TEST_F(ModesCommand, WhatIsDrawnChangesNoOtherFile) {
  ASSERT_EQ(modes({"in/h25.pdb", "--format", "npz", "-o", "alone/"}).exit_code, 0);
  ASSERT_EQ(modes({"in/h25.pdb", "--format", "npz,pml", "-o", "both/"}).exit_code, 0);
  EXPECT_EQ(read_file(path("alone/h25.npz")), read_file(path("both/h25.npz")));
}

TEST_F(ModesCommand, FlagsDegenerateModes) {
  // Two equal pieces out of reach of each other: every mode twice.
  std::string both = pdb_text(helix(20, "A"));
  both = both.substr(0, both.find("END")) + pdb_text(helix(20, "B", 200));
  folder_.write("twins.pdb", both);
  const RunResult result = modes({"twins.pdb", "-o", "m.npz", "-n", "6"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_NE(result.err.find("twins: modes 1-2 3-4 5-6 are degenerate"), std::string::npos)
      << result.err;
  EXPECT_EQ(test_support::read_npz(read_file(path("m.npz"))).at("degenerate_modes").integers(),
            (std::vector<std::int64_t>{1, 2, 3, 4, 5, 6}));
  EXPECT_EQ(modes({"in/h20.pdb", "-o", "m.npz"}).err.find("degenerate"), std::string::npos);
}

TEST_F(ModesCommand, OneBadEntryIsNamedAndTheOthersAreWritten) {
  folder_.write("in/water.pdb", "HETATM    1  O   HOH A   1       0.000   0.000   0.000\nEND\n");
  const std::vector<std::string> arguments = {"in", "2XYZ", "gone.pdb", "-o", "out"};
  const RunResult result = modes(arguments);
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(files("out"), (std::set<std::string>{"h20.npz", "h25.npz"}));
  for (const char* name : {"water: ", "2XYZ: ", "gone: "})
    EXPECT_NE(result.err.find(name), std::string::npos) << result.err;
  std::vector<std::string> strict = arguments;
  strict.push_back("--strict");
  EXPECT_EQ(modes(strict).exit_code, 1);
  EXPECT_EQ(modes({"gone.pdb"}).exit_code, 3);
  EXPECT_EQ(modes({"2XYZ", "-o", "m.npz"}).exit_code, 4);
}

TEST_F(ModesCommand, AFormatThatCannotHoldAnEntryKeepsNoOther) {
  const RunResult result =
      modes({"in/h20.pdb", "--format", "pdb,npz", "--mode", "50", "-o", "out"});
  EXPECT_EQ(result.exit_code, 3);
  EXPECT_NE(result.err.find("there is no mode 50 among 20"), std::string::npos) << result.err;
  EXPECT_EQ(files("out"), std::set<std::string>{"h20.npz"});
}

TEST_F(ModesCommand, WhatCannotBeMeantIsRefusedBeforeAnythingIsWritten) {
  folder_.write("other/h20.pdb", pdb_text(helix(30)));
  const std::vector<std::pair<std::vector<std::string>, std::string>> cases = {
      {{}, "nothing to compute"},
      {{"1UBI_A"}, "names a chain"},
      {{"nonsense"}, "is not a PDB ID"},
      {{"in/h20.pdb", "--format", "npz"}, "name it with -o"},
      {{"in/h20.pdb", "--format", "tsv,jsonl"}, "name a folder with -o"},
      {{"in/h20.pdb", "--format", "xyz", "-o", "m"}, "not \"xyz\""},
      {{"in/h20.pdb", "-o", "m.xyz"}, "has the ending of no format"},
      {{"in", "-o", "m.npz"}, "looks like a file"},
      {{"in/h20.pdb", "other/h20.pdb", "-o", "out"}, "would both be written to out/h20.npz"},
      {{"in/h20.pdb", "-o", "m.pdb", "--frames", "10"}, "a multiple of four"},
      {{"in/h20.pdb", "-o", "m.pdb", "--mode", "1,x"}, "x is not a whole number from 1 to 10000"},
      {{"in/h20.pdb", "-o", "m.pdb", "--mode", "2,1,2"}, "--mode names mode 2 twice"},
      {{"in/h20.pdb", "-o", "m.pdb", "--mode", ""}, "--mode names no mode"},
      {{"in/h20.pdb", "-o", "m.pdb", "--b-column", "bfactor"}, "--b-column"},
      {{"in/h20.pdb:A", "--chains", "A"}, "not with both"},
      {{"in/h20.pdb:"}, "no name of a chain"},
      {{"in/h20.pdb:A:B"}, "name chains as in 1AKE:A,B"},
      {{"in/h20.pdb", "--chains", ","}, "no name of a chain"},
      {{"in/h20.pdb", "--select", "/2/A", "--model", "1"}, "names model 2, and --model 1"},
      {{"in/h20.pdb", "--select", "//A/1-5*0"}, "Invalid selection syntax"},
      {{"in/h20.pdb", "--solver", "jacobi"}, "--solver"}};
  for (const auto& [arguments, message] : cases) {
    const RunResult result = modes(arguments);
    EXPECT_EQ(result.exit_code, 2) << message;
    EXPECT_NE(result.err.find(message), std::string::npos) << result.err;
  }
  EXPECT_FALSE(std::filesystem::exists(path("m.npz")));
}

TEST_F(ModesCommand, AnOutputThatCannotBeWrittenIsKnownFirst) {
  EXPECT_EQ(modes({"in/h20.pdb", "-o", "nowhere/m.npz"}).exit_code, 6);
  EXPECT_EQ(modes({"in", "-o", "in/empty.txt/out"}).exit_code, 6);
}

TEST_F(ModesCommand, HelpNamesFormatsColumnsAndTheSignRule) {
  const RunResult result = run_modesweep({"modes", "--help-all"});
  EXPECT_EQ(result.exit_code, 0);
  for (const char* word :
       {"nmd ", "npz ", "pdb ", "pml ", "cxc ", "tsv", "jsonl", "sq_fluct", "displacement3",
        "largest absolute value", "degenerate", "--amplitude", "--frames"})
    EXPECT_NE(result.out.find(word), std::string::npos) << word;
}

}  // namespace
