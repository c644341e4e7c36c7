// SPDX-License-Identifier: MIT
#include "structure/node_selection.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>
#include <string_view>

#include "structure/gemmi_adapter.hpp"
#include "structure/text_format.hpp"

namespace modesweep {
namespace {

bool is_blank(std::string_view chain) {
  return chain.find_first_not_of(' ') == std::string_view::npos;
}

/// A selection's own name for the chain without one is empty, as in ///10-50.
bool selects_chain(const CidSelection& selection, const Node& node, const std::string& name) {
  const bool by_name = selection.has_chain(name);
  if (!is_blank(node.chain)) return by_name;
  const bool by_blank = selection.has_chain("");
  return selection.is_of_other_chains() ? by_name && by_blank : by_name || by_blank;
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
  const int model = CidSelection(cid).model();
  return model == 0 ? std::nullopt : std::optional(model);
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
  const CidSelection selection(options.selection);
  std::vector<bool> selected;
  for (const Node& node : nodes) {
    const std::string& chain = names.of(node.chain);
    selected.push_back((asked.empty() || asked.contains(chain)) &&
                       selects_chain(selection, node, chain) && selection.matches(node));
  }
  if (std::find(selected.begin(), selected.end(), true) == selected.end())
    return tl::unexpected(parse_failure(
        "nothing_selected", path,
        fmt::format("{} selects no residue of its chains {}", options.selection, names.list())));
  return selected;
}

int count_chains(const std::vector<Node>& nodes) {
  std::set<std::string_view> chains;
  std::string_view before;
  for (const Node& node : nodes) {
    if (chains.empty() || node.chain != before) chains.insert(node.chain);
    before = node.chain;
  }
  return static_cast<int>(chains.size());
}

}  // namespace modesweep
