// SPDX-License-Identifier: MIT
// What of this machine is ours to use.
#pragma once

#include <cstdint>
#include <string>

namespace modesweep {

/// How much this process may use, and the limit that says so.
template <class T>
struct Allowance {
  T amount;
  std::string limit;  ///< "physical memory", "SLURM_MEM_PER_NODE", "/sys/fs/cgroup/.../memory.max"
};

/// CPUs, one at least: the least of the affinity mask, of the quotas of the process's control
/// groups (cgroups) and of what batch systems state (SLURM_CPUS_PER_TASK, NSLOTS).
Allowance<int> allowed_cpus();

/// Bytes: the least of physical memory, of the limits of the process's control groups, of what
/// Slurm states (SLURM_MEM_PER_NODE, SLURM_MEM_PER_CPU) and of the process's own limits (ulimit -v,
/// -d).
Allowance<std::uint64_t> allowed_memory();

/// The model name of the processor.
std::string cpu_name();

}  // namespace modesweep
