// SPDX-License-Identifier: MIT
// A network in work.
#pragma once

#include <optional>
#include <span>

#include <modesweep/modes.hpp>

#include "kernels/engine/layout.hpp"

namespace modesweep::gpu {

/// A network, and all that its solution needs room for on the host. Whoever asks for the modes
/// makes it, on a thread of its own: the thread that drives a device allocates nothing for a
/// network.
struct Item {
  /// `by_subspace`: solver chebyshev or filtered takes it.
  Item(const Network& wanted, const ModeRequest& request, bool by_subspace);

  /// To be filled; what was allocated for them is kept.
  Modes& modes();

  const Network* network;
  std::optional<Layout> layout;  ///< where solver chebyshev or filtered does
  Outcome<Modes> outcome;
};
using Items = std::span<Item* const>;

/// The longest first, so that the short ones fill the device at the end of a launch; and those that
/// are filtered alike follow one another.
void sort_longest_first(std::span<Item*> items);

}  // namespace modesweep::gpu
