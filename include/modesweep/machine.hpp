// SPDX-License-Identifier: MIT
// What of this machine is ours to use.
#pragma once

#include <cstdint>
#include <string>

namespace modesweep {

/// The CPUs that this process may use: affinity mask and cgroup quota.
int usable_cpus();

/// Memory that this process may use, in bytes: physical memory, the cgroup's limit or that of its
/// addresses or data (ulimit -v, -d).
std::uint64_t usable_memory();

/// The model name of the processor.
std::string cpu_name();

}  // namespace modesweep
