// SPDX-License-Identifier: MIT
#include "solver/shift_invert/smooth_start.hpp"

#include <array>
#include <cmath>

#include <modesweep/structure.hpp>

namespace modesweep::shift_invert {
namespace {

constexpr std::ptrdiff_t b = block_width;

}  // namespace

double random_value(std::uint64_t counter) {
  std::uint64_t z = (counter + 1) * 0x9e3779b97f4a7c15;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  z ^= z >> 31;
  return static_cast<double>(static_cast<std::int64_t>(z)) * 0x1p-63;
}

void fill_smooth(const ContactView& contacts, double* block) {
  constexpr int degree = 4;
  constexpr double disorder = 0.1;
  constexpr std::size_t terms = (degree + 1) * (degree + 2) * (degree + 3) / 6;
  const std::ptrdiff_t nodes = contacts.nodes;
  const double* const positions = contacts.positions;
  Vec3 centre = {};
  for (std::ptrdiff_t i = 0; i < 3 * nodes; ++i)
    centre[i % 3] += positions[i] / static_cast<double>(nodes);
  double square = 0;
  for (std::ptrdiff_t i = 0; i < 3 * nodes; ++i)
    square += (positions[i] - centre[i % 3]) * (positions[i] - centre[i % 3]);
  const double scale = std::sqrt(static_cast<double>(nodes) / square);

  std::uint64_t counter = 0;
  std::array<double, 3 * terms * b> coefficients;
  for (double& coefficient : coefficients) coefficient = random_value(counter++);
  for (std::ptrdiff_t i = 0; i < nodes; ++i) {
    std::array<std::array<double, degree + 1>, 3> powers;
    for (int a = 0; a < 3; ++a) {
      powers[a][0] = 1;
      for (int p = 1; p <= degree; ++p)
        powers[a][p] = powers[a][p - 1] * (positions[3 * i + a] - centre[a]) * scale;
    }
    double* const here = block + 3 * i * b;
    for (std::ptrdiff_t k = 0; k < 3 * b; ++k) here[k] = disorder * random_value(counter++);
    const double* term = coefficients.data();
    for (int p = 0; p <= degree; ++p)
      for (int q = 0; p + q <= degree; ++q)
        for (int r = 0; p + q + r <= degree; ++r, term += 3 * b) {
          const double value = powers[0][p] * powers[1][q] * powers[2][r];
          for (std::ptrdiff_t k = 0; k < 3 * b; ++k) here[k] += value * term[k];
        }
  }
}

}  // namespace modesweep::shift_invert
