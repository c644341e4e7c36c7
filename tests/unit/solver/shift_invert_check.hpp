// SPDX-License-Identifier: MIT
// What makes modes right, independently of how they were found.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <vector>

#include <modesweep/modes.hpp>
#include <modesweep/network.hpp>

namespace shift_invert_check {

inline modesweep::Network network_of(std::vector<modesweep::Vec3> positions, double cutoff = 15,
                                     double gamma = 1) {
  auto network = modesweep::build_network(std::move(positions), {cutoff, gamma});
  if (!network) throw std::runtime_error(network.error().message);
  return *std::move(network);
}

inline modesweep::Modes solve(const modesweep::ModeSolver& solver,
                              const modesweep::Network& network, int modes = 20) {
  auto outcomes = solver.solve({&network, 1}, {modes});
  if (!outcomes.at(0)) throw std::runtime_error(outcomes[0].error().message);
  return *std::move(outcomes[0]);
}

/// The Hessian times one vector, contact by contact.
inline std::vector<double> hessian_times(const modesweep::Network& network, const double* x) {
  std::vector<double> y(3 * network.positions.size(), 0.0);
  for (std::int64_t i = 0; i < network.nodes(); ++i)
    for (std::int64_t k = network.offsets[i]; k < network.offsets[i + 1]; ++k) {
      const std::int64_t j = network.neighbours[k];
      double d[3], distance2 = 0, along = 0;
      for (int a = 0; a < 3; ++a) {
        d[a] = network.positions[j][a] - network.positions[i][a];
        distance2 += d[a] * d[a];
        along += d[a] * (x[3 * i + a] - x[3 * j + a]);
      }
      for (int a = 0; a < 3; ++a) y[3 * i + a] += network.gamma * d[a] * along / distance2;
    }
  return y;
}

/// A lower bound of the largest eigenvalue: the largest element of the Hessian's diagonal.
inline double largest_diagonal(const modesweep::Network& network) {
  double largest = 0;
  for (std::int64_t i = 0; i < network.nodes(); ++i)
    for (int a = 0; a < 3; ++a) {
      double sum = 0;
      for (std::int64_t k = network.offsets[i]; k < network.offsets[i + 1]; ++k) {
        double distance2 = 0;
        const auto& there = network.positions[network.neighbours[k]];
        for (int c = 0; c < 3; ++c) distance2 += std::pow(there[c] - network.positions[i][c], 2);
        sum += network.gamma * std::pow(there[a] - network.positions[i][a], 2) / distance2;
      }
      largest = std::max(largest, sum);
    }
  return largest;
}

/// Residuals below 1e-10 of the largest eigenvalue, and orthonormal vectors.
inline void expect_eigenpairs(const modesweep::Network& network, const modesweep::Modes& modes) {
  const std::size_t n = 3 * network.positions.size();
  ASSERT_EQ(modes.eigenvectors.size(), modes.eigenvalues.size() * n);
  const double largest = largest_diagonal(network);
  for (std::size_t k = 0; k < modes.eigenvalues.size(); ++k) {
    const double* const x = &modes.eigenvectors[k * n];
    const std::vector<double> y = hessian_times(network, x);
    double residual2 = 0;
    for (std::size_t i = 0; i < n; ++i)
      residual2 += std::pow(y[i] - modes.eigenvalues[k] * x[i], 2);
    EXPECT_LE(std::sqrt(residual2), 1.01e-10 * largest) << "mode " << k + 1;
    // What the solver says of it, up to rounding.
    ASSERT_EQ(modes.residuals.size(), modes.eigenvalues.size());
    EXPECT_NEAR(modes.residuals[k], std::sqrt(residual2) / largest,
                1e-14 + 1e-3 * modes.residuals[k])
        << "mode " << k + 1;
    for (std::size_t l = 0; l <= k; ++l) {
      double dot = 0;
      for (std::size_t i = 0; i < n; ++i) dot += x[i] * modes.eigenvectors[l * n + i];
      EXPECT_NEAR(dot, l == k ? 1 : 0, 1e-11) << "modes " << l + 1 << " and " << k + 1;
    }
    EXPECT_GE(modes.eigenvalues[k], modes.eigenvalues[k > 0 ? k - 1 : 0]);
    EXPECT_GE(modes.eigenvalues[k], modesweep::zero_eigenvalue);
  }
}

/// The same zero modes and eigenvalues as an oracle, to 1e-10 or 1e-14 of the largest eigenvalue.
inline void expect_same_modes(const modesweep::Network& network, const modesweep::Modes& modes,
                              const modesweep::Modes& oracle) {
  EXPECT_EQ(modes.zero_modes, oracle.zero_modes);
  ASSERT_EQ(modes.eigenvalues.size(), oracle.eigenvalues.size());
  const double absolute = 1e-14 * largest_diagonal(network);
  for (std::size_t k = 0; k < modes.eigenvalues.size(); ++k)
    EXPECT_NEAR(modes.eigenvalues[k], oracle.eigenvalues[k],
                std::max(absolute, 1e-10 * oracle.eigenvalues[k]))
        << "mode " << k + 1;
}

}  // namespace shift_invert_check
