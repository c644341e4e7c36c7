// SPDX-License-Identifier: MIT
// Readers of the nodes alone, for files of the ordinary form: no document, no atom but the nodes.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include <modesweep/structure.hpp>

namespace modesweep {

/// What `read_with_gemmi` would read from this mmCIF text, to the bit; nothing where the text is
/// not of the ordinary form, or where reading fails or takes no node: gemmi decides and says why.
std::optional<Structure> read_mmcif_calphas(std::string_view text,
                                            const std::filesystem::path& path,
                                            const ReadOptions& options);

/// The header alone, under the same conditions.
std::optional<Header> read_mmcif_header(std::string_view text, const std::filesystem::path& path);

/// The nodes of a text in PDB format, likewise. Leaves the rule `polymer` to gemmi, which tells
/// polymers from ligands by TER records and residue names there.
std::optional<Structure> read_pdb_calphas(const std::string& text,
                                          const std::filesystem::path& path,
                                          const ReadOptions& options);

}  // namespace modesweep
