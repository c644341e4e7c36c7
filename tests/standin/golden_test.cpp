// SPDX-License-Identifier: MIT
// `rank --backend cuda` against ProDy's recorded numbers, over the stand-in or on a real device: a
// few small files, 60 of all sizes, or all of them, for each solver.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include <modesweep/device.hpp>

#include "golden/golden_table.hpp"
#include "support/data_files.hpp"
#include "support/process.hpp"
#include "support/temp_dir.hpp"

namespace {

using golden::Row;

constexpr int largest_by_chebyshev = 1500, largest_by_jacobi = 400;

enum class Files { few, sixty, all };
constexpr Files files = Files::RANK_FILES;

using SizeClasses = std::vector<golden::SizeClass>;

std::vector<Row> choose(const SizeClasses& sixty, int largest) {
  switch (files) {
    case Files::few: return golden::choose_by_size({{60, 4}, {120, 2}, {240, 1}});
    case Files::sixty: return golden::choose_by_size(sixty);
    default: return golden::choose_by_size({{largest, 1000}});
  }
}

const std::vector<Row>& chebyshev_rows() {
  static const std::vector<Row> rows = choose(
      {{60, 18}, {120, 14}, {240, 16}, {400, 8}, {largest_by_chebyshev, 4}}, largest_by_chebyshev);
  return rows;
}

const std::vector<Row>& jacobi_rows() {
  static const std::vector<Row> rows =
      choose({{60, 20}, {120, 14}, {240, 18}, {largest_by_jacobi, 8}}, largest_by_jacobi);
  return rows;
}

void expect_same_ranking(const Row& row, const std::string& solver) {
  if (const std::string why = row.missing(); !why.empty()) GTEST_SKIP() << why;
  const modesweep::CudaProbe probe = modesweep::probe_cuda();
  if (RANK_NEEDS_DEVICE && probe.devices.empty()) GTEST_SKIP() << "no device: " << probe.reason;
  const test_support::TempDir folder;
  test_support::RunOptions options;
  options.environment["MODESWEEP_CACHE_DIR"] = (folder.path() / "cache").string();
  options.limit = std::chrono::seconds(280);
  const test_support::RunResult result = test_support::run(
      {(test_support::build_dir() / RANK_PROGRAM).string(), "rank", "--files", row.path().string(),
       "--backend", "cuda", "--solver", solver, "--min-residues", "1", "--format", "jsonl"},
      options);
  ASSERT_EQ(result.exit_code, 0) << result.err;
  const nlohmann::json entry = nlohmann::json::parse(result.out);
  EXPECT_EQ(std::to_string(entry.at("residues").get<int>()), row.at("residues"));
  const std::string backend = entry.at("backend");
  const bool is_handed_over = solver == "filtered" && row.at("zero_modes") != "6";
  EXPECT_TRUE(backend.starts_with("cuda:") || (is_handed_over && backend == "cpu"))
      << "the engine could not do this itself";
  golden::Numbers numbers;
  numbers.zero_modes = entry.at("zero_modes");
  numbers.eigenvalues = entry.at("eigenvalues").get<std::vector<double>>();
  numbers.shares = entry.at("shares").get<std::vector<double>>();
  for (const char* column : {"coll1", "coll2", "coll3"})
    if (entry.at(column).is_number()) numbers.collectivities.push_back(entry.at(column));
  golden::expect_same(numbers, row);
}

const auto name_of = [](const testing::TestParamInfo<Row>& row) {
  return golden::case_name(row.param);
};

class RankByChebyshev : public testing::TestWithParam<Row> {};
INSTANTIATE_TEST_SUITE_P(RANK_ON, RankByChebyshev, testing::ValuesIn(chebyshev_rows()), name_of);
TEST_P(RankByChebyshev, AgreesWithProDy) { expect_same_ranking(GetParam(), "chebyshev"); }

class RankByFiltered : public testing::TestWithParam<Row> {};
INSTANTIATE_TEST_SUITE_P(RANK_ON, RankByFiltered, testing::ValuesIn(chebyshev_rows()), name_of);
TEST_P(RankByFiltered, AgreesWithProDy) { expect_same_ranking(GetParam(), "filtered"); }

class RankByJacobi : public testing::TestWithParam<Row> {};
INSTANTIATE_TEST_SUITE_P(RANK_ON, RankByJacobi, testing::ValuesIn(jacobi_rows()), name_of);
TEST_P(RankByJacobi, AgreesWithProDy) { expect_same_ranking(GetParam(), "jacobi"); }

TEST(RankGoldenFiles, AreAsManyAsTheyShouldBe) {
  const std::size_t least = files == Files::few ? 7 : 60;
  EXPECT_GE(chebyshev_rows().size(), least);
  EXPECT_GE(jacobi_rows().size(), least);
}

}  // namespace
