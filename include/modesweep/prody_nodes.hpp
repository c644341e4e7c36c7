// SPDX-License-Identifier: MIT
// Nodes among atoms that come from elsewhere than a file.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

namespace modesweep {

/// What the rule `prody` (structure.hpp) looks at of an atom, in the spelling of ProDy's
/// `getNames`, `getResnames` and `getAltlocs`: CA, ALA, a blank for none.
struct AtomNames {
  std::string_view atom, residue;
  char altloc = ' ';
};

/// Which of a model's atoms, by their places, the rule takes. As of files, where ProDy 2.3.1's
/// residue names select nothing those of 2.6.1 are tried. Empty where it takes none.
std::vector<std::size_t> prody_nodes(std::span<const AtomNames> atoms);

}  // namespace modesweep
