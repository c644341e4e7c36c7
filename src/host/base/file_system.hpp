// SPDX-License-Identifier: MIT
// What kind of file system a folder lies on.
#pragma once

#include <cstdint>
#include <filesystem>

namespace modesweep {

/// Whether file systems of this type (statfs(2), f_type) are those of several machines, or may be:
/// locks and memory that is shared through files hold on one of them alone, if at all.
bool is_shared_type(std::uint64_t type);

/// The same of the file system that the path lies on, or will once it is made; false where that
/// cannot be known.
bool is_on_shared_file_system(const std::filesystem::path& path);

}  // namespace modesweep
