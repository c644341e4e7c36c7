// SPDX-License-Identifier: MIT
#include "structure/chain_copies.hpp"

#include <gtest/gtest.h>

#include "unit/structure/nodes.hpp"

namespace modesweep {
namespace {

/// "A 0 1 2; B 3 4": the copies with the places of their nodes.
std::string listed(const std::vector<Node>& nodes) {
  std::string text;
  for (const ChainCopy& copy : chain_copies(nodes)) {
    text += (text.empty() ? "" : "; ") + copy.name;
    for (const std::size_t i : copy.nodes) text += ' ' + std::to_string(i);
  }
  return text;
}

TEST(ChainCopies, AreChainsWhereNamesTellThemApart) {
  std::vector<Node> nodes;
  add_nodes(nodes, "B", {1, 2, 3});
  add_nodes(nodes, "A", {1, 2});
  add_nodes(nodes, "B", {101, 102});  // what stands behind the other chains
  EXPECT_EQ(listed(nodes), "B 0 1 2 5 6; A 3 4");
  EXPECT_EQ(copy_of_each_node(chain_copies(nodes), nodes.size()),
            (std::vector<std::size_t>{0, 0, 0, 1, 1, 0, 0}));
  EXPECT_TRUE(chain_copies({}).empty());
}

TEST(ChainCopies, BeginWhereANumberComesBack) {
  std::vector<Node> nodes;
  for (int copy = 0; copy < 3; ++copy) add_nodes(nodes, "", {1, 2, 3});
  EXPECT_EQ(listed(nodes), " 0 1 2;  3 4 5;  6 7 8");
  std::vector<Node> named;
  add_nodes(named, "A", {7, 8, 9, 7, 8, 9});
  EXPECT_EQ(listed(named), "A 0 1 2; A 3 4 5");
}

TEST(ChainCopies, BeginWhereNumbersFellIfEndsDiffer) {
  std::vector<Node> nodes;
  add_nodes(nodes, "", {4, 5, 6, 7, 1, 2, 3, 4, 5, 6, 2, 3, 8});
  EXPECT_EQ(listed(nodes), " 0 1 2 3;  4 5 6 7 8 9;  10 11 12");
}

TEST(ChainCopies, DoNotBeginWhereNumbersFallAlone) {
  std::vector<Node> nodes;
  add_nodes(nodes, "A", {50, 51, 52, 10, 11, 12, 60});
  EXPECT_EQ(listed(nodes), "A 0 1 2 3 4 5 6");
}

TEST(ChainCopies, NeighboursOfOneNumberAreOneResidue) {
  std::vector<Node> nodes;
  add_nodes(nodes, "A", {1, 2, 2, 2, 3});
  EXPECT_EQ(listed(nodes), "A 0 1 2 3 4");
  add_nodes(nodes, "A", {1, 1, 2, 2});
  EXPECT_EQ(listed(nodes), "A 0 1 2 3 4; A 5 6 7 8");
}

TEST(ChainCopies, InsertionCodesAreOfTheNumber) {
  std::vector<Node> nodes;
  for (const char code : {' ', 'A', 'B'}) nodes.push_back(named_node("H", 52, code));
  nodes.push_back(named_node("H", 53));
  EXPECT_EQ(listed(nodes), "H 0 1 2 3");
  nodes.push_back(named_node("H", 52, 'A'));
  EXPECT_EQ(listed(nodes), "H 0 1 2 3; H 4");
}

TEST(ChainCopies, MissingNumbersBeginNothing) {
  std::vector<Node> nodes;
  add_nodes(nodes, "A", {std::nullopt, 1, std::nullopt, 2, std::nullopt, std::nullopt, 1, 2});
  EXPECT_EQ(listed(nodes), "A 0 1 2 3 4 5; A 6 7");
}

}  // namespace
}  // namespace modesweep
