// SPDX-License-Identifier: MIT
// The real program on a real device: its operations, its engine in a mixed run, its commands.
#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>

#include <modesweep/device.hpp>

#include "support/data_files.hpp"
#include "support/process.hpp"

namespace {

using test_support::run_modesweep;

class OnDevice : public testing::Test {
 protected:
  void SetUp() override {
    const modesweep::CudaProbe probe = modesweep::probe_cuda();
    if (probe.devices.empty()) GTEST_SKIP() << "no device: " << probe.reason;
  }
  const std::string demo_ = (test_support::source_dir() / "data" / "demo").string();
};

TEST_F(OnDevice, EveryOperationAgreesWithItsReference) {
  const auto result = run_modesweep({"selftest"});
  EXPECT_EQ(result.exit_code, 0) << result.out << result.err;
  EXPECT_EQ(result.out.find("FAIL"), std::string::npos) << result.out;
}

/// Rows by file of a run over the whole demonstration archive.
std::map<std::string, nlohmann::json> rank_all(const std::string& demo,
                                               const std::vector<std::string>& options) {
  std::vector<std::string> arguments = {"rank", "--files", demo, "--top", "0", "--format", "jsonl"};
  arguments.insert(arguments.end(), options.begin(), options.end());
  const auto result = run_modesweep(arguments);
  EXPECT_EQ(result.exit_code, 0) << result.err;
  std::map<std::string, nlohmann::json> rows;
  std::istringstream lines(result.out);
  for (std::string line; std::getline(lines, line);) {
    const nlohmann::json row = nlohmann::json::parse(line);
    rows[row.at("file")] = row;
  }
  return rows;
}

TEST_F(OnDevice, AMixedRunGivesTheNumbersOfTheCpuTwice) {
  const auto expected = rank_all(demo_, {"--backend", "cpu"});
  ASSERT_GE(expected.size(), 40u);
  const auto rows = rank_all(demo_, {"--backend", "cuda"});
  const auto again = rank_all(demo_, {"--backend", "cuda"});
  ASSERT_EQ(rows.size(), expected.size());
  for (const auto& [file, row] : rows) {
    SCOPED_TRACE(file);
    const nlohmann::json& cpu = expected.at(file);
    EXPECT_TRUE(row.at("backend").get<std::string>().starts_with("cuda:"));
    EXPECT_EQ(row.at("zero_modes"), cpu.at("zero_modes"));
    const double share = cpu.at("fv1"), softest = cpu.at("ev1");
    EXPECT_NEAR(row.at("fv1").get<double>(), share, share * std::max(1e-9, 52e-14 / softest));
    EXPECT_EQ(row.at("eigenvalues"), again.at(file).at("eigenvalues")) << "not the same bits";
  }
}

TEST_F(OnDevice, BenchRunsToItsEnd) {
  const auto result =
      run_modesweep({"bench", demo_ + "/ubiquitin", "--seconds", "0", "--most-residues", "160"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_NE(result.out.find("cuda:0"), std::string::npos) << result.out;
}

}  // namespace
