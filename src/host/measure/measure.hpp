// SPDX-License-Identifier: MIT
// How fast a solver is, and how near to a reference.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>

#include <modesweep/modes.hpp>
#include <modesweep/network.hpp>

#include "base/clock.hpp"

namespace modesweep::measure {

struct Effort {
  double seconds = 1;    ///< measure at least so long, but
  int repetitions = 20;  ///< at most so often; once in any case
  int threads = 1;       ///< that call a CPU solver at the same time
  int batch = 1;         ///< copies that a device gets in one call, at most
  /// Called before each call of a solver; may throw to end the measurement.
  std::function<void()> checkpoint = [] {};
  /// Seconds from some point on; tests bring their own.
  std::function<double()> clock = [watch = Stopwatch()] { return watch.seconds(); };
};

/// A solver on one network. Times are wall time divided by the structures solved in it.
struct Measurement {
  std::string solver, backend;  ///< as its results name themselves
  int structures = 0;           ///< in one repetition
  double seconds = 0;           ///< a structure, best repetition
  double digits = 0;  ///< in which all shares agree with the reference; 16 where they are equal
  /// Of the products with the Hessian alone, where the solver says how many there were.
  std::optional<double> flops_per_second;
  /// The same: three blocks of vectors read and one written by each, contacts and positions.
  std::optional<double> bytes_per_second;
  std::string failure;  ///< why there are no numbers
};

Measurement measure_on_cpu(const ModeSolver& solver, const Network& network, const Modes& reference,
                           const Effort& effort);
/// The copies of one call grow up to the batch, but no further than `seconds` allows for, so that
/// the slowest of cards is measured in about that time.
Measurement measure_on_device(const ModeSolver& solver, const Network& network,
                              const Modes& reference, const Effort& effort);

/// -log10 of the largest relative difference between two lists of fractional variances.
double digits_of_agreement(std::span<const double> shares, std::span<const double> reference);

}  // namespace modesweep::measure
