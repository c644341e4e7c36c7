// SPDX-License-Identifier: MIT
// Where solver `auto` takes which of its two: numbers alone of structures at one cutoff, by turns.
#include <array>
#include <cmath>
#include <cstdlib>
#include <ctime>
#include <iostream>
#include <iterator>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include <modesweep/modes.hpp>
#include <modesweep/network.hpp>
#include <modesweep/structure.hpp>

#include "solver/cpu_solvers.hpp"

namespace {

using namespace modesweep;

constexpr int repetitions = 5;
constexpr std::array nodes_from = {100, 150, 300, 1000, 3000};
constexpr std::array loose_from = {0, 1, 3, 5, 9, 17, 33};
constexpr std::int64_t loose_contacts = 14;  // a loose node has fewer

double cpu_seconds() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

/// Ratios of one kind of network, as a geometric mean and its extremes.
struct Ratios {
  int count = 0;
  double logarithms = 0, least = std::numeric_limits<double>::infinity(), most = 0;
  void add(double ratio) {
    ++count;
    logarithms += std::log(ratio);
    least = std::min(least, ratio);
    most = std::max(most, ratio);
  }
  std::string text() const {
    if (count == 0) return "-";
    return fmt::format("{:.2f} {:.2f}-{:.2f} ({})", std::exp(logarithms / count), least, most,
                       count);
  }
};

template <class Limits>
std::size_t class_of(const Limits& from, double value) {
  std::size_t i = from.size() - 1;
  while (i > 0 && value < from[i]) --i;
  return i;
}

}  // namespace

// A line for each file, then CPU seconds of shift-invert over those of filtered by size and by
// number of loose nodes, and over those of auto.
int main(int argc, char** argv) {
  if (argc < 3) {
    std::cerr << "Usage: choose_solver CUTOFF FILE...\n";
    return 2;
  }
  const double cutoff = std::atof(argv[1]);
  ModeRequest request;
  request.vectors = request.residuals = false;
  const std::array solvers = {make_shift_invert_solver(), make_filtered_solver(),
                              make_automatic_solver()};
  std::array<std::array<Ratios, loose_from.size()>, nodes_from.size()> table;
  Ratios automatic;
  for (int a = 2; a < argc; ++a) {
    const Outcome<Structure> structure = read_structure(argv[a], {});
    if (!structure || std::ssize(structure->nodes) < nodes_from.front()) continue;
    std::vector<Vec3> positions;
    for (const Node& node : structure->nodes) positions.push_back(node.position);
    const Outcome<Network> network = build_network(std::move(positions), {cutoff});
    if (!network) continue;
    std::array<double, solvers.size()> best;
    best.fill(std::numeric_limits<double>::infinity());
    std::array<std::string, solvers.size()> by;
    for (int r = 0; r < repetitions; ++r)
      for (std::size_t s = 0; s < solvers.size(); ++s) {
        const double start = cpu_seconds();
        const std::vector<Outcome<Modes>> modes = solvers[s]->solve({&*network, 1}, request);
        best[s] = std::min(best[s], cpu_seconds() - start);
        by[s] = modes[0] ? modes[0]->solver : modes[0].error().code;
      }
    int loose = 0;
    for (std::int64_t i = 0; i < network->nodes(); ++i)
      if (network->offsets[i + 1] - network->offsets[i] < loose_contacts) ++loose;
    std::cout << fmt::format("{}\t{}\t{}\t{:.6f}\t{:.6f}\t{}\t{:.6f}\t{}\n", argv[a],
                             network->nodes(), loose, best[0], best[1], by[1], best[2], by[2]);
    table[class_of(nodes_from, static_cast<double>(network->nodes()))][class_of(loose_from, loose)]
        .add(best[0] / best[1]);
    automatic.add(best[0] / best[2]);
  }
  std::cout << fmt::format(
      "\ncutoff {}: CPU time of shift-invert over that of filtered, mean, "
      "least-most, files\n{:>9}",
      cutoff, "loose");
  for (const int nodes : nodes_from)
    std::cout << fmt::format("{:>24}", fmt::format("N>={}", nodes));
  for (std::size_t c = 0; c < loose_from.size(); ++c) {
    std::cout << fmt::format("\n{:>9}", fmt::format(">={}", loose_from[c]));
    for (const auto& row : table) std::cout << fmt::format("{:>24}", row[c].text());
  }
  std::cout << fmt::format("\nover that of auto: {}\n", automatic.text());
  return 0;
}
