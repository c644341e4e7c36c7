// SPDX-License-Identifier: MIT
// Texts in PDB format, and in the formats that were made of it (PDBQT, PQR): the atoms into a
// collector, and what the file says of itself.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include <tl/expected.hpp>

#include "structure/file_contents.hpp"
#include "structure/node_collector.hpp"

namespace modesweep {

enum class PdbDialect {
  columns,  ///< PDB and PDBQT: fields by their columns
  pqr,      ///< fields between blanks, the last two charge and radius
};

/// Of a text whose lines end in newlines. A model is what stands before an ENDMDL or END record, as
/// ProDy has it, or before a MODEL record within a model; the atoms of the model of this number,
/// the first where it is empty, go into the collector, whose texts are of `text`. Refuses, with the
/// line, atoms whose columns are shifted, and what cannot be read in an atom that the collector
/// takes; a B factor that is no number is one that is missing.
tl::expected<FileContents, ReadProblem> read_pdb(std::string_view text, PdbDialect dialect,
                                                 std::optional<int> model,
                                                 NodeCollector& collector);

/// What the records before the first atom and the first MODEL record say; `end`, where it is given,
/// becomes the place of these.
FileContents read_pdb_head(std::string_view text, std::size_t* end = nullptr);

/// Why a text without atoms has none: records that are not where lines begin, or none at all.
std::string why_no_atoms(std::string_view text);

}  // namespace modesweep
