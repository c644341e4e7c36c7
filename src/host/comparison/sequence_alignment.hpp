// SPDX-License-Identifier: MIT
// Which residues of two chains correspond, by their sequences.
#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace modesweep {

/// The places in `query` and `target` that their best global alignment puts together, in order.
/// Both are sequences of one-letter codes in upper case. Residues score by BLOSUM62 (Henikoff and
/// Henikoff 1992), or 1 and -4 where the matrix lacks a letter; a gap costs 10, and 1 for each of
/// its residues (Gotoh 1982). The 10 are saved where `free_gaps` has it, which stands for the
/// places before each residue of `target` and at its end.
std::vector<std::pair<std::size_t, std::size_t>> align_sequences(
    const std::string& query, const std::string& target, const std::vector<bool>& free_gaps);

}  // namespace modesweep
