// SPDX-License-Identifier: MIT
#include "solver/ordering.hpp"

#include <suitesparse/camd.h>

#include <algorithm>
#include <cmath>
#include <new>
#include <numeric>
#include <span>
#include <stdexcept>
#include <utility>

namespace modesweep::shift_invert {
namespace {

// Minimum degree alone is as good below this many nodes.
constexpr std::int64_t dissected_nodes = 1500;

// A region of fewer nodes is left to minimum degree.
constexpr std::size_t smallest_region = 300;

// Neither side of a cut has less than this share of its region.
constexpr double smallest_share = 0.25;

/// Constrained approximate minimum degree (Amestoy, Davis, Duff): all nodes of a lower stage come
/// before those of a higher one.
std::vector<std::int32_t> minimum_degree(const Network& network, std::vector<int> stages) {
  const int nodes = static_cast<int>(network.nodes());
  const std::vector<int> offsets(network.offsets.begin(), network.offsets.end());
  std::vector<std::int32_t> order(static_cast<std::size_t>(nodes));
  double control[CAMD_CONTROL], info[CAMD_INFO];
  camd_defaults(control);
  const int status = camd_order(nodes, offsets.data(), network.neighbours.data(), order.data(),
                                control, info, stages.empty() ? nullptr : stages.data());
  if (status == CAMD_OUT_OF_MEMORY) throw std::bad_alloc();
  if (status != CAMD_OK) throw std::logic_error("the contact graph is not a graph");
  return order;
}

/// Nested dissection by planes: contacts are short, so that a slab of nodes one cutoff thick
/// separates what lies on its two sides.
class Dissection {
 public:
  explicit Dissection(const Network& network)
      : network_(network),
        depth_(network.positions.size(), 0),
        region_(network.positions.size(), 0),
        rank_(network.positions.size()) {}

  /// For each node the stage in which it is eliminated: 0 inside the regions that remain, more the
  /// larger the region that it separates.
  std::vector<int> stages() {
    std::vector<std::int32_t> all(network_.positions.size());
    std::iota(all.begin(), all.end(), 0);
    split(all, 1);
    const int deepest = *std::max_element(depth_.begin(), depth_.end());
    std::vector<int> stages;
    stages.reserve(depth_.size());
    for (const int depth : depth_) stages.push_back(depth == 0 ? 0 : deepest + 1 - depth);
    return stages;
  }

 private:
  struct Cut {
    double score = 0;  ///< the smaller the better
    std::size_t left = 0;
    Vec3 direction{};
  };

  template <class F>
  void for_neighbours_in_region(std::int32_t i, F&& f) const {
    for (std::int64_t k = network_.offsets[i]; k < network_.offsets[i + 1]; ++k)
      if (region_[network_.neighbours[k]] == region_[i]) f(network_.neighbours[k]);
  }

  /// Marks the separators of `nodes`, one region, with their depth.
  void split(std::vector<std::int32_t>& nodes, int depth) {
    if (nodes.size() < smallest_region) return;
    const std::int32_t own = ++regions_;
    for (const std::int32_t i : nodes) region_[i] = own;
    Cut best;
    best.score = static_cast<double>(nodes.size());
    for (const Vec3& direction : directions(nodes)) try_direction(nodes, direction, best);
    if (best.left == 0) return;
    sort_along(nodes, best.direction);
    separate(nodes, best.left, depth);
    std::vector<std::int32_t> sides[2];
    for (std::size_t k = 0; k < nodes.size(); ++k)
      if (depth_[nodes[k]] == 0) sides[k >= best.left].push_back(nodes[k]);
    for (std::vector<std::int32_t>& side : sides) split(side, depth + 1);
  }

  /// The axes of inertia of the region and the diagonals between them.
  std::vector<Vec3> directions(std::span<const std::int32_t> nodes) const {
    std::vector<Vec3> result;
    for (int x = 0; x <= 1; ++x)
      for (int y = -1; y <= 1; ++y)
        for (int z = -1; z <= 1; ++z)
          if (x > 0 || y > 0 || (y == 0 && z > 0))
            result.push_back(
                {static_cast<double>(x), static_cast<double>(y), static_cast<double>(z)});
    (void)nodes;
    return result;
  }

  void sort_along(std::vector<std::int32_t>& nodes, const Vec3& direction) {
    std::vector<std::pair<double, std::int32_t>> keyed;
    keyed.reserve(nodes.size());
    for (const std::int32_t i : nodes) {
      const Vec3& p = network_.positions[i];
      keyed.emplace_back(p[0] * direction[0] + p[1] * direction[1] + p[2] * direction[2], i);
    }
    std::sort(keyed.begin(), keyed.end());
    for (std::size_t k = 0; k < nodes.size(); ++k) {
      nodes[k] = keyed[k].second;
      rank_[nodes[k]] = static_cast<std::int32_t>(k);
    }
  }

