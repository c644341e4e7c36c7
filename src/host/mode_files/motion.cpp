// SPDX-License-Identifier: MIT
#include "mode_files/motion.hpp"

#include <fmt/format.h>

#include <cmath>
#include <span>
#include <utility>

namespace modesweep {

tl::expected<std::vector<Displacement>, std::string> displacements_of(const EntryModes& entry,
                                                                      const Motion& motion) {
  if (entry.model.network.model == ElasticModel::gnm)
    return tl::unexpected<std::string>("a GNM's modes have no directions to move along");
  const std::size_t modes = entry.modes.eigenvalues.size();
  const double scale =
      motion.amplitude * std::sqrt(static_cast<double>(entry.structure.nodes.size()));
  std::vector<Displacement> result;
  for (const int mode : motion.modes) {
    if (mode < 1 || static_cast<std::size_t>(mode) > modes)
      return tl::unexpected(fmt::format("there is no mode {} among {}", mode, modes));
    const std::span<const double> vector = entry.mode(static_cast<std::size_t>(mode - 1));
    std::vector<double> at_extreme(vector.begin(), vector.end());
    for (double& x : at_extreme) x *= scale;
    result.push_back({mode, std::move(at_extreme)});
  }
  return result;
}

}  // namespace modesweep
