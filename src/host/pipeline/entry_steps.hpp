// SPDX-License-Identifier: MIT
// The steps of one entry from its file's bytes to its row. Whoever takes them decides in between
// where the row may come from instead, who solves, and when there is memory for it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <modesweep/model.hpp>
#include <modesweep/modes.hpp>
#include <modesweep/network.hpp>
#include <modesweep/outcome.hpp>
#include <modesweep/row.hpp>
#include <modesweep/structure.hpp>

#include "pipeline/memory_budget.hpp"

namespace modesweep {

/// A structure on its way.
struct Entry {
  Row row;
  Network network;
  std::vector<std::optional<double>> b_factors;  ///< of its nodes; empty where predicted
  std::optional<Structure>
      structure;  ///< without its header, where somebody wants it with the modes
  std::vector<std::string> residues;  ///< as hinges are named, where they are wanted
  LeftOut lost;                       ///< what it becomes where it fails
  std::optional<MemoryBudget::Share> share;
  double part = 0;  ///< of a device's batch
  std::int64_t number = 0;
};

/// Reads the bytes of `file`: the row gets what is known without a network, the network its nodes.
/// `keep_structure`: it is wanted with the modes.
Outcome<void> read_entry(Entry& entry, std::string bytes, const std::filesystem::path& file,
                         const ReadOptions& read, const Model& model, bool keep_structure);

/// Whether an entry with so many residues is let in: stage rank, `few_residues`, `few_modes`.
Outcome<void> check_residues(const Row& row, const Model& model);

/// The network that hinges are found in, ProDy's: a GNM of the same nodes.
Outcome<Network> hinge_network(const Entry& entry);
/// The hinges of its slowest mode.
void add_hinges(Entry& entry, const Modes& gnm);

/// Finds the contacts of the nodes.
Outcome<void> connect(Entry& entry, const NetworkOptions& options);

/// The row's numbers from its modes. Fails at stage rank: `no_modes`, `few_modes`.
Outcome<void> finish_row(Entry& entry, Modes&& modes, const Model& model);
/// The same checks of a row that has its numbers.
Outcome<void> check_modes(const Row& row, const Model& model);

}  // namespace modesweep
