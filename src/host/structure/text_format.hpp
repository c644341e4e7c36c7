// SPDX-License-Identifier: MIT
// What kind of text a structure file is, and its free text made safe to show.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include <tl/expected.hpp>

#include <modesweep/outcome.hpp>

namespace modesweep {

/// The message is made safe to show as well.
Failure parse_failure(std::string code, const std::filesystem::path& path,
                      std::string_view problem);

/// Free text from a file as `printable` makes it, one blank for several, 64 KB of it at most.
std::string clean(std::string_view text);

/// Whether the text starts so, ASCII letters in either case; `lower` is in lower case.
bool starts_with_ignoring_case(std::string_view text, std::string_view lower);

/// Whether the first word is one that CIF begins with: all that a look at the whole text need not
/// be spent for.
bool begins_as_cif(std::string_view text);

/// Whether there are atoms of PDB format and no table of atoms of mmCIF, whatever the text begins
/// with.
bool has_pdb_atoms_alone(std::string_view text);

/// Whether the name is one of PQR files, which nothing in them tells from PDB files.
bool is_pqr_name(const std::filesystem::path& path);

enum class TextFormat { mmcif, pdb };

/// What a text is in: mmCIF if it begins as CIF does, or has a table of atoms of mmCIF before any
/// atom of PDB format. Or why it is no structure file at all; `has_nul` as `plain_text` has it.
tl::expected<TextFormat, std::string> text_format(std::string_view text, bool has_nul = false);

}  // namespace modesweep
