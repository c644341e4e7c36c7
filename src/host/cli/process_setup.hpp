// SPDX-License-Identifier: MIT
// What the process sets right for itself before its work, whatever limits (ulimit) it was started
// under.
#pragma once

#include <functional>

namespace modesweep::cli {

/// Threads get a stack of one size, malloc's arenas a small part of the addresses, and as many
/// files can be open as may be at all.
void set_up_process();

/// Runs `job` where there is as much stack as a thread has: on one where the process's own is less.
/// Throws RunError (`unavailable`) where there can be none.
int with_enough_stack(const std::function<int()>& job);

/// Files that any command may have open at a time: those of a run and of the caches, an input, an
/// output, a connection. Workers and downloads see to their own.
inline constexpr int descriptors_of_a_command = 24;

}  // namespace modesweep::cli
