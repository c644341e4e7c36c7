// SPDX-License-Identifier: MIT
// How much of a share is the shape of the structure, whatever its fold.
#pragma once

#include <cstdint>
#include <span>

#include <modesweep/cancel.hpp>
#include <modesweep/modes.hpp>
#include <modesweep/network.hpp>
#include <modesweep/outcome.hpp>

namespace modesweep {

/// The share of mode 1 against those of random networks of the same shape: as many random points
/// in the union of balls around the nodes, no two nearer than C-alphas that follow one another.
/// They keep shape and density and forget the fold. Much of a share is shape, as Lu and Ma
/// (Biophys. J. 89:2395, 2005) found of modes.
struct ShapeNull {
  int networks = 0;       ///< that were filled and solved
  double mean_share = 0;  ///< of mode 1 of them
  double z = 0;           ///< of the logit of the share, in standard deviations of theirs
  double error = 0;       ///< of z, one standard error, for so few of them
};

struct ShapeNullOptions {
  int networks = 12;
  double radius = 4.3;   ///< of the balls, in angstrom; 3.8 to 5 moves z by 1 to 3
  double spacing = 3.8;  ///< between points at least, in angstrom
  std::uint64_t seed = 7;
};

/// `share` is that of mode 1 of the network of these nodes. Fails at stage rank, `no_null`, where
/// fewer than three random networks can be filled to 97 %, and as `solve_coordinates`. Throws
/// Cancelled.
Outcome<ShapeNull> shape_null(std::span<const Vec3> positions, double share,
                              const NetworkOptions& options, const ModeRequest& request,
                              const ShapeNullOptions& null = {}, const CancelToken& cancel = {});

}  // namespace modesweep
