// SPDX-License-Identifier: MIT
#include "base/closest.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <utility>

#include "base/text.hpp"

namespace modesweep {
namespace {

/// Where a letter may be swapped with its neighbour once.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before_last, last(b.size() + 1), line(b.size() + 1);
  std::iota(last.begin(), last.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    line[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      line[j] = std::min({last[j] + 1, line[j - 1] + 1, last[j - 1] + (a[i - 1] != b[j - 1])});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        line[j] = std::min(line[j], before_last[j - 2] + 1);
    }
    before_last = std::exchange(last, line);
  }
  return last.back();
}

}  // namespace

std::optional<std::string> closest(std::string_view typed, const std::vector<std::string>& known) {
  constexpr std::size_t longest = 64;  // no word of ours is longer, and what is typed may be
  if (typed.size() > longest) return std::nullopt;
  const std::string word = ascii_lower(typed);
  std::size_t least = std::max<std::size_t>(1, word.size() / 3) + 1;
  std::optional<std::string> found;
  for (const std::string& candidate : known) {
    const std::size_t distance = edit_distance(word, ascii_lower(candidate));
    if (distance >= std::min(least, word.size())) continue;
    least = distance;
    found = candidate;
  }
  return found;
}

std::string did_you_mean(std::string_view typed, const std::vector<std::string>& known) {
  const std::optional<std::string> meant = closest(typed, known);
  return meant ? fmt::format("; did you mean {}?", *meant) : std::string();
}

}  // namespace modesweep
