// SPDX-License-Identifier: MIT
#include "pipeline/entry_steps.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <iterator>
#include <map>
#include <numeric>
#include <span>
#include <utility>

#include <modesweep/pdb_id.hpp>
#include <modesweep/properties.hpp>

#include "base/text.hpp"
#include "network/contacts.hpp"
#include "structure/protein_identity.hpp"
#include "structure/structure_bytes.hpp"

namespace modesweep {
namespace {

Row make_row(const Structure& structure, ElasticModel enm) {
  Row row;
  row.enm = enm;
  row.chains = structure.chains;
  row.residues = static_cast<int>(structure.nodes.size());
  row.sequences = protein_of_nodes(structure.nodes).sequences();
  row.models = structure.models;
  row.nucleic_left_out = structure.nucleic_left_out;
  row.assembly = structure.assembly;
  row.no_assembly = structure.no_assembly;
  row.partial_assembly = structure.partial_assembly;
  row.more_blocks = structure.more_blocks;
  return row;
}

/// "A45"; with a colon where the chain's name is not one letter, "AA:45". Where the file states no
/// number the residue goes by its place among all, "A#17".
std::string residue_label(const Node& node, std::size_t place) {
  const bool one_letter =
      node.chain.size() == 1 && std::isalpha(static_cast<unsigned char>(node.chain[0]));
  std::string label = node.chain;
  if (!node.number) return label + '#' + std::to_string(place);
  if (!one_letter && !label.empty()) label += ':';
  label += std::to_string(*node.number);
  if (node.insertion != ' ') label += node.insertion;
  return label;
}

void add_modes(Row& row, Modes&& modes, const std::vector<std::optional<double>>& b_factors,
               int requested, bool keep_fluctuations) {
  row.zero_modes = modes.zero_modes;
  row.uncertain_zero = modes.uncertain_zero;
  row.residuals = std::move(modes.residuals);
  row.few_modes = static_cast<int>(modes.eigenvalues.size()) < requested;
  row.shares = fractional_variances(modes.eigenvalues);
  row.collectivities = std::move(modes.collectivities);
  const bool any = !modes.eigenvalues.empty();
  if (any) row.bfactor_corr = correlation_of_known(b_factors, modes.square_fluctuations);
  if (keep_fluctuations) row.sq_flucts = std::move(modes.square_fluctuations);
  if (const std::vector<double>& all = modes.all_fluctuations; any && !all.empty()) {
    row.trace_all = std::accumulate(all.begin(), all.end(), 0.0);
    row.bfactor_corr_all = correlation_of_known(b_factors, all);
  }
  row.eigenvalues = std::move(modes.eigenvalues);
  row.solver = std::move(modes.solver);
  row.backend = std::move(modes.backend);
}

/// In angstrom: what the cutoff of 15 is held against.
constexpr std::array stability_cutoffs = {12.0, 18.0};

std::span<const double> mode_of(const Modes& modes, std::size_t k) {
  const std::size_t size = modes.eigenvectors.size() / modes.eigenvalues.size();
  return std::span(modes.eigenvectors).subspan(k * size, size);
}

/// The mode, from 0, that overlaps most with `mode` of the core, and by how much.
struct Best {
  int mode = 0;
  double overlap = 0;
};
Best best_overlap(const Core& core, std::span<const double> mode, const Modes& modes) {
  Best best;
  for (std::size_t k = 0; k < modes.eigenvalues.size(); ++k)
    if (const double of_k = overlap(core, mode, mode_of(modes, k)); of_k > best.overlap)
      best = {static_cast<int>(k), of_k};
  return best;
}

/// What chains' rigid motions make of the mode; nothing of one chain.
std::optional<double> rigid_part(const Entry& entry, std::span<const double> mode) {
  std::vector<Vec3> positions;
  std::vector<std::int32_t> chain;
  for (const std::int32_t node : entry.core.nodes) {
    positions.push_back(entry.network.positions[static_cast<std::size_t>(node)]);
    chain.push_back(entry.chain[static_cast<std::size_t>(node)]);
  }
  if (std::all_of(chain.begin(), chain.end(), [&](std::int32_t one) { return one == chain[0]; }))
    return std::nullopt;
  return rigid_chains(positions, chain, mode);
}

CoreModes core_modes_of(const Entry& entry, const std::vector<Modes>& modes, const Modes& core) {
  const Core& nodes = entry.core;
  CoreModes numbers;
  numbers.eigenvalues = core.eigenvalues;
  numbers.shares = fractional_variances(core.eigenvalues);
  numbers.collectivities = core.collectivities;
  numbers.zero_modes = core.zero_modes;
  numbers.components =
      nodes.is_whole() ? entry.network.components : entry.core_networks.front().components;
  numbers.uncertain_zero = core.uncertain_zero;
  const std::span<const double> first = mode_of(core, 0);
  const Best best = best_overlap(nodes, first, modes.front());
  numbers.mode = best.mode + 1;
  numbers.overlap = best.overlap;
  numbers.rigid = rigid_part(entry, first);
  const std::size_t others = nodes.is_whole() ? 1 : 2;
  if (modes.size() == others) return numbers;
  Core itself = nodes;  // of networks of the core's nodes alone
  std::iota(itself.nodes.begin(), itself.nodes.end(), 0);
  for (std::size_t i = others; i < modes.size(); ++i) {
    const double same = best_overlap(itself, first, modes[i]).overlap;
    numbers.stability = std::min(numbers.stability.value_or(1), same);
  }
  return numbers;
}

/// The row's numbers of its core. `modes` are those of `take_networks`.
void add_core(Entry& entry, const std::vector<Modes>& modes, const Model& model) {
  const Core& core = entry.core;
  CoreOfRow& row = entry.row.core.emplace();
  row.residues = static_cast<int>(core.nodes.size());
  row.linkers = core.linkers;
  row.coreless = core.coreless || 3 * row.residues - rigid_motions(entry.row.enm) < model.modes;
  if (row.coreless || modes.front().eigenvalues.empty()) return;
  const Modes* const solved = modes_of_core(entry, modes, model);
  row.coreless = solved && static_cast<int>(solved->eigenvalues.size()) < model.modes;
  if (row.coreless) return;
  row.outside1 = outside(core, modes.front().square_amplitudes);
  if (solved) row.modes = core_modes_of(entry, modes, *solved);
}

/// A network that could take no more than this is built without having counted its contacts.
constexpr std::uint64_t never_counted = std::uint64_t{64} << 20;

std::int64_t most_contacts(std::int64_t nodes) { return nodes * (nodes - 1); }

/// What a network takes, with the lists of it that an elimination order is found by.
constexpr std::uint64_t bytes_of_contact = 20, bytes_of_node = 128;
std::uint64_t network_memory(std::int64_t nodes, std::int64_t contacts) {
  return bytes_of_node * static_cast<std::uint64_t>(nodes) +
         bytes_of_contact * static_cast<std::uint64_t>(contacts);
}

/// What the solver needs for so many nodes at least: with the fewest contacts that hold them
/// together, as on a string.
std::uint64_t least_memory(std::span<const Vec3> positions, const Model& model,
                           const ModeSolver& solver) {
  const auto of = [&](std::size_t nodes) {
    Network string;
    string.model = model.network.model;
    string.positions.assign(positions.begin(),
                            positions.begin() + static_cast<std::ptrdiff_t>(nodes));
    string.offsets.push_back(0);
    for (std::size_t i = 0; i < nodes; ++i) {
      if (i > 0) string.neighbours.push_back(static_cast<std::int32_t>(i - 1));
      if (i + 1 < nodes) string.neighbours.push_back(static_cast<std::int32_t>(i + 1));
      string.offsets.push_back(std::ssize(string.neighbours));
    }
    string.component.assign(nodes, 0);
    string.components = 1;
    return solver.memory_needed(string, model.request());
  };
  // In proportion from here on, or faster.
  constexpr std::size_t sample = 8192, half = sample / 2;
  if (positions.size() <= sample) return of(positions.size());
  const std::uint64_t whole = of(sample);
  return whole + (whole - of(half)) / half * (positions.size() - sample);
}

/// Counts contacts before it keeps them.
Outcome<Network> network_of(std::vector<Vec3> positions, const NetworkOptions& options,
                            const Admission& memory) {
  const auto nodes = static_cast<std::int64_t>(positions.size());
  const std::uint64_t most = network_memory(nodes, most_contacts(nodes));
  std::int64_t contacts = 0;
  if (most > never_counted) {
    const std::uint64_t left = memory.limit - std::min(memory.limit, network_memory(nodes, 0));
    constexpr std::uint64_t told = 8;  // times the limit: what is beyond is not counted
    const auto most_told = static_cast<std::int64_t>(std::min(
        static_cast<std::uint64_t>(most_contacts(nodes)), told * (left / bytes_of_contact)));
    Outcome<std::int64_t> count = count_contacts(positions, options, most_told);
    if (!count) return tl::unexpected(std::move(count.error()));
    contacts = *count;
    if (Outcome<void> admitted = memory.ask(Stage::network, network_memory(nodes, contacts),
                                            fmt::format("{} with {}{}", counted(nodes, "residue"),
                                                        contacts > most_told ? "more than " : "",
                                                        counted(contacts / 2, "contact")));
        !admitted)
      return tl::unexpected(std::move(admitted.error()));
  }
  return build_network(std::move(positions), options, contacts);
}

std::string few_modes_message(int residues, int wanted) {
  return fmt::format(
      "{} fewer than {}, so that their shares cannot be compared; "
      "a least number of residues lets them in",
      counted(residues, "residue has", "residues have"), counted(wanted, "non-zero mode"));
}

void take_structure(Entry& entry, Structure&& structure, const Model& model, bool keep_structure) {
  Header& header = structure.header;
  if (!header.id_is_entry) header.id = entry_name(header.id);
  std::vector<Vec3>& positions = entry.network.positions;
  positions.reserve(structure.nodes.size());
  entry.chain.reserve(structure.nodes.size());
  std::map<std::string, std::int32_t> numbers;  // of chains, by their names
  for (const Node& node : structure.nodes) {
    positions.push_back(node.position);
    entry.chain.push_back(
        numbers.emplace(node.chain, static_cast<std::int32_t>(numbers.size())).first->second);
    entry.b_factors.push_back(node.b_factor);
    if (model.hinges) entry.residues.push_back(residue_label(node, positions.size()));
  }
  entry.row = make_row(structure, model.network.model);
  entry.row.header = keep_structure ? header : std::move(header);
  entry.row.header.keywords = std::string();  // no column shows them, and rows stay in memory
  if (structure.predicted) entry.row.plddt_mean = mean_plddt(std::exchange(entry.b_factors, {}));
  if (keep_structure) entry.structure = std::move(structure);
}

}  // namespace

Outcome<std::string> read_file(const std::filesystem::path& file, const Admission& memory) {
  std::error_code error;
  const std::uintmax_t size = std::filesystem::file_size(file, error);
  if (!error)
    if (Outcome<void> admitted = memory.ask(Stage::parse, size, "the contents of the file");
        !admitted)
      return tl::unexpected(std::move(admitted.error()));
  // What comes through a pipe, of unknown size, grows by copying.
  return read_bytes(file, error ? memory.limit / 2 : memory.limit);
}

Outcome<void> read_entry(Entry& entry, std::string bytes, const std::filesystem::path& file,
                         const ReadOptions& read, const Model& model, bool keep_structure,
                         const Admission& memory) {
  Outcome<Structure> structure = read_structure(std::move(bytes), file, read, memory);
  if (!structure) return tl::unexpected(std::move(structure.error()));
  take_structure(entry, *std::move(structure), model, keep_structure);
  return {};
}

Outcome<std::vector<Entry>> read_chain_entries(std::string bytes, const std::filesystem::path& file,
                                               const ReadOptions& read, const Model& model,
                                               bool keep_structure, const Admission& memory) {
  Outcome<std::vector<Structure>> chains = read_chains(std::move(bytes), file, read, memory);
  if (!chains) return tl::unexpected(std::move(chains.error()));
  std::vector<Entry> entries;
  for (Structure& structure : *chains) {
    std::string chain = structure.nodes.front().chain;
    Entry& entry = entries.emplace_back();
    take_structure(entry, std::move(structure), model, keep_structure);
    entry.row.chain = std::move(chain);
  }
  return entries;
}

Outcome<void> check_residues(const Row& row, const Model& model) {
  if (model.min_residues && row.residues < *model.min_residues)
    return fail(
        Stage::rank, "few_residues",
        fmt::format("{} fewer than the {} that are wanted at least",
                    counted(row.residues, "residue is", "residues are"), *model.min_residues));
  // More modes than this there cannot be: nothing needs solving to know it.
  const std::int64_t most = axes(row.enm) * row.residues - rigid_motions(row.enm);
  if (!model.min_residues && most < model.modes)
    return fail(Stage::rank, "few_modes", few_modes_message(row.residues, model.modes));
  return {};
}

Outcome<Network> hinge_network(const Entry& entry, const Admission& memory) {
  NetworkOptions gnm;
  gnm.model = ElasticModel::gnm;
  gnm.cutoff = default_cutoff(gnm.model);
  return network_of(entry.network.positions, gnm, memory);
}

void add_hinges(Entry& entry, const Modes& gnm) {
  std::vector<std::string>& hinges = entry.row.hinges.emplace();
  if (gnm.eigenvalues.empty()) return;
  entry.hinges = hinge_nodes(std::span(gnm.eigenvectors).first(entry.residues.size()));
  for (const std::size_t i : entry.hinges) hinges.push_back(entry.residues[i]);
}

Outcome<void> check_nodes(const Entry& entry, const Model& model, const ModeSolver& solver,
                          const Admission& memory) {
  const std::int64_t nodes = entry.network.nodes();
  if (network_memory(nodes, most_contacts(nodes)) <= never_counted) return {};
  return memory.ask(
      Stage::network, least_memory(entry.network.positions, model, solver),
      fmt::format("the modes of {}, by solver {},", counted(nodes, "residue"), solver.name()));
}

Outcome<void> connect(Entry& entry, const NetworkOptions& options, const Admission& memory) {
  Outcome<Network> network = network_of(std::move(entry.network.positions), options, memory);
  if (!network) return tl::unexpected(std::move(network.error()));
  entry.row.components = network->components;
  entry.network = std::move(*network);
  entry.connected = true;
  return {};
}

Outcome<void> find_core(Entry& entry, const Model& model, const Admission& memory) {
  if (model.network.model != ElasticModel::anm) return {};
  if (model.network.cutoff == core_cutoff) {
    entry.core = find_core(entry.network, entry.chain);
  } else {
    NetworkOptions graph;
    graph.cutoff = core_cutoff;
    const Outcome<Network> contacts = network_of(entry.network.positions, graph, memory);
    if (!contacts) return tl::unexpected(contacts.error());
    entry.core = find_core(*contacts, entry.chain);
  }
  if (!model.core || entry.core.coreless) return {};
  std::vector<NetworkOptions> wanted;
  if (!entry.core.is_whole()) wanted.push_back(model.network);
  if (model.core_stability)
    for (const double cutoff : stability_cutoffs)
      wanted.push_back({cutoff, model.network.gamma, model.network.model});
  std::vector<Vec3> positions;
  if (!wanted.empty())
    for (const std::int32_t node : entry.core.nodes)
      positions.push_back(entry.network.positions[static_cast<std::size_t>(node)]);
  for (const NetworkOptions& options : wanted) {
    Outcome<Network> network = network_of(positions, options, memory);
    if (!network) return tl::unexpected(std::move(network.error()));
    entry.core_networks.push_back(*std::move(network));
  }
  return {};
}

std::vector<Network> take_networks(Entry& entry) {
  std::vector<Network> networks;
  networks.push_back(std::move(entry.network));
  std::move(entry.core_networks.begin(), entry.core_networks.end(), std::back_inserter(networks));
  entry.core_networks.clear();
  return networks;
}

void put_back(Entry& entry, std::vector<Network>&& networks) {
  entry.network = std::move(networks.front());
  entry.core_networks.assign(std::make_move_iterator(networks.begin() + 1),
                             std::make_move_iterator(networks.end()));
}

Outcome<std::vector<Modes>> all_modes(std::vector<Outcome<Modes>>&& outcomes) {
  std::vector<Modes> modes;
  for (Outcome<Modes>& outcome : outcomes) {
    if (!outcome) return tl::unexpected(std::move(outcome.error()));
    modes.push_back(*std::move(outcome));
  }
  return modes;
}

const Modes* modes_of_core(const Entry& entry, const std::vector<Modes>& modes,
                           const Model& model) {
  if (!model.core || entry.core.coreless) return nullptr;
  return &modes[entry.core.is_whole() ? 0 : 1];
}

Outcome<void> finish_row(Entry& entry, std::vector<Modes>&& modes, const Model& model) {
  Row& row = entry.row;
  if (model.hinges && row.enm == ElasticModel::gnm) add_hinges(entry, modes.front());
  if (row.enm == ElasticModel::anm) add_core(entry, modes, model);
  add_modes(row, std::move(modes.front()), entry.b_factors, model.modes, model.square_fluctuations);
  return check_modes(row, model);
}

Outcome<void> check_modes(const Row& row, const Model& model) {
  if (row.shares.empty())
    return fail(Stage::rank, "no_modes",
                counted(row.residues, "residue has", "residues have") + " no non-zero mode");
  if (row.few_modes && !model.min_residues)
    return fail(Stage::rank, "few_modes", few_modes_message(row.residues, model.modes));
  return {};
}

}  // namespace modesweep
