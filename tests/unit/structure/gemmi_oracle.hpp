// SPDX-License-Identifier: MIT
// Structures as gemmi reads them, for comparison: its parser, its chains and residues, its guess at
// what a polymer is.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>

#include <modesweep/structure.hpp>

namespace modesweep {

/// As `read_structure` of text without compression, but for assemblies, which are not made.
Outcome<Structure> read_with_gemmi(const std::string& text, const std::filesystem::path& path,
                                   const ReadOptions& options);

Outcome<Header> read_header_with_gemmi(const std::string& text, const std::filesystem::path& path);

}  // namespace modesweep
