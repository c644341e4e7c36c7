// SPDX-License-Identifier: MIT
// PyMOL itself opens what `modesweep modes` writes for it. Skipped where it is not installed.
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "support/data_files.hpp"
#include "support/process.hpp"
#include "support/temp_dir.hpp"

namespace {

/// Debian's, which is the one with python3-pymol; a python3 in PATH may be another.
constexpr const char* python = "/usr/bin/python3";
constexpr std::size_t residues = 76;

class PyMol : public testing::Test {
 protected:
  void SetUp() override {
    if (test_support::run({python, "-c", "import pymol"}).exit_code != 0)
      GTEST_SKIP() << python << " has no PyMOL";
    options_.folder = folder_.path().string();
    const auto written = test_support::run_modesweep(
        {"modes", (test_support::source_dir() / "data/demo/ubiquitin").string(), "--format",
         "npz,pdb,pml", "--mode", "1,2", "--amplitude", "5", "--frames", "8", "--b-column",
         "displacement", "-o", "out/"},
        options_);
    ASSERT_EQ(written.exit_code, 0) << written.err;
  }

  nlohmann::json opened(const std::vector<std::string>& arguments) const {
    std::vector<std::string> command = {python, "-m", "pymol", "-ckq"};
    command.insert(command.end(), arguments.begin(), arguments.end());
    command.push_back((test_support::source_dir() / "tests/cli/look_in_pymol.py").string());
    const auto result = test_support::run(command, options_);
    for (const std::string& text : {result.out, result.err})
      EXPECT_EQ(text.find("rror"), std::string::npos) << text;
    // Its console repeats commands, but not what there is one of for each residue.
    for (const char* line : {"ATOM ", "modesweep_mode.append"})
      EXPECT_EQ(result.out.find(line), std::string::npos) << result.out;
    return nlohmann::json::parse(test_support::read_file((folder_.path() / "seen.json").string()));
  }

  test_support::TempDir folder_;
  test_support::RunOptions options_;
};

TEST_F(PyMol, DrawsTheScript) {
  const nlohmann::json seen = opened({"out/pdb1ubi.pml"});
  const nlohmann::json& atoms = seen.at("pdb1ubi_ca");
  EXPECT_EQ(atoms.at("states"), 1);
  EXPECT_EQ(atoms.at("bonds"), residues - 1);
  EXPECT_LT(atoms.at("moved"), 0.000501);

  const nlohmann::json &core = seen.at("pdb1ubi_core"), &hinges = seen.at("pdb1ubi_hinges");
  EXPECT_EQ(hinges.at("colors"), std::vector<std::string>{"f0e442"});
  const auto core_colors = core.at("colors").get<std::vector<std::string>>();
  EXPECT_NE(std::find(core_colors.begin(), core_colors.end(), "0072b2"), core_colors.end());
  EXPECT_GT(core.at("ids").size(), residues / 2);
  EXPECT_LT(core.at("ids").size(), residues) << "its last residues are a loose end";
  const auto ranked = test_support::run_modesweep(
      {"rank", "--files", (test_support::source_dir() / "data/demo/ubiquitin").string(),
       "--columns", "hinges", "--format", "jsonl"});
  const nlohmann::json row = nlohmann::json::parse(ranked.out);
  std::vector<int> numbers;  // of chain A, counted from 1 as atoms are
  for (const auto& hinge : row.at("hinges"))
    numbers.push_back(std::stoi(hinge.get<std::string>().substr(1)));
  EXPECT_EQ(hinges.at("ids"), numbers);

  EXPECT_EQ(seen.at("pdb1ubi_mode1").at("type"), "object:cgo");
  // Heads are 0.55 thick.
  const nlohmann::json &found = seen.at("pdb1ubi_mode2").at("extent"),
                       &expected = seen.at("expected").at("extent");
  for (int end : {0, 1})
    for (int axis : {0, 1, 2})
      EXPECT_NEAR(found[end][axis].get<double>(), expected[end][axis].get<double>(), 0.56);
}

TEST_F(PyMol, TakesTheScriptTwice) {
  const nlohmann::json seen = opened({"out/pdb1ubi.pml", "out/pdb1ubi.pml"});
  EXPECT_EQ(seen.at("pdb1ubi_ca").at("states"), 1);
  EXPECT_EQ(seen.at("pdb1ubi_mode1").at("states"), 1);
}

TEST_F(PyMol, PlaysTheAnimationWithItsBonds) {
  const nlohmann::json seen = opened({"out/pdb1ubi.pdb"}), &movie = seen.at("pdb1ubi");
  EXPECT_EQ(movie.at("states"), 16);
  EXPECT_EQ(movie.at("bonds"), residues - 1);
  EXPECT_LT(movie.at("moved"), 0.000501);
  // Of several models' B columns it keeps the last one's.
  const nlohmann::json& lengths = seen.at("expected").at("lengths");
  for (std::size_t i = 0; i < residues; ++i)
    EXPECT_NEAR(movie.at("b")[i].get<double>(), lengths[i].get<double>(), 0.00501);
}

}  // namespace
