// SPDX-License-Identifier: MIT
// The main job where the device fails, over the stand-in: after each fault the ranking is complete
// and right.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <regex>
#include <sstream>

#include <modesweep/machine.hpp>

#include "devices/placement.hpp"
#include "support/data_files.hpp"
#include "support/process.hpp"
#include "support/table.hpp"
#include "support/temp_dir.hpp"

namespace {

using test_support::RunResult;
using Table = std::map<std::string, std::map<std::string, std::string>>;  // by ID, by column

// A stream's part of it holds two or three of the zinc fingers: several batches are in work.
const std::string tight_chebyshev = "memory=1100000 ", tight_jacobi = "memory=1400000 ",
                  tight_filtered = "memory=1900000 ";

struct Job {
  RunResult result;
  Table table;

  std::int64_t count(const std::string& name) const {
    std::smatch match;
    if (!std::regex_search(result.err, match, std::regex("stand-in: .*" + name + "=([0-9]+)")))
      return -1;
    return std::stoll(match[1]);
  }
  std::size_t rows_with(const std::string& column, const std::string& value) const {
    return static_cast<std::size_t>(std::count_if(table.begin(), table.end(), [&](const auto& row) {
      return row.second.at(column) == value;
    }));
  }
};

class Faults : public testing::Test {
 protected:
  Job rank(const std::string& machine, std::vector<std::string> options,
           const std::string& filter = "") const {
    std::vector<std::string> command = {
        (test_support::build_dir() / STANDIN_PROGRAM).string(),
        "rank",
        "zinc",
        "--no-result-cache",
        "--archive",
        (test_support::source_dir() / "data" / "demo").string(),
        "-v",
        "--format",
        "tsv",
        "--threads",
        "2",
        "--columns",
        "pdb_id,residues,zero_modes,notes,fv1,fv2,fv3,coll1,ev1,solver,backend"};
    command.insert(command.end(), options.begin(), options.end());
    test_support::RunOptions run;
    run.environment["MODESWEEP_CACHE_DIR"] = cache().string();
    run.environment["MODESWEEP_STANDIN"] = machine;
    if (!filter.empty()) run.environment["MODESWEEP_CUDA_FILTER"] = filter;
    Job job{test_support::run(command, run), {}};
    std::istringstream lines(job.result.out);
    std::string line;
    std::getline(lines, line);
    const std::vector<std::string> names = test_support::split_fields(line);
    while (std::getline(lines, line)) {
      const std::vector<std::string> fields = test_support::split_fields(line);
      for (std::size_t i = 0; i < fields.size(); ++i)
        job.table[fields.at(0)][names.at(i)] = fields[i];
    }
    return job;
  }

  std::filesystem::path cache() const { return folder_.path() / "cache"; }

  /// All rows are there, with the CPU's numbers; what the CPU took over says so.
  void expect_right(const Job& job) {
    if (wanted_.empty()) wanted_ = rank("", {"--backend", "cpu"}).table;
    EXPECT_EQ(job.result.exit_code, 0) << job.result.err;
    ASSERT_EQ(wanted_.size(), 6u);
    ASSERT_EQ(job.table.size(), wanted_.size());
    for (const auto& [id, row] : job.table) {
      SCOPED_TRACE(id);
      const auto& wanted = wanted_.at(id);
      EXPECT_EQ(row.at("residues"), wanted.at("residues"));
      EXPECT_EQ(row.at("zero_modes"), wanted.at("zero_modes"));
      for (const char* column : {"fv1", "fv2", "fv3", "coll1", "ev1"}) {
        const double value = std::stod(wanted.at(column));
        EXPECT_NEAR(std::stod(row.at(column)), value, 1e-9 * value) << column;
      }
    }
    // The last line is the stand-in's where an engine was made: nothing was left behind, and nobody
    // did anything wrong.
    if (job.count("alive") < 0) return;
    EXPECT_TRUE(std::regex_search(job.result.err, std::regex("alive=0\n$"))) << job.result.err;
  }

