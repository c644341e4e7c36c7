// SPDX-License-Identifier: MIT
#include "solver/cpu_solvers.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <array>
#include <string_view>

namespace modesweep {
namespace {

using namespace std::string_view_literals;

// In the order of the enumeration.
constexpr std::array names = {"auto"sv,  "shift-invert"sv, "filtered"sv, "lapack"sv,
                              "eigen"sv, "chebyshev"sv,    "jacobi"sv};

}  // namespace

std::string_view to_string(Solver solver) { return names.at(static_cast<std::size_t>(solver)); }

Solver solver_named(std::string_view name) {
  for (std::size_t i = 0; i < names.size(); ++i)
    if (names[i] == name) return static_cast<Solver>(i);
  throw RunError(Cause::request, fmt::format("there is no solver \"{}\"; there are {}", name,
                                             fmt::join(names, ", ")));
}

std::unique_ptr<ModeSolver> make_cpu_solver(Solver solver, Isa isa) {
  if (!is_supported(isa))
    throw RunError(Cause::unavailable, fmt::format("this processor has no {}", to_string(isa)));
  switch (solver) {
    case Solver::automatic: return make_automatic_solver(isa);
    case Solver::filtered: return make_filtered_solver(isa);
    case Solver::lapack: return make_lapack_solver();
    case Solver::eigen: return make_eigen_solver();
    default: return make_shift_invert_solver(isa);
  }
}

}  // namespace modesweep
