// SPDX-License-Identifier: MIT
// How much a file is likely to hold, before it is opened.
#pragma once

#include <cstdint>
#include <filesystem>

namespace modesweep {

/// Its size in bytes, of a file whose name says that it is compressed four times that; 0 where
/// there is no such file.
std::uint64_t likely_size(const std::filesystem::path& file);

}  // namespace modesweep
