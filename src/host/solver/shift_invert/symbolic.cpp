// SPDX-License-Identifier: MIT
#include "solver/shift_invert/symbolic.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/cancel_scope.hpp"
#include "solver/shift_invert/simd/operations.hpp"

namespace modesweep::shift_invert {
namespace {

using Index = std::int32_t;

/// For each node in elimination order, its neighbours that come earlier.
struct EarlierNeighbours {
  std::vector<std::int64_t> offsets{0};
  std::vector<Index> nodes;

  EarlierNeighbours(const Network& network, std::span<const Index> order) {
    std::vector<Index> place(order.size());
    for (std::size_t k = 0; k < order.size(); ++k) place[order[k]] = static_cast<Index>(k);
    offsets.reserve(order.size() + 1);
    nodes.reserve(network.neighbours.size() / 2);
    for (std::size_t k = 0; k < order.size(); ++k) {
      const Index i = order[k];
      for (std::int64_t e = network.offsets[i]; e < network.offsets[i + 1]; ++e) {
        const Index j = place[network.neighbours[e]];
        if (j < static_cast<Index>(k)) nodes.push_back(j);
      }
      offsets.push_back(static_cast<std::int64_t>(nodes.size()));
    }
  }
  std::span<const Index> of(Index k) const {
    return {nodes.data() + offsets[k], nodes.data() + offsets[k + 1]};
  }
};

/// The parent of a node is the first node below the diagonal in its column of the factor. Liu's
/// algorithm finds it without the factor, with path compression (Liu, SIAM J. Matrix Anal. Appl.
/// 11:134, 1990).
std::vector<Index> elimination_tree(const EarlierNeighbours& graph, Index nodes) {
  std::vector<Index> parent(static_cast<std::size_t>(nodes), -1);
  std::vector<Index> ancestor(static_cast<std::size_t>(nodes), -1);
  for (Index k = 0; k < nodes; ++k)
    for (Index j : graph.of(k)) {
      while (j != -1 && j < k) {
        const Index next = ancestor[j];
        ancestor[j] = k;
        if (next == -1) parent[j] = k;
        j = next;
      }
    }
  return parent;
}

/// Children before parents, each subtree contiguous; entry k is the k-th vertex.
std::vector<Index> postorder(std::span<const Index> parent) {
  const Index count = static_cast<Index>(parent.size());
  std::vector<Index> first_child(parent.size(), -1), next_sibling(parent.size(), -1);
  std::vector<Index> roots;
  for (Index v = count - 1; v >= 0; --v) {
    if (parent[v] < 0) {
      roots.push_back(v);
      continue;
    }
    next_sibling[v] = first_child[parent[v]];
    first_child[parent[v]] = v;
  }
  std::vector<Index> order, stack;
  order.reserve(parent.size());
  for (auto root = roots.rbegin(); root != roots.rend(); ++root) {
    stack.push_back(*root);
    while (!stack.empty()) {
      const Index v = stack.back();
      if (first_child[v] >= 0) {
        stack.push_back(first_child[v]);
        first_child[v] = next_sibling[first_child[v]];
      } else {
        order.push_back(v);
        stack.pop_back();
      }
    }
  }
  return order;
}

/// Nodes in each column of the factor, diagonal included: row i of the factor is the subtree of
/// the elimination tree that is reached upwards from i's earlier neighbours (Liu 1990, as above).
std::vector<Index> column_counts(const EarlierNeighbours& graph, std::span<const Index> parent) {
  std::vector<Index> count(parent.size(), 1), seen(parent.size(), -1);
  CancelCheck cancelled;
  constexpr std::size_t steps = 1000;  // of a row, by its time
  for (Index i = 0; i < static_cast<Index>(parent.size()); ++i) {
    cancelled.after(steps);
    seen[i] = i;
    for (Index j : graph.of(i))
      for (; seen[j] != i; j = parent[j]) {
        ++count[j];
        seen[j] = i;
      }
  }
  return count;
}

/// A set of nodes that will be eliminated as one: `width` of them over `below` others.
struct Group {
  double width = 0, below = 0;
  Index parent = -1;
};

/// Modelled cost of a front, in nanoseconds of one core.
///
/// A supernode of `width` nodes over `below` others is a dense front: 3 width columns of the
/// factor, w below, and u = 3 below rows under them, whose update matrix of order u goes to the
/// parent. Its cost is a constant (its place on the stack, calls: 1.5 us), the addition of half a
/// square of order u to the parent at 2 values a nanosecond, the factorisation (a Cholesky of w, a
/// triangular solve of u rows, a product of order u) at 22 flops a nanosecond, and in each of some
/// sixteen Krylov steps the triangular solves with eight right-hand sides, which read w^2 / 2 + w u
/// values at 0.6 ns each. Merging a child into its parent saves a constant and an addition and pays
/// with zeros in the factor: the model says which is more. The constants were measured on one
/// machine; only their ratios matter, and a wrong one costs time, never digits. (Amalgamation of
/// supernodes: Ashcraft & Grimes, ACM Trans. Math. Softw. 15:291, 1989.)
double front_cost(double width, double below) {
  const double w = 3 * width, u = 3 * below;
  const double assembly = 0.5 * u * u / 2;
  const double flops = w * w * w / 3 + w * w * u + w * u * u;
  const double solves = 16 * (0.6 * (w * w / 2 + w * u) + 4 * u);
  return 1500 + assembly + flops / 22 + solves;
}

/// Merges children into parents wherever the model says that it pays. Returns for each group the
/// group that it was merged into, itself where it stays.
std::vector<Index> merge(std::vector<Group>& groups) {
  const Index count = static_cast<Index>(groups.size());
  std::vector<std::vector<Index>> children(groups.size());
  for (Index g = 0; g < count; ++g)
    if (groups[g].parent >= 0) children[groups[g].parent].push_back(g);
  std::vector<Index> into(groups.size());
  std::iota(into.begin(), into.end(), 0);
  for (Index p = 0; p < count; ++p) {
    std::vector<Index>& candidates = children[p];
    for (;;) {
      double best = 0;
      std::size_t chosen = candidates.size();
      for (std::size_t i = 0; i < candidates.size(); ++i) {
        const Group& c = groups[candidates[i]];
        const double gain = front_cost(c.width, c.below) +
                            front_cost(groups[p].width, groups[p].below) -
                            front_cost(c.width + groups[p].width, groups[p].below);
        if (gain > best) {
          best = gain;
          chosen = i;
        }
      }
      if (chosen == candidates.size()) break;
      const Index c = candidates[chosen];
      candidates.erase(candidates.begin() + static_cast<std::ptrdiff_t>(chosen));
      groups[p].width += groups[c].width;
      into[c] = p;
      for (const Index grandchild : children[c]) {
        groups[grandchild].parent = p;
        candidates.push_back(grandchild);
      }
      children[c].clear();
    }
  }
  return into;
}

/// Lists, in postorder, the nodes of each supernode.
struct Partition {
  std::vector<Index> order;     ///< position in the given order of the k-th eliminated node
  std::vector<Index> first{0};  ///< first node of each supernode, then the number of nodes
  std::vector<Index> parent;
};

Partition form_supernodes(std::span<const Index> parent, std::span<const Index> counts,
                          std::span<const Index> post) {
  const Index nodes = static_cast<Index>(parent.size());
  // Fundamental supernodes are runs of the postorder, in which each column has one node less than
  // the last (Liu, Ng & Peyton, SIAM J. Matrix Anal. Appl. 14:242, 1993).
  std::vector<Index> group_of(parent.size());
  std::vector<Group> groups;
  for (Index k = 0; k < nodes; ++k) {
    const Index v = post[k];
    const bool joins = k > 0 && parent[post[k - 1]] == v && counts[post[k - 1]] == counts[v] + 1;
    if (!joins) groups.push_back({0, static_cast<double>(counts[v]), -1});
    group_of[v] = static_cast<Index>(groups.size()) - 1;
    groups.back().width += 1;
    groups.back().below -= 1;
  }
  for (Index k = 0; k < nodes; ++k) {
    const Index v = post[k];
    if (parent[v] >= 0 && group_of[parent[v]] != group_of[v])
      groups[group_of[v]].parent = group_of[parent[v]];
  }
  std::vector<Index> into = merge(groups);
  for (Index g = static_cast<Index>(groups.size()) - 1; g >= 0; --g) into[g] = into[into[g]];

  std::vector<Index> kept(groups.size(), -1), kept_parent;
  Index kept_count = 0;
  for (std::size_t g = 0; g < groups.size(); ++g)
    if (into[g] == static_cast<Index>(g)) kept[g] = kept_count++;
  for (std::size_t g = 0; g < groups.size(); ++g)
    if (kept[g] >= 0)
      kept_parent.push_back(groups[g].parent < 0 ? -1 : kept[into[groups[g].parent]]);
  std::vector<std::vector<Index>> members(static_cast<std::size_t>(kept_count));
  for (Index k = 0; k < nodes; ++k) members[kept[into[group_of[post[k]]]]].push_back(post[k]);

  Partition result;
  const std::vector<Index> supernode_order = postorder(kept_parent);
  std::vector<Index> place(supernode_order.size());
  for (std::size_t s = 0; s < supernode_order.size(); ++s)
    place[supernode_order[s]] = static_cast<Index>(s);
  for (const Index s : supernode_order) {
    result.order.insert(result.order.end(), members[s].begin(), members[s].end());
    result.first.push_back(static_cast<Index>(result.order.size()));
    result.parent.push_back(kept_parent[s] < 0 ? -1 : place[kept_parent[s]]);
  }
  return result;
}

/// The rows of every supernode: those of its own contacts and of its children.
void find_rows(const Network& network, Symbolic& symbolic) {
  const std::size_t nodes = symbolic.order.size();
  std::vector<Index> place(nodes), seen(nodes, -1);
  for (std::size_t k = 0; k < nodes; ++k) place[symbolic.order[k]] = static_cast<Index>(k);
  std::vector<std::vector<Index>> children(symbolic.supernodes.size());
  CancelCheck cancelled;
  constexpr std::size_t steps = 4000;  // of a supernode, by its time
  for (Index s = 0; s < static_cast<Index>(symbolic.supernodes.size()); ++s) {
    cancelled.after(steps);
    Supernode& supernode = symbolic.supernodes[s];
    const Index end = supernode.first + supernode.nodes;
    supernode.rows = static_cast<std::int64_t>(symbolic.rows.size());
    const auto take = [&](Index k) {
      if (k < end || seen[k] == s) return;
      seen[k] = s;
      symbolic.rows.push_back(k);
    };
    for (Index v = supernode.first; v < end; ++v) {
      const Index i = symbolic.order[v];
      for (std::int64_t e = network.offsets[i]; e < network.offsets[i + 1]; ++e)
        take(place[network.neighbours[e]]);
    }
    for (const Index c : children[s]) {
      const Supernode& child = symbolic.supernodes[c];
      for (std::int64_t r = child.rows; r < child.rows + child.below; ++r) take(symbolic.rows[r]);
    }
    std::sort(symbolic.rows.begin() + supernode.rows, symbolic.rows.end());
    supernode.below =
        static_cast<Index>(static_cast<std::int64_t>(symbolic.rows.size()) - supernode.rows);
    if (supernode.parent >= 0) children[supernode.parent].push_back(s);
  }
}

std::int64_t update_values(const Supernode& s) { return 3 * s.below * update_leading(s.below); }

double flops(const Supernode& s) {
  const double w = 3.0 * s.nodes, u = 3.0 * s.below;
  return w * w * w / 3 + w * w * u + w * u * u;
}

/// What the subtree of supernodes [first, last) needs. The root's update matrix is on neither
/// stack, since it goes to who is above the branch.
Branch measure_branch(const Symbolic& symbolic, Index first, Index last) {
  Branch branch{first, last};
  std::int64_t stack[2] = {0, 0};
  std::vector<std::int64_t> pending(static_cast<std::size_t>(last - first), 0);  // of children
  for (Index i = first; i < last; ++i) {
    const Supernode& s = symbolic.supernodes[i];
    if (i + 1 < last) {
      const int own = s.depth % 2;
      stack[own] += update_values(s);
      branch.stack_values[own] = std::max(branch.stack_values[own], stack[own]);
      pending[s.parent - first] += update_values(s);
    }
    stack[(s.depth + 1) % 2] -= pending[i - first];
  }
  return branch;
}

void measure(Symbolic& symbolic) {
  for (auto s = symbolic.supernodes.rbegin(); s != symbolic.supernodes.rend(); ++s)
    s->depth = s->parent < 0 ? 0 : symbolic.supernodes[s->parent].depth + 1;
  for (Supernode& s : symbolic.supernodes) {
    const std::int64_t columns = 3 * s.nodes, below = 3 * s.below;
    s.panel = symbolic.factor_values;
    symbolic.factor_values += (columns + below) * columns;
    symbolic.largest_front = std::max(symbolic.largest_front, columns + below);
    symbolic.factor_flops += flops(s);
  }
  symbolic.whole = measure_branch(symbolic, 0, static_cast<Index>(symbolic.supernodes.size()));
}

// A factorisation of more operations takes long enough to be shared, by branches of at most this
// part of it.
constexpr double shared_flops = 1e9;
constexpr double largest_share = 1.0 / 16;

void find_branches(Symbolic& symbolic) {
  if (symbolic.factor_flops < shared_flops) return;
  const Index count = static_cast<Index>(symbolic.supernodes.size());
  std::vector<double> work(symbolic.supernodes.size(), 0);
  std::vector<Index> first(symbolic.supernodes.size());
  std::iota(first.begin(), first.end(), 0);
  for (Index s = 0; s < count; ++s) {
    work[s] += flops(symbolic.supernodes[s]);
    const Index parent = symbolic.supernodes[s].parent;
    if (parent < 0) continue;
    work[parent] += work[s];
    first[parent] = std::min(first[parent], first[s]);
  }
  const double most = largest_share * symbolic.factor_flops;
  symbolic.branch_rows = symbolic.rows;
  std::vector<Index> place(symbolic.order.size());
  for (Index s = 0; s < count; ++s) {
    const Index parent = symbolic.supernodes[s].parent;
    if (work[s] > most) {
      symbolic.top.push_back(s);
    } else if (parent >= 0 && work[parent] > most) {
      Branch branch = measure_branch(symbolic, first[s], s + 1);
      const Supernode& root = symbolic.supernodes[s];
      branch.boundary = symbolic.boundaries;
      for (Index i = 0; i < root.below; ++i)
        place[symbolic.rows[root.rows + i]] =
            static_cast<Index>(symbolic.order.size()) + symbolic.boundaries + i;
      symbolic.boundaries += root.below;
      const Index end = root.first + root.nodes;
      for (std::int64_t r = symbolic.supernodes[first[s]].rows; r < root.rows + root.below; ++r)
        if (symbolic.rows[r] >= end) symbolic.branch_rows[r] = place[symbolic.rows[r]];
      symbolic.branches.push_back(branch);
    }
  }
}

}  // namespace

std::int64_t update_leading(std::int64_t below) {
  return (3 * below + update_alignment - 1) / update_alignment * update_alignment;
}

Symbolic analyse(const Network& network, std::span<const std::int32_t> order) {
  const Index nodes = static_cast<Index>(order.size());
  const EarlierNeighbours graph(network, order);
  const std::vector<Index> parent = elimination_tree(graph, nodes);
  const std::vector<Index> counts = column_counts(graph, parent);
  const Partition parts = form_supernodes(parent, counts, postorder(parent));

  Symbolic symbolic;
  symbolic.order.reserve(order.size());
  for (const Index k : parts.order) symbolic.order.push_back(order[k]);
  for (std::size_t s = 0; s + 1 < parts.first.size(); ++s) {
    Supernode supernode;
    supernode.first = parts.first[s];
    supernode.nodes = parts.first[s + 1] - parts.first[s];
    supernode.parent = parts.parent[s];
    symbolic.supernodes.push_back(supernode);
  }
  find_rows(network, symbolic);
  measure(symbolic);
  find_branches(symbolic);
  return symbolic;
}

std::int64_t held_values(const Symbolic& symbolic, int threads) {
  std::int64_t values = symbolic.factor_values;
  if (threads == 1 || symbolic.branches.empty())
    return values + symbolic.whole.stack_values[0] + symbolic.whole.stack_values[1];
  // The update matrices of all branches and of what is above them, and the stacks at work.
  std::int64_t largest = 0;
  for (const Branch& branch : symbolic.branches) {
    values += update_values(symbolic.supernodes[branch.last - 1]);
    largest = std::max(largest, branch.stack_values[0] + branch.stack_values[1]);
  }
  for (const Index s : symbolic.top) values += update_values(symbolic.supernodes[s]);
  return values + threads * largest;
}

}  // namespace modesweep::shift_invert
