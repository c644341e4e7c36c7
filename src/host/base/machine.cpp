// SPDX-License-Identifier: MIT
#include <modesweep/machine.hpp>

#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <string>
#include <utility>

#include "base/allowances.hpp"
#include "base/cgroup.hpp"
#include "base/process_limits.hpp"

namespace modesweep {
namespace {

template <class T>
void lower(Allowance<T>& allowance, T amount, std::string limit) {
  if (amount < allowance.amount) allowance = {amount, std::move(limit)};
}

/// A positive number and what follows it; nothing where a variable is not set or has none.
std::optional<std::pair<std::uint64_t, std::string>> number_of(const Surroundings& around,
                                                               const char* name) {
  const std::optional<std::string> text = around.variable(name);
  if (!text) return std::nullopt;
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), number);
  if (error != std::errc() || number == 0) return std::nullopt;
  return std::pair(number, text->substr(static_cast<std::size_t>(end - text->data())));
}

std::optional<int> count_of(const Surroundings& around, const char* name) {
  constexpr std::uint64_t most = 1'000'000;
  const auto number = number_of(around, name);
  if (!number || !number->second.empty() || number->first > most) return std::nullopt;
  return static_cast<int>(number->first);
}

/// As Slurm writes memory: megabytes of 2^20, or with a letter behind. Of 0, which is all of the
/// node's, nothing.
std::optional<std::uint64_t> slurm_memory(const Surroundings& around, const char* name) {
  constexpr std::uint64_t most = std::uint64_t{1} << 54;
  const auto number = number_of(around, name);
  if (!number) return std::nullopt;
  const auto& [value, unit] = *number;
  const std::string_view units = "KMGT";
  const std::size_t step = unit.empty() ? 1 : units.find(unit);
  if (unit.size() > 1 || step == std::string_view::npos || value > most >> (10 * (step + 1)))
    return std::nullopt;
  return value << (10 * (step + 1));
}

}  // namespace

Surroundings surroundings() {
  Surroundings around;
  around.variable = [](const char* name) -> std::optional<std::string> {
    const char* const value = std::getenv(name);
    return value ? std::optional<std::string>(value) : std::nullopt;
  };
  around.cpus = static_cast<int>(::sysconf(_SC_NPROCESSORS_ONLN));
  cpu_set_t mask;
  if (::sched_getaffinity(0, sizeof mask, &mask) == 0) around.cpus = CPU_COUNT(&mask);
  around.memory = static_cast<std::uint64_t>(::sysconf(_SC_PHYS_PAGES)) *
                  static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  around.own_limit = memory_limit();
  return around;
}

Allowance<int> allowed_cpus(const Surroundings& around) {
  Allowance<int> cpus{std::max(around.cpus, 1), "affinity"};
  if (const auto quota = cgroup_limits(around.root).cpus)
    lower(cpus, std::max(1, static_cast<int>(std::ceil(quota->value))), quota->file.string());
  for (const char* name : {"SLURM_CPUS_PER_TASK", "NSLOTS"})
    if (const std::optional<int> count = count_of(around, name)) lower(cpus, *count, name);
  return cpus;
}

Allowance<std::uint64_t> allowed_memory(const Surroundings& around) {
  Allowance<std::uint64_t> memory{around.memory, "physical memory"};
  if (const auto limit = cgroup_limits(around.root).memory)
    lower(memory, limit->value, limit->file.string());
  if (const auto bytes = slurm_memory(around, "SLURM_MEM_PER_NODE"))
    lower(memory, *bytes, "SLURM_MEM_PER_NODE");
  if (const auto bytes = slurm_memory(around, "SLURM_MEM_PER_CPU")) {
    // What the job has on this node is for all of its CPUs there.
    const std::optional<int> cpus = count_of(around, "SLURM_CPUS_ON_NODE");
    lower(memory, *bytes * static_cast<std::uint64_t>(cpus.value_or(allowed_cpus(around).amount)),
          "SLURM_MEM_PER_CPU");
  }
  if (around.own_limit) lower(memory, *around.own_limit, "ulimit");
  return memory;
}

Allowance<int> allowed_cpus() { return allowed_cpus(surroundings()); }
Allowance<std::uint64_t> allowed_memory() { return allowed_memory(surroundings()); }

std::string cpu_name() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);)
    if (line.starts_with("model name")) return line.substr(line.find(':') + 2);
  return "unknown";
}

}  // namespace modesweep
