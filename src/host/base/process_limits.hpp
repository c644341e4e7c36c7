// SPDX-License-Identifier: MIT
// What the limits of this process (ulimit) leave it: addresses, data, open files. Each is asked
// before there is work that would be lost with it.
#pragma once

#include <cstdint>
#include <optional>

namespace modesweep {

/// Bytes that may be mapped in all (ulimit -v, -d), nothing where that is not limited.
std::optional<std::uint64_t> memory_limit();

/// How many of `wanted` threads there may be so that half of the memory and of the open files that
/// are left stays for their work: one at least.
int threads_with_room(int wanted);

/// Throws RunError (`unavailable`) where fewer than `needed` files can be opened beside those that
/// are open (ulimit -n).
void check_descriptors(int needed);

}  // namespace modesweep
