// SPDX-License-Identifier: MIT
#include "structure/node_collector.hpp"

#include <algorithm>
#include <functional>
#include <numeric>

#include "structure/decimal.hpp"

namespace modesweep {

std::size_t NodeCollector::Hash::operator()(const ResidueKey& key) const {
  return std::hash<std::string_view>()(key.name) ^ std::hash<std::string_view>()(key.segment) * 3 ^
         static_cast<std::size_t>(key.number) * 0x9e3779b97f4a7c15u ^
         static_cast<std::size_t>(key.insertion | 0x20) << 17;
}

void NodeCollector::begin_chain(std::string_view name) {
  chain_ = name;
  ++chain_index_;
  residues_.clear();
  index_.clear();
  indexed_ = 0;
  nucleotides_ = 0;
}

bool NodeCollector::find_or_add(const ResidueKey& key, std::string_view part) {
  part_noted_ = false;
  // Numbers mostly rise, and then there is nothing to look up.
  if (!residues_.empty() && key.number <= highest_number_) {
    if (residues_[current_].key == key) return false;
    for (; indexed_ < residues_.size(); ++indexed_)
      index_.emplace(residues_[indexed_].key, indexed_);
    if (const auto found = index_.find(key); found != index_.end()) {
      current_ = found->second;
      return false;
    }
  }
  highest_number_ = residues_.empty() ? key.number : std::max(highest_number_, key.number);
  current_ = residues_.size();
  residues_.push_back({key, part});
  return true;
}

void NodeCollector::add(const Vec3& position, float b_factor, std::string_view atom) {
  const Residue& residue = residues_[current_];
  const std::uint64_t place = chain_index_ << 32 | current_;
  in_order_ = in_order_ && (places_.empty() || places_.back() <= place);
  places_.push_back(place);
  nodes_.push_back({position, written_value(b_factor), std::string(chain_),
                    std::string(residue.key.name), std::string(atom), residue.key.number,
                    residue.key.insertion});
  if (part_noted_) return;
  part_noted_ = true;
  if (residue.part != last_part_ || parts_.empty()) parts_.emplace(last_part_ = residue.part);
  if (chain_ != last_chain_ || chains_.empty()) chains_.emplace(last_chain_ = chain_);
}

std::vector<Node> NodeCollector::take() {
  if (in_order_) return std::move(nodes_);
  std::vector<std::size_t> order(nodes_.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return places_[a] < places_[b]; });
  std::vector<Node> sorted;
  sorted.reserve(nodes_.size());
  for (const std::size_t i : order) sorted.push_back(std::move(nodes_[i]));
  return sorted;
}

}  // namespace modesweep
