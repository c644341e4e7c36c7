// SPDX-License-Identifier: MIT
// What of this machine is ours to use.
#pragma once

#include <cstdint>
#include <string>

namespace modesweep {

/// The CPUs that this process may use: affinity mask and cgroup quota.
int usable_cpus();

/// Memory that this process may use, in bytes: physical memory or the cgroup's limit.
std::uint64_t usable_memory();

/// The model name of the processor.
std::string cpu_name();

}  // namespace modesweep
