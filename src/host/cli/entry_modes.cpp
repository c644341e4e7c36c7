// SPDX-License-Identifier: MIT
#include "cli/entry_modes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <new>
#include <set>
#include <span>
#include <utility>

#include <modesweep/network.hpp>
#include <modesweep/pdb_id.hpp>
#include <modesweep/properties.hpp>
#include <modesweep/structure_store.hpp>

#include "base/sha256.hpp"
#include "cli/commands.hpp"
#include "pipeline/memory_budget.hpp"

namespace modesweep::cli {

std::string Entry::name() const {
  std::string name = id.empty() ? entry_name(structure_stem(*file)) : id;
  for (const std::string& chain : chains) name += '_' + (chain == " " ? "_" : chain);
  return name;
}

std::vector<Entry> list_entries(const std::vector<StructureInput>& inputs, Reporter& reporter) {
  std::vector<Entry> entries;
  std::set<std::pair<std::filesystem::path, std::vector<std::string>>> seen;
  for (const StructureInput& input : inputs) {
    if (!input.id.empty()) {
      entries.push_back({input.id, {}, input.chains});
      continue;
    }
    for (std::filesystem::path& file : structure_files({input.path}, reporter))
      if (seen.emplace(file.lexically_normal(), input.chains).second)
        entries.push_back({{}, std::move(file), input.chains});
  }
  return entries;
}

void fetch_files(std::vector<Entry>& entries, const AccessOptions& access,
                 const CancelToken& cancel, Reporter& reporter) {
  std::vector<std::string> ids;
  std::vector<std::vector<Entry*>> wanted;  // of each ID: several where chains differ
  for (Entry& entry : entries) {
    if (entry.id.empty()) continue;
    const auto place = std::find(ids.begin(), ids.end(), entry.id) - ids.begin();
    if (place == std::ssize(ids)) {
      ids.push_back(entry.id);
      wanted.emplace_back();
    }
    wanted[place].push_back(&entry);
    entry.file = fail(Stage::download, "cancelled", "interrupted before it was there");
  }
  if (ids.empty()) return;
  make_structure_store(access.store, access.http, reporter, cancel)
      ->fetch(ids, [&](std::size_t index, Outcome<StoredFile> file) {
        for (Entry* const entry : wanted[index])
          entry->file = file ? Outcome<std::filesystem::path>(file->path)
                             : Outcome<std::filesystem::path>(tl::unexpected(file.error()));
      });
}

Outcome<EntryModes> compute_modes(const Entry& entry, const RankOptions& options,
                                  const ModeSolver& solver) try {
  if (!entry.file) return tl::unexpected(entry.file.error());
  Outcome<std::string> content = read_bytes(*entry.file);
  if (!content) return tl::unexpected(std::move(content.error()));
  std::string hash = sha256(*content);
  ReadOptions read = options.read;
  if (!entry.chains.empty()) read.chains = entry.chains;
  Outcome<Structure> structure = read_structure(*std::move(content), *entry.file, read);
  if (!structure) return tl::unexpected(std::move(structure.error()));
  structure->header.id = entry.name();
  std::vector<Vec3> positions;
  for (const Node& node : structure->nodes) positions.push_back(node.position);
  const Outcome<Network> network = build_network(std::move(positions), options.network);
  if (!network) return tl::unexpected(network.error());

  ModeRequest request;
  request.modes = options.modes;
  request.threads = options.threads;
  const std::uint64_t bytes = solver.memory_needed(*network, request);
  if (bytes > options.max_memory)
    return tl::unexpected(exceeds_memory(*network, bytes, solver.name(), options.max_memory));
  std::vector<Outcome<Modes>> outcome = solver.solve({&*network, 1}, request);
  if (!outcome[0]) return tl::unexpected(std::move(outcome[0].error()));
  Modes& modes = *outcome[0];
  if (modes.eigenvalues.empty())
    return fail(Stage::solve, "no_modes",
                fmt::format("{} residues have no non-zero mode", network->nodes()));
  const auto size = static_cast<std::size_t>(network->degrees_of_freedom());
  for (std::size_t k = 0; k < modes.eigenvalues.size(); ++k)
    orient_mode(std::span(modes.eigenvectors).subspan(k * size, size));
  return EntryModes{*std::move(structure), std::move(hash), std::move(read),
                    options.network,       request,         std::move(modes)};
} catch (const std::bad_alloc&) {
  return fail(Stage::solve, "out_of_memory", "no memory for the modes");
}

}  // namespace modesweep::cli
