// SPDX-License-Identifier: MIT
// What the record of an entry's modes holds.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <limits>

#include <modesweep/mode_files.hpp>
#include <modesweep/properties.hpp>
#include <modesweep/version.hpp>

#include "mode_files/npz_archive.hpp"

namespace modesweep {
namespace {

constexpr double no_b_factor = std::numeric_limits<double>::quiet_NaN();
constexpr std::int64_t no_number = std::numeric_limits<std::int64_t>::min();  // in no file: 32 bits

/// A value of each node.
template <class T, class Get>
std::vector<T> of_nodes(const std::vector<Node>& nodes, Get&& get) {
  std::vector<T> values;
  values.reserve(nodes.size());
  for (const Node& node : nodes) values.push_back(get(node));
  return values;
}

}  // namespace

Written write_npz(std::ostream& out, const EntryModes& entry) {
  const std::vector<Node>& nodes = entry.structure.nodes;
  const Modes& modes = entry.modes;
  const std::size_t n = nodes.size(), k = modes.eigenvalues.size();
  std::vector<double> coordinates;
  for (const Node& node : nodes)
    coordinates.insert(coordinates.end(), node.position.begin(), node.position.end());
  std::vector<std::int64_t> groups;
  for (const ModeRange& range : degenerate_modes(modes.eigenvalues))
    groups.insert(groups.end(), {range.first, range.last});
  const auto texts = [&](std::string Node::*field) {
    return of_nodes<std::string>(nodes, [&](const Node& node) { return node.*field; });
  };

  NpzArchive archive;
  archive.add("coordinates", {n, 3}, coordinates);
  archive.add("eigenvalues", {k}, modes.eigenvalues);
  archive.add_columns("eigenvectors", {modes.eigenvectors.size() / k, k}, modes.eigenvectors);
  archive.add("residuals", {k}, modes.residuals);
  archive.add("degenerate_modes", {groups.size() / 2, 2}, groups);
  archive.add("chains", {n}, texts(&Node::chain));
  archive.add("residue_numbers", {n}, of_nodes<std::int64_t>(nodes, [](const Node& node) {
                return node.number ? std::int64_t{*node.number} : no_number;
              }));
  archive.add("insertion_codes", {n}, of_nodes<std::string>(nodes, [](const Node& node) {
                return node.insertion == ' ' ? std::string() : std::string(1, node.insertion);
              }));
  archive.add("residue_names", {n}, texts(&Node::residue));
  archive.add("atom_names", {n}, texts(&Node::atom));
  archive.add("b_factors", {n}, of_nodes<double>(nodes, [](const Node& node) {
                return node.b_factor.value_or(no_b_factor);
              }));
  archive.add("entry", entry.structure.header.id);
  archive.add("file_sha256", entry.file_sha256);
  archive.add("model", std::string(to_string(entry.model.network.model)));
  archive.add("cutoff", entry.model.network.cutoff);
  archive.add("gamma", entry.model.network.gamma);
  archive.add("modes_requested", std::int64_t{entry.model.modes});
  archive.add("nodes", std::string(to_string(entry.model.read.nodes)));
  archive.add("file_model",
              entry.model.read.model ? std::to_string(*entry.model.read.model) : "first");
  archive.add("chains_selected", fmt::format("{}", fmt::join(entry.model.read.chains, ",")));
  archive.add("selection", entry.model.read.selection);
  archive.add("assembly", entry.model.read.assembly);
  std::vector<std::string> parameters;
  for (const auto& [name, value] : entry.parameters)
    parameters.insert(parameters.end(), {name, value});
  archive.add("parameters", {entry.parameters.size(), 2}, parameters);
  archive.add("zero_modes", std::int64_t{modes.zero_modes});
  archive.add("solver", modes.solver);
  archive.add("version", std::string(version));
  archive.add("method_version", std::int64_t{method_version});
  if (archive.size() > std::numeric_limits<std::uint32_t>::max())
    return tl::unexpected(
        fmt::format("{} nodes and {} modes are more than the 4 GB of an npz file: ask for fewer "
                    "modes",
                    n, k));
  archive.write(out);
  return {};
}

}  // namespace modesweep
