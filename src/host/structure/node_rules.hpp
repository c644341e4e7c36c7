// SPDX-License-Identifier: MIT
// Which atoms ProDy takes, by names alone. One home for its residue sets.
#pragma once

#include <string_view>

#include <modesweep/structure.hpp>

namespace modesweep {

/// ProDy's releases differ in their residue names.
enum class ProdyRelease { v2_3_1, v2_6_1 };

/// AMINOACIDS of ProDy's atomic/flags.py: 41 names in 2.3.1, 49 in 2.6.1.
bool is_prody_amino_acid(std::string_view residue, ProdyRelease release);

/// ProDy's flag `nucleic`: nucleobases, nucleotides and nucleosides.
bool is_prody_nucleic(std::string_view residue);

/// Whether an atom of this name in this residue can become a node under `rule`. Exact for the two
/// ProDy rules (altloc apart); for `polymer` a superset, polymers being a matter of the chain.
bool may_be_node(NodeRule rule, std::string_view residue, std::string_view atom,
                 ProdyRelease release);

}  // namespace modesweep
