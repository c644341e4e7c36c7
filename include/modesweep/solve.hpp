// SPDX-License-Identifier: MIT
// From coordinates to modes in one call.
#pragma once

#include <span>
#include <vector>

#include <modesweep/modes.hpp>
#include <modesweep/network.hpp>
#include <modesweep/outcome.hpp>
#include <modesweep/structure.hpp>

namespace modesweep {

/// The softest non-zero modes of the elastic network of these nodes, with the signs of
/// `orient_mode`: `build_network`, and a solver on the CPU.
/// `coordinates` are N x 3, x y z of each node, in angstrom. A network without a non-zero mode is
/// no failure: it has no modes.
/// Fails at stage network: `bad_shape` (not three numbers a node), and as `build_network`; at stage
/// solve as `ModeSolver`, and with `no_device` for the solvers of devices, which `make_solvers`
/// makes.
Outcome<Modes> solve_coordinates(std::span<const double> coordinates,
                                 const NetworkOptions& options = {},
                                 const ModeRequest& request = {},
                                 Solver solver = Solver::automatic);

/// The same of points.
Outcome<Modes> solve_coordinates(std::vector<Vec3> positions, const NetworkOptions& options = {},
                                 const ModeRequest& request = {},
                                 Solver solver = Solver::automatic);

}  // namespace modesweep
