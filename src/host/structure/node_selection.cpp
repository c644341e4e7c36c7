// SPDX-License-Identifier: MIT
#include "structure/node_selection.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

// Debian's gemmi comes without stb_sprintf, which nothing here needs.
#define USE_STD_SNPRINTF
#include <gemmi/select.hpp>

#include "structure/text_format.hpp"

namespace modesweep {
namespace {

/// A selection that looks at what nodes have. Throws std::runtime_error where it does not.
gemmi::Selection parse(const std::string& cid) {
  const gemmi::Selection selection(cid);
  const bool by_occupancy =
      std::any_of(selection.atom_inequalities.begin(), selection.atom_inequalities.end(),
                  [](const auto& inequality) { return inequality.property == 'q'; });
  for (const auto& [asked, what] : {std::pair(!selection.altlocs.all, "alternate locations"),
                                    std::pair(by_occupancy, "occupancies"),
                                    std::pair(!selection.entity_types.all, "types of entities")})
    if (asked) gemmi::fail("nodes are not selected by ", what);
  return selection;
}

bool matches(const gemmi::Selection& selection, const Node& node) {
  gemmi::Residue residue;
  residue.name = node.residue;
  residue.seqid = gemmi::SeqId(node.number, node.insertion);
  gemmi::Atom atom;
  atom.name = node.atom;
  atom.element = gemmi::Element(node.atom.substr(0, 1));  // CA, P, C4' and C2
  atom.b_iso = static_cast<float>(node.b_factor);
  return selection.chain_ids.has(node.chain) && selection.matches(residue) &&
         selection.matches(atom);
}

std::set<std::string> chains_of(const std::vector<Node>& nodes) {
  std::set<std::string> chains;
  for (const Node& node : nodes) chains.insert(node.chain);
  return chains;
}

}  // namespace

tl::expected<std::optional<int>, std::string> model_of_selection(const std::string& cid) try {
  const gemmi::Selection selection = parse(cid);
  return selection.mdl == 0 ? std::nullopt : std::optional(selection.mdl);
} catch (const std::runtime_error& error) {
  return tl::unexpected(error.what());
}

Outcome<std::vector<bool>> selected_nodes(const std::vector<Node>& nodes,
                                          const ReadOptions& options,
                                          const std::filesystem::path& path) {
  const std::set<std::string> chains = chains_of(nodes);
  for (const std::string& chain : options.chains)
    if (!chains.contains(chain))
      return tl::unexpected(
          parse_failure("no_chain", path,
                        fmt::format("there is no chain {} among {} (those with nodes)", chain,
                                    fmt::join(chains, ", "))));
  const gemmi::Selection selection = parse(options.selection);
  std::vector<bool> selected;
  for (const Node& node : nodes) {
    const bool in_chains =
        options.chains.empty() ||
        std::find(options.chains.begin(), options.chains.end(), node.chain) != options.chains.end();
    selected.push_back(in_chains && matches(selection, node));
  }
  if (std::find(selected.begin(), selected.end(), true) == selected.end())
    return tl::unexpected(parse_failure("nothing_selected", path,
                                        fmt::format("{} selects no residue of its chains {}",
                                                    options.selection, fmt::join(chains, ", "))));
  return selected;
}

int count_chains(const std::vector<Node>& nodes) {
  return static_cast<int>(chains_of(nodes).size());
}

}  // namespace modesweep
