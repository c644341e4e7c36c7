// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <chrono>
#include <cmath>
#include <map>
#include <vector>

#include <modesweep/solve.hpp>
#include <modesweep/solve_batch.hpp>

namespace modesweep {
namespace {

using namespace std::chrono_literals;

/// Turns of a helix of C-alphas.
std::vector<Vec3> helix(int nodes) {
  std::vector<Vec3> positions;
  for (int i = 0; i < nodes; ++i)
    positions.push_back({2.3 * std::cos(1.745 * i), 2.3 * std::sin(1.745 * i), 1.5 * i});
  return positions;
}

/// All that the batch has, by number.
std::map<std::size_t, Outcome<Modes>> all_of(SolveBatch& batch) {
  std::map<std::size_t, Outcome<Modes>> solved;
  while (batch.pending() > 0)
    if (std::optional<SolveBatch::Solved> next = batch.next(1s))
      solved.emplace(next->number, std::move(next->modes));
  return solved;
}

TEST(SolveBatch, GivesEachStructureOnceWithTheModesThatItHasAlone) {
  for (const int threads : {1, 3}) {
    SolveBatch batch(threads);
    EXPECT_EQ(batch.threads(), threads);
    for (int i = 0; i < 20; ++i) EXPECT_EQ(batch.submit(helix(20 + 10 * i)), i);
    EXPECT_EQ(batch.pending(), 20);
    const auto solved = all_of(batch);
    ASSERT_EQ(solved.size(), 20);
    for (const auto& [number, modes] : solved) {
      const Modes alone = solve_coordinates(helix(20 + 10 * static_cast<int>(number))).value();
      ASSERT_TRUE(modes) << modes.error().message;
      EXPECT_EQ(modes->eigenvalues, alone.eigenvalues);
      EXPECT_EQ(modes->eigenvectors, alone.eigenvectors);
    }
    EXPECT_FALSE(batch.next(1h)) << "nothing is waited for where nothing is pending";
  }
}

TEST(SolveBatch, FailuresAreValuesAmongTheOthers) {
  SolveBatch batch(2);
  batch.submit(helix(30));
  batch.submit({{0, 0, 0}, {0, 0, 0}, {1, 0, 0}});
  batch.submit({});
  const auto solved = all_of(batch);
  ASSERT_EQ(solved.size(), 3);
  EXPECT_TRUE(solved.at(0));
  EXPECT_EQ(solved.at(1).error().code, "coincident_nodes");
  EXPECT_EQ(solved.at(2).error().code, "no_nodes");
}

TEST(SolveBatch, TakesModelAndRequest) {
  NetworkOptions options;
  options.model = ElasticModel::gnm;
  options.cutoff = 10;
  ModeRequest request;
  request.modes = 4;
  SolveBatch batch(1, options, request);
  batch.submit(helix(50));
  const auto solved = all_of(batch);
  EXPECT_EQ(solved.at(0)->eigenvalues.size(), 4);
  EXPECT_EQ(solved.at(0)->eigenvectors.size(), 4 * 50);
}

TEST(SolveBatch, ACancelledOneGivesNothingAndItsThreadsEnd) {
  SolveBatch batch(2);
  for (int i = 0; i < 200; ++i) batch.submit(helix(3000));
  batch.cancel();
  EXPECT_EQ(batch.pending(), 0);
  EXPECT_FALSE(batch.next(1h));
}

}  // namespace
}  // namespace modesweep
