// SPDX-License-Identifier: MIT
#include "measure/samples.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numbers>
#include <utility>

#include <modesweep/structure.hpp>

namespace modesweep::measure {
namespace {

constexpr double lattice = 5.4;        // angstrom: 50 to 60 neighbours within 15
constexpr double jitter = 1.2;         // to either side
constexpr double touching = 5.0;       // nearest two nodes of neighbouring copies
constexpr std::size_t sizes_kept = 5;  // of the files

/// In (-1, 1), by SplitMix64.
double random_value(std::uint64_t& state) {
  std::uint64_t z = state += 0x9E3779B97F4A7C15u;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
  return static_cast<double>((z ^ (z >> 31)) >> 11) * 0x1p-52 - 1.0;
}

Vec3 centre_of(std::span<const Vec3> positions) {
  Vec3 centre{};
  for (const Vec3& p : positions)
    for (std::size_t a = 0; a < 3; ++a) centre[a] += p[a] / static_cast<double>(positions.size());
  return centre;
}

/// Turned about the x axis, then about z.
Vec3 turned(const Vec3& p, double angle) {
  const double c = std::cos(angle), s = std::sin(angle);
  const Vec3 q{p[0], c * p[1] - s * p[2], s * p[1] + c * p[2]};
  return {c * q[0] - s * q[1], s * q[0] + c * q[1], q[2]};
}

/// The least shift along x after which no node of `copy` is nearer than `touching` to one of `all`.
double shift_until_free(std::span<const Vec3> all, std::span<const Vec3> copy) {
  double shift = 0;
  for (const Vec3& a : all)
    for (const Vec3& b : copy) {
      const double y = a[1] - b[1], z = a[2] - b[2];
      const double room = touching * touching - y * y - z * z;
      if (room > 0) shift = std::max(shift, a[0] - b[0] + std::sqrt(room));
    }
  return shift;
}

void add_sample(std::vector<Sample>& samples, std::string name, std::vector<Vec3> positions) {
  Outcome<Network> network = build_network(std::move(positions), {});
  if (network) samples.push_back({std::move(name), *std::move(network)});
}

void add_copies(std::vector<Sample>& samples, const std::string& name,
                const std::vector<Vec3>& positions, int most_residues) {
  for (int copies = 2; copies * static_cast<int>(positions.size()) <= most_residues; copies *= 2)
    add_sample(samples, fmt::format("{} x{}", name, copies), joined_copies(positions, copies));
}

}  // namespace

std::vector<Vec3> globule(int nodes) {
  const int half = static_cast<int>(std::cbrt(nodes)) / 2 + 2;
  std::uint64_t state = static_cast<std::uint64_t>(nodes);
  std::vector<std::pair<double, Vec3>> points;
  for (int x = -half; x <= half; ++x)
    for (int y = -half; y <= half; ++y)
      for (int z = -half; z <= half; ++z) {
        Vec3 p{lattice * x, lattice * y, lattice * z};
        for (double& value : p) value += jitter * random_value(state);
        points.emplace_back(p[0] * p[0] + p[1] * p[1] + p[2] * p[2], p);
      }
  std::sort(points.begin(), points.end());
  std::vector<Vec3> positions;
  for (int i = 0; i < nodes; ++i) positions.push_back(points[static_cast<std::size_t>(i)].second);
  return positions;
}

std::vector<Vec3> joined_copies(std::span<const Vec3> positions, int copies) {
  const Vec3 centre = centre_of(positions);
  std::vector<Vec3> all;
  for (int i = 0; i < copies; ++i) {
    std::vector<Vec3> copy;
    for (const Vec3& p : positions)
      copy.push_back(turned({p[0] - centre[0], p[1] - centre[1], p[2] - centre[2]},
                            std::numbers::phi * std::numbers::pi * i));
    const double shift = shift_until_free(all, copy);
    for (Vec3& p : copy) p[0] += shift;
    all.insert(all.end(), copy.begin(), copy.end());
  }
  return all;
}

std::vector<Sample> samples_of_files(const std::vector<std::filesystem::path>& files,
                                     int most_residues) {
  std::vector<std::pair<std::string, std::vector<Vec3>>> read;
  for (const std::filesystem::path& file : files) {
    const Outcome<Structure> structure = read_structure(file, {});
    if (!structure || structure->nodes.size() < 30) continue;
    std::vector<Vec3> positions;
    for (const Node& node : structure->nodes) positions.push_back(node.position);
    read.emplace_back(structure->header.id, std::move(positions));
  }
  std::stable_sort(read.begin(), read.end(),
                   [](const auto& a, const auto& b) { return a.second.size() < b.second.size(); });
  std::vector<Sample> samples;
  if (read.empty()) return samples;
  // The file nearest to each of some sizes that follow one another by the same factor.
  const double least = static_cast<double>(read.front().second.size());
  const double most = static_cast<double>(read.back().second.size());
  std::size_t last = read.size();
  for (std::size_t i = 0; i < sizes_kept; ++i) {
    const double wanted =
        least * std::pow(most / least, static_cast<double>(i) / (sizes_kept - 1.0));
    const auto nearest = std::min_element(read.begin(), read.end(), [&](auto& a, auto& b) {
      const auto distance = [&](const auto& r) {
        return std::abs(std::log(static_cast<double>(r.second.size()) / wanted));
      };
      return distance(a) < distance(b);
    });
    const auto index = static_cast<std::size_t>(nearest - read.begin());
    if (index == last || static_cast<int>(nearest->second.size()) > most_residues) continue;
    last = index;
    add_sample(samples, nearest->first, nearest->second);
  }
  add_copies(samples, read.back().first, read.back().second, most_residues);
  return samples;
}

std::vector<Sample> made_up_samples(int most_residues) {
  std::vector<Sample> samples;
  for (const int nodes : {60, 125, 250, 500})
    if (nodes <= most_residues)
      add_sample(samples, fmt::format("globule {}", nodes), globule(nodes));
  add_copies(samples, "globule 500", globule(500), most_residues);
  return samples;
}

std::vector<Network> networks_to_check() {
  std::vector<Vec3> pieces = globule(60);
  for (const Vec3& p : globule(40)) pieces.push_back({p[0] + 200, p[1], p[2]});
  std::vector<Network> networks;
  for (std::vector<Vec3> positions :
       {globule(150), pieces, globule(37), joined_copies(globule(120), 2)})
    networks.push_back(build_network(std::move(positions), {}).value());
  return networks;
}

}  // namespace modesweep::measure
