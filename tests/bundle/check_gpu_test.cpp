// SPDX-License-Identifier: MIT
// tools/check-gpu.sh: its verdicts, its exit codes and its comparison of rankings, with scripts
// that play the program, the tests and NVIDIA's tools; and to its end with the real program.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include <modesweep/device.hpp>

#include "support/data_files.hpp"
#include "support/process.hpp"
#include "support/temp_dir.hpp"

namespace {

namespace fs = std::filesystem;
using test_support::RunResult;

fs::path tools() { return test_support::source_dir() / "tools"; }

RunResult run_script(const fs::path& script, std::vector<std::string> arguments,
                     const test_support::RunOptions& options = {}) {
  arguments.insert(arguments.begin(), {"bash", script.string()});
  return test_support::run(arguments, options);
}

constexpr const char* header =
    "file\tresidues\tzero_modes\tfv1\tfv2\tfv3\tcoll1\tcoll2\tcoll3\tev1\tev2\tev3\tev4\tbackend\t"
    "notes\n";

/// A made-up row: its softest eigenvalue leaves 1e-9 of a share, its gaps 1e-9 of a collectivity.
std::string row(const std::string& file, const std::string& fv1 = "0.312200000000",
                const std::string& backend = "cuda:0 Card", const std::string& zero_modes = "6") {
  return file + "\t90\t" + zero_modes + "\t" + fv1 +
         "\t0.2\t0.1\t0.5\t0.4\t0.3\t0.1\t0.2\t0.4\t0.8\t" + backend + "\t\n";
}

std::string table(const std::string& backend) {
  return header + row("a.pdb", "0.3122", backend) + row("b.pdb", "0.25", backend);
}

// --- Comparison of two rankings

class BundleComparison : public testing::Test {
 protected:
  RunResult compare(const std::string& cpu, const std::string& device) const {
    return test_support::run({"awk", "-f", (tools() / "compare-rankings.awk").string(),
                              folder_.write("cpu.tsv", cpu).string(),
                              folder_.write("device.tsv", device).string()});
  }
  void expect_wrong(const std::string& device, const std::string& what) const {
    const RunResult result = compare(table("cpu"), device);
    EXPECT_EQ(result.exit_code, 1) << result.out;
    EXPECT_NE(result.out.find(what), std::string::npos) << result.out;
  }
  const test_support::TempDir folder_;
};

TEST_F(BundleComparison, SameNumbers) {
  const RunResult result = compare(table("cpu"), table("cuda:0 Card"));
  EXPECT_EQ(result.exit_code, 0) << result.out << result.err;
  EXPECT_NE(result.out.find("2 rows of 2, 0 missing, zero modes differ in 0, 2 solved by cuda"),
            std::string::npos)
      << result.out;
}

TEST_F(BundleComparison, TheToleranceOfAShare) {
  // 1e-9 of 0.25 is 2.5e-10.
  EXPECT_EQ(compare(table("cpu"), header + row("a.pdb") + row("b.pdb", "0.2500000002")).exit_code,
            0);
  expect_wrong(header + row("a.pdb") + row("b.pdb", "0.2500000003"),
               "b.pdb: fv1 is 0.2500000003 instead of 0.25");
  expect_wrong(header + row("a.pdb") + row("b.pdb", "nan"), "b.pdb: fv1 is nan instead of 0.25");
}

TEST_F(BundleComparison, TheToleranceGrowsAsModesGetSofter) {
  // 52e-14 / 5.2e-5 is 1e-8; of a gap of 5.2e-5, twenty times that.
  const auto soft = [](const std::string& share, const std::string& collectivity) {
    return std::string(header) + "a.pdb\t90\t6\t" + share + "\t0.2\t0.1\t" + collectivity +
           "\t0.4\t0.3\t5.2e-05\t0.2\t0.4\t0.8\tcuda:0\t\n";
  };
  const std::string cpu = soft("0.5", "0.5");
  EXPECT_EQ(compare(cpu, soft("0.500000004", "0.50000009")).exit_code, 0);
  EXPECT_EQ(compare(cpu, soft("0.500000006", "0.5")).exit_code, 1);
  EXPECT_EQ(compare(cpu, soft("0.5", "0.50000011")).exit_code, 1);
}

TEST_F(BundleComparison, AMissingRow) { expect_wrong(header + row("a.pdb"), "b.pdb is missing"); }

TEST_F(BundleComparison, AnotherNumberOfZeroModes) {
  expect_wrong(header + row("a.pdb") + row("b.pdb", "0.25", "cuda:0 Card", "7"),
               "b.pdb: 7 zero modes instead of 6");
}

TEST_F(BundleComparison, NothingWasSolvedByTheDevice) {
  expect_wrong(table("cpu"), "no row was solved by cuda");
}

TEST_F(BundleComparison, ARowThatTheDeviceDidNotSolveIsNamed) {
  const RunResult result =
      compare(table("cpu"), header + row("a.pdb") + row("b.pdb", "0.25", "cpu"));
  EXPECT_EQ(result.exit_code, 0) << result.out;
  EXPECT_NE(result.out.find("1 not solved by cuda:\n  b.pdb: cpu"), std::string::npos)
      << result.out;
}

TEST_F(BundleComparison, ATableWithoutTheColumns) {
  expect_wrong("file\tfv1\na.pdb\t0.3\n", "device.tsv has no column");
  EXPECT_EQ(compare(header, header).exit_code, 1);
}

// --- The whole script, with a card that is played

/// A bundle whose programs are scripts: what they say and rank lies beside them.
class BundleCheckGpu : public testing::Test {
 protected:
  BundleCheckGpu() {
    fs::create_directories(bundle_ / "tools");
    for (const char* name : {"check-gpu.sh", "compare-rankings.awk", "ncu-kernels.awk"})
      fs::copy_file(tools() / name, bundle_ / "tools" / name);
    fs::create_directories(bundle_ / "data");
    fs::create_directory_symlink(test_support::source_dir() / "data/demo", bundle_ / "data/demo");
    fs::copy_file(test_support::source_dir() / "tests/bundle/played_modesweep.sh",
                  bundle_ / "modesweep");
    fs::permissions(bundle_ / "modesweep", fs::perms::owner_all);
    write("selftest", "pass  made up\n");
    write("solved_by", "cuda:0 Card");
    write("selftest.code", "0");
    write("cpu.tsv", table("cpu"));
    write("cuda.tsv", table("cuda:0 Card"));
    write("auto.tsv", table("cuda:0 Card"));
    program("gpu_test", "echo '[  PASSED  ] 3 tests.'");
    program("gpu_golden_test", "echo '[       OK ] Device/Made.Up (1 ms)'");
    tool("nvidia-smi", "echo 'Card, 1.0, 80 MiB, 1 MHz, 1 W'");
    tool("compute-sanitizer", "echo '========= ERROR SUMMARY: 0 errors'");
    tool("nvcc", "echo 'Cuda compilation tools, release 13.0'");
    tool(
        "ncu",
        R"csv(echo '"ID","Kernel Name","Grid Size","gpu__time_duration.sum","sm__throughput.avg.pct_of_peak_sustained_elapsed"
"","","","ns","%"
"0","void <unnamed>::gram<40>(Subspaces, const double *)","(1,536, 1, 1)","12,345","51.20"')csv");
  }

  void write(const std::string& name, const std::string& text) const {
    folder_.write("bundle/" + name, text);
  }
  void program(const std::string& name, const std::string& body) const {
    executable("bundle/" + name, body);
  }
  void tool(const std::string& name, const std::string& body) const {
    executable("bin/" + name, body);
  }
  void executable(const std::string& name, const std::string& body) const {
    fs::permissions(folder_.write(name, "#!/usr/bin/env bash\n" + body + "\n"),
                    fs::perms::owner_all);
  }

  RunResult check(std::vector<std::string> arguments) const {
    test_support::RunOptions options;
    options.environment["PATH"] = (folder_.path() / "bin").string() + ":/usr/bin:/bin";
    options.environment["TMPDIR"] = folder_.path().string();
    options.folder = folder_.path().string();
    arguments.insert(arguments.end(), {"--out", results_.string(), "--job", "100"});
    return run_script(bundle_ / "tools/check-gpu.sh", arguments, options);
  }

  /// What the last table says of a step.
  static std::string verdict(const RunResult& result, const std::string& step) {
    const std::size_t begin = result.out.rfind("\nstep   ");
    const std::size_t at = result.out.find("\n" + step + "  ", begin);
    if (begin == std::string::npos || at == std::string::npos) return "no such step";
    std::string text = result.out.substr(at + 1 + step.size());
    text = text.substr(text.find_first_not_of(' '));
    return text.substr(0, text.find("  "));
  }

  const test_support::TempDir folder_;
  const fs::path bundle_ = folder_.path() / "bundle", results_ = folder_.path() / "results";
};

TEST_F(BundleCheckGpu, AllPasses) {
  const RunResult result = check({"all"});
  EXPECT_EQ(result.exit_code, 0) << result.out << result.err;
  EXPECT_EQ(result.err, "");
  for (const char* step : {"selftest",
                           "selftest, grid-wide filter",
                           "ranking on the CPU",
                           "ranking on the device",
                           "the same again",
                           "ranking, grid-wide filter",
                           "golden, chebyshev",
                           "golden, filtered",
                           "golden, jacobi",
                           "tests on the device",
                           "memcheck",
                           "synccheck",
                           "racecheck",
                           "whole job on the device",
                           "whole job, grid-wide filter",
                           "whole job, auto",
                           "whole job on the CPU",
                           "bench",
                           "bench, grid-wide filter",
                           "bench, jacobi",
                           "ncu",
                           "ncu, grid-wide filter"})
    EXPECT_EQ(verdict(result, step), "passed") << step;
  EXPECT_NE(result.out.find("1500.0 a second"), std::string::npos) << result.out;
  EXPECT_NE(result.out.find("gram<40>"), std::string::npos) << result.out;
  EXPECT_NE(result.out.find("12.3"), std::string::npos) << "microseconds of the kernel";

  const auto files = std::distance(fs::directory_iterator(results_), fs::directory_iterator());
  EXPECT_LE(files, 8);
  EXPECT_EQ(test_support::read_file(results_ / "all.txt"), result.out);
  const std::string records = test_support::read_file(results_ / "all.jsonl");
  for (const char* part :
       {R"({"record":"machine","version":"modesweep 0")", R"("card":"Card, 1.0, 80 MiB)",
        R"({"record":"compare","ranking":"cuda1","rows":2,"missing":0)",
        R"({"record":"job","backend":"auto","ranked":3000,"seconds":2.00)",
        R"({"record":"bench_grid","structure":"1UBI")",
        R"({"record":"step","step":"racecheck","verdict":"passed","seconds":)"})
    EXPECT_NE(records.find(part), std::string::npos) << part << " in\n" << records;

