// SPDX-License-Identifier: MIT
#include "results/percentiles.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>

namespace modesweep {
namespace {

/// How many were added at places before one (Fenwick, Softw. Pract. Exper. 24:327, 1994).
class Counts {
 public:
  explicit Counts(std::size_t places) : sums_(places + 1) {}
  void add(std::size_t place) {
    for (std::size_t i = place + 1; i < sums_.size(); i += i & (~i + 1)) ++sums_[i];
  }
  std::int64_t before(std::size_t place) const {
    std::int64_t sum = 0;
    for (std::size_t i = place; i > 0; i &= i - 1) sum += sums_[i];
    return sum;
  }

 private:
  std::vector<std::int64_t> sums_;
};

}  // namespace

CorePlace core_place(const Row& row) {
  if (!row.core || !row.core->modes) return {};
  return {row.core->residues, row.core->modes->shares.front()};
}

std::vector<std::optional<double>> core_percentiles(std::span<const CorePlace> entries) {
  std::vector<std::size_t> by_share;
  std::vector<int> sizes;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    if (!entries[i].share) continue;
    by_share.push_back(i);
    sizes.push_back(entries[i].residues);
  }
  std::sort(sizes.begin(), sizes.end());
  std::sort(by_share.begin(), by_share.end(),
            [&](std::size_t a, std::size_t b) { return *entries[a].share < *entries[b].share; });
  const auto place_of = [&](double size) {
    return static_cast<std::size_t>(std::lower_bound(sizes.begin(), sizes.end(), size) -
                                    sizes.begin());
  };
  std::vector<std::optional<double>> percentiles(entries.size());
  Counts smaller(sizes.size());
  // Those of equal shares are counted once all of them have been asked for.
  for (std::size_t first = 0, next = 0; first < by_share.size(); first = next) {
    while (next < by_share.size() &&
           *entries[by_share[next]].share == *entries[by_share[first]].share)
      ++next;
    for (std::size_t i = first; i < next; ++i) {
      const double size = entries[by_share[i]].residues;
      const std::size_t from = place_of(like_size * size);
      const std::size_t to = place_of(std::nextafter(size / like_size, size / like_size + 1));
      if (to - from < fewest_of_like_size) continue;
      percentiles[by_share[i]] = 100.0 *
                                 static_cast<double>(smaller.before(to) - smaller.before(from)) /
                                 static_cast<double>(to - from);
    }
    for (std::size_t i = first; i < next; ++i) smaller.add(place_of(entries[by_share[i]].residues));
  }
  return percentiles;
}

}  // namespace modesweep
