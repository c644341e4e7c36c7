// SPDX-License-Identifier: MIT
// The main job with the engine over the stand-in: the numbers of the CPU, from the device's rows,
// of small entries or of larger ones.
#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "support/data_files.hpp"
#include "support/process.hpp"
#include "support/temp_dir.hpp"

namespace {

using Table = std::map<std::string, std::vector<std::string>>;  // fields by file

constexpr const char* columns =
    "file,rank,pdb_id,residues,zero_modes,components,notes,fv1,fv2,fv3,coll1,coll2,coll3,ev1,"
    "solver,backend";
constexpr std::size_t first_number = 7, last_number = 13, solver = 14, backend = 15;

Table rank_demo(const std::string& term, const std::vector<std::string>& options) {
  const test_support::TempDir folder;
  std::vector<std::string> command = {(test_support::build_dir() / STANDIN_PROGRAM).string(),
                                      "rank",
                                      term,
                                      "--archive",
                                      (test_support::source_dir() / "data" / "demo").string(),
                                      "--top",
                                      "0",
                                      "--format",
                                      "tsv",
                                      "--columns",
                                      columns};
  command.insert(command.end(), options.begin(), options.end());
  test_support::RunOptions run;
  run.environment["MODESWEEP_CACHE_DIR"] = (folder.path() / "cache").string();
  const test_support::RunResult result = test_support::run(command, run);
  EXPECT_EQ(result.exit_code, 0) << result.err;
  Table table;
  std::istringstream lines(result.out);
  std::string line;
  std::getline(lines, line);
  while (std::getline(lines, line)) {
    std::vector<std::string> fields(1);
    for (const char c : line)
      if (c == '\t')
        fields.emplace_back();
      else
        fields.back() += c;
    table[fields.at(0)] = fields;
  }
  return table;
}

class StandinRank : public testing::TestWithParam<std::string> {};
INSTANTIATE_TEST_SUITE_P(Solver, StandinRank, testing::Values("chebyshev", "jacobi"),
                         [](const auto& test) { return test.param; });

// Shares to the tolerance of tests/golden/README.md; of these files none has so soft a mode that
// rounding would allow more.
TEST_P(StandinRank, EntriesAreRankedAsOnTheCpu) {
  const Table expected = rank_demo(RANK_TERM, {"--backend", "cpu"});
  const Table table = rank_demo(RANK_TERM, {"--backend", "cuda", "--solver", GetParam()});
  ASSERT_GE(table.size(), RANK_ROWS);
  ASSERT_EQ(table.size(), expected.size());
  for (const auto& [file, fields] : table) {
    SCOPED_TRACE(file);
    const std::vector<std::string>& cpu = expected.at(file);
    for (std::size_t i = 0; i < first_number; ++i) EXPECT_EQ(fields[i], cpu[i]);
    for (std::size_t i = first_number; i <= last_number; ++i) {
      const double value = std::stod(cpu[i]);
      EXPECT_NEAR(std::stod(fields[i]), value, 1e-9 * value) << i;
    }
    EXPECT_EQ(fields[solver], GetParam());
    EXPECT_EQ(fields[backend], "cuda:0 stand-in");
    EXPECT_EQ(cpu[backend], "cpu");
  }
}

}  // namespace
