// SPDX-License-Identifier: MIT
#include <algorithm>
#include <system_error>

#include <modesweep/structure.hpp>

#include "cli/commands.hpp"

namespace modesweep::cli {

std::vector<std::filesystem::path> structure_files(
    const std::vector<std::filesystem::path>& paths) {
  std::vector<std::filesystem::path> files;
  for (const std::filesystem::path& path : paths) {
    std::error_code error;
    if (!std::filesystem::is_directory(path, error)) {
      files.push_back(path);  // a name that does not exist becomes a failure of its own
      continue;
    }
    auto it = std::filesystem::recursive_directory_iterator(
        path, std::filesystem::directory_options::skip_permission_denied, error);
    for (; !error && it != std::filesystem::recursive_directory_iterator(); it.increment(error))
      if (is_structure_file_name(it->path()) && it->is_regular_file(error))
        files.push_back(it->path());
  }
  std::sort(files.begin(), files.end());
  files.erase(std::unique(files.begin(), files.end()), files.end());
  return files;
}

}  // namespace modesweep::cli
