// SPDX-License-Identifier: MIT
#include <modesweep/network.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <span>
#include <utility>

#include "network/contact_rows.hpp"
#include "network/contacts.hpp"

namespace modesweep {
namespace {

constexpr double largest_coordinate = 1e6;  // far beyond any structure

/// Why no network can be made of these.
Outcome<void> check(std::span<const Vec3> positions, const NetworkOptions& options) {
  if (positions.empty()) return fail(Stage::network, "no_nodes", "the network has no nodes");
  for (const auto& [name, value] : {std::pair("cutoff", options.cutoff), {"gamma", options.gamma}})
    if (!(value > 0) || !std::isfinite(value))
      return fail(Stage::network, "bad_parameter",
                  fmt::format("a {} of {} makes no network", name, value));
  for (std::size_t i = 0; i < positions.size(); ++i)
    for (const double x : positions[i])
      if (!(std::abs(x) <= largest_coordinate))
        return fail(Stage::network, "bad_coordinates",
                    fmt::format("node {} has a coordinate of {}", i + 1, x));
  return {};
}

void label_components(Network& network) {
  network.component = std::vector<std::int32_t>(network.positions.size(), -1);
  std::vector<std::int32_t> stack;
  std::int64_t left = network.nodes();  // without a label
  for (std::int32_t seed = 0; left > 0; ++seed) {
    if (network.component[seed] >= 0) continue;
    network.component[seed] = network.components;
    --left;
    stack.assign(1, seed);
    while (!stack.empty() && left > 0) {
      const std::int32_t i = stack.back();
      stack.pop_back();
      for (std::int64_t k = network.offsets[i]; k < network.offsets[i + 1]; ++k) {
        const std::int32_t j = network.neighbours[k];
        if (network.component[j] >= 0) continue;
        network.component[j] = network.components;
        --left;
        stack.push_back(j);
      }
    }
    ++network.components;
  }
}

Failure coincident_nodes(std::span<const Vec3> positions, std::int32_t node,
                         const ContactRow& row) {
  const Vec3& here = positions[node];
  const auto last = std::find_if(row.nodes.rbegin(), row.nodes.rend(), [&](std::int32_t j) {
    const Vec3& there = positions[j];
    const double dx = there[0] - here[0], dy = there[1] - here[1], dz = there[2] - here[2];
    return (dx * dx + dy * dy) + dz * dz == 0;
  });
  return {Stage::network, "coincident_nodes",
          fmt::format("nodes {} and {} lie at one point ({:.3f} {:.3f} {:.3f})", node + 1,
                      *last + 1, here[0], here[1], here[2])};
}

}  // namespace

std::string_view to_string(ElasticModel model) {
  return model == ElasticModel::gnm ? "GNM" : "ANM";
}

Outcome<std::int64_t> count_contacts(std::span<const Vec3> positions, const NetworkOptions& options,
                                     std::int64_t most) {
  if (Outcome<void> checked = check(positions, options); !checked)
    return tl::unexpected(std::move(checked.error()));
  ContactRows rows(positions, options.cutoff);
  std::int64_t count = 0;
  for (std::size_t i = 0; i < positions.size() && count <= most; ++i)
    count += std::ssize(rows.row(static_cast<std::int32_t>(i)).nodes);
  return count;
}

Outcome<Network> build_network(std::vector<Vec3> positions, const NetworkOptions& options) {
  return build_network(std::move(positions), options, 0);
}

Outcome<Network> build_network(std::vector<Vec3> positions, const NetworkOptions& options,
                               std::int64_t expected) {
  if (Outcome<void> checked = check(positions, options); !checked)
    return tl::unexpected(std::move(checked.error()));
  Network network;
  network.positions = std::move(positions);
  network.gamma = options.gamma;
  network.model = options.model;
  network.offsets.reserve(network.positions.size() + 1);
  network.offsets.push_back(0);
  constexpr std::int64_t usual_neighbours = 64;  // within 15 angstrom in a protein
  const std::int64_t room = expected > 0 ? expected : usual_neighbours * network.nodes();
  network.neighbours.reserve(static_cast<std::size_t>(room));
  ContactRows rows(network.positions, options.cutoff);
  for (std::int32_t i = 0; i < network.nodes(); ++i) {
    const ContactRow row = rows.row(i);
    if (row.coincides && options.model == ElasticModel::anm)
      return tl::unexpected(coincident_nodes(network.positions, i, row));
    network.neighbours.insert(network.neighbours.end(), row.nodes.begin(), row.nodes.end());
    network.offsets.push_back(static_cast<std::int64_t>(network.neighbours.size()));
  }
  label_components(network);
  return network;
}

}  // namespace modesweep
