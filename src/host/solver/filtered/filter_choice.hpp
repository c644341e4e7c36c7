// SPDX-License-Identifier: MIT
// What the filtered solvers of CPU and devices decide alike: the filter, and when its block Krylov
// space has grown enough.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <span>
#include <utility>

namespace modesweep::filtered {

/// A polynomial of H that is 1 at 0, small on [low, high] and large below, scaled so that it cannot
/// overflow (Zhou and others, J. Comput. Phys. 219:172, 2006), by its recurrence.
struct Chebyshev {
  Chebyshev(double low, double high)
      : centre((low + high) / 2), half((high - low) / 2), first(half / centre), sigma(first) {}
  double centre, half, first;
  double sigma;  ///< of the last term
  double next() const { return 1 / (2 / first - sigma); }
};

/// Where the filter is small. It stays: with another one the space would be none of Krylov's.
struct FilterInterval {
  double low, high;
};

inline constexpr int filter_degree = 10;

/// Steps of Lanczos' method for the upper end of the spectrum.
inline constexpr int bound_steps = 5;

/// When a growing space is looked at, and whether it is worth growing on.
class Looks {
 public:
  static constexpr std::ptrdiff_t block = 8;  ///< vectors that a step adds

  /// For Ritz vectors of which `kept` are wanted and bases of `most` vectors.
  Looks(std::ptrdiff_t rows, std::ptrdiff_t kept, std::ptrdiff_t most)
      : most_(most), next_(first(rows, kept)) {}

  bool is_due(std::ptrdiff_t vectors) const { return vectors >= next_; }

  enum class Verdict { enough, more, too_slow, too_many };
  /// `error`: what the Ritz vectors wanted leave of the filter, the most of them.
  Verdict judge(std::ptrdiff_t vectors, double error) {
    if (error < converged) return Verdict::enough;
    const std::ptrdiff_t blocks = (vectors - last_) / block;
    if (error > last_error_ * std::pow(slowest, static_cast<double>(blocks)))
      return Verdict::too_slow;
    const double to_go = std::log10(error / converged) / digits_a_block;
    if (static_cast<double>(vectors) + block * std::ceil(to_go) > static_cast<double>(most_))
      return Verdict::too_many;
    next_ = vectors + block * std::clamp(static_cast<std::ptrdiff_t>(to_go), std::ptrdiff_t{1},
                                         most_blocks_blind);
    last_ = vectors;
    last_error_ = error;
    return Verdict::more;
  }
  static const char* reason(Verdict verdict) {
    return verdict == Verdict::too_slow ? "it converges too slowly"
                                        : "it would take too many vectors";
  }

 private:
  /// Of the filter, whose largest eigenvalue is one at most: about what single precision can tell.
  static constexpr double converged = 3e-6;

  /// Digits that a block wins once it converges, and most blocks until the next look.
  static constexpr double digits_a_block = 1.25;
  static constexpr std::ptrdiff_t most_blocks_blind = 6;

  /// What is left after a block at least, where it converges at all.
  static constexpr double slowest = 0.5;

  /// As few vectors as hold what is wanted, and as a network of this size needs at least.
  static std::ptrdiff_t first(std::ptrdiff_t rows, std::ptrdiff_t kept) {
    constexpr std::pair<std::ptrdiff_t, std::ptrdiff_t> usual[] = {
        {9000, 48}, {3000, 32}, {1500, 24}, {600, 16}, {0, 8}};
    for (const auto& [least, more] : usual)
      if (rows > least) return kept + more;
    return kept + block;
  }

  std::ptrdiff_t most_, next_, last_ = 0;
  double last_error_ = std::numeric_limits<double>::infinity();
};

/// Of equal eigenvalues a Krylov space has as many as a block has columns; there may be others.
/// `values` ascend.
inline bool hides_others(std::span<const double> values, std::ptrdiff_t modes) {
  constexpr double equal = 1e-6;  // relative to themselves
  constexpr std::ptrdiff_t others = Looks::block - 1;
  for (std::ptrdiff_t k = 0; k < modes && k + others < std::ssize(values); ++k)
    if (values[k + others] - values[k] <= equal * values[k]) return true;
  return false;
}

/// Where the filter begins to be small: a quarter of the largest Ritz value of the start, but no
/// less than where some forty eigenvalues lie as a rule, since networks of one density have spectra
/// of one shape; measured on networks of 76 to 8,000 nodes.
inline double filter_low(double largest_of_start, double high, std::ptrdiff_t rows) {
  constexpr double start_part = 0.25, typical_low = 0.9, typical_vectors = 40;
  constexpr double highest_low = 0.5;  // of the interval
  // As a float, so that the last bit of the C library's power, which depends on the processor, is
  // of no consequence.
  const auto part =
      static_cast<float>(std::pow(typical_vectors / static_cast<double>(rows), 2.0 / 3));
  const double typical = typical_low * high * part;
  return std::min(std::max(start_part * largest_of_start, typical), highest_low * high);
}

}  // namespace modesweep::filtered
