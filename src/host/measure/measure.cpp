// SPDX-License-Identifier: MIT
#include "measure/measure.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <thread>
#include <vector>

#include <modesweep/properties.hpp>

#include "base/clock.hpp"

namespace modesweep::measure {
namespace {

using Outcomes = std::vector<Outcome<Modes>>;

// A product of the Hessian and a vector, for each contact in either direction: see
// docs/gpu-cost.md.
constexpr double flops_per_contact = 14;

/// What a ranking asks for, where no column needs more.
ModeRequest rows_request() {
  ModeRequest request;
  request.vectors = request.residuals = false;
  return request;
}

void add_rates(Measurement& m, const Modes& modes, const Network& network) {
  const double vectors = modes.block_vectors;
  const double single = vectors * modes.single_products;
  const double in_double = vectors * modes.double_products;
  if (single + in_double == 0) return;
  const auto contacts = static_cast<double>(network.neighbours.size());
  const auto values = static_cast<double>(network.degrees_of_freedom());
  m.flops_per_second = flops_per_contact * contacts * (single + in_double) / m.seconds;
  const double lists = 4 * contacts + 8 * values;  // once for a block
  m.bytes_per_second = (4 * values * (4 * single + 8 * in_double) +
                        lists * (modes.single_products + modes.double_products)) /
                       m.seconds;
}

Measurement measure(const Network& network, const Modes& reference, const Effort& effort,
                    int structures, const std::function<Outcomes()>& solve) {
  Measurement m;
  m.structures = structures;
  m.digits = std::numeric_limits<double>::infinity();
  m.seconds = std::numeric_limits<double>::infinity();
  const std::vector<double> expected = fractional_variances(reference.eigenvalues);
  Modes modes;
  const auto run = [&] {
    effort.checkpoint();
    const double start = effort.clock();
    Outcomes outcomes = solve();
    const double seconds = effort.clock() - start;
    for (Outcome<Modes>& outcome : outcomes) {
      if (!outcome) {
        m.failure = outcome.error().message;
        continue;
      }
      m.digits = std::min(
          m.digits, digits_of_agreement(fractional_variances(outcome->eigenvalues), expected));
      modes = *std::move(outcome);
    }
    m.seconds = std::min(m.seconds, seconds / structures);
  };
  const double start = effort.clock();
  const auto is_time_left = [&] { return effort.clock() - start < effort.seconds; };
  run();  // with it caches and arenas are what they are in a long run
  if (is_time_left() && m.failure.empty()) {
    m.seconds = std::numeric_limits<double>::infinity();
    for (int i = 0; i == 0 || (i < effort.repetitions && is_time_left()); ++i) run();
  }
  m.solver = modes.solver;
  m.backend = modes.backend;
  if (m.failure.empty()) add_rates(m, modes, network);
  return m;
}

}  // namespace

double digits_of_agreement(std::span<const double> shares, std::span<const double> reference) {
  if (shares.size() != reference.size()) return 0;
  double worst = 0;
  for (std::size_t i = 0; i < shares.size(); ++i)
    worst = std::max(worst, std::abs(shares[i] - reference[i]) / reference[i]);
  return worst > 0 ? std::clamp(-std::log10(worst), 0.0, 16.0) : 16;
}

Measurement measure_on_cpu(const ModeSolver& solver, const Network& network, const Modes& reference,
                           const Effort& effort) {
  return measure(network, reference, effort, effort.threads, [&] {
    std::vector<Outcomes> each(static_cast<std::size_t>(effort.threads));
    {
      std::vector<std::jthread> threads;
      for (Outcomes& mine : each)
        threads.emplace_back([&] { mine = solver.solve({&network, 1}, rows_request()); });
    }
    Outcomes all;
    for (Outcomes& mine : each) all.push_back(std::move(mine.front()));
    return all;
  });
}

Measurement measure_on_device(const ModeSolver& solver, const Network& network,
                              const Modes& reference, const Effort& effort) {
  const std::vector<Network> batch(static_cast<std::size_t>(effort.batch), network);
  const auto solve = [&](int copies) {
    return solver.solve(std::span(batch).first(static_cast<std::size_t>(copies)), rows_request());
  };
  // A step takes four times as long as the one before.
  int copies = std::min(effort.batch, 8);
  while (copies < effort.batch) {
    effort.checkpoint();
    const double start = effort.clock();
    solve(copies);
    if (effort.clock() - start > effort.seconds / 4) break;
    copies = std::min(effort.batch, 4 * copies);
  }
  return measure(network, reference, effort, copies, [&] { return solve(copies); });
}

}  // namespace modesweep::measure
