// SPDX-License-Identifier: MIT
#include <modesweep/properties.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace modesweep {
namespace {

constexpr double equal_components = 1e-6;
constexpr double equal_eigenvalues = 1e-6;
constexpr std::size_t modes_with_collectivity = 3;

double squared_length(std::span<const double> mode, std::size_t node, std::int64_t axes) {
  const double* u = &mode[static_cast<std::size_t>(axes) * node];
  return axes == 1 ? u[0] * u[0] : u[0] * u[0] + u[1] * u[1] + u[2] * u[2];
}

// By way of extended precision: of log and exp in double precision the C library has one for each
// generation of processors, whose last bits differ.
double log(double x) { return static_cast<double>(std::log(static_cast<long double>(x))); }
double exp(double x) { return static_cast<double>(std::exp(static_cast<long double>(x))); }

int sign(double x) { return (x > 0) - (x < 0); }

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

double collectivity(std::span<const double> mode, std::int64_t axes) {
  const std::size_t nodes = mode.size() / static_cast<std::size_t>(axes);
  double total = 0;
  for (const double x : mode) total += x * x;
  double entropy = 0;
  for (std::size_t i = 0; i < nodes; ++i) {
    const double share = squared_length(mode, i, axes) / total;
    if (share > 0) entropy -= share * log(share);
  }
  return exp(entropy) / static_cast<double>(nodes);
}

std::vector<double> square_fluctuations(std::span<const double> eigenvalues,
                                        std::span<const double> eigenvectors, std::int64_t axes) {
  if (eigenvalues.empty()) return {};
  const std::size_t size = eigenvectors.size() / eigenvalues.size();
  std::vector<double> sums(size / static_cast<std::size_t>(axes));
  for (std::size_t k = 0; k < eigenvalues.size(); ++k) {
    const std::span<const double> mode = eigenvectors.subspan(k * size, size);
    for (std::size_t i = 0; i < sums.size(); ++i)
      sums[i] += squared_length(mode, i, axes) / eigenvalues[k];
  }
  return sums;
}

void finish_modes(Modes& modes, const ModeRequest& request, std::int64_t axes) {
  const std::size_t count = modes.eigenvalues.size();
  const std::size_t size = count > 0 ? modes.eigenvectors.size() / count : 0;
  const auto mode = [&](std::size_t k) {
    return std::span(modes.eigenvectors).subspan(k * size, size);
  };
  modes.collectivities.clear();
  for (std::size_t k = 0; k < std::min(count, modes_with_collectivity); ++k)
    modes.collectivities.push_back(collectivity(mode(k), axes));
  modes.square_amplitudes.resize(size / static_cast<std::size_t>(axes));
  for (std::size_t i = 0; i < modes.square_amplitudes.size(); ++i)
    modes.square_amplitudes[i] = squared_length(mode(0), i, axes);
  modes.square_fluctuations.clear();
  if (request.square_fluctuations)
    modes.square_fluctuations = square_fluctuations(modes.eigenvalues, modes.eigenvectors, axes);
  if (!request.vectors) modes.eigenvectors = {};
}

std::vector<double> displacements(std::span<const double> mode) {
  std::vector<double> lengths(mode.size() / 3);
  for (std::size_t i = 0; i < lengths.size(); ++i)
    lengths[i] = std::sqrt(squared_length(mode, i, 3));
  return lengths;
}

std::vector<std::size_t> hinge_nodes(std::span<const double> mode) {
  std::vector<bool> is_hinge(mode.size() + 1);
  for (std::size_t i = 0; i + 1 < mode.size(); ++i)
    is_hinge[i] = sign(mode[i]) != sign(mode[i + 1]);
  for (std::size_t i = 0; i + 1 < mode.size(); ++i)
    if (is_hinge[i] && std::abs(mode[i + 1]) < std::abs(mode[i])) {
      is_hinge[i] = false;
      is_hinge[i + 1] = true;
    }
  std::vector<std::size_t> hinges;
  for (std::size_t i = 0; i < mode.size(); ++i)
    if (is_hinge[i]) hinges.push_back(i);
  return hinges;
}

double correlation(std::span<const double> a, std::span<const double> b) {
  const auto count = static_cast<double>(a.size());
  double mean_a = 0, mean_b = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    mean_a += a[i] / count;
    mean_b += b[i] / count;
  }
  double aa = 0, bb = 0, ab = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    aa += (a[i] - mean_a) * (a[i] - mean_a);
    bb += (b[i] - mean_b) * (b[i] - mean_b);
    ab += (a[i] - mean_a) * (b[i] - mean_b);
  }
  // Of equal numbers rounding may leave something.
  const auto varies = [&](double squares, double mean) {
    return squares > 1e-24 * count * mean * mean;
  };
  return varies(aa, mean_a) && varies(bb, mean_b) ? ab / std::sqrt(aa * bb) : std::nan("");
}

std::optional<double> correlation_of_known(std::span<const std::optional<double>> a,
                                           std::span<const double> b) {
  constexpr std::size_t fewest = 3;  // two always lie on a line
  std::vector<double> known, partners;
  for (std::size_t i = 0; i < a.size(); ++i)
    if (a[i]) {
      known.push_back(*a[i]);
      partners.push_back(b[i]);
    }
  if (known.size() < fewest) return std::nullopt;
  const double r = correlation(known, partners);
  return std::isnan(r) ? std::nullopt : std::optional(r);
}

std::optional<double> mean_plddt(std::span<const std::optional<double>> values) {
  double sum = 0, highest = 0;
  std::size_t known = 0;
  for (const std::optional<double>& value : values) {
    if (!value) continue;
    if (!(*value >= 0 && *value <= 100)) return std::nullopt;
    sum += *value;
    highest = std::max(highest, *value);
    ++known;
  }
  if (known == 0) return std::nullopt;
  return (highest <= 1 ? 100 : 1) * sum / static_cast<double>(known);
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

void orient_modes(Modes& modes) {
  if (modes.eigenvalues.empty()) return;
  const std::size_t size = modes.eigenvectors.size() / modes.eigenvalues.size();
  for (std::size_t k = 0; k < modes.eigenvalues.size(); ++k)
    orient_mode(std::span(modes.eigenvectors).subspan(k * size, size));
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
