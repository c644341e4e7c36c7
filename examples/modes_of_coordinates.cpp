// SPDX-License-Identifier: MIT
// The softest modes of the points on standard input, x y z of each in angstrom: no file is needed.
#include <iostream>
#include <iterator>
#include <span>
#include <vector>

#include <modesweep/properties.hpp>
#include <modesweep/solve.hpp>

int main() {
  const std::vector<double> coordinates(std::istream_iterator<double>(std::cin), {});
  modesweep::ModeRequest request;
  request.modes = 20;
  const auto modes = modesweep::solve_coordinates(coordinates, {}, request);
  if (!modes) {
    std::cerr << modes.error().message << '\n';
    return 1;
  }
  const std::vector<double> shares = modesweep::fractional_variances(modes->eigenvalues);
  std::cout.precision(12);
  std::cout << "mode\teigenvalue\tshare\tcollectivity\n";
  for (std::size_t k = 0; k < shares.size(); ++k) {
    const std::span mode(&modes->eigenvectors[k * coordinates.size()], coordinates.size());
    std::cout << k + 1 << '\t' << modes->eigenvalues[k] << '\t' << shares[k] << '\t'
              << modesweep::collectivity(mode) << '\n';
  }
  for (const modesweep::ModeRange range : modesweep::degenerate_modes(modes->eigenvalues))
    std::cout << "degenerate\t" << range.first << '-' << range.last << '\n';
}
