// SPDX-License-Identifier: MIT
// Every operation of the engine on one device, against plain loops on the host.
#pragma once

#include <functional>
#include <span>
#include <string>

#include <modesweep/network.hpp>

namespace modesweep::gpu {

/// One operation: what it is called, whether it did right, and by how much.
using SelfTestReport =
    std::function<void(const std::string& operation, bool passed, const std::string& detail)>;

/// The networks are small (60 to 300 nodes), one of them in pieces, none with further zero modes.
/// Throws DeviceError where the device cannot go on.
void run_selftest(int device, std::span<const Network> networks, const SelfTestReport& report);

}  // namespace modesweep::gpu
