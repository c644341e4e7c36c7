// SPDX-License-Identifier: MIT
// Networks of real proteins and of awkward shapes.
#pragma once

#include <stdexcept>
#include <string>
#include <vector>

#include <modesweep/network.hpp>
#include <modesweep/structure.hpp>

#include "support/data_files.hpp"
#include "unit/network/shapes.hpp"

namespace kernel_test {

inline modesweep::Network network_of(std::vector<modesweep::Vec3> positions,
                                     modesweep::NetworkOptions options = {}) {
  auto network = modesweep::build_network(std::move(positions), options);
  if (!network) throw std::runtime_error(network.error().message);
  return *std::move(network);
}

inline modesweep::Network network_of_file(const std::filesystem::path& path,
                                          modesweep::NetworkOptions options = {}) {
  const auto structure = modesweep::read_structure(path, {});
  if (!structure) throw std::runtime_error(structure.error().message);
  std::vector<modesweep::Vec3> positions;
  for (const modesweep::Node& node : structure->nodes) positions.push_back(node.position);
  return network_of(std::move(positions), options);
}

/// A file of the demonstration data, such as "ubiquitin/pdb1ubi.pdb.gz".
inline modesweep::Network demo_network(const std::string& file,
                                       modesweep::NetworkOptions options = {}) {
  return network_of_file(test_support::source_dir() / "data" / "demo" / file, options);
}

}  // namespace kernel_test
