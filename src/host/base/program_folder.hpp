// SPDX-License-Identifier: MIT
// Where this program lies: what belongs to it is found from there.
#pragma once

#include <filesystem>
#include <system_error>

namespace modesweep {

/// The folder of the running program's file; empty where the system does not tell.
inline std::filesystem::path program_folder() {
  std::error_code error;
  return std::filesystem::read_symlink("/proc/self/exe", error).parent_path();
}

}  // namespace modesweep
