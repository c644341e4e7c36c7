// SPDX-License-Identifier: MIT
#include "solver/dense/dense.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <new>

#include <modesweep/properties.hpp>

#include "base/clock.hpp"
#include "base/text.hpp"
#include "network/spring.hpp"
#include "solver/residuals.hpp"
#include "solver/spring_constant.hpp"

namespace modesweep {

std::vector<double> dense_hessian(const Network& network) {
  const std::size_t n = static_cast<std::size_t>(network.degrees_of_freedom());
  std::vector<double> hessian(n * n, 0.0);
  dense::add_hessian(network, network.gamma, hessian.data(), n);
  return hessian;
}

namespace dense {

std::vector<double> unit_hessian(const Network& network) {
  const std::size_t n = static_cast<std::size_t>(network.degrees_of_freedom());
  std::vector<double> hessian(n * n, 0.0);
  add_hessian(network, 1.0, hessian.data(), n);
  return hessian;
}

void add_hessian(const Network& network, double gamma, double* matrix, std::size_t leading) {
  if (network.model == ElasticModel::gnm) {
    for (std::int64_t i = 0; i < network.nodes(); ++i)
      for (std::int64_t k = network.offsets[i]; k < network.offsets[i + 1]; ++k) {
        matrix[i * leading + network.neighbours[k]] = -gamma;
        matrix[i * leading + i] += gamma;
      }
    return;
  }
  for (std::int64_t i = 0; i < network.nodes(); ++i) {
    double* const diagonal = matrix + 3 * i * leading + 3 * i;
    // Neighbours ascend, so that each diagonal block is summed in the order of ProDy's double loop.
    for (std::int64_t k = network.offsets[i]; k < network.offsets[i + 1]; ++k) {
      const std::int64_t j = network.neighbours[k];
      const Spring s = spring(network.positions[i].data(), network.positions[j].data(), gamma);
      double* const block = matrix + 3 * i * leading + 3 * j;
      for (int a = 0; a < 3; ++a)
        for (int b = 0; b < 3; ++b) {
          block[a * leading + b] = -s.element(a, b);
          diagonal[a * leading + b] += s.element(a, b);
        }
    }
  }
}

int expected_count(const Network& network, const ModeRequest& request) {
  if (request.all_fluctuations) return static_cast<int>(network.degrees_of_freedom());
  return static_cast<int>(
      std::min<std::int64_t>(network.degrees_of_freedom(),
                             request.modes + rigid_motions(network.model) * network.components));
}

namespace {

// The indices of LAPACK are 32-bit: beyond this n * n overflows inside it.
constexpr std::int64_t largest_order = 46340;

/// What rounding moves an eigenvalue by at most: the machine's precision times the trace.
double rounding_error(const Network& network) {
  // Each end of a contact has 1 in the trace of its diagonal block.
  const double trace = static_cast<double>(network.neighbours.size());
  return std::numeric_limits<double>::epsilon() * trace;
}

Outcome<Modes> modes_of(const Network& network, const ModeRequest& request,
                        const LowestEigenpairs& lowest) {
  if (network.degrees_of_freedom() > largest_order)
    return fail(Stage::solve, "too_large",
                fmt::format("{} residues are more than a dense solver takes ({})", network.nodes(),
                            largest_order / axes(network.model)));
  const int n = static_cast<int>(network.degrees_of_freedom());
  const double error = rounding_error(network);
  int count = expected_count(network, request);
  for (;;) {
    Outcome<Eigenpairs> pairs = lowest(network, count);
    if (!pairs) return tl::unexpected(std::move(pairs.error()));
    const std::vector<double>& values = pairs->values;
    const int found = static_cast<int>(values.size());
    const int zeros = static_cast<int>(
        std::lower_bound(values.begin(), values.end(), zero_eigenvalue) - values.begin());
    if (found < std::min(n, zeros + request.modes)) {
      count = zeros == found ? std::min(n, 2 * found) : std::min(n, zeros + request.modes);
      continue;
    }
    Modes modes;
    modes.uncertain_zero = std::any_of(values.begin(), values.end(), [&](double value) {
      return std::abs(value - zero_eigenvalue) <= error;
    });
    const int kept = std::min(request.modes, found - zeros);
    modes.eigenvalues.assign(values.begin() + zeros, values.begin() + zeros + kept);
    const auto first = pairs->vectors.begin() + static_cast<std::ptrdiff_t>(zeros) * n;
    modes.eigenvectors.assign(first, first + static_cast<std::ptrdiff_t>(kept) * n);
    modes.zero_modes = zeros;
    if (request.all_fluctuations) {
      modes.all_fluctuations.assign(network.positions.size(), 0.0);
      if (found > zeros)
        modes.all_fluctuations =
            square_fluctuations(std::span(values).subspan(static_cast<std::size_t>(zeros)),
                                std::span(pairs->vectors)
                                    .subspan(static_cast<std::size_t>(zeros) * n,
                                             static_cast<std::size_t>(found - zeros) * n),
                                axes(network.model));
    }
    modes.residuals = relative_residuals(network, modes);
    apply_spring_constant(network, modes);
    return modes;
  }
}

}  // namespace

Outcome<Modes> solve_one(const Network& network, const ModeRequest& request, const char* solver,
                         const LowestEigenpairs& lowest) {
  const Stopwatch watch;
  Outcome<Modes> outcome;
  try {
    outcome = modes_of(network, request, lowest);
  } catch (const std::bad_alloc&) {
    outcome = fail(
        Stage::solve, "out_of_memory",
        fmt::format("no memory for the dense Hessian of {}", counted(network.nodes(), "residue")));
  }
  if (outcome) {
    outcome->solver = solver;
    outcome->backend = "cpu";
    outcome->seconds = watch.seconds();
  }
  return outcome;
}

std::vector<Outcome<Modes>> solve_each(std::span<const Network> networks,
                                       const ModeRequest& request, const char* solver,
                                       const LowestEigenpairs& lowest) {
  std::vector<Outcome<Modes>> outcomes;
  outcomes.reserve(networks.size());
  for (const Network& network : networks) {
    outcomes.push_back(solve_one(network, request, solver, lowest));
    if (outcomes.back()) finish_modes(*outcomes.back(), request, axes(network.model));
  }
  return outcomes;
}

}  // namespace dense
}  // namespace modesweep
