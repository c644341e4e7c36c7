// SPDX-License-Identifier: MIT
// Which residues of two structures are the same one.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include <modesweep/comparison.hpp>

#include "structure/chain_copies.hpp"
#include "structure/gemmi_adapter.hpp"
#include "structure/residue_names.hpp"

namespace modesweep {
namespace {

constexpr double least_identity = 0.3;
constexpr double same_numbers = 0.9;       // of the shorter chain, and of these the same residue
constexpr std::size_t least_residues = 3;  // a rotation needs them

/// With its insertion code; nothing where the file states none.
using Number = std::optional<std::pair<int, char>>;

struct Chain {
  std::string name;                  // as the file has it
  std::string shown;                 // told apart from others of that name
  std::vector<std::size_t> nodes{};  // places in the structure
  std::string sequence{};            // one-letter codes, of modified residues their parents'
  std::vector<Number> numbers{};

  /// Before each residue and at the end: whether residues may be missing there.
  std::vector<bool> free_gaps() const {
    std::vector<bool> gaps = {true};
    for (std::size_t i = 1; i < numbers.size(); ++i)
      gaps.push_back(numbers[i] && numbers[i - 1] && numbers[i]->first - numbers[i - 1]->first > 1);
    gaps.push_back(true);
    return gaps;
  }
};

/// Their C-alphas.
std::vector<Chain> chains_of(const std::vector<Node>& nodes) {
  std::vector<Chain> chains;
  std::map<std::string, int> counts;
  for (const ChainCopy& copy : chain_copies(nodes)) {
    Chain chain{copy.name, copy.name.find_first_not_of(' ') == std::string::npos ? "_" : copy.name};
    for (const std::size_t i : copy.nodes) {
      const Node& node = nodes[i];
      if (node.atom != "CA") continue;
      chain.nodes.push_back(i);
      chain.sequence.push_back(one_letter_code(node.residue));
      chain.numbers.push_back(node.number ? Number({*node.number, node.insertion}) : std::nullopt);
    }
    if (chain.nodes.empty()) continue;
    if (const int count = ++counts[chain.shown]; count > 1)
      chain.shown += fmt::format("-{}", count);
    chains.push_back(std::move(chain));
  }
  return chains;
}

struct Alignment {
  std::vector<std::pair<std::size_t, std::size_t>> pairs;
  std::size_t identical = 0;
  bool by_numbers = false;
};

/// Nothing where the chains do not count their residues alike.
std::optional<Alignment> align_by_numbers(const Chain& a, const Chain& b) {
  std::map<Number, std::size_t> places;
  for (std::size_t j = 0; j < b.numbers.size(); ++j)
    if (b.numbers[j]) places.emplace(b.numbers[j], j);
  Alignment alignment;
  alignment.by_numbers = true;
  for (std::size_t i = 0; i < a.numbers.size(); ++i)
    if (const auto place = places.find(a.numbers[i]); place != places.end()) {
      if (!alignment.pairs.empty() && alignment.pairs.back().second >= place->second) return {};
      alignment.identical += a.sequence[i] == b.sequence[place->second];
      alignment.pairs.emplace_back(i, place->second);
    }
  const auto most = [](std::size_t part, std::size_t whole) {
    return static_cast<double>(part) >= same_numbers * static_cast<double>(whole);
  };
  const bool alike = most(alignment.pairs.size(), std::min(a.numbers.size(), b.numbers.size())) &&
                     most(alignment.identical, alignment.pairs.size());
  return alike ? std::optional(std::move(alignment)) : std::nullopt;
}

Alignment align_by_sequence(const Chain& a, const Chain& b) {
  // Gaps are free on one side alone: where more residues are missing.
  const std::vector<bool> gaps_of_a = a.free_gaps(), gaps_of_b = b.free_gaps();
  const bool swapped = std::count(gaps_of_a.begin(), gaps_of_a.end(), true) >
                       std::count(gaps_of_b.begin(), gaps_of_b.end(), true);
  const Chain& query = swapped ? b : a;
  const Chain& target = swapped ? a : b;
  Alignment alignment;
  for (const auto& [i, j] :
       align_sequences(query.sequence, target.sequence, swapped ? gaps_of_a : gaps_of_b)) {
    alignment.identical += query.sequence[i] == target.sequence[j];
    alignment.pairs.emplace_back(swapped ? j : i, swapped ? i : j);
  }
  return alignment;
}

Alignment align(const Chain& a, const Chain& b) {
  std::optional<Alignment> by_numbers = align_by_numbers(a, b);
  return by_numbers ? *std::move(by_numbers) : align_by_sequence(a, b);
}

/// From the first to the last of these residues.
std::string range(const Number& first, const Number& last) {
  if (!first || !last) return {};
  const auto text = [](const Number& number) {
    return fmt::format("{}{}", number->first,
                       number->second == ' ' ? std::string() : std::string(1, number->second));
  };
  return text(first) + '-' + text(last);
}

MatchedPiece piece_of(const Chain& a, const Chain& b, const Alignment& alignment) {
  const auto [i, j] = alignment.pairs.front();
  const auto [k, l] = alignment.pairs.back();
  return {a.shown,
          b.shown,
          range(a.numbers[i], a.numbers[k]),
          range(b.numbers[j], b.numbers[l]),
          alignment.pairs.size(),
          alignment.identical,
          alignment.by_numbers};
}

}  // namespace

tl::expected<NodeMatch, std::string> match_nodes(const std::vector<Node>& first,
                                                 const std::vector<Node>& second) {
  const std::vector<Chain> ours = chains_of(first), theirs = chains_of(second);
  struct Candidate {
    std::size_t i, j;
    const Alignment* alignment;
  };
  std::vector<Candidate> candidates;
  // Copies of a chain need one alignment.
  const auto key_of = [](const Chain& chain) { return std::pair(chain.sequence, chain.numbers); };
  using Key = decltype(key_of(ours.front()));
  std::map<std::pair<Key, Key>, Alignment> alignments;
  for (std::size_t i = 0; i < ours.size(); ++i)
    for (std::size_t j = 0; j < theirs.size(); ++j) {
      const std::pair key(key_of(ours[i]), key_of(theirs[j]));
      auto found = alignments.find(key);
      if (found == alignments.end())
        found = alignments.emplace(key, align(ours[i], theirs[j])).first;
      const auto shorter =
          static_cast<double>(std::min(ours[i].sequence.size(), theirs[j].sequence.size()));
      if (static_cast<double>(found->second.identical) >= least_identity * shorter)
        candidates.push_back({i, j, &found->second});
    }
  std::stable_sort(candidates.begin(), candidates.end(),
                   [&](const Candidate& a, const Candidate& b) {
                     const auto rank = [&](const Candidate& c) {
                       return std::pair(c.alignment->identical, ours[c.i].name == theirs[c.j].name);
                     };
                     return rank(a) > rank(b);
                   });
  std::map<std::size_t, Candidate> pairs;  // in the order of the first's chains
  std::vector<bool> taken(theirs.size());
  for (const Candidate& candidate : candidates)
    if (!taken[candidate.j] && pairs.emplace(candidate.i, candidate).second)
      taken[candidate.j] = true;
  NodeMatch match;
  for (const auto& [place, pair] : pairs) {
    if (pair.alignment->pairs.empty()) continue;
    match.identical += pair.alignment->identical;
    match.pieces.push_back(piece_of(ours[pair.i], theirs[pair.j], *pair.alignment));
    for (const auto& [i, j] : pair.alignment->pairs) {
      match.first.push_back(ours[pair.i].nodes[i]);
      match.second.push_back(theirs[pair.j].nodes[j]);
    }
  }
  if (match.first.size() < least_residues)
    return tl::unexpected(fmt::format(
        "no chain of one is like a chain of the other: less than {:.0f} % of the residues are "
        "identical",
        100 * least_identity));
  return match;
}

}  // namespace modesweep
