// SPDX-License-Identifier: MIT
// The hash that files are known by.
#pragma once

#include <string>
#include <string_view>

namespace modesweep {

/// In lower-case hexadecimal.
std::string sha256(std::string_view bytes);

}  // namespace modesweep
