// SPDX-License-Identifier: MIT
#include "structure/residue_kinds.hpp"

#include <gemmi/resinfo.hpp>
#include <string>

namespace modesweep {

bool is_nucleic_residue(std::string_view name) {
  return gemmi::find_tabulated_residue(std::string(name)).is_nucleic_acid();
}

bool is_d_amino_acid_residue(std::string_view name) {
  return gemmi::find_tabulated_residue(std::string(name)).kind == gemmi::ResidueInfo::AAD;
}

}  // namespace modesweep
