// SPDX-License-Identifier: MIT
// Structures as gemmi reads them, for comparison: its parser, its chains and residues, its guess at
// what a polymer is.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include <modesweep/structure.hpp>

namespace modesweep {

/// As `read_structure` of text without compression, but for assemblies, which are not made.
Outcome<Structure> read_with_gemmi(const std::string& text, const std::filesystem::path& path,
                                   const ReadOptions& options);

Outcome<Header> read_header_with_gemmi(const std::string& text, const std::filesystem::path& path);

/// An assembly that a file states, as gemmi makes it of the file's first model.
struct GemmiAssembly {
  std::string name;
  std::vector<Vec3> positions;  ///< of the nodes by the rule `prody`
};

/// Of a .cif or a PDB file; throws std::runtime_error where it cannot be read.
std::vector<GemmiAssembly> assemblies_by_gemmi(const std::filesystem::path& file);

}  // namespace modesweep
