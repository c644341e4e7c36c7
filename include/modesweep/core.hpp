// SPDX-License-Identifier: MIT
// The core of a network: what stands by itself, without loose ends.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <modesweep/network.hpp>

namespace modesweep {

/// The largest set of nodes of which each has so many contacts within the set is the core (a
/// k-core: Seidman, Soc. Networks 5:269, 1983). 20 takes off every arm of one or two elements of
/// secondary structure and keeps the smallest fold that stands by itself.
inline constexpr int core_contacts = 20;

/// Of those contacts, in angstrom and inclusive, whatever the cutoff of the springs.
inline constexpr double core_cutoff = 15.0;

struct Core {
  /// Of the core network, ascending: the core and its linkers. A linker is a run of nodes that are
  /// not of the core, between two of one chain that follow one another in the core and lie in
  /// different components of it. Where there is no core to speak of, those of the core alone.
  std::vector<std::int32_t> nodes;
  std::int32_t linkers = 0;  ///< nodes of linkers among them
  std::int64_t whole = 0;    ///< nodes of the network that it is of
  bool coreless = false;     ///< the core without linkers has less than half of the nodes

  bool is_whole() const { return static_cast<std::int64_t>(nodes.size()) == whole; }
};

/// `contacts`: those within `core_cutoff`. `chain`: a number for each node, the same in a chain.
/// In O(contacts); the result does not depend on the order in which nodes are removed (Batagelj and
/// Zaversnik, arXiv:cs/0310049).
Core find_core(const Network& contacts, std::span<const std::int32_t> chain);

/// Of a mode of the whole network, of any length: the part of its squared length that lies outside
/// of the core network, from 0 to 1. `square_amplitudes`: its squared length at each node.
double outside(const Core& core, std::span<const double> square_amplitudes);

/// |overlap| of a mode of the core network, filled up with zeros, and one of the whole network,
/// from 0 to 1. Both of length 1.
double overlap(const Core& core, std::span<const double> of_core, std::span<const double> of_whole);

/// The part of a mode of length 1 that is chains moving as rigid bodies: the sum over chains of its
/// squared projection on their translations and rotations, from 0 to 1. `positions` and `chain` of
/// its nodes, one of each.
double rigid_chains(std::span<const Vec3> positions, std::span<const std::int32_t> chain,
                    std::span<const double> mode);

}  // namespace modesweep
