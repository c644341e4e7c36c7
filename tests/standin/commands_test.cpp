// SPDX-License-Identifier: MIT
// The commands `bench` and `selftest` with the engine over the stand-in, whose times are none.
#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "support/data_files.hpp"
#include "support/process.hpp"
#include "support/temp_dir.hpp"

namespace {

constexpr const char* not_a_time = "not a time";

class StandinCommand : public testing::Test {
 protected:
  test_support::RunResult run(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), (test_support::build_dir() / STANDIN_PROGRAM).string());
    test_support::RunOptions options;
    options.environment["MODESWEEP_CACHE_DIR"] = cache_.string();
    return test_support::run(arguments, options);
  }

  const test_support::TempDir folder_;
  const std::filesystem::path cache_ = folder_.path() / "cache";
  const std::string demo_ = (test_support::source_dir() / "data" / "demo").string();
};

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

TEST_F(StandinCommand, SelfTestPassesAllOperations) {
  const auto result = run({"selftest"});
  EXPECT_EQ(result.exit_code, 0) << result.out << result.err;
  EXPECT_EQ(result.out.find("FAIL"), std::string::npos) << result.out;
  EXPECT_NE(result.out.find("device 0: stand-in"), std::string::npos);
  for (const char* operation :
       {"cpu solver shift-invert", "copies", "spectral bounds", "dense Hessians", "cuSOLVER",
        "cuBLAS", "residual norms", "starting vectors", "deflation", "orthonormalisation",
        "products with the Hessian", "Rayleigh-Ritz", "Ritz vectors", "Chebyshev filter",
        "copying of modes", "solver chebyshev", "solver jacobi", "the same bits"})
    EXPECT_NE(result.out.find(std::string("pass  ") + operation), std::string::npos) << operation;
  EXPECT_NE(result.err.find(not_a_time), std::string::npos) << result.err;
}

TEST_F(StandinCommand, BenchHasBothSidesAndNoTimesOfTheStandin) {
  const auto result = run({"bench", demo_ + "/ubiquitin", "--seconds", "0", "--most-residues",
                           "160", "--format", "jsonl"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  std::set<std::string> solvers, structures, jobs;
  for (const std::string& line : lines_of(result.out)) {
    const nlohmann::json json = nlohmann::json::parse(line);
    const std::string record = json.at("record");
    if (record == "machine") {
      EXPECT_EQ(json.at("devices").at(0).at("name"), "stand-in");
      continue;
    }
    const std::string solver = json.at("solver");
    // Both sides have a solver filtered.
    const std::string backend = json.value("backend", "");
    const bool device = solver == "chebyshev" || solver == "jacobi" || backend.starts_with("cuda:");
    const nlohmann::json rate = json.at("structures_per_second");
    if (device)
      EXPECT_EQ(rate, not_a_time) << line;
    else
      EXPECT_GT(rate.get<double>(), 0) << line;
    if (record == "job") {
      jobs.insert(solver);
      EXPECT_EQ(json.at("ranked"), json.at("files"));
      continue;
    }
    EXPECT_EQ(record, "engine");
    solvers.insert(solver);
    structures.insert(json.at("structure"));
    if (json.contains("digits")) {
      EXPECT_GE(json.at("digits").get<double>(), 9) << line;
    }
    if (solver == "chebyshev") {
      EXPECT_EQ(json.at("flops_per_second"), not_a_time);
    }
  }
  EXPECT_EQ(solvers, (std::set<std::string>{"auto", "shift-invert", "filtered", "lapack", "eigen",
                                            "chebyshev", "jacobi"}));
  EXPECT_EQ(structures, (std::set<std::string>{"1UBI", "1UBI x2"}));
  EXPECT_EQ(jobs, (std::set<std::string>{"auto", "chebyshev"}));
}

TEST_F(StandinCommand, BenchTableSaysThatTheStandinHasNoTimes) {
  const auto result =
      run({"bench", demo_ + "/ubiquitin", "--seconds", "0", "--most-residues", "80"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_NE(result.out.find("stand-in: not a device"), std::string::npos) << result.out;
  for (const std::string& line : lines_of(result.out)) {
    if (line.find("cuda:0") == std::string::npos) continue;
    EXPECT_NE(line.find(not_a_time), std::string::npos) << line;
  }
}

TEST_F(StandinCommand, CalibrationRunsAndIsNotKept) {
  const auto result = run(
      {"bench", "--calibrate", "--seconds", "0", "--most-residues", "160", demo_ + "/ubiquitin"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  for (const char* solver : {"auto", "chebyshev", "jacobi"})
    EXPECT_NE(result.out.find(solver), std::string::npos) << result.out;
  EXPECT_NE(result.out.find("not kept"), std::string::npos);
  EXPECT_NE(result.out.find(not_a_time), std::string::npos);
  EXPECT_FALSE(std::filesystem::exists(cache_ / "calibration.json"));
}

}  // namespace
