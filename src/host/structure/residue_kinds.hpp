// SPDX-License-Identifier: MIT
// What a residue's name says of its kind, by gemmi's table of residues.
#pragma once

#include <string_view>

namespace modesweep {

bool is_nucleic_residue(std::string_view name);  ///< DNA or RNA

/// Amino acids in proteins, modified ones, D-forms and UNK among them.
bool is_amino_acid_residue(std::string_view name);

bool is_d_amino_acid_residue(std::string_view name);

}  // namespace modesweep