  /// From now on `--backend auto` gives devices of that name all that they take, at once.
  void calibrate(const std::string& device) const {
    using namespace modesweep;
    Calibration calibration;
    calibration.date = "2026-11-22T20:00:00Z";
    calibration.cpu = cpu_name();
    calibration.device = device;
    calibration.start = 0;
    calibration.read.samples = {{100, 1e-2}};
    calibration.solvers["auto"].samples = {{100, 1e-2}};
    calibration.solvers["chebyshev"].samples = {{100, 1e-3}};
    save_calibration(calibration, calibration_file(cache()));
  }

  /// How many rows are the CPU's because the device could not finish them; they say so.
  static std::size_t fallbacks(const Job& job) {
    for (const auto& [id, row] : job.table)
      EXPECT_EQ(row.at("notes").find("fallback") != std::string::npos, row.at("backend") == "cpu")
          << id;
    return job.rows_with("backend", "cpu");
  }

  static std::vector<std::string> cuda(const std::string& solver) {
    return {"--backend", "cuda", "--solver", solver};
  }
  static std::string tight(const std::string& solver) {
    return solver == "jacobi"     ? tight_jacobi
           : solver == "filtered" ? tight_filtered
                                  : tight_chebyshev;
  }

  test_support::TempDir folder_;
  Table wanted_;
};

class FaultsOf : public Faults, public testing::WithParamInterface<std::string> {};
INSTANTIATE_TEST_SUITE_P(Solver, FaultsOf, testing::Values("chebyshev", "jacobi", "filtered"),
                         [](const auto& test) { return test.param; });

/// First, middle and last.
std::vector<std::int64_t> strikes(std::int64_t last) { return {1, (last + 1) / 2, last}; }

TEST_P(FaultsOf, NoMemoryAtTheFirstAMiddleAndTheLastAllocation) {
  const Job plain = rank(tight(GetParam()), cuda(GetParam()));
  expect_right(plain);
  EXPECT_EQ(plain.rows_with("solver", GetParam()), 6u);
  ASSERT_GE(plain.count("allocations"), 3);
  for (const std::int64_t strike : strikes(plain.count("allocations"))) {
    SCOPED_TRACE(strike);
    expect_right(
        rank(tight(GetParam()) + "allocation=" + std::to_string(strike), cuda(GetParam())));
  }
}

TEST_P(FaultsOf, ADeviceWithTooLittleMemoryLeavesAllToTheCpu) {
  const Job job = rank("memory=30000", cuda(GetParam()));
  expect_right(job);
  EXPECT_EQ(fallbacks(job), 6u);
}

TEST_P(FaultsOf, ALaunchErrorCostsTimeOnly) {
  // Each is a launch of the first batches, whatever they hold; engine_test strikes the last one
  // too.
  const bool jacobi = GetParam() == "jacobi";
  for (const int strike : jacobi ? std::vector{1, 3, 6} : std::vector{1, 20, 60}) {
    SCOPED_TRACE(strike);
    const Job job = rank(tight(GetParam()) + "launch=" + std::to_string(strike), cuda(GetParam()));
    expect_right(job);
    EXPECT_NE(job.result.err.find("cuda:0 stand-in failed: kernel"), std::string::npos)
        << job.result.err;
    EXPECT_GE(fallbacks(job), 1u);
  }
}

TEST_P(FaultsOf, ALostDeviceLeavesItsWorkToTheCpu) {
  for (const int strike : {1, 2, 3}) {
    SCOPED_TRACE(strike);
    const Job job = rank(tight(GetParam()) + "wait=" + std::to_string(strike), cuda(GetParam()));
    expect_right(job);
    EXPECT_GE(fallbacks(job), 1u);
    EXPECT_NE(job.result.err.find("719 (cudaErrorLaunchFailure)"), std::string::npos)
        << job.result.err;
  }
}

TEST_P(FaultsOf, ADeviceLostBetweenTwoBatchesKeepsWhatItHasDone) {
  // Each structure is a batch of its own, so that the waits are the same each time.
  const std::string single = GetParam() == "jacobi"     ? "memory=1200000"
                             : GetParam() == "filtered" ? "memory=1000000"
                                                        : "memory=560000";
  const Job plain = rank(single, cuda(GetParam()));
  expect_right(plain);
  EXPECT_EQ(fallbacks(plain), 0u);
  EXPECT_NE(plain.result.err.find("structures 6, batches 6 "), std::string::npos);
  for (const std::int64_t strike : {plain.count("waits") * 3 / 4, plain.count("waits")}) {
    SCOPED_TRACE(strike);
    const Job job = rank(single + " wait=" + std::to_string(strike), cuda(GetParam()));
    expect_right(job);
    EXPECT_GE(fallbacks(job), 1u);
    EXPECT_GE(job.rows_with("solver", GetParam()), 1u);
    EXPECT_NE(job.result.err.find("719 (cudaErrorLaunchFailure)"), std::string::npos)
        << job.result.err;
  }
}

TEST_P(FaultsOf, ALostDeviceLeavesItsWorkToTheOthers) {
  for (const int strike : {1, 2, 3}) {
    SCOPED_TRACE(strike);
    const Job job =
        rank("devices=2 " + tight(GetParam()) + "wait=" + std::to_string(strike), cuda(GetParam()));
    expect_right(job);
    EXPECT_EQ(job.rows_with("backend", "cpu"), 0u);
    EXPECT_NE(job.result.err.find("719 (cudaErrorLaunchFailure)"), std::string::npos);
  }
}

TEST_F(Faults, AMatrixThatDoesNotConvergeIsTheCpus) {
  const Job job = rank(tight_jacobi + "matrix=2", cuda("jacobi"));
  expect_right(job);
  EXPECT_EQ(job.rows_with("solver", "jacobi"), 5u);
  EXPECT_EQ(fallbacks(job), 1u);
}

TEST_F(Faults, AFailedCallOfCusolverCostsTimeOnly) {
  const Job job = rank(tight_jacobi + "solver_call=1", cuda("jacobi"));
  expect_right(job);
  EXPECT_GE(fallbacks(job), 1u);
  EXPECT_NE(job.result.err.find("6 (CUSOLVER_STATUS_EXECUTION_FAILED)"), std::string::npos);
}

TEST_F(Faults, ACholeskyQrThatBreaksDownIsTheCpus) {
  const Job job = rank("raised_flag=1", cuda("chebyshev"));
  expect_right(job);
  EXPECT_EQ(job.rows_with("solver", "chebyshev"), 5u);
  EXPECT_EQ(fallbacks(job), 1u);
  EXPECT_NE(job.result.err.find("left to the CPU by the device: "), std::string::npos);
  EXPECT_NE(job.result.err.find("the vectors became linearly dependent"), std::string::npos)
      << job.result.err;
}

TEST_F(Faults, AKrylovSpaceThatBreaksDownIsTheCpus) {
  // The flags of the Cholesky-QR are cleared before.
  const Job job = rank("raised_flag=2", cuda("filtered"));
  expect_right(job);
  // So small a one the CPU's own of this name leaves to shift-invert.
  EXPECT_EQ(job.rows_with("solver", "filtered"), 5u);
  EXPECT_EQ(fallbacks(job), 1u);
  EXPECT_NE(job.result.err.find("single precision cannot tell its vectors apart"),
            std::string::npos)
      << job.result.err;
}

TEST_F(Faults, NoDeviceAnOldDriverAndKernelsForOtherDevices) {
  calibrate("stand-in");
  for (const auto& [machine, reason] : std::map<std::string, std::string>{
           {"devices=0", "the stand-in has no device"},
           {"old_driver=1", "cudaSetDevice failed: 35 (cudaErrorInsufficientDriver)"},
           {"no_code=1",
            "the kernels of this build cannot be loaded on stand-in (compute capability "
            "8.9): 209 (cudaErrorNoKernelImageForDevice)"}}) {
    const Job automatic = rank(machine, {});
    expect_right(automatic);
    EXPECT_EQ(automatic.rows_with("backend", "cpu"), 6u);
    EXPECT_NE(automatic.result.err.find("on the CPU alone: " + reason), std::string::npos)
        << automatic.result.err;
    const Job asked = rank(machine, {"--backend", "cuda"});
    EXPECT_EQ(asked.result.exit_code, 4);
    EXPECT_TRUE(asked.result.err.starts_with("modesweep: --backend cuda: " + reason + "\n"))
        << asked.result.err;
  }
}

TEST_F(Faults, DevicesAreThoseThatAreNamed) {
  const Job job = rank("devices=3 " + tight_chebyshev, {"--backend", "cuda", "--devices", "1"});
  expect_right(job);
  EXPECT_EQ(job.rows_with("backend", "cuda:1 stand-in"), 6u);
  const Job none = rank("devices=3", {"--devices", "0,3"});
  EXPECT_EQ(none.result.exit_code, 4);
  EXPECT_TRUE(
      none.result.err.starts_with("modesweep: devices asked for (--devices): there is no device 3: "
                                  "this machine has devices 0 to 2\n"))
      << none.result.err;
}

TEST_F(Faults, AutoSharesTheWorkAsTheCalibrationSays) {
  // What has 30 residues or more is the device's, since reading keeps the threads busy.
  calibrate("stand-in");
  const Job first = rank(tight_chebyshev, {}), second = rank("", {});
  expect_right(first);
  expect_right(second);
  for (const auto& [id, row] : first.table) {
    EXPECT_EQ(row.at("backend"), std::stoi(row.at("residues")) < 30 ? "cpu" : "cuda:0 stand-in");
    EXPECT_EQ(row.at("notes").find("fallback"), std::string::npos) << id;
  }
  EXPECT_GE(first.rows_with("backend", "cpu"), 1u);
  EXPECT_GE(first.rows_with("backend", "cuda:0 stand-in"), 1u);
  EXPECT_EQ(first.result.out, second.result.out);  // the same bits from the same side
  const auto table = folder_.path() / "table.tsv";
  EXPECT_EQ(rank("devices=2", {"--balance", "dynamic", "-o", table.string()}).result.exit_code, 0);
  const std::string meta = test_support::read_file(table.string() + ".meta.json");
  for (const char* part : {"\"balance\": \"dynamic\"", "\"device_share\": 1.0",
                           "\"cuda:0 stand-in\"", "\"cuda:1 stand-in\""})
    EXPECT_NE(meta.find(part), std::string::npos) << meta;
  expect_right(rank(tight_chebyshev, {"--balance", "dynamic"}));
}

TEST_F(Faults, AutoMakesNoEngineThatDoesNotPayForItsStart) {
  const Job few = rank("", {});
  expect_right(few);
  EXPECT_EQ(few.rows_with("backend", "cpu"), 6u);
  EXPECT_EQ(few.count("alive"), -1) << "an engine was made";
  EXPECT_TRUE(std::regex_search(
      few.result.err,
      std::regex("on the CPU alone: a device would save 0\\.[0-9] s of 6 entries, and its start "
                 "takes 1\\.0 s\n")))
      << few.result.err;
  calibrate("another");
  const Job other = rank("", {});
  expect_right(other);
  EXPECT_NE(other.result.err.find("is of another machine"), std::string::npos) << other.result.err;
}

TEST_F(Faults, TheFilterIsGridWideWhereTheEnvironmentAsksForIt) {
  const Job plain = rank("", cuda("chebyshev"));
  const Job grid = rank("", cuda("chebyshev"), "grid");
  expect_right(grid);
  // A launch a step of twenty, at least once a batch; how many batches there are depends on when
  // structures come.
  const auto launches = [](const Job& job) {
    std::smatch batches;
    EXPECT_TRUE(std::regex_search(job.result.err, batches, std::regex("batches ([0-9]+)")));
    return job.count("launches") / std::stoll(batches[1]);
  };
  EXPECT_GT(launches(grid), launches(plain) + 19);
  const Job other = rank("", {"--backend", "cuda"}, "blocks");
  EXPECT_EQ(other.result.exit_code, 4);
  EXPECT_TRUE(other.result.err.starts_with(
      "modesweep: --backend cuda: MODESWEEP_CUDA_FILTER takes grid, not \"blocks\"\n"))
      << other.result.err;
}

TEST_F(Faults, VerboseSaysHowLargeBatchesAreAndWhatPaddingCosts) {
  const Job job = rank("", cuda("jacobi"));
  EXPECT_TRUE(std::regex_search(
      job.result.err,
      std::regex("cuda:0 stand-in: structures 6, batches [1-6] \\([0-9.]+ structures on average, "
                 "[1-6] at most\\); padding of dense matrices [0-9.]+ % of memory, [0-9.]+ % of "
                 "work\n")))
      << job.result.err;
}

}  // namespace
