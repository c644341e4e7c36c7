// SPDX-License-Identifier: MIT
// NMD, the text format of VMD's plugin NMWiz.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <optional>
#include <span>

#include <modesweep/mode_files.hpp>

#include "base/text.hpp"

namespace modesweep {
namespace {

/// Readers split lines at blanks and count what they get.
std::string word(const std::string& text) {
  if (text.empty()) return "_";
  std::string shown = printable(text);
  std::replace(shown.begin(), shown.end(), ' ', '_');
  return shown;
}

/// Whether all nodes have a value of the kind that a file need not state. Readers want a number of
/// each node or none: a line that would lack one is left out, as the format allows, and nothing
/// stands in for what is missing.
template <class T>
bool all_have(const std::vector<Node>& nodes, std::optional<T> Node::*value) {
  return std::all_of(nodes.begin(), nodes.end(),
                     [&](const Node& node) { return (node.*value).has_value(); });
}

/// One line with a value of each node.
template <class Get>
void write_line(std::ostream& out, const char* label, const std::vector<Node>& nodes, Get&& get) {
  std::string line = label;
  for (const Node& node : nodes) line += " " + get(node);
  out << line << '\n';
}

}  // namespace

Written write_nmd(std::ostream& out, const EntryModes& entry) {
  if (entry.model.network.model == ElasticModel::gnm)
    return tl::unexpected<std::string>(
        "not to be written as nmd: a GNM's modes have no directions");
  const std::vector<Node>& nodes = entry.structure.nodes;
  out << "name " << word(entry.structure.header.id) << '\n';
  write_line(out, "atomnames", nodes, [](const Node& node) { return word(node.atom); });
  write_line(out, "resnames", nodes, [](const Node& node) { return word(node.residue); });
  write_line(out, "chainids", nodes, [](const Node& node) { return word(node.chain); });
  if (all_have(nodes, &Node::number))
    write_line(out, "resids", nodes, [](const Node& node) { return std::to_string(*node.number); });
  if (all_have(nodes, &Node::b_factor))
    write_line(out, "bfactors", nodes,
               [](const Node& node) { return fmt::format("{:.2f}", *node.b_factor); });
  write_line(out, "coordinates", nodes,
             [](const Node& node) { return fmt::format("{:.3f}", fmt::join(node.position, " ")); });
  const Modes& modes = entry.modes;
  for (std::size_t k = 0; k < modes.eigenvalues.size(); ++k) {
    std::string line = fmt::format("mode {} {:.6g}", k + 1, 1 / std::sqrt(modes.eigenvalues[k]));
    for (const double x : entry.mode(k)) fmt::format_to(std::back_inserter(line), " {:.3f}", x);
    out << line << '\n';
  }
  return {};
}

}  // namespace modesweep
