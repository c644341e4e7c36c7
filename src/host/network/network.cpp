// SPDX-License-Identifier: MIT
#include <modesweep/network.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <span>
#include <utility>

#include "base/cancel_scope.hpp"
#include "network/contacts.hpp"

namespace modesweep {
namespace {

// Far beyond any structure, and small enough that a cell's three indices fit one 64-bit key.
constexpr double largest_coordinate = 1e6;
constexpr int bits_per_axis = 21;

/// Nodes sorted by the cubic cell that they lie in (Quentrec & Brot, J. Comput. Phys. 13:430,
/// 1973). A cell's side is a hair more than the cutoff, so that rounding cannot put two nodes in
/// contact more than one cell apart.
class CellList {
 public:
  CellList(std::span<const Vec3> positions, double cutoff) : side_(cutoff * (1 + 1e-9)) {
    for (int a = 0; a < 3; ++a)
      low_[a] = (*std::min_element(positions.begin(), positions.end(),
                                   [a](const Vec3& x, const Vec3& y) { return x[a] < y[a]; }))[a];
    sorted_.reserve(positions.size());
    for (std::size_t i = 0; i < positions.size(); ++i)
      sorted_.emplace_back(key(cell(positions[i])), static_cast<std::int32_t>(i));
    std::sort(sorted_.begin(), sorted_.end());
  }

  /// Calls f(j) for every node j in the 27 cells around `position`.
  template <class F>
  void for_each_near(const Vec3& position, F&& f) const {
    const std::array<std::int64_t, 3> c = cell(position);
    for (std::int64_t x = c[0] - 1; x <= c[0] + 1; ++x)
      for (std::int64_t y = c[1] - 1; y <= c[1] + 1; ++y) {
        if (x < 0 || y < 0) continue;
        // Cells that follow one another in z have keys that follow one another: one run each.
        const std::uint64_t first = key({x, y, std::max<std::int64_t>(c[2] - 1, 0)});
        const std::uint64_t last = key({x, y, c[2] + 1});
        auto it = std::lower_bound(sorted_.begin(), sorted_.end(), std::pair(first, -1));
        for (; it != sorted_.end() && it->first <= last; ++it) f(it->second);
      }
  }

 private:
  std::array<std::int64_t, 3> cell(const Vec3& position) const {
    std::array<std::int64_t, 3> c;
    for (int a = 0; a < 3; ++a) c[a] = static_cast<std::int64_t>((position[a] - low_[a]) / side_);
    return c;
  }
  static std::uint64_t key(const std::array<std::int64_t, 3>& c) {
    return (static_cast<std::uint64_t>(c[0]) << (2 * bits_per_axis)) |
           (static_cast<std::uint64_t>(c[1]) << bits_per_axis) | static_cast<std::uint64_t>(c[2]);
  }

  double side_;
  Vec3 low_{};
  std::vector<std::pair<std::uint64_t, std::int32_t>> sorted_;
};

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

/// The nodes in contact with others, one after the other.
class Contacts {
 public:
  Contacts(std::span<const Vec3> positions, double cutoff)
      : positions_(positions), cutoff2_(cutoff * cutoff), cells_(positions, cutoff) {}

  /// Calls f(j, distance squared) for each that is in contact with node i.
  template <class F>
  void for_each_of(std::int32_t i, F&& f) {
    const Vec3& here = positions_[i];
    std::size_t near = 0;
    cells_.for_each_near(here, [&](std::int32_t j) {
      ++near;
      if (j == i) return;
      const double dx = positions_[j][0] - here[0];
      const double dy = positions_[j][1] - here[1];
      const double dz = positions_[j][2] - here[2];
      const double distance2 = (dx * dx + dy * dy) + dz * dz;
      if (distance2 <= cutoff2_) f(j, distance2);
    });
    cancelled_.after(near);
  }

 private:
  std::span<const Vec3> positions_;
  double cutoff2_;
  CellList cells_;
  CancelCheck cancelled_;
};

void label_components(Network& network) {
  network.component.assign(network.positions.size(), -1);
  std::vector<std::int32_t> stack;
  for (std::int32_t seed = 0; seed < network.nodes(); ++seed) {
    if (network.component[seed] >= 0) continue;
    network.component[seed] = network.components;
    stack.push_back(seed);
    while (!stack.empty()) {
      const std::int32_t i = stack.back();
      stack.pop_back();
      for (std::int64_t k = network.offsets[i]; k < network.offsets[i + 1]; ++k) {
        const std::int32_t j = network.neighbours[k];
        if (network.component[j] >= 0) continue;
        network.component[j] = network.components;
        stack.push_back(j);
      }
    }
    ++network.components;
  }
}

}  // namespace

std::string_view to_string(ElasticModel model) {
  return model == ElasticModel::gnm ? "GNM" : "ANM";
}

Outcome<std::int64_t> count_contacts(std::span<const Vec3> positions, const NetworkOptions& options,
                                     std::int64_t most) {
  if (Outcome<void> checked = check(positions, options); !checked)
    return tl::unexpected(std::move(checked.error()));
  Contacts contacts(positions, options.cutoff);
  std::int64_t count = 0;
  for (std::size_t i = 0; i < positions.size() && count <= most; ++i)
    contacts.for_each_of(static_cast<std::int32_t>(i), [&](std::int32_t, double) { ++count; });
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
  network.neighbours.reserve(static_cast<std::size_t>(expected));
  Contacts contacts(network.positions, options.cutoff);
  for (std::int32_t i = 0; i < network.nodes(); ++i) {
    std::int32_t coincident = -1;
    contacts.for_each_of(i, [&](std::int32_t j, double distance2) {
      if (distance2 == 0 && options.model == ElasticModel::anm) coincident = j;
      network.neighbours.push_back(j);
    });
    if (coincident >= 0) {
      const Vec3& here = network.positions[i];
      return fail(Stage::network, "coincident_nodes",
                  fmt::format("nodes {} and {} lie at one point ({:.3f} {:.3f} {:.3f})", i + 1,
                              coincident + 1, here[0], here[1], here[2]));
    }
    std::sort(network.neighbours.begin() + network.offsets.back(), network.neighbours.end());
    network.offsets.push_back(static_cast<std::int64_t>(network.neighbours.size()));
  }
  label_components(network);
  return network;
}

}  // namespace modesweep
