// SPDX-License-Identifier: MIT
// When `--backend auto` makes an engine, and that the ranking does not depend on it.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include <modesweep/machine.hpp>

#include "devices/placement.hpp"
#include "support/data_files.hpp"
#include "support/process.hpp"
#include "support/structure_text.hpp"
#include "support/table.hpp"
#include "support/temp_dir.hpp"

namespace {

/// A run of many small made-up structures by `--backend auto`: the table's rows, and what was said.
struct Job {
  std::vector<std::string> rows;
  std::string said;
};

Job rank_made_up(int structures, const std::vector<std::string>& options) {
  using namespace modesweep;
  const test_support::TempDir folder;
  const auto files = folder.path() / "files";
  std::filesystem::create_directories(files);
  for (int i = 0; i < structures; ++i) {
    // No two alike, so that there is one order.
    auto atoms = test_support::helix(30 + i % 4);
    for (std::size_t k = 0; k < atoms.size(); ++k)
      atoms[k].x = fmt::format(
          "{:.3f}", std::stod(atoms[k].x) +
                        0.5 * std::sin(0.37 * static_cast<double>(k * (k + 3)) + 0.01 * i));
    std::ofstream(files / fmt::format("s{:04}.pdb", i)) << test_support::pdb_text(atoms);
  }
  // The stand-in gets one in two hundred: it takes long. Its start pays from some hundred on.
  Calibration calibration;
  calibration.date = "2026-11-27T14:00:00Z";
  calibration.cpu = cpu_name();
  calibration.device = "stand-in";
  calibration.start = 1e-3;
  calibration.read.samples = {{1000, 1e-9}};
  calibration.solvers["auto"].samples = {{1000, 1e-3}};
  calibration.solvers["chebyshev"].samples = {{1000, 0.1}};
  save_calibration(calibration, calibration_file(folder.path() / "cache"));
  std::vector<std::string> command = {(test_support::build_dir() / STANDIN_PROGRAM).string(),
                                      "rank",
                                      "--files",
                                      files.string(),
                                      "--top",
                                      "0",
                                      "--format",
                                      "tsv",
                                      "--columns",
                                      "pdb_id,fv1,backend",
                                      "--threads",
                                      "2",
                                      "-v"};
  command.insert(command.end(), options.begin(), options.end());
  test_support::RunOptions run;
  run.environment["MODESWEEP_CACHE_DIR"] = (folder.path() / "cache").string();
  const test_support::RunResult result = test_support::run(command, run);
  EXPECT_EQ(result.exit_code, 0) << result.err;
  Job found{{}, result.err};
  std::istringstream lines(result.out);
  for (std::string line; std::getline(lines, line);) found.rows.push_back(line);
  return found;
}

TEST(StandinAuto, AnEngineIsMadeWhereTheWorkPaysForItsStart) {
  const Job few = rank_made_up(16, {});
  EXPECT_EQ(few.rows.size(), 17u);
  EXPECT_EQ(few.said.find("stand-in:"), std::string::npos) << "an engine was made: " << few.said;
  EXPECT_NE(few.said.find("on the CPU alone"), std::string::npos) << few.said;

  const Job many = rank_made_up(5000, {});
  const Job wanted = rank_made_up(5000, {"--backend", "cpu"});
  ASSERT_EQ(many.rows.size(), 5001u);
  ASSERT_EQ(wanted.rows.size(), 5001u);
  EXPECT_NE(many.said.find("stand-in:"), std::string::npos) << many.said;
  std::size_t on_device = 0;
  for (std::size_t i = 1; i < many.rows.size(); ++i) {
    const auto found = test_support::split_fields(many.rows[i]);
    const auto cpu = test_support::split_fields(wanted.rows[i]);
    ASSERT_EQ(found.at(0), cpu.at(0)) << "another order in row " << i;
    const double share = std::stod(cpu.at(1));
    EXPECT_NEAR(std::stod(found.at(1)), share, 1e-9 * share);
    on_device += found.at(2) != "cpu";
  }
  EXPECT_GE(on_device, 5u);
  EXPECT_LE(on_device, 100u);
}

}  // namespace
