// SPDX-License-Identifier: MIT
// One connected component of a network, relabelled for the solver.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include <modesweep/network.hpp>

#include "solver/shift_invert/simd/operations.hpp"

namespace modesweep::shift_invert {

/// A connected component as a network of its own; `nodes[i]` is the file's index of its node i.
struct Component {
  Network network;
  std::vector<std::int32_t> nodes;
};

/// The components of a network, each with its nodes in the file's order.
std::vector<Component> split_components(const Network& network);

/// Three rows of three values.
using Block = std::array<double, 9>;

/// The contacts of one component with its nodes in elimination order, and by them its matrix with
/// unit spring constant: the Hessian, or what the blocks say.
struct Contacts {
  std::vector<double> positions;         ///< x y z of each node
  std::vector<std::int64_t> offsets;     ///< nodes + 1
  std::vector<std::int32_t> neighbours;  ///< ascending in each row
  std::vector<Block> blocks;             ///< of each contact; empty where the Hessian is meant
  std::vector<Block> diagonal_blocks;    ///< of each node, likewise

  std::ptrdiff_t nodes() const { return static_cast<std::ptrdiff_t>(offsets.size()) - 1; }
  ContactView view() const {
    return {nodes(), positions.data(), offsets.data(), neighbours.data()};
  }
  bool has_blocks() const { return !diagonal_blocks.empty(); }

  /// A block of vectors y := the matrix times x.
  void apply(const simd::Operations& operations, const double* x, double* y) const;
};

/// `order[k]` is the node of `network` that comes k-th.
Contacts reorder(const Network& network, std::span<const std::int32_t> order);

}  // namespace modesweep::shift_invert
