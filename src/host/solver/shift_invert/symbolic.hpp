// SPDX-License-Identifier: MIT
// Symbolic analysis: elimination tree, relaxed supernodes and the shape of the factor.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include <modesweep/network.hpp>

namespace modesweep::shift_invert {

/// Nodes that are eliminated together: columns with (nearly) the same rows in the factor.
struct Supernode {
  std::int32_t first = 0;  ///< its nodes are first .. first + nodes - 1, in elimination order
  std::int32_t nodes = 0;
  std::int64_t rows = 0;     ///< where its rows below start in Symbolic::rows
  std::int32_t below = 0;    ///< how many nodes those are
  std::int32_t parent = -1;  ///< supernode that its update matrix goes to; -1 at the root
  std::int32_t depth = 0;    ///< 0 at the root
  std::int64_t panel = 0;    ///< where its panel starts in the factor
};

/// A subtree of supernodes [first, last) that is eliminated without the others, last - 1 its root.
struct Branch {
  std::int32_t first = 0, last = 0;
  std::int64_t stack_values[2] = {0, 0};  ///< doubles on the stacks of even and odd depth, at most
  std::int32_t boundary = 0;              ///< where the root's rows start among all boundaries
};

/// The factor's shape for one component. Supernodes are in postorder.
struct Symbolic {
  std::vector<std::int32_t> order;  ///< node of the network that is eliminated k-th
  std::vector<Supernode> supernodes;
  std::vector<std::int32_t> rows;  ///< nodes below each supernode's, ascending
  std::int64_t factor_values = 0;  ///< doubles in all panels
  std::int64_t largest_front = 0;  ///< rows of the largest front, three a node
  double factor_flops = 0;
  Branch whole;                   ///< all supernodes
  std::vector<Branch> branches;   ///< of a large factor, by its shape alone, so that threads may
                                  ///< share it; ascending, empty where one takes it all
  std::vector<std::int32_t> top;  ///< supernodes above the branches, ascending
  std::int32_t boundaries = 0;    ///< nodes that lie in branches' boundaries, one after the other
  /// Like `rows`, with the rows of a branch's supernodes that lie above it counted from the number
  /// of nodes on, by their place among the boundaries. Empty without branches.
  std::vector<std::int32_t> branch_rows;
};

/// Analyses the elimination in `order`; the result's order is an equivalent one.
Symbolic analyse(const Network& network, std::span<const std::int32_t> order);

/// Doubles that a factorisation on `threads` threads holds at most, scratch apart.
std::int64_t held_values(const Symbolic& symbolic, int threads);

/// Columns to which an update matrix of `below` nodes is padded.
std::int64_t update_leading(std::int64_t below);

}  // namespace modesweep::shift_invert
