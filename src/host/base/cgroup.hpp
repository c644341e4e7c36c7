// SPDX-License-Identifier: MIT
// What the control groups (cgroups, versions 1 and 2) that this process is in allow it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

namespace modesweep {

/// A limit and the file that states it.
template <class T>
struct CgroupLimit {
  T value;
  std::filesystem::path file;
};

/// The least of what the process's own group and all groups around it state.
struct CgroupLimits {
  std::optional<CgroupLimit<std::uint64_t>> memory;  ///< bytes
  std::optional<CgroupLimit<double>> cpus;           ///< the quota of CPU time over its period
};

/// Reads `proc/self/cgroup`, `proc/self/mountinfo` and the groups' folders below `root`, which is
/// another one in tests. What cannot be read limits nothing. The files are described in cgroups(7)
/// and in the kernel's Documentation/admin-guide/cgroup-v1 and cgroup-v2.
CgroupLimits cgroup_limits(const std::filesystem::path& root = "/");

}  // namespace modesweep
