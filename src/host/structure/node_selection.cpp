// SPDX-License-Identifier: MIT
#include "structure/node_selection.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>
#include <string_view>

// Debian's gemmi comes without stb_sprintf, which nothing here needs.
#define USE_STD_SNPRINTF
#include <gemmi/select.hpp>

#include "structure/text_format.hpp"

namespace modesweep {
namespace {

/// A selection that looks at what nodes have. Throws std::runtime_error where it does not.
gemmi::Selection parse(const std::string& cid) {
  gemmi::Selection selection(cid);
  // To gemmi 0.5 a number alone is the first of a range, whose end is then * and not what follows
  // -.
  if (!selection.from_seqid.empty() && selection.to_seqid.empty() &&
      selection.to_seqid.icode == '*' && cid.find("-*") == std::string::npos)
    selection.to_seqid = selection.from_seqid;
  const bool by_occupancy =
      std::any_of(selection.atom_inequalities.begin(), selection.atom_inequalities.end(),
                  [](const auto& inequality) { return inequality.property == 'q'; });
  for (const auto& [asked, what] : {std::pair(!selection.altlocs.all, "alternate locations"),
                                    std::pair(by_occupancy, "occupancies"),
                                    std::pair(!selection.entity_types.all, "types of entities")})
    if (asked) gemmi::fail("nodes are not selected by ", what);
  return selection;
}

bool is_blank(std::string_view chain) {
  return chain.find_first_not_of(' ') == std::string_view::npos;
}

/// gemmi's own name for the chain without one is empty, as in ///10-50.
bool selects_chain(const gemmi::Selection& selection, const Node& node, const std::string& name) {
  const bool by_name = selection.chain_ids.has(name);
  if (!is_blank(node.chain)) return by_name;
  const bool by_blank = selection.chain_ids.has("");
  return selection.chain_ids.inverted ? by_name && by_blank : by_name || by_blank;
}

/// A number or a B factor that the file does not state is neither within a range nor outside of it.
bool matches(const gemmi::Selection& selection, const Node& node) {
  const bool by_number = !selection.from_seqid.empty() || !selection.to_seqid.empty();
  const bool by_b_factor = !selection.atom_inequalities.empty();  // occupancies were refused
  if ((by_number && !node.number) || (by_b_factor && !node.b_factor)) return false;
  gemmi::Residue residue;
  residue.name = node.residue;
  residue.seqid = gemmi::SeqId(node.number.value_or(0), node.insertion);
  gemmi::Atom atom;
  atom.name = node.atom;
  atom.element = gemmi::Element(node.atom.substr(0, 1));  // CA, P, C4' and C2
  atom.b_iso = static_cast<float>(node.b_factor.value_or(0));
  return selection.matches(residue) && selection.matches(atom);
}

/// Chains as they are asked for and listed: the one without a name as `_`, or as a blank where
/// another is called `_`.
class ChainNames {
 public:
  explicit ChainNames(const std::vector<Node>& nodes) {
    for (const Node& node : nodes)
      if (node.chain == "_") blank_ = " ";
    for (const Node& node : nodes) names_.insert(of(node.chain));
  }

  const std::string& of(const std::string& chain) const { return is_blank(chain) ? blank_ : chain; }
  bool has(const std::string& chain) const { return names_.contains(of(chain)); }
  std::string list() const { return fmt::format("{}", fmt::join(names_, ", ")); }
  std::string explanation() const {
    return names_.contains(blank_) ? fmt::format("; \"{}\" is the one without a name", blank_) : "";
  }

 private:
  std::string blank_ = "_";
  std::set<std::string> names_;
};

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
  const ChainNames names(nodes);
  for (const std::string& chain : options.chains)
    if (!names.has(chain))
      return tl::unexpected(
          parse_failure("no_chain", path,
                        fmt::format("there is no chain {} among {} (those with nodes{})",
                                    is_blank(chain) ? "without a name" : chain, names.list(),
                                    names.explanation())));
  std::set<std::string> asked;
  for (const std::string& chain : options.chains) asked.insert(names.of(chain));
  const gemmi::Selection selection = parse(options.selection);
  std::vector<bool> selected;
  for (const Node& node : nodes) {
    const std::string& chain = names.of(node.chain);
    selected.push_back((asked.empty() || asked.contains(chain)) &&
                       selects_chain(selection, node, chain) && matches(selection, node));
  }
  if (std::find(selected.begin(), selected.end(), true) == selected.end())
    return tl::unexpected(parse_failure(
        "nothing_selected", path,
        fmt::format("{} selects no residue of its chains {}", options.selection, names.list())));
  return selected;
}

int count_chains(const std::vector<Node>& nodes) {
  std::set<std::string> chains;
  for (const Node& node : nodes) chains.insert(node.chain);
  return static_cast<int>(chains.size());
}

}  // namespace modesweep