  // Nothing stays behind.
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder_.path()))
    names.push_back(entry.path().filename());
  std::sort(names.begin(), names.end());
  EXPECT_EQ(names, (std::vector<std::string>{"bin", "bundle", "results"}));
}

TEST_F(BundleCheckGpu, ANumberThatIsOffFailsAndAnotherTextTheSecondTime) {
  write("cuda.tsv", header + row("a.pdb") + row("b.pdb", "0.25000001"));
  write("again.tsv", table("cuda:0 Card"));
  program("gpu_golden_test", "echo '[  SKIPPED ] Device/Made.Up (0 ms)'");
  const RunResult result = check({"correct"});
  EXPECT_EQ(result.exit_code, 5) << result.out;
  EXPECT_TRUE(verdict(result, "ranking on the device").starts_with("FAILED")) << result.out;
  EXPECT_TRUE(verdict(result, "the same again").starts_with("FAILED")) << result.out;
  EXPECT_EQ(verdict(result, "tests on the device"), "passed") << "later steps run";
  EXPECT_EQ(verdict(result, "golden, jacobi"), "skipped: none of the recorded files is here")
      << "a suite without files has not passed";
}

TEST_F(BundleCheckGpu, SpeedOfTheCpuIsNotThatOfTheCard) {
  write("solved_by", "cpu");
  const RunResult result = check({"speed"});
  EXPECT_EQ(result.exit_code, 5);
  EXPECT_EQ(verdict(result, "whole job on the device"), "FAILED: nothing was solved by the device");
  EXPECT_EQ(verdict(result, "whole job on the CPU"), "passed");
  EXPECT_EQ(verdict(result, "bench"), "FAILED: nothing was measured on the device");
}

