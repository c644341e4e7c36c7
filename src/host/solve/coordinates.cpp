// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <new>
#include <utility>

#include <modesweep/properties.hpp>
#include <modesweep/solve.hpp>

#include "base/text.hpp"

namespace modesweep {

Outcome<Modes> solve_coordinates(std::span<const double> coordinates, const NetworkOptions& options,
                                 const ModeRequest& request, Solver solver) {
  std::vector<Vec3> positions(coordinates.size() / 3);
  if (3 * positions.size() != coordinates.size())
    return fail(Stage::network, "bad_shape",
                counted(coordinates.size(), "number is", "numbers are") + " not three a node");
  for (std::size_t i = 0; i < positions.size(); ++i)
    std::copy_n(&coordinates[3 * i], 3, positions[i].begin());
  return solve_coordinates(std::move(positions), options, request, solver);
}

Outcome<Modes> solve_coordinates(std::vector<Vec3> positions, const NetworkOptions& options,
                                 const ModeRequest& request, Solver solver) try {
  const Outcome<Network> network = build_network(std::move(positions), options);
  if (!network) return tl::unexpected(network.error());
  if (is_of_devices(solver))
    return fail(Stage::solve, "no_device",
                fmt::format("solver {} needs a device", to_string(solver)));
  Outcome<Modes> modes = std::move(make_cpu_solver(solver)->solve({&*network, 1}, request).front());
  if (modes) orient_modes(*modes);
  return modes;
} catch (const std::bad_alloc&) {
  return fail(Stage::solve, "out_of_memory", "no memory for the modes");
}

}  // namespace modesweep
