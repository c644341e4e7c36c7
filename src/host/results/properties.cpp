// SPDX-License-Identifier: MIT
#include <modesweep/properties.hpp>

#include <cmath>

namespace modesweep {

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
    const double* u = &mode[3 * i];
    const double share = (u[0] * u[0] + u[1] * u[1] + u[2] * u[2]) / total;
    if (share > 0) entropy -= share * std::log(share);
  }
  return std::exp(entropy) / static_cast<double>(nodes);
}

}  // namespace modesweep
