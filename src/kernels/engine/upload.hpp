// SPDX-License-Identifier: MIT
// Networks onto the device.
#pragma once

#include <cstddef>
#include <span>

#include <modesweep/network.hpp>

#include "kernels/device/batch.hpp"
#include "kernels/engine/resources.hpp"

namespace modesweep::gpu {

/// Bytes that upload_batch takes of the device's arena and of the one for uploads, at most.
std::size_t batch_bytes(std::span<const Network* const> networks);

/// Queues the copies. Both arenas must have that much left.
DeviceBatch upload_batch(DeviceResources& resources, std::span<const Network* const> networks);

}  // namespace modesweep::gpu
