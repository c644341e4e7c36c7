// SPDX-License-Identifier: MIT
// The filtered solver against shift-invert on real structures at three cutoffs. Built twice: with
// eighty files, and with all there are.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <string>
#include <vector>

#include <modesweep/properties.hpp>
#include <modesweep/structure.hpp>

#include "solver/cpu_solvers.hpp"
#include "support/data_files.hpp"
#include "unit/solver/shift_invert_check.hpp"

namespace modesweep {
namespace {

using namespace shift_invert_check;

constexpr std::size_t most_files = REAL_FILES_ALL ? 100'000 : 80;
constexpr std::size_t most_nodes = REAL_FILES_ALL ? 100'000 : 1000;

constexpr double share_error = 1e-10, collectivity_error = 1e-9;
/// Of the largest one: what the column `bfactor_corr` is made of.
constexpr double fluctuation_error = 1e-6;

double largest_difference(const std::vector<double>& a, const std::vector<double>& b) {
  double largest = 0;
  for (std::size_t i = 0; i < a.size(); ++i) largest = std::max(largest, std::abs(a[i] - b[i]));
  return largest;
}

/// Without vectors, as a ranking asks: only as exact as its numbers need.
Modes solve_for_numbers(const ModeSolver& solver, const Network& network) {
  ModeRequest request;
  request.vectors = request.residuals = false;
  return solver.solve({&network, 1}, request).front().value();
}

class FilteredCutoff : public testing::TestWithParam<int> {};
INSTANTIATE_TEST_SUITE_P(Angstrom, FilteredCutoff, testing::Values(10, 12, 15),
                         testing::PrintToStringParamName());

TEST_P(FilteredCutoff, RealFilesAgreeWithShiftInvert) {
  const std::vector<std::filesystem::path> files = test_support::package_structure_files();
  if (files.empty()) GTEST_SKIP() << "no package with structure files is installed";
  const auto solver = make_filtered_solver(), oracle = make_shift_invert_solver();
  std::size_t compared = 0, own = 0;
  double shares = 0, collective = 0;
  for (std::size_t i = 0; i < files.size() && compared < most_files; ++i) {
    constexpr std::size_t leap = 7919;  // prime: some of each package
    const std::filesystem::path& file = files[i * leap % files.size()];
    const Outcome<Structure> structure = read_structure(file, {});
    if (!structure || structure->nodes.size() > most_nodes) continue;
    std::vector<Vec3> positions;
    for (const Node& node : structure->nodes) positions.push_back(node.position);
    const Outcome<Network> network =
        build_network(std::move(positions), {static_cast<double>(GetParam()), 1.0});
    if (!network) continue;  // two nodes in one place
    SCOPED_TRACE(file.string());
    const Modes modes = solve(*solver, *network), wanted = solve(*oracle, *network);
    const Modes numbers = solve_for_numbers(*solver, *network);
    EXPECT_TRUE(numbers.eigenvectors.empty());
    ++compared;
    if (modes.solver != "filtered") {
      EXPECT_EQ(modes.eigenvalues, wanted.eigenvalues);
      continue;
    }
    ++own;
    EXPECT_EQ(modes.zero_modes, wanted.zero_modes);
    ASSERT_EQ(modes.eigenvalues.size(), wanted.eigenvalues.size());
    EXPECT_EQ(numbers.solver, "filtered");
    EXPECT_EQ(numbers.zero_modes, wanted.zero_modes);
    expect_eigenpairs(*network, modes);
    for (const Modes* const own_modes : {&modes, &numbers}) {
      const double share = largest_difference(fractional_variances(own_modes->eigenvalues),
                                              fractional_variances(wanted.eigenvalues));
      EXPECT_LE(share, share_error);
      shares = std::max(shares, share);
      const double largest =
          *std::max_element(wanted.square_fluctuations.begin(), wanted.square_fluctuations.end());
      EXPECT_LE(largest_difference(own_modes->square_fluctuations, wanted.square_fluctuations),
                fluctuation_error * largest);
    }
    // Of modes that are equal any rotation into each other is as good.
    if (!degenerate_modes(wanted.eigenvalues).empty() &&
        degenerate_modes(wanted.eigenvalues).front().first <= 3)
      continue;
    for (const Modes* const own_modes : {&modes, &numbers}) {
      const double difference =
          largest_difference(own_modes->collectivities, wanted.collectivities);
      EXPECT_LE(difference, collectivity_error);
      collective = std::max(collective, difference);
    }
  }
  std::printf("%zu files, %zu by the filter; shares within %.0e, collectivities within %.0e\n",
              compared, own, shares, collective);
  EXPECT_GT(own, compared / 10);  // of short springs few networks converge
}

}  // namespace
}  // namespace modesweep
