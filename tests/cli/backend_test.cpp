// SPDX-License-Identifier: MIT
// The real program where there is no device, or where what belongs to it is not as it should be.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include <modesweep/device.hpp>
#include <modesweep/machine.hpp>

#include "devices/placement.hpp"
#include "support/data_files.hpp"
#include "support/process.hpp"
#include "support/temp_dir.hpp"

namespace {

using test_support::run_modesweep;
using test_support::RunOptions;
using test_support::RunResult;

std::string demo_file() {
  return (test_support::source_dir() / "data" / "demo" / "zinc-finger" / "3znf.pdb").string();
}

std::vector<std::string> rank(const std::vector<std::string>& options) {
  std::vector<std::string> arguments = {"rank", "--files", demo_file()};
  arguments.insert(arguments.end(), options.begin(), options.end());
  return arguments;
}

/// A run whose `libcuda.so.1` is that of a folder.
RunOptions with_driver(const char* folder) {
  RunOptions options;
  options.environment["LD_LIBRARY_PATH"] = (test_support::build_dir() / folder).string();
  return options;
}

/// Exit code 4 and one sentence that holds `reason`.
void expect_unavailable(const RunResult& result, const std::string& reason) {
  EXPECT_EQ(result.exit_code, 4);
  EXPECT_EQ(result.out, "");
  EXPECT_EQ(std::count(result.err.begin(), result.err.end(), '\n'), 1) << result.err;
  EXPECT_TRUE(result.err.starts_with("modesweep: --backend cuda: ")) << result.err;
  EXPECT_NE(result.err.find(reason), std::string::npos) << result.err;
}

/// A cache whose calibration gives the driver's device, that of tests/cli/fake_driver, all that it
/// takes, and at once: else one file would not be worth its start.
class EagerCache {
 public:
  EagerCache() {
    modesweep::Calibration calibration;
    calibration.date = "2026-11-22T20:00:00Z";
    calibration.cpu = modesweep::cpu_name();
    calibration.device = "a device that is not there";
    calibration.start = 0;
    calibration.read.samples = {{100, 1}};
    calibration.solvers["auto"].samples = {{100, 1}};
    calibration.solvers["chebyshev"].samples = {{100, 1e-3}};
    modesweep::save_calibration(calibration, modesweep::calibration_file(folder_.path()));
  }
  void use_in(RunOptions& options) const {
    options.environment["MODESWEEP_CACHE_DIR"] = folder_.path().string();
  }

 private:
  test_support::TempDir folder_;
};

/// The CPU does the work, `-v` says why, and `info` too.
void expect_cpu(RunOptions options, const std::string& reason) {
  const EagerCache cache;
  cache.use_in(options);
  const RunResult result = run_modesweep(
      rank({"-v", "--format", "tsv", "--columns", "pdb_id,residues,backend"}), options);
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_EQ(result.out, "pdb_id\tresidues\tbackend\n3znf\t30\tcpu\n");
  EXPECT_NE(result.err.find("on the CPU alone: "), std::string::npos) << result.err;
  EXPECT_NE(result.err.find(reason), std::string::npos) << result.err;
  const RunResult info = run_modesweep({"info"}, options);
  EXPECT_EQ(info.exit_code, 0);
  EXPECT_NE(info.out.find("in use     cpu"), std::string::npos) << info.out;
  EXPECT_NE(info.out.find(reason), std::string::npos) << info.out;
}

class WithoutDevice : public testing::Test {
 protected:
  void SetUp() override {
    probe_ = modesweep::probe_cuda();
    build_ = modesweep::cuda_build();
    if (!probe_.devices.empty()) GTEST_SKIP() << "this machine has a CUDA device";
  }
  std::string reason() const { return build_.built ? probe_.reason : build_.reason; }

