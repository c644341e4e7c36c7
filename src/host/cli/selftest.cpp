// SPDX-License-Identifier: MIT
// The command `selftest`: every operation of the devices against its reference, and the CPU solvers
// against each other.
#include <fmt/format.h>

#include <string>
#include <vector>

#include <modesweep/properties.hpp>

#include "base/clock.hpp"
#include "cli/command.hpp"
#include "cli/exit_code.hpp"
#include "cli/flags.hpp"
#include "cli/output_stream.hpp"
#include "devices/cuda_module.hpp"
#include "measure/measure.hpp"
#include "measure/samples.hpp"

namespace modesweep::cli {
namespace {

constexpr double least_digits = 9;  // that all shares must agree in

std::string line(const CudaCheck& check) {
  return fmt::format("{}  {:<58}{}\n", check.passed ? "pass" : "FAIL", check.operation,
                     check.detail);
}

/// A solver against LAPACK on all networks.
CudaCheck check_cpu_solver(const ModeSolver& solver, const std::vector<Network>& networks,
                           const std::vector<std::vector<double>>& expected) {
  CudaCheck check{fmt::format("cpu solver {}", solver.name()), true, ""};
  double digits = 16;
  const std::vector<Outcome<Modes>> outcomes = solver.solve(networks, {});
  for (std::size_t i = 0; i < networks.size(); ++i) {
    if (!outcomes[i]) return {check.operation, false, outcomes[i].error().message};
    digits = std::min(digits, measure::digits_of_agreement(
                                  fractional_variances(outcomes[i]->eigenvalues), expected[i]));
  }
  check.passed = digits >= least_digits;
  check.detail = fmt::format("shares agree with LAPACK's in {:.1f} digits", digits);
  return check;
}

int run(const Call&, Reporter& reporter) {
  const std::vector<Network> networks = measure::networks_to_check();
  std::size_t passed = 0, failed = 0;
  const auto show = [&](const CudaCheck& check) {
    ++(check.passed ? passed : failed);
    print(line(check));
  };

  std::vector<std::vector<double>> expected;
  for (const Outcome<Modes>& outcome : make_cpu_solver(Solver::lapack)->solve(networks, {})) {
    if (!outcome) throw std::runtime_error(outcome.error().message);
    expected.push_back(fractional_variances(outcome->eigenvalues));
  }
  for (const Solver solver : {Solver::shift_invert, Solver::filtered, Solver::eigen})
    show(check_cpu_solver(*make_cpu_solver(solver), networks, expected));

  const tl::expected<std::vector<CudaDevice>, std::string> devices = cuda_devices();
  if (!devices) {
    if (failed > 0) throw std::runtime_error("the CPU solvers disagree");
    throw RunError(Cause::unavailable, fmt::format("no device to test: {}", devices.error()));
  }
  for (std::size_t i = 0; i < devices->size(); ++i) {
    print(fmt::format("\ndevice {}: {}\n", i, (*devices)[i].name));
    const Stopwatch watch;
    const auto checks = run_cuda_selftest(static_cast<int>(i), networks);
    if (!checks) {
      show({"the device goes on", false, checks.error()});
      continue;
    }
    for (const CudaCheck& check : *checks) show(check);
    const double seconds = watch.seconds();
    reporter.info((*devices)[i].is_simulated ? "time: not a time"
                                             : fmt::format("time: {:.1f} s", seconds));
  }
  print(fmt::format("\n{} passed, {} failed\n", passed, failed));
  return static_cast<int>(failed > 0 ? ExitCode::internal : ExitCode::ok);
}

Run add(const Flags& flags) {
  flags.common();
  return run;
}

}  // namespace

Command selftest_command() {
  return {"selftest", "check every operation of the GPUs, and the CPU solvers, on this machine",
          add};
}

}  // namespace modesweep::cli
