// SPDX-License-Identifier: MIT
// The steps of one entry from its file's bytes to its row. Whoever takes them decides in between
// where the row may come from instead, who solves, and when there is memory for it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <modesweep/core.hpp>
#include <modesweep/model.hpp>
#include <modesweep/modes.hpp>
#include <modesweep/network.hpp>
#include <modesweep/outcome.hpp>
#include <modesweep/row.hpp>
#include <modesweep/structure.hpp>

#include "base/admission.hpp"
#include "pipeline/memory_budget.hpp"

namespace modesweep {

/// A structure on its way.
struct Entry {
  Row row;
  Network network;
  std::vector<std::int32_t> chain;  ///< of each node, a number
  Core core;                        ///< of an ANM
  /// Solved beside `network`, where they are wanted: the core's, unless it is the whole, and that
  /// of the same nodes at each of the cutoffs that stability is told by.
  std::vector<Network> core_networks;
  std::vector<std::optional<double>> b_factors;  ///< of its nodes; empty where predicted
  std::optional<Structure>
      structure;  ///< without its header, where somebody wants it with the modes
  std::vector<std::string> residues;  ///< as hinges are named, where they are wanted
  std::vector<std::size_t> hinges;    ///< their nodes
  LeftOut lost;                       ///< what it becomes where it fails
  std::optional<MemoryBudget::Share> share;
  double part = 0;                ///< of a device's batch
  bool connected = false;         ///< the network has its contacts
  bool is_further_chain = false;  ///< of a file that another entry stands for as well
  std::int64_t number = 0;
};

/// The bytes of a structure file, a pipe's as well.
Outcome<std::string> read_file(const std::filesystem::path& file, const Admission& memory);

/// Reads the bytes of `file`: the row gets what is known without a network, the network its nodes.
/// `keep_structure`: it is wanted with the modes.
Outcome<void> read_entry(Entry& entry, std::string bytes, const std::filesystem::path& file,
                         const ReadOptions& read, const Model& model, bool keep_structure,
                         const Admission& memory);

/// The same by chain: an entry of each, with its row's `chain`.
Outcome<std::vector<Entry>> read_chain_entries(std::string bytes, const std::filesystem::path& file,
                                               const ReadOptions& read, const Model& model,
                                               bool keep_structure, const Admission& memory);

/// Whether an entry with so many residues is let in: stage rank, `few_residues`, `few_modes`.
Outcome<void> check_residues(const Row& row, const Model& model);

/// The network that hinges are found in, ProDy's: a GNM of the same nodes.
Outcome<Network> hinge_network(const Entry& entry, const Admission& memory);
/// The hinges of its slowest mode.
void add_hinges(Entry& entry, const Modes& gnm);

/// Refuses nodes that `solver` could not solve within the limit, however few contacts they had:
/// stage network, `out_of_memory`.
Outcome<void> check_nodes(const Entry& entry, const Model& model, const ModeSolver& solver,
                          const Admission& memory);

/// Finds the contacts of the nodes. Stage network: as `build_network`, `out_of_memory`.
Outcome<void> connect(Entry& entry, const NetworkOptions& options, const Admission& memory);

/// Finds the core of an ANM, and makes the networks of it that the model asks for. Fails as
/// `connect`.
Outcome<void> find_core(Entry& entry, const Model& model, const Admission& memory);

/// All that are to be solved, `Entry::network` first; they go out of the entry, and come back.
std::vector<Network> take_networks(Entry& entry);
void put_back(Entry& entry, std::vector<Network>&& networks);

/// Modes of an entry's networks, in the order of `take_networks`; the first failure, if any.
Outcome<std::vector<Modes>> all_modes(std::vector<Outcome<Modes>>&& outcomes);
/// Those of the core network among them; null where there are none.
const Modes* modes_of_core(const Entry& entry, const std::vector<Modes>& modes, const Model& model);

/// The row's numbers from its modes. Fails at stage rank: `no_modes`, `few_modes`.
Outcome<void> finish_row(Entry& entry, std::vector<Modes>&& modes, const Model& model);
/// The same checks of a row that has its numbers.
Outcome<void> check_modes(const Row& row, const Model& model);

}  // namespace modesweep
