// SPDX-License-Identifier: MIT
// The modes of two structures of one protein against each other: compare_structures FILE FILE
#include <iostream>
#include <stdexcept>
#include <string>
#include <vector>

#include <modesweep/comparison.hpp>
#include <modesweep/solve.hpp>
#include <modesweep/structure.hpp>

/// A failure of one structure is a value; here it ends the program.
template <class T>
T value(modesweep::Outcome<T> outcome) {
  if (!outcome) throw std::runtime_error(outcome.error().message);
  return *std::move(outcome);
}

modesweep::EntryModes modes_of(const std::string& file) {
  modesweep::EntryModes entry;
  entry.structure = value(modesweep::read_structure(file, {}));
  std::vector<modesweep::Vec3> positions;
  for (const modesweep::Node& node : entry.structure.nodes) positions.push_back(node.position);
  entry.modes = value(modesweep::solve_coordinates(positions));
  return entry;
}

int main(int argc, char** argv) try {
  if (argc != 3) throw std::runtime_error("two files are compared");
  const auto comparison = modesweep::compare_modes(modes_of(argv[1]), modes_of(argv[2]));
  if (!comparison) throw std::runtime_error(comparison.error());
  modesweep::write_comparison_table(std::cout, *comparison);
} catch (const std::exception& error) {
  std::cerr << error.what() << '\n';
  return 1;
}
