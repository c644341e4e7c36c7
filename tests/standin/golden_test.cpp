// SPDX-License-Identifier: MIT
// `rank --backend cuda` over the stand-in against ProDy's recorded numbers. A choice of 60 files of
// all sizes; MODESWEEP_GOLDEN=all takes all of them, which is a matter of many minutes.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "golden/golden_table.hpp"
#include "support/process.hpp"
#include "support/temp_dir.hpp"

namespace {

struct Case {
  std::string solver;
  golden::Row row;
};
void PrintTo(const Case& c, std::ostream* stream) { *stream << c.solver << " " << c.row.label(); }

/// So many files of those with at most `residues` that have not been counted yet.
struct SizeClass {
  int residues;
  int files;
};

/// Evenly over the sizes of each class, its largest always.
std::vector<Case> choose(const std::string& solver, const std::vector<SizeClass>& classes) {
  std::vector<golden::Row> rows = golden::read_table("prody.tsv");
  std::erase_if(rows, [](const golden::Row& row) { return !row.has_modes(); });
  std::stable_sort(rows.begin(), rows.end(), [](const golden::Row& a, const golden::Row& b) {
    return a.number("residues") < b.number("residues");
  });
  const char* const wish = std::getenv("MODESWEEP_GOLDEN");
  const bool all = wish && std::string(wish) == "all";
  std::vector<Case> cases;
  auto begin = rows.begin();
  for (const SizeClass& c : classes) {
    const auto end = std::find_if(begin, rows.end(), [&](const golden::Row& row) {
      return row.number("residues") > c.residues;
    });
    const auto available = static_cast<int>(end - begin);
    const int files = all ? available : std::min(c.files, available);
    for (int i = 1; i <= files; ++i) cases.push_back({solver, begin[i * available / files - 1]});
    begin = end;
  }
  return cases;
}

std::string case_name(const testing::TestParamInfo<Case>& c) {
  return golden::case_name(c.param.row);
}

const std::vector<Case>& chebyshev_cases() {
  static const std::vector<Case> cases =
      choose("chebyshev", {{60, 10}, {120, 10}, {240, 12}, {400, 6}, {1500, 4}});
  return cases;
}

const std::vector<Case>& jacobi_cases() {
  static const std::vector<Case> cases = choose("jacobi", {{120, 6}, {240, 7}, {400, 5}});
  return cases;
}

class StandinGolden : public testing::TestWithParam<Case> {};
INSTANTIATE_TEST_SUITE_P(Chebyshev, StandinGolden, testing::ValuesIn(chebyshev_cases()), case_name);
INSTANTIATE_TEST_SUITE_P(Jacobi, StandinGolden, testing::ValuesIn(jacobi_cases()), case_name);

TEST_P(StandinGolden, RanksAsProDyDoes) {
  const auto& [solver, row] = GetParam();
  if (const std::string why = row.missing(); !why.empty()) GTEST_SKIP() << why;
  const test_support::TempDir folder;
  test_support::RunOptions options;
  options.environment["MODESWEEP_CACHE_DIR"] = (folder.path() / "cache").string();
  options.limit = std::chrono::seconds(280);
  const test_support::RunResult result =
      test_support::run({STANDIN_PROGRAM, "rank", "--files", row.path().string(), "--backend",
                         "cuda", "--solver", solver, "--min-residues", "1", "--format", "jsonl"},
                        options);
  ASSERT_EQ(result.exit_code, 0) << result.err;
  const nlohmann::json entry = nlohmann::json::parse(result.out);
  EXPECT_EQ(std::to_string(entry.at("residues").get<int>()), row.at("residues"));
  EXPECT_EQ(entry.at("backend"), "cuda:0 stand-in") << "what the engine could not do itself";
  golden::Numbers numbers;
  numbers.zero_modes = entry.at("zero_modes");
  numbers.eigenvalues = entry.at("eigenvalues").get<std::vector<double>>();
  numbers.shares = entry.at("shares").get<std::vector<double>>();
  for (const char* column : {"coll1", "coll2", "coll3"})
    if (entry.at(column).is_number()) numbers.collectivities.push_back(entry.at(column));
  golden::expect_same(numbers, row);
}

TEST(StandinGoldenFiles, AreSixty) {
  EXPECT_GE(chebyshev_cases().size() + jacobi_cases().size(), 60u);
}

}  // namespace
