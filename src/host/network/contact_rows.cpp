// SPDX-License-Identifier: MIT
#include "network/contact_rows.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "network/lane_masks.hpp"

namespace modesweep {
namespace {

// Where the order of the file says nothing of space, runs are compared with all others: up to here
// that takes no more than a fraction of a second.
constexpr std::size_t most_nodes_in_runs = 20'000;

// So that a cell's three indices fit one key.
constexpr int bits_per_axis = 21;
constexpr double least_side = 1;  // angstrom, of a cell

constexpr std::size_t none = std::numeric_limits<std::size_t>::max();
constexpr float infinity = std::numeric_limits<float>::infinity();

std::size_t groups_of(std::size_t count) { return (count + lanes - 1) / lanes; }

std::uint64_t key(const std::array<std::int64_t, 3>& cell) {
  return (static_cast<std::uint64_t>(cell[0]) << (2 * bits_per_axis)) |
         (static_cast<std::uint64_t>(cell[1]) << bits_per_axis) |
         static_cast<std::uint64_t>(cell[2]);
}

}  // namespace

NodeRuns::BoxList::BoxList(std::size_t boxes) {
  for (std::size_t a = 0; a < 3; ++a) {
    low[a].assign(groups_of(boxes) * lanes, infinity);
    high[a].assign(groups_of(boxes) * lanes, -infinity);
  }
}

/// Rounds outwards.
void NodeRuns::BoxList::extend(std::size_t box, std::size_t axis, double from, double to) {
  low[axis][box] = std::min(low[axis][box], std::nextafter(static_cast<float>(from), -infinity));
  high[axis][box] = std::max(high[axis][box], std::nextafter(static_cast<float>(to), infinity));
}

std::size_t NodeRuns::BoxList::groups() const { return low[0].size() / lanes; }

void NodeRuns::BoxList::find_near(std::size_t group, const BoxList& others, std::size_t other,
                                  float distance2, std::vector<std::int32_t>& near) const {
  const Boxes boxes = {{low[0].data(), low[1].data(), low[2].data()},
                       {high[0].data(), high[1].data(), high[2].data()}};
  const float from[] = {others.low[0][other], others.low[1][other], others.low[2][other]};
  const float to[] = {others.high[0][other], others.high[1][other], others.high[2][other]};
  const std::size_t first = group * lanes, size = near.size();
  const unsigned mask = boxes_within(boxes, first, from, to, distance2);
  near.resize(size + lanes);
  const std::int32_t* const end =
      write_lanes(near.data() + size, static_cast<std::int32_t>(first), mask);
  near.resize(static_cast<std::size_t>(end - near.data()));
}

NodeRuns::NodeRuns(std::span<const Vec3> positions, double cutoff)
    : cutoff2_(cutoff * cutoff),
      // Gaps between boxes that were rounded outwards are too small by more than their own
      // arithmetic rounds.
      box_distance2_(static_cast<float>(
          std::min(cutoff2_ * (1 + 1e-5), double{std::numeric_limits<float>::max()}))),
      runs_(groups_of(positions.size())),
      groups_(runs_.groups()),
      group_(none),
      run_(none),
      row_(positions.size() + 2 * lanes) {
  for (std::size_t a = 0; a < 3; ++a) {
    axes_[a].assign(groups_of(positions.size()) * lanes, std::numeric_limits<double>::quiet_NaN());
    for (std::size_t i = 0; i < positions.size(); ++i) axes_[a][i] = positions[i][a];
    for (std::size_t first = 0; first < positions.size(); first += lanes) {
      const auto begin = axes_[a].begin() + static_cast<std::ptrdiff_t>(first);
      const auto end =
          axes_[a].begin() + static_cast<std::ptrdiff_t>(std::min(first + lanes, positions.size()));
      const auto [low, high] = std::minmax_element(begin, end);
      const std::size_t run = first / lanes;
      runs_.extend(run, a, *low, *high);
      groups_.extend(run / lanes, a, *low, *high);
    }
  }
}

void NodeRuns::find_near(std::size_t run) {
  run_ = run;
  if (const std::size_t group = run / lanes; group != group_) {
    group_ = group;
    near_groups_.clear();
    for (std::size_t i = 0; i < groups_.groups(); ++i)
      groups_.find_near(i, groups_, group, box_distance2_, near_groups_);
  }
  near_runs_.clear();
  for (const std::int32_t group : near_groups_)
    runs_.find_near(static_cast<std::size_t>(group), runs_, run, box_distance2_, near_runs_);
}

ContactRow NodeRuns::row(std::int32_t node) {
  const auto place = static_cast<std::size_t>(node);
  if (place / lanes != run_) find_near(place / lanes);
  cancelled_.after(near_runs_.size() * lanes);
  const Axes axes = {axes_[0].data(), axes_[1].data(), axes_[2].data()};
  const double here[] = {axes.x[place], axes.y[place], axes.z[place]};
  double least = std::numeric_limits<double>::infinity(), unused = least;
  std::int32_t* end = row_.data();
  for (const std::int32_t run : near_runs_) {
    const std::size_t first = static_cast<std::size_t>(run) * lanes;
    unsigned mask = 0;
    if (static_cast<std::size_t>(run) == run_) {
      mask = nodes_within(axes, first, here, cutoff2_, unused) & ~(1u << (place - first));
      // The node itself is at no distance: whether another one is, is asked here alone.
      if ((nodes_within(axes, first, here, 0, unused) & ~(1u << (place - first))) != 0) least = 0;
    } else {
      mask = nodes_within(axes, first, here, cutoff2_, least);
    }
    end = write_lanes(end, static_cast<std::int32_t>(first), mask);
  }
  return {{row_.data(), end}, least == 0};
}

// A cell's side is a hair more than the cutoff, so that rounding cannot put two nodes in contact
// more than one cell apart.
CellList::CellList(std::span<const Vec3> positions, double cutoff)
    : positions_(positions),
      cutoff2_(cutoff * cutoff),
      side_(std::max(cutoff, least_side) * (1 + 1e-9)) {
  for (std::size_t a = 0; a < 3; ++a)
    low_[a] = (*std::min_element(positions.begin(), positions.end(),
                                 [a](const Vec3& x, const Vec3& y) { return x[a] < y[a]; }))[a];
  sorted_.reserve(positions.size());
  for (std::size_t i = 0; i < positions.size(); ++i)
    sorted_.emplace_back(key(cell(positions[i])), static_cast<std::int32_t>(i));
  std::sort(sorted_.begin(), sorted_.end());
}

std::array<std::int64_t, 3> CellList::cell(const Vec3& position) const {
  std::array<std::int64_t, 3> c;
  for (std::size_t a = 0; a < 3; ++a)
    c[a] = static_cast<std::int64_t>((position[a] - low_[a]) / side_);
  return c;
}

ContactRow CellList::row(std::int32_t node) {
  const Vec3& here = positions_[static_cast<std::size_t>(node)];
  const std::array<std::int64_t, 3> c = cell(here);
  row_.clear();
  std::size_t near = 0;
  bool coincides = false;
  for (std::int64_t x = std::max<std::int64_t>(c[0] - 1, 0); x <= c[0] + 1; ++x)
    for (std::int64_t y = std::max<std::int64_t>(c[1] - 1, 0); y <= c[1] + 1; ++y) {
      // Cells that follow one another in z have keys that follow one another: one run each.
      const std::uint64_t first = key({x, y, std::max<std::int64_t>(c[2] - 1, 0)});
      const std::uint64_t last = key({x, y, c[2] + 1});
      auto it = std::lower_bound(sorted_.begin(), sorted_.end(), std::pair(first, -1));
      for (; it != sorted_.end() && it->first <= last; ++it, ++near) {
        const Vec3& there = positions_[static_cast<std::size_t>(it->second)];
        const double dx = there[0] - here[0], dy = there[1] - here[1], dz = there[2] - here[2];
        const double distance2 = (dx * dx + dy * dy) + dz * dz;
        if (distance2 > cutoff2_ || it->second == node) continue;
        coincides |= distance2 == 0;
        row_.push_back(it->second);
      }
    }
  cancelled_.after(near);
  std::sort(row_.begin(), row_.end());
  return {row_, coincides};
}

ContactRows::ContactRows(std::span<const Vec3> positions, double cutoff)
    : rows_(positions.size() <= most_nodes_in_runs
                ? decltype(rows_)(std::in_place_type<NodeRuns>, positions, cutoff)
                : decltype(rows_)(std::in_place_type<CellList>, positions, cutoff)) {}

}  // namespace modesweep
