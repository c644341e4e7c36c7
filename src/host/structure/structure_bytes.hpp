// SPDX-License-Identifier: MIT
// Reading structures (structure.hpp) within the memory that there is.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include <modesweep/structure.hpp>

#include "base/admission.hpp"

namespace modesweep {

/// As the one of structure.hpp, of `limit` bytes at most.
Outcome<std::string> read_bytes(const std::filesystem::path& path, std::uint64_t limit);

/// As those of structure.hpp, which know no limit. Besides what they fail with, stage parse,
/// `out_of_memory`.
Outcome<std::string> decompressed(std::string bytes, const std::filesystem::path& path,
                                  const Admission& memory);
Outcome<Structure> read_structure(std::string bytes, const std::filesystem::path& path,
                                  const ReadOptions& options, const Admission& memory);

Outcome<std::vector<Structure>> read_chains(std::string bytes, const std::filesystem::path& path,
                                            const ReadOptions& options, const Admission& memory);

}  // namespace modesweep