  modesweep::CudaProbe probe_;
  modesweep::CudaBuild build_;
};

TEST_F(WithoutDevice, BackendCudaEndsWithExitCode4AndOneSentence) {
  expect_unavailable(run_modesweep(rank({"--backend", "cuda"})), reason());
  for (const char* solver : {"chebyshev", "jacobi"}) {
    expect_unavailable(run_modesweep(rank({"--backend", "cuda", "--solver", solver})), reason());
    const RunResult named = run_modesweep(rank({"--solver", solver}));
    EXPECT_EQ(named.exit_code, 4);
    EXPECT_TRUE(named.err.starts_with(std::string("modesweep: solver ") + solver)) << named.err;
  }
}

TEST_F(WithoutDevice, BackendAutoUsesTheCpuAndInfoSaysWhy) { expect_cpu({}, reason()); }

TEST_F(WithoutDevice, DevicesThatAreAskedForAreMissed) {
  const RunResult result = run_modesweep(rank({"--devices", "0"}));
  EXPECT_EQ(result.exit_code, 4);
  EXPECT_EQ(result.err,
            "modesweep: devices asked for (--devices): " +
                (build_.built ? probe_.reason : "this program has no CUDA part: " + build_.reason) +
                "\n");
}

TEST(Backend, WhatCannotBeMeantIsAUsageError) {
  for (const auto& options :
       std::vector<std::vector<std::string>>{{"--devices", "x"},
                                             {"--devices", "-1"},
                                             {"--devices", "0,0"},
                                             {"--devices", "0", "--backend", "cpu"},
                                             {"--devices", "0", "--solver", "lapack"},
                                             {"--backend", "cpu", "--solver", "chebyshev"},
                                             {"--backend", "cuda", "--solver", "lapack"},
                                             {"--balance", "sometimes"}})
    EXPECT_EQ(run_modesweep(rank(options)).exit_code, 2) << options[1];
}

/// A build with the CUDA part on a machine that seems to have a driver.
class OddDriver : public WithoutDevice {
 protected:
  void SetUp() override {
    WithoutDevice::SetUp();
    if (!build_.built) GTEST_SKIP() << "this build has no CUDA part: " << build_.reason;
  }
};

TEST_F(OddDriver, TooOld) {
  const RunOptions options = with_driver(OLD_DRIVER);
  expect_unavailable(run_modesweep(rank({"--backend", "cuda"}), options), "is too old");
  expect_cpu(options, "is too old");
}

TEST_F(OddDriver, SeesNoDevice) {
  RunOptions options = with_driver(FAKE_DRIVER);
  options.environment["FAKE_DRIVER_DEVICES"] = "0";
  expect_unavailable(run_modesweep(rank({"--backend", "cuda"}), options), "sees no device");
  expect_cpu(options, "sees no device");
  options.environment["FAKE_DRIVER_INIT"] = "100";
  expect_cpu(options, "cuInit returned 100");
}

TEST_F(OddDriver, ADeviceThatIsNotThere) {
  RunOptions options = with_driver(FAKE_DRIVER);
  RunResult result = run_modesweep(rank({"--devices", "1"}), options);
  EXPECT_EQ(result.exit_code, 4);
  EXPECT_EQ(result.err,
            "modesweep: devices asked for (--devices): there is no device 1: this machine has "
            "device 0 alone\n");
  options.environment["FAKE_DRIVER_DEVICES"] = "3";
  result = run_modesweep(rank({"--backend", "cuda", "--devices", "2,0,3"}), options);
  EXPECT_EQ(result.exit_code, 4);
  EXPECT_EQ(result.err,
            "modesweep: --backend cuda: there is no device 3: this machine has devices 0 "
            "to 2\n");
}

/// The CUDA libraries themselves find no driver that works.
TEST_F(OddDriver, ADeviceThatDoesNotWork) {
  const RunOptions options = with_driver(FAKE_DRIVER);
  expect_unavailable(run_modesweep(rank({"--backend", "cuda"}), options),
                     "cudaSetDevice failed: 35 (cudaErrorInsufficientDriver)");
  expect_cpu(options, "cudaErrorInsufficientDriver");
}

/// A copy of the program beside which lies a module, or none.
class ModuleTest : public OddDriver {
 protected:
  void SetUp() override {
    OddDriver::SetUp();
    if (IsSkipped()) return;
    std::filesystem::copy_file(test_support::modesweep_program(), program());
  }
  std::filesystem::path program() const { return folder_.path() / "modesweep"; }
  RunResult run(const std::vector<std::string>& options) const {
    std::vector<std::string> command = {program().string()};
    for (const std::string& argument : rank(options)) command.push_back(argument);
    RunOptions chosen = with_driver(FAKE_DRIVER);
    cache_.use_in(chosen);
    return test_support::run(command, chosen);
  }
  void expect_reason(const std::string& reason) const {
    expect_unavailable(run({"--backend", "cuda"}), reason);
    const RunResult automatic = run({"-v", "--columns", "backend", "--format", "tsv"});
    EXPECT_EQ(automatic.exit_code, 0);
    EXPECT_EQ(automatic.out, "backend\ncpu\n");
    EXPECT_NE(automatic.err.find(reason), std::string::npos) << automatic.err;
  }
  test_support::TempDir folder_;
  EagerCache cache_;
};

TEST_F(ModuleTest, IsNotThere) {
  expect_reason("modesweep_cuda.so was not found beside the program");
}

TEST_F(ModuleTest, IsDamaged) {
  folder_.write("modesweep_cuda.so", "not a library");
  expect_reason("modesweep_cuda.so cannot be loaded: ");
}

TEST_F(ModuleTest, FindsNoCudaLibraries) {
  std::filesystem::copy_file(test_support::build_dir() / MODULE_WITHOUT_LIBRARIES,
                             folder_.path() / "modesweep_cuda.so");
  expect_reason("libcusolver_hidden.so: cannot open shared object file");
}

TEST_F(ModuleTest, IsOfAnotherVersion) {
  // Any library will do that has not the module's door.
  std::filesystem::copy_file(test_support::build_dir() / FAKE_DRIVER / "libcuda.so.1",
                             folder_.path() / "modesweep_cuda.so");
  expect_reason("is not of this version of modesweep");
}

}  // namespace
