// SPDX-License-Identifier: MIT
// The hash that files are known by.
#pragma once

#include <string>
#include <string_view>

namespace modesweep {

/// SHA-256 (FIPS 180-4) in lower-case hexadecimal, by the processor's instructions for it where it
/// has them.
std::string sha256(std::string_view bytes);

/// The same hash without those instructions, as other processors compute it.
std::string portable_sha256(std::string_view bytes);

}  // namespace modesweep
