// SPDX-License-Identifier: MIT
// Which structure files lie below a folder, and whether they changed.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace modesweep {

struct ArchiveFile {
  std::string path;  ///< relative to the archive's folder
  std::int64_t size = 0;
  std::int64_t mtime_ns = 0;
};

struct ArchiveWalk {
  std::vector<ArchiveFile> files;             ///< sorted by path, byte by byte
  std::vector<std::string> unopened_folders;  ///< no permission, as a rule
};

/// Hidden files and folders are passed over (some systems keep a `._name` beside every file). Links
/// are followed, but no folder is entered twice, so that a loop of links ends.
ArchiveWalk walk_archive(const std::filesystem::path& folder);

}  // namespace modesweep
