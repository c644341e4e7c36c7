// SPDX-License-Identifier: MIT
#include "structure/chain_copies.hpp"

#include <algorithm>
#include <limits>
#include <optional>
#include <set>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace modesweep {
namespace {

using Number = std::pair<int, char>;  // with its insertion code

std::optional<Number> number_of(const Node& node) {
  return node.number ? std::optional(Number(*node.number, node.insertion)) : std::nullopt;
}

/// The latest copy of a chain while nodes come in.
struct LatestCopy {
  std::size_t place = 0;  // among all copies
  std::optional<Number> last;
  int highest = std::numeric_limits<int>::min();
  std::size_t fell = 0;    // among its nodes: where a number was lower than the one before
  std::set<Number> known;  // those of the first `indexed` nodes
  std::size_t indexed = 0;
};

class Copies {
 public:
  explicit Copies(std::span<const Node> nodes) : nodes_(nodes) {}

  void add(std::size_t i) {
    const auto [found, fresh] = latest_.try_emplace(nodes_[i].chain);
    LatestCopy& latest = found->second;
    if (fresh) begin(latest, nodes_[i].chain);
    if (const std::optional<Number> number = number_of(nodes_[i]);
        number && number != latest.last) {
      if (latest.last && number->first < latest.last->first)
        latest.fell = copies_[latest.place].nodes.size();
      // Numbers mostly rise, and then there is nothing to look up.
      if (number->first <= latest.highest && has(latest, *number)) split(latest, *number);
      latest.highest = std::max(latest.highest, number->first);
      latest.last = number;
    }
    copies_[latest.place].nodes.push_back(i);
  }

  std::vector<ChainCopy> take() { return std::move(copies_); }

 private:
  void begin(LatestCopy& latest, const std::string& chain) {
    latest = {};
    latest.place = copies_.size();
    copies_.push_back({chain, {}});
  }

  bool has(LatestCopy& latest, const Number& number) {
    const std::vector<std::size_t>& members = copies_[latest.place].nodes;
    for (; latest.indexed < members.size(); ++latest.indexed)
      if (const std::optional<Number> known = number_of(nodes_[members[latest.indexed]]))
        latest.known.insert(*known);
    return latest.known.contains(number);
  }

  /// A new copy takes the nodes since the last fall, unless this number is among them.
  void split(LatestCopy& latest, const Number& number) {
    std::vector<std::size_t>& before = copies_[latest.place].nodes;
    auto first = before.begin() + static_cast<std::ptrdiff_t>(latest.fell);
    if (std::any_of(first, before.end(),
                    [&](std::size_t i) { return number_of(nodes_[i]) == number; }))
      first = before.end();
    const std::vector<std::size_t> moved(first, before.end());
    before.erase(first, before.end());
    begin(latest, nodes_[moved.empty() ? before.front() : moved.front()].chain);
    copies_[latest.place].nodes = moved;
    for (const std::size_t i : moved)
      if (nodes_[i].number) latest.highest = std::max(latest.highest, *nodes_[i].number);
  }

  std::span<const Node> nodes_;
  std::vector<ChainCopy> copies_;
  std::unordered_map<std::string_view, LatestCopy> latest_;
};

}  // namespace

std::vector<ChainCopy> chain_copies(std::span<const Node> nodes) {
  Copies copies(nodes);
  for (std::size_t i = 0; i < nodes.size(); ++i) copies.add(i);
  return copies.take();
}

std::vector<std::size_t> copy_of_each_node(const std::vector<ChainCopy>& copies,
                                           std::size_t nodes) {
  std::vector<std::size_t> result(nodes);
  for (std::size_t k = 0; k < copies.size(); ++k)
    for (const std::size_t i : copies[k].nodes) result[i] = k;
  return result;
}

}  // namespace modesweep
