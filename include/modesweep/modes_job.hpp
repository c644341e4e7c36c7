// SPDX-License-Identifier: MIT
// The modes of entries and files, with their vectors.
#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include <modesweep/cancel.hpp>
#include <modesweep/log.hpp>
#include <modesweep/mode_files.hpp>
#include <modesweep/outcome.hpp>
#include <modesweep/requests.hpp>
#include <modesweep/row.hpp>

namespace modesweep {

/// One structure: an entry or a file, and which of its chains.
struct StructureInput {
  std::string id;                   ///< normal form; empty for a file
  std::filesystem::path file;       ///< empty for an entry
  std::vector<std::string> chains;  ///< ascending; empty: those of the model

  std::string source() const { return id.empty() ? file.string() : id; }
  /// Also of what is written of it: 1AKE, 1AKE_A, 1AKE_A_B.
  std::string name() const;
  bool operator==(const StructureInput&) const = default;
};

struct ModesRequest {
  std::vector<StructureInput> inputs;
  Access access;
  Model model;  ///< entries with one mode at least are let in, unless `min_residues` says otherwise
  Machine machine;
};

/// Each input once, folders with all their structure files; what else they hold is said.
std::vector<StructureInput> list_structures(const std::vector<StructureInput>& inputs,
                                            Reporter& reporter);

/// Fetches, reads and solves.
class ModesJob {
 public:
  ModesJob(ModesRequest request, Reporter& reporter, CancelToken cancel = {});

  /// Told of each input once, in the order asked for, on one thread at a time: its modes, with the
  /// signs of `orient_mode`, or why there are none. Not told of those that a cancellation stopped.
  using Done = std::function<void(std::size_t input, Outcome<EntryModes> modes)>;

  /// How many inputs are through: all of them unless cancelled. Throws RunError for what ends the
  /// whole job.
  std::size_t run(const Done& done);

 private:
  ModesRequest request_;
  Reporter& reporter_;
  CancelToken cancel_;
};

}  // namespace modesweep
