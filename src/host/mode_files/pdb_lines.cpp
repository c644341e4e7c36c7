// SPDX-License-Identifier: MIT
#include "mode_files/pdb_lines.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <string_view>
#include <utility>

#include "base/text.hpp"
#include "mode_files/chain_bonds.hpp"
#include "structure/chain_copies.hpp"

namespace modesweep {
namespace {

constexpr std::string_view chain_characters =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/// What stands for each chain; nothing where there are too many.
std::optional<std::map<std::string, char>> chain_letters(const std::vector<Node>& nodes) {
  std::map<std::string, char> letters;
  std::string free(chain_characters);
  const auto take = [&](const std::string& chain, char letter) {
    letters[chain] = letter;
    std::erase(free, letter);
  };
  for (const Node& node : nodes)
    if (printable(node.chain) == node.chain && node.chain.size() <= 1)
      take(node.chain, node.chain.empty() ? ' ' : node.chain[0]);
  for (const Node& node : nodes) {
    if (letters.contains(node.chain)) continue;
    if (free.empty()) return std::nullopt;
    take(node.chain, free[0]);
  }
  return letters;
}

/// Viewers need a number of each residue. Where one has none its chain is counted anew, since what
/// is made up must not meet what the file states. Returns the chains that were.
std::set<std::string> count_residues(std::vector<Node>& nodes) {
  std::set<std::string> counted;
  for (const Node& node : nodes)
    if (!node.number) counted.insert(node.chain);
  std::map<std::string, int> counts;
  for (Node& node : nodes) {
    if (!counted.contains(node.chain)) continue;
    node.number = ++counts[node.chain];
    node.insertion = ' ';
  }
  return counted;
}

/// Why the nodes do not fit the columns of the format; empty where they do.
std::string misfit(const std::vector<Node>& nodes, double largest_displacement) {
  if (nodes.size() > 99999) return fmt::format("{} atoms are more than 99,999", nodes.size());
  for (const Node& node : nodes) {
    const std::string name = fmt::format("residue {} {} of chain {}", node.residue, *node.number,
                                         node.chain.empty() ? "(blank)" : node.chain);
    if (node.residue.size() > 3) return name + " has a name of more than three characters";
    if (*node.number < -999 || *node.number > 9999)
      return name + " has a number of five characters";
    for (const double x : node.position)
      if (x + largest_displacement >= 9999.9995 || x - largest_displacement <= -999.9995)
        return name + " lies, or would move, too far from the origin";
  }
  return {};
}

}  // namespace

tl::expected<PdbLines, std::string> PdbLines::of(const std::vector<Node>& nodes,
                                                 double largest_displacement) {
  PdbLines lines;
  lines.nodes_ = nodes;
  lines.counted_ = count_residues(lines.nodes_);
  std::string problem = misfit(lines.nodes_, largest_displacement);
  std::optional<std::map<std::string, char>> letters = chain_letters(nodes);
  if (!letters) problem = "there are more than 62 chains";
  if (!problem.empty()) return tl::unexpected(std::move(problem));
  lines.letters_ = *std::move(letters);
  lines.copies_ = copy_of_each_node(chain_copies(lines.nodes_), nodes.size());
  return lines;
}

std::string PdbLines::remarks() const {
  std::string text;
  for (const auto& [chain, letter] : letters_)
    if (chain.size() > 1)
      text += fmt::format("REMARK 999 CHAIN {} IS WRITTEN AS {}\n", printable(chain), letter);
  for (const std::string& chain : counted_)
    text += fmt::format("REMARK 999 CHAIN {} IS COUNTED FROM 1: RESIDUES HAVE NO NUMBERS\n",
                        chain.empty() ? "(BLANK)" : printable(chain));
  return text;
}

std::string PdbLines::atoms(std::span<const double> displacements, double shift,
                            std::span<const std::optional<double>> b_column) const {
  std::string text;
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    const Node& node = nodes_[i];
    if (i > 0 && copies_[i] != copies_[i - 1]) text += "TER\n";
    Vec3 at = node.position;
    for (std::size_t axis = 0; axis < 3; ++axis) at[axis] += shift * displacements[3 * i + axis];
    const std::string b =
        b_column[i] ? fmt::format("{:6.2f}", std::clamp(*b_column[i], -99.99, 999.99)) : "";
    fmt::format_to(std::back_inserter(text),
                   "ATOM  {:5}  {:<3} {:>3} {}{:4}{}   {:8.3f}{:8.3f}{:8.3f}  1.00{:6}"
                   "          {:>2}\n",
                   i + 1, node.atom, node.residue, letters_.at(node.chain), *node.number,
                   node.insertion, at[0], at[1], at[2], b, node.atom.substr(0, 1));
  }
  return text;
}

std::string PdbLines::bonds() const {
  std::vector<std::string> partners(nodes_.size());
  for (const std::size_t i : chain_bonds(nodes_)) {
    partners[i] += fmt::format("{:5}", i + 2);
    partners[i + 1] += fmt::format("{:5}", i + 1);
  }
  std::string text;
  for (std::size_t i = 0; i < partners.size(); ++i)
    if (!partners[i].empty()) text += fmt::format("CONECT{:5}{}\n", i + 1, partners[i]);
  return text;
}

}  // namespace modesweep
