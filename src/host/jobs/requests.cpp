// SPDX-License-Identifier: MIT
#include <modesweep/requests.hpp>

#include <array>

#include <modesweep/machine.hpp>

namespace modesweep {
namespace {

using namespace std::string_view_literals;

// In the order of the enumerations.
constexpr std::array backend_names = {"auto"sv, "cpu"sv, "cuda"sv};
constexpr std::array source_names = {"ncbi"sv, "rcsb"sv, "archive"sv, "files"sv, "ids"sv};

}  // namespace

std::string_view to_string(Backend backend) {
  return backend_names.at(static_cast<std::size_t>(backend));
}

std::string_view to_string(Source source) {
  return source_names.at(static_cast<std::size_t>(source));
}

Machine with_defaults(Machine machine) {
  if (!machine.isa) machine.isa = best_isa();
  if (machine.threads == 0) machine.threads = allowed_cpus().amount;
  if (machine.max_memory == 0) machine.max_memory = allowed_memory().amount / 10 * 8;
  return machine;
}

}  // namespace modesweep