TEST_F(BundleCheckGpu, WhatFailsIsSaid) {
  program("gpu_golden_test", "echo '[       OK ] A (1 ms)'; echo '[  FAILED  ] B (1 ms)'; exit 1");
  program("gpu_test", "echo something; kill -SEGV $$");
  tool("compute-sanitizer", R"([[ $2 == racecheck ]] || exit 0
echo '========= RACECHECK SUMMARY: 2 hazards displayed (2 errors, 0 warnings)'; exit 9)");
  const RunResult result = check({"correct"});
  EXPECT_EQ(result.exit_code, 5);
  EXPECT_TRUE(verdict(result, "golden, chebyshev").starts_with("FAILED")) << result.out;
  EXPECT_TRUE(verdict(result, "tests on the device").starts_with("FAILED: exit code 139"))
      << result.out;
  EXPECT_EQ(verdict(result, "memcheck"), "passed");
  EXPECT_TRUE(verdict(result, "racecheck").starts_with("FAILED: RACECHECK SUMMARY: 2 hazards"))
      << result.out;
}

TEST_F(BundleCheckGpu, ACardThatCannotBeUsedFails) {
  write("selftest.code", "4");
  write("selftest", "modesweep: no device to test: the driver is too old\n");
  const RunResult result = check({"all"});
  EXPECT_EQ(result.exit_code, 5) << result.out;
  EXPECT_TRUE(verdict(result, "selftest").starts_with("FAILED: there is a card, but no device to"))
      << result.out;
  EXPECT_EQ(verdict(result, "ncu"), "skipped: the card cannot be used");
}

