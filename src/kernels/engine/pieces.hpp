// SPDX-License-Identifier: MIT
// A batch that the device has no memory for is solved in pieces.
#pragma once

#include <cstddef>
#include <functional>

#include "kernels/engine/item.hpp"
#include "kernels/engine/resources.hpp"
#include "kernels/engine/task.hpp"

namespace modesweep::gpu {

/// Calls `solve_at_once` for all, in halves where it throws DeviceError for want of memory. A
/// single network without memory fails with `out_of_memory`.
Task<> solve_in_pieces(DeviceResources& resources, Items items,
                       const std::function<Task<>(Items)>& solve_at_once);

/// resources.arena.reserve within the memory that the engine allows itself.
void reserve_device_memory(DeviceResources& resources, std::size_t bytes);

}  // namespace modesweep::gpu
