// SPDX-License-Identifier: MIT
#include <modesweep/properties.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace modesweep {
namespace {

constexpr double equal_components = 1e-6;
constexpr double equal_eigenvalues = 1e-6;

double squared_length(std::span<const double> mode, std::size_t node) {
  const double* u = &mode[3 * node];
  return u[0] * u[0] + u[1] * u[1] + u[2] * u[2];
}

}  // namespace

std::vector<double> fractional_variances(std::span<const double> eigenvalues) {
  std::vector<double> shares(eigenvalues.size());
  double trace = 0;
  for (std::size_t i = 0; i < eigenvalues.size(); ++i) {
    shares[i] = 1 / eigenvalues[i];
    trace += shares[i];
  }
  for (double& share : shares) share /= trace;
  return shares;
}

double collectivity(std::span<const double> mode) {
  const std::size_t nodes = mode.size() / 3;
  double total = 0;
  for (const double x : mode) total += x * x;
  double entropy = 0;
  for (std::size_t i = 0; i < nodes; ++i) {
    const double share = squared_length(mode, i) / total;
    if (share > 0) entropy -= share * std::log(share);
  }
  return std::exp(entropy) / static_cast<double>(nodes);
}

std::vector<double> square_fluctuations(std::span<const double> eigenvalues,
                                        std::span<const double> eigenvectors) {
  if (eigenvalues.empty()) return {};
  const std::size_t size = eigenvectors.size() / eigenvalues.size();
  std::vector<double> sums(size / 3);
  for (std::size_t k = 0; k < eigenvalues.size(); ++k) {
    const std::span<const double> mode = eigenvectors.subspan(k * size, size);
    for (std::size_t i = 0; i < sums.size(); ++i)
      sums[i] += squared_length(mode, i) / eigenvalues[k];
  }
  return sums;
}

std::vector<double> displacements(std::span<const double> mode) {
  std::vector<double> lengths(mode.size() / 3);
  for (std::size_t i = 0; i < lengths.size(); ++i) lengths[i] = std::sqrt(squared_length(mode, i));
  return lengths;
}

void orient_mode(std::span<double> mode) {
  double largest = 0;
  for (const double x : mode) largest = std::max(largest, std::abs(x));
  // Symmetric structures have components that are equal but for rounding, which must not decide.
  const auto decides = std::find_if(mode.begin(), mode.end(), [&](double x) {
    return std::abs(x) >= (1 - equal_components) * largest;
  });
  if (decides == mode.end() || *decides >= 0) return;
  for (double& x : mode) x = -x;
}

std::vector<ModeRange> degenerate_modes(std::span<const double> eigenvalues) {
  std::vector<ModeRange> ranges;
  for (std::size_t i = 1; i < eigenvalues.size(); ++i) {
    if (eigenvalues[i] - eigenvalues[i - 1] >= equal_eigenvalues * eigenvalues[i]) continue;
    const int mode = static_cast<int>(i);
    if (ranges.empty() || ranges.back().last < mode) ranges.push_back({mode, mode});
    ranges.back().last = mode + 1;
  }
  return ranges;
}

std::string to_string(std::span<const ModeRange> ranges) {
  std::string text;
  for (const ModeRange& range : ranges)
    text += fmt::format("{}{}-{}", text.empty() ? "" : " ", range.first, range.last);
  return text;
}

}  // namespace modesweep
