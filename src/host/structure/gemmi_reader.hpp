// SPDX-License-Identifier: MIT
// mmCIF and PDB text through gemmi, whatever its form.
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include <modesweep/structure.hpp>

#include "structure/first_assembly.hpp"

namespace modesweep {

/// As `read_structure`, of a text that `not_a_structure` has nothing against.
Outcome<Structure> read_with_gemmi(const std::string& text, const std::filesystem::path& path,
                                   const ReadOptions& options);

Outcome<Header> read_header_with_gemmi(const std::string& text, const std::filesystem::path& path);

/// Whether gemmi's table of residues has it as DNA or RNA.
bool is_nucleic_residue(std::string_view name);

inline constexpr std::size_t all_columns = 120;  ///< of a PDB-format line that gemmi reads

/// Before 1996 columns 73-80 held the entry's ID and a line number, where gemmi expects segment,
/// element and charge, and mostly throws.
inline constexpr std::size_t columns_before_1996 = 72;

/// What the records before the atoms of a PDB-format file say.
struct PdbHead {
  Header header;
  FirstAssembly assembly;
};

/// Of the part of the text before the first atom, so many columns of each line; nothing where gemmi
/// refuses it or sees atoms.
std::optional<PdbHead> read_pdb_head(const std::string& text, std::size_t columns,
                                     const std::filesystem::path& path);

}  // namespace modesweep
