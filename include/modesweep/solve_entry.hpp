// SPDX-License-Identifier: MIT
// One structure in one call: bytes -> nodes -> network -> modes -> properties.
#pragma once

#include <filesystem>
#include <string>

#include <modesweep/mode_files.hpp>
#include <modesweep/model.hpp>
#include <modesweep/outcome.hpp>
#include <modesweep/requests.hpp>
#include <modesweep/row.hpp>

namespace modesweep {

/// A row of a ranking, and the modes that it tells of, with the signs of `orient_mode`.
struct SolvedEntry {
  Row row;
  EntryModes modes;
};

/// The steps that jobs take for each entry, on the calling thread and the CPU. `file` names the
/// structure and its format, and is not opened. Of `machine` solver, threads (for one large
/// structure) and memory count. Fails as `read_structure`, `build_network` and `ModeSolver`; at
/// stage rank `few_modes`, `few_residues` and `no_modes`, as `Model::min_residues` says; at stages
/// parse, network and solve `out_of_memory` where more memory is needed than there may be.
Outcome<SolvedEntry> solve_entry(std::string bytes, const std::filesystem::path& file,
                                 const Model& model = {}, const Machine& machine = {});

/// The same of a file on disk. Fails as `read_bytes`, too.
Outcome<SolvedEntry> solve_entry(const std::filesystem::path& file, const Model& model = {},
                                 const Machine& machine = {});

}  // namespace modesweep
