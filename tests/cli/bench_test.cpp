// SPDX-License-Identifier: MIT
// The commands `bench` and `selftest` on a machine without a device.
#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>
#include <string>

#include <modesweep/device.hpp>

#include "support/data_files.hpp"
#include "support/process.hpp"

namespace {

using test_support::run_modesweep;

class CommandsWithoutDevice : public testing::Test {
 protected:
  void SetUp() override {
    if (!modesweep::probe_cuda().devices.empty()) GTEST_SKIP() << "this machine has a device";
  }
  const std::string ubiquitin_ =
      (test_support::source_dir() / "data" / "demo" / "ubiquitin").string();
};

std::size_t lines_in(const std::string& text) {
  return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

TEST_F(CommandsWithoutDevice, SelfTestChecksTheCpuSolversAndEndsWithOneSentence) {
  const auto result = run_modesweep({"selftest"});
  EXPECT_EQ(result.exit_code, 4);
  for (const char* solver : {"shift-invert", "filtered", "eigen"})
    EXPECT_NE(result.out.find(std::string("pass  cpu solver ") + solver), std::string::npos)
        << result.out;
  EXPECT_EQ(lines_in(result.err), 1u) << result.err;
  EXPECT_NE(result.err.find("no device to test"), std::string::npos);
}

TEST_F(CommandsWithoutDevice, BenchMeasuresTheCpuSolversAndSaysWhyThatIsAll) {
  const auto result =
      run_modesweep({"bench", ubiquitin_, "--seconds", "0", "--most-residues", "160"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_NE(result.out.find("no GPU part: "), std::string::npos) << result.out;
  for (const char* word :
       {"1UBI x2", "auto", "shift-invert", "lapack", "eigen", "whole job", "digits"})
    EXPECT_NE(result.out.find(word), std::string::npos) << word;
  EXPECT_EQ(result.out.find("chebyshev"), std::string::npos) << result.out;
}

TEST(Bench, MeasuresTheSolversThatAreNamedAlone) {
  const auto ubiquitin = (test_support::source_dir() / "data" / "demo" / "ubiquitin").string();
  const auto result = run_modesweep({"bench", ubiquitin, "--seconds", "0", "--most-residues", "100",
                                     "--solvers", "lapack,eigen"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_NE(result.out.find(" lapack "), std::string::npos) << result.out;
  EXPECT_NE(result.out.find(" eigen "), std::string::npos) << result.out;
  for (const char* word : {"auto", "chebyshev", "jacobi", "whole job"})
    EXPECT_EQ(result.out.find(word), std::string::npos) << word;
  EXPECT_EQ(run_modesweep({"bench", "--solvers", "qr"}).exit_code, 2);
}

TEST(Bench, EndsOnAnInterruptBeforeTheNextRepetition) {
  // Without it 20 repetitions of a second each would follow one another.
  const auto trypsin =
      (test_support::source_dir() / "data" / "demo" / "trypsin" / "1F7Z_A.pdb.gz").string();
  test_support::RunOptions options;
  options.signals = {
      {SIGINT, [](const test_support::RunResult& so_far) { return !so_far.out.empty(); }}};
  const auto result = run_modesweep(
      {"bench", trypsin, "--seconds", "60", "--most-residues", "300", "--solvers", "eigen"},
      options);
  EXPECT_EQ(result.exit_code, 130) << result.out << result.err;
}

TEST_F(CommandsWithoutDevice, BenchWithoutFilesMakesItsOwnNetworks) {
  test_support::RunOptions elsewhere;
  elsewhere.folder = "/";
  const auto result =
      run_modesweep({"bench", "--seconds", "0", "--most-residues", "130"}, elsewhere);
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_NE(result.out.find("globule 125"), std::string::npos) << result.out;
  EXPECT_NE(result.err.find("made-up networks"), std::string::npos) << result.err;
}

TEST_F(CommandsWithoutDevice, CalibrationNeedsADevice) {
  const auto result = run_modesweep({"bench", "--calibrate", ubiquitin_});
  EXPECT_EQ(result.exit_code, 4);
  EXPECT_NE(result.err.find("no device to compare the CPU with"), std::string::npos) << result.err;
}

TEST(Bench, FilesThatGiveNothing) {
  const auto result = run_modesweep({"bench", "/no-such-file.pdb"});
  EXPECT_EQ(result.exit_code, 3);
  EXPECT_NE(result.err.find("no file gives a network"), std::string::npos) << result.err;
}

}  // namespace
