// SPDX-License-Identifier: MIT
// The ModeSolver over all devices: one queue, one worker thread a device, several streams each.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <modesweep/modes.hpp>

namespace modesweep::gpu {

enum class Method { jacobi, chebyshev };

/// One computes, one has its networks copied in, one its modes copied out.
inline constexpr int streams_per_device = 3;

/// Networks that wait while the devices are busy are solved together; a result depends on its
/// network alone, not on that company. Failures of one network are those of the method; what a
/// device could not do because of itself is `device_failed`, and is worth trying elsewhere.
/// Throws DeviceError where none of the devices can be used.
std::unique_ptr<DeviceSolver> make_engine(Method method, const std::vector<int>& devices);

}  // namespace modesweep::gpu
