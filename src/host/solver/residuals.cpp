// SPDX-License-Identifier: MIT
#include "solver/residuals.hpp"

#include <algorithm>
#include <cmath>

#include "network/spring.hpp"

namespace modesweep {

namespace {

/// The modes side by side, so that one contact serves them all in one sweep over memory.
struct SideBySide {
  SideBySide(const Network& network, const Modes& modes)
      : rows(static_cast<std::size_t>(network.degrees_of_freedom())),
        count(modes.eigenvalues.size()),
        x(rows * count),
        forces(rows * count, 0.0),
        diagonal(rows, 0.0) {
    for (std::size_t m = 0; m < count; ++m)
      for (std::size_t i = 0; i < rows; ++i) x[i * count + m] = modes.eigenvectors[m * rows + i];
  }

  std::size_t rows, count;
  std::vector<double> x, forces;
  std::vector<double> diagonal;  ///< of the matrix
};

void pull_along_contacts(const Network& network, SideBySide& all) {
  auto& [rows, count, x, forces, diagonal] = all;
  for (std::int32_t i = 0; i < network.nodes(); ++i)
    for (std::int64_t k = network.offsets[i]; k < network.offsets[i + 1]; ++k) {
      const std::int32_t j = network.neighbours[k];
      if (j < i) continue;
      const auto [d, scale] = unit_spring(network.positions[i].data(), network.positions[j].data());
      for (int a = 0; a < 3; ++a) {
        diagonal[3 * i + a] += scale * d[a] * d[a];
        diagonal[3 * j + a] += scale * d[a] * d[a];
      }
      const double* const xi = &x[3 * count * i];
      const double* const xj = &x[3 * count * j];
      double* const fi = &forces[3 * count * i];
      double* const fj = &forces[3 * count * j];
      for (std::size_t m = 0; m < count; ++m) {
        double stretch = 0;
        for (std::size_t a = 0; a < 3; ++a)
          stretch += d[a] * (xj[a * count + m] - xi[a * count + m]);
        for (std::size_t a = 0; a < 3; ++a) {
          const double force = scale * stretch * d[a];
          fi[a * count + m] -= force;
          fj[a * count + m] += force;
        }
      }
    }
}

void pull_in_kirchhoff(const Network& network, SideBySide& all) {
  auto& [rows, count, x, forces, diagonal] = all;
  for (std::int32_t i = 0; i < network.nodes(); ++i)
    for (std::int64_t k = network.offsets[i]; k < network.offsets[i + 1]; ++k) {
      diagonal[i] += 1;
      const double* const xi = &x[count * i];
      const double* const xj = &x[count * network.neighbours[k]];
      for (std::size_t m = 0; m < count; ++m) forces[count * i + m] += xi[m] - xj[m];
    }
}

}  // namespace

std::vector<double> relative_residuals(const Network& network, const Modes& modes) {
  SideBySide all(network, modes);
  if (network.model == ElasticModel::gnm)
    pull_in_kirchhoff(network, all);
  else
    pull_along_contacts(network, all);
  const auto& [rows, count, x, forces, diagonal] = all;
  std::vector<double> norms(count, 0.0);
  for (std::size_t i = 0; i < rows; ++i)
    for (std::size_t m = 0; m < count; ++m) {
      const double r = forces[i * count + m] - modes.eigenvalues[m] * x[i * count + m];
      norms[m] += r * r;
    }
  // Where there is a mode there is a contact, and so a diagonal element.
  const double bound = *std::max_element(diagonal.begin(), diagonal.end());
  for (double& norm : norms) norm = std::sqrt(norm) / bound;
  return norms;
}

}  // namespace modesweep
