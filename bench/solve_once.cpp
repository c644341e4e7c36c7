// SPDX-License-Identifier: MIT
// modesweep's side of compare_solvers.py: solves one network once for each line of standard input.
#include <chrono>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <iostream>
#include <string>
#include <vector>

#include <fmt/format.h>

#include <modesweep/modes.hpp>
#include <modesweep/network.hpp>

#include "solver/cpu_solvers.hpp"

namespace {

using namespace modesweep;

/// x y z of each node as doubles in the machine's order.
std::vector<Vec3> read_positions(const char* path) {
  std::ifstream stream(path, std::ios::binary);
  std::vector<Vec3> positions;
  Vec3 position;
  while (stream.read(reinterpret_cast<char*>(position.data()), sizeof position))
    positions.push_back(position);
  return positions;
}

double cpu_seconds() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

}  // namespace

// Answers each line with one of its own, so that the caller can let solvers take turns: seconds
// and CPU seconds of contacts, Hessian and modes, the solver, zero modes and eigenvalues.
int main(int argc, char** argv) {
  if (argc < 3 || argc > 5) {
    std::cerr << "Usage: solve_once COORDINATES MODES [THREADS [SOLVER]]\n";
    return 2;
  }
  const std::vector<Vec3> positions = read_positions(argv[1]);
  const ModeRequest request{std::atoi(argv[2]), argc > 3 ? std::atoi(argv[3]) : 1};
  const auto solver = make_cpu_solver(solver_named(argc > 4 ? argv[4] : "auto"));
  for (std::string line; std::getline(std::cin, line);) {
    std::vector<Vec3> copy = positions;
    const auto start = std::chrono::steady_clock::now();
    const double start_cpu = cpu_seconds();
    const Outcome<Network> network = build_network(std::move(copy), {});
    if (!network) {
      std::cerr << network.error().message << '\n';
      return 1;
    }
    const std::vector<Outcome<Modes>> outcomes = solver->solve({&*network, 1}, request);
    const double cpu = cpu_seconds() - start_cpu;
    const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - start;
    if (!outcomes[0]) {
      std::cerr << outcomes[0].error().message << '\n';
      return 1;
    }
    const Modes& modes = *outcomes[0];
    std::cout << fmt::format("{} {} {} {}", wall.count(), cpu, modes.solver, modes.zero_modes);
    for (const double eigenvalue : modes.eigenvalues) std::cout << fmt::format(" {}", eigenvalue);
    std::cout << std::endl;
  }
  return 0;
}