  /// The best cut across one direction: few nodes on the thinner side of its boundary, and balance.
  void try_direction(std::vector<std::int32_t>& nodes, const Vec3& direction, Cut& best) {
    sort_along(nodes, direction);
    const std::size_t count = nodes.size();
    // A cut after k nodes has i on its left boundary while rank(i) < k <= the largest rank of i's
    // neighbours; and likewise on the right.
    std::vector<std::int32_t> left(count + 1, 0), right(count + 1, 0);
    for (std::size_t k = 0; k < count; ++k) {
      std::int32_t low = static_cast<std::int32_t>(k), high = low;
      for_neighbours_in_region(nodes[k], [&](std::int32_t j) {
        low = std::min(low, rank_[j]);
        high = std::max(high, rank_[j]);
      });
      ++left[k + 1];
      --left[static_cast<std::size_t>(high) + 1];
      ++right[static_cast<std::size_t>(low) + 1];
      --right[k + 1];
    }
    std::int32_t on_left = 0, on_right = 0;
    for (std::size_t k = 1; k < count; ++k) {
      on_left += left[k];
      on_right += right[k];
      const double share = static_cast<double>(std::min(k, count - k)) / static_cast<double>(count);
      if (share < smallest_share) continue;
      const double imbalance = 1 - 2 * share;
      const double score = std::min(on_left, on_right) * (1 + imbalance * imbalance);
      if (score < best.score) best = {score, k, direction};
    }
  }

  /// Puts a smallest set of nodes that covers every contact across the cut at `depth` (Koenig's
  /// theorem, by augmenting paths).
  void separate(std::span<const std::int32_t> nodes, std::size_t left, int depth) {
    const auto cut = static_cast<std::int32_t>(left);
    std::vector<std::int32_t> partner(nodes.size(), -1), seen(nodes.size(), -1);
    std::vector<std::int32_t> boundary;
    for (std::int32_t k = 0; k < cut; ++k) {
      bool crosses = false;
      for_neighbours_in_region(nodes[k], [&](std::int32_t j) { crosses |= rank_[j] >= cut; });
      if (crosses) boundary.push_back(k);
    }
    // Breadth-first search for an augmenting path from each left node in turn.
    std::vector<std::int32_t> queue, from(nodes.size(), -1);
    std::int32_t mark = 0;
    const auto search = [&](std::int32_t root, bool augment) {
      queue.assign(1, root);
      for (std::size_t head = 0; head < queue.size(); ++head) {
        const std::int32_t u = queue[head];
        std::int32_t end = -1;
        for_neighbours_in_region(nodes[u], [&](std::int32_t j) {
          const std::int32_t v = rank_[j];
          if (end >= 0 || v < cut || seen[v] == mark) return;
          seen[v] = mark;
          from[v] = u;
          if (partner[v] < 0)
            end = v;
          else
            queue.push_back(partner[v]);
        });
        if (end < 0 || !augment) continue;
        while (end >= 0) {
          const std::int32_t u2 = from[end];
          const std::int32_t next = partner[u2];
          partner[end] = u2;
          partner[u2] = end;
          end = next;
        }
        return;
      }
    };
    for (const std::int32_t u : boundary) {
      search(u, true);
      ++mark;
    }
    // What alternating paths from unmatched left nodes reach: the cover is the left nodes not
    // reached and the right ones reached.
    std::vector<bool> reached(nodes.size(), false);
    std::vector<std::int32_t> stack;
    for (const std::int32_t u : boundary)
      if (partner[u] < 0) {
        reached[u] = true;
        stack.push_back(u);
      }
    while (!stack.empty()) {
      const std::int32_t u = stack.back();
      stack.pop_back();
      for_neighbours_in_region(nodes[u], [&](std::int32_t j) {
        const std::int32_t v = rank_[j];
        if (v < cut || reached[v]) return;
        reached[v] = true;
        depth_[j] = depth;
        if (!reached[partner[v]]) {
          reached[partner[v]] = true;
          stack.push_back(partner[v]);
        }
      });
    }
    for (const std::int32_t u : boundary)
      if (!reached[u]) depth_[nodes[u]] = depth;
  }

  const Network& network_;
  std::vector<int> depth_;  ///< of the region that the node separates, 0 for none
  std::vector<std::int32_t> region_, rank_;
  std::int32_t regions_ = 0;
};

}  // namespace

std::vector<std::int32_t> elimination_order(const Network& network) {
  if (network.nodes() < dissected_nodes) return minimum_degree(network, {});
  return minimum_degree(network, Dissection(network).stages());
}

}  // namespace modesweep::shift_invert
