// SPDX-License-Identifier: MIT
// Files that are named to be read, whatever they turn out to be.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>

#include <tl/expected.hpp>

namespace modesweep {

struct InputProblem {
  bool too_large = false;
  std::string message;  ///< without the file's name
};

/// The bytes of a regular file, or of a pipe, whose writer is waited for (Cancelled ends the wait);
/// more than `limit` of them are refused. A device file other than a terminal, a socket and a
/// folder are refused unread: they have no end, or none that can be waited for.
tl::expected<std::string, InputProblem> read_input(const std::filesystem::path& path,
                                                   std::size_t limit);

}  // namespace modesweep
