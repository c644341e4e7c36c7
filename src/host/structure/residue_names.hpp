// SPDX-License-Identifier: MIT
// What kind of residue a name is of, and which amino acid, by the names that force fields, programs
// and the PDB give it.
#pragma once

#include <string_view>

namespace modesweep {

/// The letter of the amino acid that a residue is a form of, in upper case: modified residues (MSE)
/// have their parent's (gemmi's table of residues), and so do protonation states and the ends of
/// chains as Amber, CHARMM, GROMOS, OPLS and their tools write them (HID, CYX, ASPP, LYSH, NALA).
/// Nucleotides have their own letter, and all others X.
char one_letter_code(std::string_view residue);

/// Whether the residue is an amino acid by the same names.
bool is_amino_acid(std::string_view residue);

/// Whether force fields have the residue by this name, which the PDB does not know.
bool is_force_field_name(std::string_view residue);

/// By gemmi's table.
bool is_d_amino_acid(std::string_view residue);
bool is_nucleic_residue(std::string_view residue);  ///< DNA or RNA

}  // namespace modesweep
