// SPDX-License-Identifier: MIT
#include <modesweep/shape_null.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <random>
#include <unordered_map>
#include <utility>
#include <vector>

#include <modesweep/properties.hpp>
#include <modesweep/solve.hpp>

namespace modesweep {
namespace {

constexpr int tries = 400'000;      // of one network: points drawn
constexpr double filled = 0.97;     // of the nodes, where it counts
constexpr int fewest_networks = 3;  // for a standard deviation that means anything

double squared_distance(const Vec3& a, const Vec3& b) {
  double sum = 0;
  for (std::size_t k = 0; k < 3; ++k) sum += (a[k] - b[k]) * (a[k] - b[k]);
  return sum;
}

/// Points by the cubic cell that they lie in.
class Grid {
 public:
  explicit Grid(double side) : side_(side) {}
  void add(const Vec3& point) { cells_[key(cell(point))].push_back(point); }

  /// How many points lie within the cell's side of `point`.
  int count_near(const Vec3& point) const {
    int count = 0;
    const std::array<std::int64_t, 3> at = cell(point);
    for (std::int64_t x = at[0] - 1; x <= at[0] + 1; ++x)
      for (std::int64_t y = at[1] - 1; y <= at[1] + 1; ++y)
        for (std::int64_t z = at[2] - 1; z <= at[2] + 1; ++z) {
          const auto found = cells_.find(key({x, y, z}));
          if (found == cells_.end()) continue;
          for (const Vec3& other : found->second)
            count += squared_distance(point, other) < side_ * side_;
        }
    return count;
  }

 private:
  std::array<std::int64_t, 3> cell(const Vec3& point) const {
    std::array<std::int64_t, 3> at;
    for (std::size_t k = 0; k < 3; ++k)
      at[k] = static_cast<std::int64_t>(std::floor(point[k] / side_));
    return at;
  }
  /// A network's coordinates are at most 1e6, so that 21 bits hold each.
  static std::uint64_t key(const std::array<std::int64_t, 3>& at) {
    std::uint64_t key = 0;
    for (const std::int64_t index : at)
      key = key << 21 | (static_cast<std::uint64_t>(index) & 0x1fffff);
    return key;
  }

  double side_;
  std::unordered_map<std::uint64_t, std::vector<Vec3>> cells_;
};

/// The same numbers on every machine: those of the standard library's distributions are not.
class Random {
 public:
  explicit Random(std::uint64_t seed) : engine_(seed) {}
  double below_one() { return static_cast<double>(engine_() >> 11) * 0x1p-53; }
  std::size_t below(std::size_t count) {
    return std::min(static_cast<std::size_t>(below_one() * static_cast<double>(count)), count - 1);
  }
  /// Anywhere in a ball of radius 1.
  Vec3 in_ball() {
    for (;;) {
      const Vec3 point = {2 * below_one() - 1, 2 * below_one() - 1, 2 * below_one() - 1};
      if (squared_distance(point, {}) <= 1) return point;
    }
  }

 private:
  std::mt19937_64 engine_;
};

/// As many points as there are nodes, or fewer where no more were found.
std::vector<Vec3> fill_shape(std::span<const Vec3> nodes, const Grid& balls,
                             const ShapeNullOptions& null, Random& random) {
  std::vector<Vec3> points;
  Grid taken(null.spacing);
  for (int i = 0; i < tries && points.size() < nodes.size(); ++i) {
    Vec3 point = random.in_ball();
    const Vec3& centre = nodes[random.below(nodes.size())];
    for (std::size_t k = 0; k < 3; ++k) point[k] = centre[k] + null.radius * point[k];
    // Where balls overlap a point is drawn by each of them: all of the union is to be alike.
    if (random.below_one() * std::max(1, balls.count_near(point)) > 1) continue;
    if (taken.count_near(point) > 0) continue;
    taken.add(point);
    points.push_back(point);
  }
  return points;
}

double logit(double share) { return std::log(share / (1 - share)); }

}  // namespace

Outcome<ShapeNull> shape_null(std::span<const Vec3> positions, double share,
                              const NetworkOptions& options, const ModeRequest& request,
                              const ShapeNullOptions& null, const CancelToken& cancel) {
  Grid balls(null.radius);
  for (const Vec3& position : positions) balls.add(position);
  Random random(null.seed);
  std::vector<double> logits;
  double shares = 0;
  for (int i = 0; i < null.networks; ++i) {
    if (cancel.is_cancelled()) throw Cancelled();
    std::vector<Vec3> points = fill_shape(positions, balls, null, random);
    if (static_cast<double>(points.size()) < filled * static_cast<double>(positions.size()))
      continue;
    const Outcome<Modes> modes = solve_coordinates(std::move(points), options, request);
    if (!modes) return tl::unexpected(modes.error());
    if (modes->eigenvalues.size() < 2) continue;
    const double of_null = fractional_variances(modes->eigenvalues).front();
    shares += of_null;
    logits.push_back(logit(of_null));
  }
  const auto count = static_cast<double>(logits.size());
  if (count < fewest_networks || share <= 0 || share >= 1)
    return fail(Stage::rank, "no_null",
                fmt::format("only {} of {} random networks of its shape could be filled",
                            logits.size(), null.networks));
  double mean = 0, variance = 0;
  for (const double value : logits) mean += value / count;
  for (const double value : logits) variance += (value - mean) * (value - mean) / (count - 1);
  ShapeNull result;
  result.networks = static_cast<int>(logits.size());
  result.mean_share = shares / count;
  result.z = (logit(share) - mean) / std::sqrt(variance);
  // Of the mean, and of the standard deviation, to first order.
  result.error = std::sqrt(1 / count + result.z * result.z / (2 * (count - 1)));
  return result;
}

}  // namespace modesweep
