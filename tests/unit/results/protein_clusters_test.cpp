// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <numeric>
#include <set>

#include <modesweep/protein_clusters.hpp>

#include "results/sequence_alignment.hpp"
#include "unit/results/made_up_sequences.hpp"

namespace modesweep {
namespace {

using Sequences = std::vector<std::string>;
using Partition = std::set<std::set<std::size_t>>;

template <class Number>
Partition partition(const std::vector<Number>& clusters) {
  std::map<Number, std::set<std::size_t>> members;
  for (std::size_t i = 0; i < clusters.size(); ++i) members[clusters[i]].insert(i);
  Partition partition;
  for (const auto& [cluster, entries] : members) partition.insert(entries);
  return partition;
}

Partition clusters_of(const std::vector<Sequences>& entries, double percent) {
  ProteinClusters clusters(percent);
  for (const Sequences& sequences : entries) clusters.add("", sequences);
  return partition(clusters.of_entries());
}

/// The definition, every sequence against every representative and nothing filtered.
Partition plain_clusters_of(const std::vector<Sequences>& entries, double percent) {
  std::set<std::pair<std::ptrdiff_t, std::string>> longest_first;
  for (const Sequences& sequences : entries)
    for (const std::string& sequence : sequences)
      longest_first.emplace(-std::ssize(sequence), sequence);
  Sequences representatives;
  std::map<std::string, std::string> cluster_of;
  for (const auto& [length, sequence] : longest_first) {
    const auto found =
        std::find_if(representatives.begin(), representatives.end(), [&](const std::string& other) {
          return 10 * sequence.size() >= 8 * other.size() &&
                 100 * static_cast<double>(identical_residues(sequence, other)) >=
                     percent * static_cast<double>(sequence.size());
        });
    cluster_of[sequence] = found == representatives.end() ? sequence : *found;
    if (found == representatives.end()) representatives.push_back(sequence);
  }
  std::vector<std::set<std::string>> clusters;
  for (const Sequences& sequences : entries) {
    std::set<std::string>& set = clusters.emplace_back();
    for (const std::string& sequence : sequences) set.insert(cluster_of[sequence]);
  }
  return partition(clusters);
}

/// Families of close and distant relatives, as one chain or several.
std::vector<Sequences> made_up_entries(MadeUpSequences& made_up, std::size_t count) {
  Sequences ancestors;
  for (std::size_t i = 0; i < 8; ++i)
    ancestors.push_back(made_up.sequence(40 + made_up.below(120)));
  const std::vector<std::size_t> changes = {0, 1, 3, 5, 8, 15, 30, 45};
  std::vector<Sequences> entries;
  for (std::size_t i = 0; i < count; ++i) {
    Sequences& sequences = entries.emplace_back();
    for (std::size_t chain = 0; chain < 1 + made_up.below(3); ++chain)
      sequences.push_back(made_up.relative(ancestors[made_up.below(ancestors.size())],
                                           changes[made_up.below(changes.size())], 2));
  }
  return entries;
}

TEST(ProteinClusters, AreThoseOfThePlainDefinition) {
  for (const char* letters : {"ACDE", "ACDEFGHIKLMNPQRSTVWY"}) {
    MadeUpSequences made_up(20261129, letters);
    const std::vector<Sequences> entries = made_up_entries(made_up, 60);
    for (const double percent : {50.0, 65.0, 80.0, 90.0, 95.0, 97.5, 100.0}) {
      const Partition plain = plain_clusters_of(entries, percent);
      EXPECT_EQ(clusters_of(entries, percent), plain) << percent;
      EXPECT_GT(plain.size(), 1u) << percent;
    }
    EXPECT_LT(plain_clusters_of(entries, 90).size(), entries.size());
  }
}

TEST(ProteinClusters, DoNotDependOnTheOrderOfEntriesAndChains) {
  MadeUpSequences made_up(7);
  const std::vector<Sequences> entries = made_up_entries(made_up, 120);
  std::vector<std::size_t> order(entries.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  const auto of_shuffled = [&](double percent) {
    ProteinClusters clusters(percent);
    for (const std::size_t i : order) {
      Sequences sequences = entries[i];
      made_up.shuffle(sequences);
      sequences.push_back(sequences.front());  // copies count for nothing
      clusters.add("", sequences);
    }
    const std::vector<std::size_t> found = clusters.of_entries();
    std::vector<std::size_t> in_order(found.size());
    for (std::size_t i = 0; i < order.size(); ++i) in_order[order[i]] = found[i];
    return partition(in_order);
  };
  for (const double percent : {60.0, 95.0}) {
    const Partition once = clusters_of(entries, percent);
    for (int i = 0; i < 10; ++i) {
      made_up.shuffle(order);
      ASSERT_EQ(of_shuffled(percent), once);
    }
  }
}

TEST(ProteinClusters, AreOfTheSameChainsWhateverWasSeenOfThem) {
  MadeUpSequences made_up(3);
  const std::string a = made_up.sequence(120), b = made_up.sequence(80), c = made_up.sequence(100);
  std::string mutant = a;
  for (const std::size_t place : {5, 50, 70, 90, 110}) mutant[place] = a[place] == 'G' ? 'A' : 'G';
  const std::string without_loop = a.substr(0, 60) + a.substr(72);
  const std::vector<Sequences> entries = {{a},                // 0
                                          {mutant},           // 1: 95.8 %
                                          {without_loop},     // 2
                                          {a, without_loop},  // 3: what was seen of two chains
                                          {a.substr(24)},     // 4: 80 % of it
                                          {a.substr(25)},     // 5: less
                                          {a, b},             // 6
                                          {b, mutant, a, a},  // 7
                                          {b},                // 8
                                          {a, c},             // 9
                                          {a, b, c},          // 10
                                          {a + c}};           // 11: a fusion
  EXPECT_EQ(clusters_of(entries, 95),
            (Partition{{0, 1, 2, 3, 4}, {5}, {6, 7}, {8}, {9}, {10}, {11}}));
  EXPECT_EQ(clusters_of(entries, 96),
            (Partition{{0, 2, 3, 4}, {1}, {5}, {6}, {7}, {8}, {9}, {10}, {11}}));
}

TEST(ProteinClusters, WhatNobodyKnowsIsLikeNothingButItself) {
  const std::string known = "WQERTPLKDSAVGHFNCMWY", unknown(30, 'X');
  EXPECT_EQ(clusters_of({{unknown}, {unknown}, {unknown + "X"}, {known + "XX"}, {known}}, 95),
            (Partition{{0, 1}, {2}, {3, 4}}));
}

TEST(ProteinClusters, WithoutSequencesGoByTheirProteins) {
  ProteinClusters clusters(95);
  for (const char* protein : {"P1", "", "P1", "P2", ""}) clusters.add(protein, {});
  clusters.add("P1", {"ACDEFGH"});
  clusters.add("P2", {"ACDEFGH"});
  EXPECT_EQ(clusters.without_sequence(), 5u);
  EXPECT_EQ(partition(clusters.of_entries()), (Partition{{0, 2}, {1}, {3}, {4}, {5, 6}}));

  ProteinClusters by_protein(std::nullopt);
  by_protein.add("P1", {"ACDEFGH"});
  by_protein.add("P2", {"ACDEFGH"});
  by_protein.add("P1", {});
  EXPECT_EQ(by_protein.without_sequence(), 0u);
  EXPECT_EQ(partition(by_protein.of_entries()), (Partition{{0, 2}, {1}}));
  EXPECT_TRUE(ProteinClusters(95).of_entries().empty());
}

}  // namespace
}  // namespace modesweep
