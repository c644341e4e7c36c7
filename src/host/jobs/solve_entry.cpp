// SPDX-License-Identifier: MIT
#include <modesweep/solve_entry.hpp>

#include <new>
#include <utility>

#include <modesweep/parameters.hpp>
#include <modesweep/properties.hpp>

#include "base/clock.hpp"
#include "base/sha256.hpp"
#include "pipeline/entry_steps.hpp"
#include "pipeline/memory_budget.hpp"

namespace modesweep {
namespace {

/// Within the memory that there may be.
Outcome<Modes> solve(const Network& network, const ModeRequest& request, const ModeSolver& solver,
                     std::uint64_t max_memory) {
  const std::uint64_t bytes = solver.memory_needed(network, request);
  if (bytes > max_memory)
    return tl::unexpected(exceeds_memory(network, bytes, solver.name(), max_memory));
  return std::move(solver.solve({&network, 1}, request).front());
}

Settings settings_of_file(const Model& model, const Machine& machine) {
  RankRequest request;
  request.model = model;
  request.machine = machine;
  request.input.source = Source::files;
  return settings_of(request);
}

}  // namespace

Outcome<SolvedEntry> solve_entry(std::string bytes, const std::filesystem::path& file,
                                 const Model& model, const Machine& machine) try {
  const Machine mine = with_defaults(machine);
  const std::unique_ptr<ModeSolver> solver = make_cpu_solver(mine.solver, *mine.isa);
  const Admission memory{mine.max_memory};
  Stopwatch watch;
  Entry entry;
  Row& row = entry.row;
  std::string hash = sha256(bytes);
  Outcome<void> step = read_entry(entry, std::move(bytes), file, model.read, model, true, memory);
  row.seconds_parse = watch.lap();
  if (step) step = check_residues(row, model);
  if (!step) return tl::unexpected(std::move(step.error()));
  row.sha256 = std::move(hash);
  row.file = file;
  if (model.hinges && row.enm == ElasticModel::anm) {
    const Outcome<Network> network = hinge_network(entry, memory);
    if (!network) return tl::unexpected(network.error());
    const Outcome<Modes> gnm = solve(*network, {}, *solver, mine.max_memory);
    if (!gnm) return tl::unexpected(gnm.error());
    add_hinges(entry, *gnm);
  }
  watch.lap();
  step = check_nodes(entry, model, *solver, memory);
  if (step) step = connect(entry, model.network, memory);
  if (step) step = find_core(entry, model, memory);
  row.seconds_network = watch.lap();
  if (!step) return tl::unexpected(std::move(step.error()));
  ModeRequest request = model.request();
  request.threads = mine.threads;
  request.vectors = true;
  std::vector<Network> networks = take_networks(entry);
  std::vector<Outcome<Modes>> outcomes;
  for (const Network& network : networks)
    outcomes.push_back(solve(network, request, *solver, mine.max_memory));
  put_back(entry, std::move(networks));
  row.seconds_modes = watch.lap();
  Outcome<std::vector<Modes>> modes = all_modes(std::move(outcomes));
  if (!modes) return tl::unexpected(std::move(modes.error()));
  for (Modes& of_network : *modes) orient_modes(of_network);
  EntryModes all;
  all.modes = modes->front();
  if (const Modes* const core = modes_of_core(entry, *modes, model)) all.core_modes = *core;
  step = finish_row(entry, *std::move(modes), model);
  if (!step) return tl::unexpected(std::move(step.error()));
  all.structure = *std::move(entry.structure);
  all.core = std::move(entry.core);
  all.file_sha256 = row.sha256;
  all.model = model;
  all.parameters = settings_of_file(model, mine);
  return SolvedEntry{std::move(row), std::move(all)};
} catch (const std::bad_alloc&) {
  return fail(Stage::solve, "out_of_memory", "no memory for the modes");
}

Outcome<SolvedEntry> solve_entry(const std::filesystem::path& file, const Model& model,
                                 const Machine& machine) {
  Outcome<std::string> bytes = read_file(file, {with_defaults(machine).max_memory});
  if (!bytes) return tl::unexpected(std::move(bytes.error()));
  return solve_entry(*std::move(bytes), file, model, machine);
}

}  // namespace modesweep
