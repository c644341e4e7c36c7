// SPDX-License-Identifier: MIT
#include "structure/node_selection.hpp"

#include <gtest/gtest.h>

#include "unit/structure/nodes.hpp"

namespace modesweep {
namespace {

/// A mark a node, `x` where it is selected; the failure's code and sentence otherwise.
std::string selected(const std::vector<Node>& nodes, std::vector<std::string> chains,
                     const std::string& selection = "") {
  ReadOptions options;
  options.chains = std::move(chains);
  options.selection = selection;
  const Outcome<std::vector<bool>> outcome = selected_nodes(nodes, options, "f.pdb");
  if (!outcome) return outcome.error().code + ": " + outcome.error().message;
  std::string marks;
  for (const bool mark : *outcome) marks += mark ? 'x' : '.';
  return marks;
}

std::vector<Node> blank_and(const std::string& other) {
  std::vector<Node> nodes;
  add_nodes(nodes, "", {1, 2});
  add_nodes(nodes, other, {1, 2});
  return nodes;
}

TEST(NodeSelection, ABlankChainIsNamedByABlankOrAnUnderscore) {
  for (const char* name : {"_", " "}) {
    EXPECT_EQ(selected(blank_and("A"), {name}), "xx..");
    EXPECT_EQ(selected(blank_and("A"), {name, "A"}), "xxxx");
  }
  EXPECT_EQ(selected(blank_and("A"), {"A"}), "..xx");
  EXPECT_EQ(selected(blank_and("A"), {}, "//_/2"), ".x..");
  EXPECT_EQ(selected(blank_and("A"), {}, "//A/2"), "...x");
  EXPECT_EQ(selected(blank_and("A"), {}, "//!_/"), "..xx");
  EXPECT_EQ(selected(blank_and("A"), {}, "//!A/"), "xx..");
  EXPECT_EQ(selected(blank_and("A"), {}, "///2"), ".x..") << "as gemmi has it";
}

TEST(NodeSelection, AChainThatIsCalledUnderscoreIsMeantByThat) {
  EXPECT_EQ(selected(blank_and("_"), {"_"}), "..xx");
  EXPECT_EQ(selected(blank_and("_"), {" "}), "xx..");
  EXPECT_EQ(selected(blank_and("_"), {}, "//_/1-1"), "..x.");
  EXPECT_EQ(selected(blank_and("_"), {}, "///1-1"), "x...");
}

TEST(NodeSelection, NamesTheChainsThatThereAre) {
  const auto mentions = [](const std::string& text, const char* words) {
    return text.find(words) != std::string::npos;
  };
  const std::string missing = selected(blank_and("A"), {"C"});
  EXPECT_TRUE(missing.starts_with("no_chain: ")) << missing;
  EXPECT_TRUE(mentions(missing,
                       "there is no chain C among A, _ (those with nodes; "
                       "\"_\" is the one without a name)"))
      << missing;
  std::vector<Node> named;
  add_nodes(named, "A", {1, 2});
  const std::string blank = selected(named, {" "});
  EXPECT_TRUE(mentions(blank, "there is no chain without a name among A (those with nodes)"))
      << blank;
  EXPECT_TRUE(mentions(selected(named, {"_"}), "there is no chain _ among A"));
}

TEST(NodeSelection, WhatIsNotStatedIsSelectedByNoNumber) {
  std::vector<Node> nodes;
  add_nodes(nodes, "A", {3, std::nullopt, 0, 7});
  EXPECT_EQ(selected(nodes, {}, "//A/0-5"), "x.x.");
  EXPECT_EQ(selected(nodes, {}, "//A/1-"), "x..x");
  EXPECT_EQ(selected(nodes, {}, "//A/(ALA)"), "xxxx");
  nodes[0].b_factor = 30;
  nodes[3].b_factor = 70;
  EXPECT_EQ(selected(nodes, {}, "//A//;b<60"), "x...");
  EXPECT_EQ(selected(nodes, {}, "//A//;b>60"), "...x");
}

TEST(NodeSelection, ANumberAloneIsOneResidue) {
  std::vector<Node> nodes;
  add_nodes(nodes, "A", {1, 2, 2, 3});
  nodes[2].insertion = 'B';
  EXPECT_EQ(selected(nodes, {}, "//A/2"), ".x..");
  EXPECT_EQ(selected(nodes, {}, "/1/A/2/CA"), ".x..");
  EXPECT_EQ(selected(nodes, {}, "2"), ".x..");
  EXPECT_EQ(selected(nodes, {}, "//A/2.B"), "..x.");
  EXPECT_EQ(selected(nodes, {}, "//A/2.*"), ".xx.");
  EXPECT_EQ(selected(nodes, {}, "//A/2(ALA)"), ".x..");
  EXPECT_EQ(selected(nodes, {}, "//A/2-"), ".xxx");
  EXPECT_EQ(selected(nodes, {}, "//A/2-*"), ".xxx");
  EXPECT_EQ(selected(nodes, {}, "//A/2-2"), ".x..");
}

TEST(NodeSelection, ANumberSelectsItInEveryCopy) {
  std::vector<Node> nodes;
  add_nodes(nodes, "", {1, 2, 3, 1, 2, 3});
  EXPECT_EQ(selected(nodes, {}, "//_/2-3"), ".xx.xx");
}

}  // namespace
}  // namespace modesweep
