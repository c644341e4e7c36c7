// SPDX-License-Identifier: MIT
// The ModeSolver over all devices: one queue, one worker thread a device, several streams each.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <modesweep/modes.hpp>

namespace modesweep::gpu {

enum class Method { jacobi, chebyshev, filtered };

/// "jacobi" ...
std::string_view to_string(Method method);

/// One computes, one has its networks copied in, one its modes copied out.
inline constexpr int streams_per_device = 3;

/// Of a full batch: what a lane takes at least, where so much is queued. 60 structures of 330
/// residues, in three lanes more than one for each of a large device's multiprocessors.
inline constexpr double least_share_of_lane = 0.25;

/// Of `queued` full batches: what a lane takes where `idle` of them, one at least, have nothing to
/// do. An even share of what is there, so that one computes while the next is filled; a full batch
/// at most.
double share_of_lane(double queued, int idle);

/// Networks that wait while the devices are busy are solved together; a result depends on its
/// network alone, not on that company. Failures of one network are those of the method; what a
/// device could not do because of itself is `device_failed`, and is worth trying elsewhere.
/// Throws DeviceError where none of the devices can be used.
std::unique_ptr<DeviceSolver> make_engine(Method method, const std::vector<int>& devices);

}  // namespace modesweep::gpu
