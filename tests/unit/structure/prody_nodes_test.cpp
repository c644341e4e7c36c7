// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <vector>

#include <modesweep/prody_nodes.hpp>

namespace modesweep {
namespace {

TEST(ProdyNodes, AreTheAlphaCarbonsThatTheRuleTakes) {
  const std::vector<AtomNames> atoms = {{"N", "ALA"},       {"CA", "ALA"},     {"CA", "GLY", 'A'},
                                        {"CA", "GLY", 'B'}, {"CA", "CA"},      {"CA", "HYP"},
                                        {"P", "DA"},        {"CA", "MSE", ' '}};
  EXPECT_EQ(prody_nodes(atoms), (std::vector<std::size_t>{1, 2, 7}));
  EXPECT_TRUE(prody_nodes({}).empty());
  // Of 2.6.1 alone, and so taken where nothing else is.
  const std::vector<AtomNames> later = {{"CA", "LYN"}, {"CA", "HYP"}};
  EXPECT_EQ(prody_nodes(later), (std::vector<std::size_t>{0}));
}

}  // namespace
}  // namespace modesweep
