// SPDX-License-Identifier: MIT
// What this process may use of a machine, where the machine is a parameter.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include <modesweep/machine.hpp>

namespace modesweep {

/// Where limits are read; tests bring their own.
struct Surroundings {
  std::filesystem::path root = "/";  ///< below which `proc` and `sys` lie
  std::function<std::optional<std::string>(const char*)> variable;  ///< of the environment
  int cpus = 1;                                                     ///< of the affinity mask
  std::uint64_t memory = 0;                                         ///< physical, in bytes
  std::optional<std::uint64_t> own_limit;                           ///< ulimit -v, -d
};

/// Of this machine and process.
Surroundings surroundings();

Allowance<int> allowed_cpus(const Surroundings& around);
Allowance<std::uint64_t> allowed_memory(const Surroundings& around);

}  // namespace modesweep
