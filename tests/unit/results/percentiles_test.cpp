// SPDX-License-Identifier: MIT
#include "results/percentiles.hpp"

#include <gtest/gtest.h>

#include <random>

namespace modesweep {
namespace {

TEST(Percentiles, AreThoseOfTheDefinition) {
  std::mt19937 random(11);
  for (const int entries : {0, 1, 30, 400}) {
    std::vector<CorePlace> places;
    for (int i = 0; i < entries; ++i) {
      places.push_back(
          {50 + static_cast<int>(random() % 200), 0.01 * static_cast<double>(random() % 20)});
      if (random() % 8 == 0) places.back().share.reset();
    }
    const auto found = core_percentiles(places);
    ASSERT_EQ(found.size(), places.size());
    int with_value = 0;
    for (std::size_t i = 0; i < places.size(); ++i) {
      int alike = 0, smaller = 0;
      for (const CorePlace& other : places) {
        if (!other.share || other.residues < 0.75 * places[i].residues ||
            other.residues > places[i].residues / 0.75)
          continue;
        ++alike;
        if (places[i].share) smaller += *other.share < *places[i].share;
      }
      if (!places[i].share || alike < 20) {
        EXPECT_FALSE(found[i]);
        continue;
      }
      ++with_value;
      EXPECT_DOUBLE_EQ(found[i].value(), 100.0 * smaller / alike) << i;
    }
    EXPECT_EQ(with_value > 0, entries > 100);
  }
}

// 75 is three quarters of 100, and so like it; 74 is not.
TEST(Percentiles, TheBorderIsInside) {
  std::vector<CorePlace> places(19, {75, 0.1});
  places.push_back({100, 0.2});
  EXPECT_EQ(core_percentiles(places).back(), 95.0);
  EXPECT_EQ(core_percentiles(places).front(), 0.0);
  places.front().residues = 74;
  EXPECT_FALSE(core_percentiles(places).back());
}

}  // namespace
}  // namespace modesweep
