// SPDX-License-Identifier: MIT
// What a residue's name says of its kind, by gemmi's table of residues.
#pragma once

#include <string_view>

namespace modesweep {

bool is_nucleic_residue(std::string_view name);  ///< DNA or RNA

bool is_d_amino_acid_residue(std::string_view name);

}  // namespace modesweep
