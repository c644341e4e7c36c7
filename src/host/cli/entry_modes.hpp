// SPDX-License-Identifier: MIT
// The modes of single entries, with their vectors: what `modes` writes and `compare` compares.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <modesweep/log.hpp>
#include <modesweep/mode_files.hpp>
#include <modesweep/modes.hpp>
#include <modesweep/outcome.hpp>

#include "cli/options.hpp"

namespace modesweep::cli {

struct Entry {
  std::string id;  ///< empty for a local file
  Outcome<std::filesystem::path> file;
  std::vector<std::string> chains;  ///< that the input names

  std::string source() const { return id.empty() ? file->string() : id; }
  /// Also of its files: 1AKE, 1AKE_A, 1AKE_A_B.
  std::string name() const;
};

/// Each once, in the order asked for, folders with all their structure files; what else they hold
/// is said.
std::vector<Entry> list_entries(const std::vector<StructureInput>& inputs, Reporter& reporter);

/// Brings the files of the entries that have an ID.
void fetch_files(std::vector<Entry>& entries, const AccessOptions& access,
                 const CancelToken& cancel, Reporter& reporter);

/// Reads and solves, with the model and the machine of the options; signs by `orient_mode`.
Outcome<EntryModes> compute_modes(const Entry& entry, const RankOptions& options,
                                  const ModeSolver& solver);

}  // namespace modesweep::cli
