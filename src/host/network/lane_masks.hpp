// SPDX-License-Identifier: MIT
// Eight comparisons at a time, with the arithmetic of one: a bit of each result.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace modesweep {

constexpr std::size_t lanes = 8;

/// Coordinates of several nodes, an array of each axis.
struct Axes {
  const double *x, *y, *z;  ///< angstrom; NaN where there is no node
};

/// Boxes along the axes, an array of each bound.
struct Boxes {
  const float *low[3], *high[3];  ///< angstrom; of a box that holds nothing infinities
};

/// Without instructions of its own; what the others are held against.
namespace portable {

/// Which of eight nodes from `first` on lie within the cutoff of a point, by ProDy's test (see
/// network.hpp). `least` becomes the smallest square of a distance where that is less.
inline unsigned nodes_within(const Axes& nodes, std::size_t first, const double* point,
                             double cutoff2, double& least) {
  unsigned mask = 0;
  for (std::size_t i = 0; i < lanes; ++i) {
    const double dx = nodes.x[first + i] - point[0];
    const double dy = nodes.y[first + i] - point[1];
    const double dz = nodes.z[first + i] - point[2];
    const double distance2 = (dx * dx + dy * dy) + dz * dz;
    mask |= static_cast<unsigned>(distance2 <= cutoff2) << i;
    if (distance2 < least) least = distance2;
  }
  return mask;
}

/// Which of eight boxes from `first` on are not farther from another than the square's root.
inline unsigned boxes_within(const Boxes& boxes, std::size_t first, const float* low,
                             const float* high, float distance2) {
  unsigned mask = 0;
  for (std::size_t i = 0; i < lanes; ++i) {
    float gap2 = 0;
    for (std::size_t a = 0; a < 3; ++a) {
      const float gap =
          std::max({boxes.low[a][first + i] - high[a], low[a] - boxes.high[a][first + i], 0.0f});
      gap2 += gap * gap;
    }
    mask |= static_cast<unsigned>(gap2 <= distance2) << i;
  }
  return mask;
}

}  // namespace portable

#ifdef __SSE2__

inline unsigned nodes_within(const Axes& nodes, std::size_t first, const double* point,
                             double cutoff2, double& least) {
  constexpr std::size_t width = 2;
  const __m128d x = _mm_set1_pd(point[0]), y = _mm_set1_pd(point[1]), z = _mm_set1_pd(point[2]);
  const __m128d limit = _mm_set1_pd(cutoff2);
  __m128d smallest = _mm_set1_pd(least);
  unsigned mask = 0;
  for (std::size_t i = 0; i < lanes; i += width) {
    const __m128d dx = _mm_sub_pd(_mm_loadu_pd(nodes.x + first + i), x);
    const __m128d dy = _mm_sub_pd(_mm_loadu_pd(nodes.y + first + i), y);
    const __m128d dz = _mm_sub_pd(_mm_loadu_pd(nodes.z + first + i), z);
    const __m128d distance2 =
        _mm_add_pd(_mm_add_pd(_mm_mul_pd(dx, dx), _mm_mul_pd(dy, dy)), _mm_mul_pd(dz, dz));
    mask |= static_cast<unsigned>(_mm_movemask_pd(_mm_cmple_pd(distance2, limit))) << i;
    smallest = _mm_min_pd(distance2, smallest);  // the second where the first is NaN
  }
  least = std::min(_mm_cvtsd_f64(smallest), _mm_cvtsd_f64(_mm_unpackhi_pd(smallest, smallest)));
  return mask;
}

inline unsigned boxes_within(const Boxes& boxes, std::size_t first, const float* low,
                             const float* high, float distance2) {
  constexpr std::size_t width = 4;
  unsigned mask = 0;
  for (std::size_t i = 0; i < lanes; i += width) {
    __m128 gap2 = _mm_setzero_ps();
    for (std::size_t a = 0; a < 3; ++a) {
      const __m128 above = _mm_sub_ps(_mm_loadu_ps(boxes.low[a] + first + i), _mm_set1_ps(high[a]));
      const __m128 below = _mm_sub_ps(_mm_set1_ps(low[a]), _mm_loadu_ps(boxes.high[a] + first + i));
      const __m128 gap = _mm_max_ps(_mm_max_ps(above, below), _mm_setzero_ps());
      gap2 = _mm_add_ps(gap2, _mm_mul_ps(gap, gap));
    }
    mask |= static_cast<unsigned>(_mm_movemask_ps(_mm_cmple_ps(gap2, _mm_set1_ps(distance2)))) << i;
  }
  return mask;
}

#else

using portable::boxes_within;
using portable::nodes_within;

#endif

/// The places of the bits of each mask, ascending, and how many there are.
struct LaneTable {
  std::array<std::array<std::int32_t, lanes>, 1u << lanes> places{};
  std::array<std::uint8_t, 1u << lanes> counts{};
};

constexpr LaneTable lane_table = [] {
  LaneTable table;
  for (std::size_t mask = 0; mask < table.counts.size(); ++mask)
    for (std::size_t i = 0; i < lanes; ++i)
      if ((mask >> i & 1) != 0)
        table.places[mask][table.counts[mask]++] = static_cast<std::int32_t>(i);
  return table;
}();

/// Writes first + i for each bit i of the mask, and returns where the next one goes. There has to
/// be room for eight, whatever the mask: what is written behind the last one means nothing.
inline std::int32_t* write_lanes(std::int32_t* to, std::int32_t first, unsigned mask) {
  for (std::size_t i = 0; i < lanes; ++i) to[i] = first + lane_table.places[mask][i];
  return to + lane_table.counts[mask];
}

}  // namespace modesweep