TEST_F(BundleCheckGpu, WithoutADeviceEveryStepSaysSo) {
  tool("nvidia-smi", "exit 9");
  write("selftest.code", "4");
  write("selftest", "modesweep: no device to test: no NVIDIA driver\n");
  const RunResult result = check({"all"});
  EXPECT_EQ(result.exit_code, 4) << result.out;
  for (const char* step : {"selftest", "racecheck", "whole job on the CPU", "ncu"})
    EXPECT_EQ(verdict(result, step), "no device") << step;
}

TEST_F(BundleCheckGpu, WhatDoesNotFitIntoTheMinutesIsNamed) {
  // A sanitizer takes more than a minute on some cards, so that none is begun.
  const RunResult result = check({"correct", "--minutes", "1"});
  EXPECT_EQ(result.exit_code, 0) << result.out;
  EXPECT_EQ(verdict(result, "selftest"), "passed");
  EXPECT_EQ(verdict(result, "memcheck"), "skipped: does not fit into 1 minutes");
}

TEST(BundleCheckGpuArguments, AreChecked) {
  const test_support::TempDir folder;
  for (const auto& [arguments, what] :
       std::vector<std::pair<std::vector<std::string>, std::string>>{
           {{}, "correct, speed or all?"},
           {{"correct", "speed"}, "one of correct, speed and all"},
           {{"fast"}, "unknown argument fast"},
           {{"all", "--minutes", "soon"}, "--minutes takes a whole number, not soon"},
           {{"all", "--minutes"}, "--minutes needs a value"},
           {{"all", "--job", "0"}, "--job takes a number of files, not 0"},
           {{"all", "--bundle", "nowhere.tar.xz"}, "there is no bundle nowhere.tar.xz"},
           {{"all", "--out", "/dev/null/x"}, "the folder /dev/null/x cannot be made"}}) {
    test_support::RunOptions options;
    options.folder = folder.path().string();
    const RunResult result = run_script(tools() / "check-gpu.sh", arguments, options);
    EXPECT_EQ(result.exit_code, 2) << what;
    EXPECT_TRUE(result.err.starts_with("check-gpu: ")) << result.err;
    EXPECT_NE(result.err.find(what), std::string::npos) << result.err;
  }
  EXPECT_TRUE(fs::is_empty(folder.path()));
  for (const char* script : {"check-gpu.sh", "bundle.sh"}) {
    const RunResult help = run_script(tools() / script, {"--help"});
    EXPECT_EQ(help.exit_code, 0);
    EXPECT_TRUE(help.out.find(std::string("tools/") + script + " [") != std::string::npos);
    EXPECT_EQ(help.out.find("set -"), std::string::npos) << help.out;
  }
}

TEST(BundleArguments, AreChecked) {
  for (const auto& [arguments, what] :
       std::vector<std::pair<std::vector<std::string>, std::string>>{
           {{"--fast"}, "unknown argument --fast"},
           {{"-o"}, "-o needs a value"},
           {{"-o", "bundle.zip"}, "ends in .tar.xz"},
           {{"--files"}, "--files needs files or folders"},
           {{"--files", "nowhere.pdb"}, "nowhere.pdb cannot be read"}}) {
    const RunResult result = run_script(tools() / "bundle.sh", arguments);
    EXPECT_EQ(result.exit_code, 2) << what;
    EXPECT_NE(result.err.find(what), std::string::npos) << result.err;
  }
}

/// The real program, in this build's folder, where there is no device.
TEST(BundleOfThisBuild, CheckGpuComesToItsEnd) {
  if (const auto probe = modesweep::probe_cuda(); !probe.devices.empty())
    GTEST_SKIP() << "there is a device, whose check takes minutes";
  const test_support::TempDir folder;
  const fs::path bundle = folder.path() / "bundle";
  fs::create_directories(bundle / "tools");
  for (const char* name : {"check-gpu.sh", "compare-rankings.awk", "ncu-kernels.awk"})
    fs::copy_file(tools() / name, bundle / "tools" / name);
  fs::create_symlink(test_support::modesweep_program(), bundle / "modesweep");
  const RunResult result = run_script(bundle / "tools/check-gpu.sh",
                                      {"all", "--out", (folder.path() / "results").string()});
  EXPECT_EQ(result.exit_code, 4) << result.out << result.err;
  EXPECT_NE(result.out.find("no device to test: "), std::string::npos) << result.out;
  EXPECT_NE(result.out.find("\nncu, grid-wide filter"), std::string::npos) << result.out;
}

}  // namespace
