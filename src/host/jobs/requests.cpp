// SPDX-License-Identifier: MIT
#include <modesweep/requests.hpp>

#include <fmt/format.h>

#include <array>

#include <modesweep/pipeline.hpp>

namespace modesweep {
namespace {

using namespace std::string_view_literals;

// In the order of the enumerations.
constexpr std::array solver_names = {"auto"sv,  "shift-invert"sv, "lapack"sv,
                                     "eigen"sv, "chebyshev"sv,    "jacobi"sv};
constexpr std::array backend_names = {"auto"sv, "cpu"sv, "cuda"sv};
constexpr std::array source_names = {"ncbi"sv, "rcsb"sv, "archive"sv, "files"sv, "ids"sv};

}  // namespace

std::string_view to_string(Solver solver) {
  return solver_names.at(static_cast<std::size_t>(solver));
}

std::string_view to_string(Backend backend) {
  return backend_names.at(static_cast<std::size_t>(backend));
}

std::string_view to_string(Source source) {
  return source_names.at(static_cast<std::size_t>(source));
}

Solver solver_named(std::string_view name) {
  for (std::size_t i = 0; i < solver_names.size(); ++i)
    if (solver_names[i] == name) return static_cast<Solver>(i);
  throw RunError(Cause::request, fmt::format("there is no solver \"{}\"; there are {}", name,
                                             fmt::join(solver_names, ", ")));
}

Machine with_defaults(Machine machine) {
  if (machine.threads == 0) machine.threads = usable_cpus();
  if (machine.max_memory == 0) machine.max_memory = usable_memory() / 10 * 8;
  return machine;
}

}  // namespace modesweep
