// SPDX-License-Identifier: MIT
// What gemmi does not tell of a PDB-format file: unreadable coordinates, COMPND, SOURCE, REVDAT.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace modesweep {

/// One ATOM or HETATM line's names.
struct PdbAtomLine {
  std::string_view atom;
  std::string_view residue;
  char altloc;
};

/// Checks the three coordinate fields of every atom of the model (the first where `model` is empty)
/// that `wanted` takes: each must be a plain decimal number. gemmi reads blanks and asterisks as
/// 0.0. Returns a sentence on the first bad one.
std::optional<std::string> find_bad_coordinates(
    std::string_view text, std::optional<int> model,
    const std::function<bool(const PdbAtomLine&)>& wanted);

/// Values of `key` ("MOLECULE", "ORGANISM_SCIENTIFIC") in the specification list of `record`
/// ("COMPND", "SOURCE"), joined by "; ".
std::string pdb_specification(std::string_view text, std::string_view record, std::string_view key);

/// Columns [first, last] (from 1) of the first line of `record`, trimmed.
std::string pdb_field(std::string_view text, std::string_view record, int first, int last);

}  // namespace modesweep
