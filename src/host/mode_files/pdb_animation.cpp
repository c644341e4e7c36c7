// SPDX-License-Identifier: MIT
// A mode as a PDB file of many models, which viewers play.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <map>
#include <numbers>
#include <optional>
#include <set>
#include <span>

#include <modesweep/mode_files.hpp>
#include <modesweep/properties.hpp>

#include "base/text.hpp"
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

struct Numbered {
  std::vector<Node> nodes;        ///< all with a number
  std::set<std::string> counted;  ///< chains that were counted from 1
};

/// Viewers need a number of each residue. Where one has none its chain is counted anew, since what
/// is made up must not meet what the file states.
Numbered numbered(const std::vector<Node>& nodes) {
  Numbered result{nodes, {}};
  for (const Node& node : nodes)
    if (!node.number) result.counted.insert(node.chain);
  std::map<std::string, int> counts;
  for (Node& node : result.nodes) {
    if (!result.counted.contains(node.chain)) continue;
    node.number = ++counts[node.chain];
    node.insertion = ' ';
  }
  return result;
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

/// Blank where the file states none: viewers take 0, but no reader takes it for stated.
std::string b_factor(const Node& node) {
  return node.b_factor ? fmt::format("{:6.2f}", std::clamp(*node.b_factor, -99.99, 999.99))
                       : std::string();
}

std::string remarks(const EntryModes& entry, const Animation& animation,
                    const std::map<std::string, char>& letters,
                    const std::set<std::string>& counted) {
  std::string text = fmt::format(
      "REMARK 999 MODE {} OF {}, MODESWEEP ANM, EIGENVALUE {:.6g}\n"
      "REMARK 999 {} FRAMES, {:g} A RMSD AT THE EXTREMES (MODELS {} AND {})\n",
      animation.mode, printable(entry.structure.header.id),
      entry.modes.eigenvalues[static_cast<std::size_t>(animation.mode - 1)], animation.frames,
      animation.amplitude, animation.frames / 4 + 1, 3 * animation.frames / 4 + 1);
  for (const auto& [chain, letter] : letters)
    if (chain.size() > 1)
      text += fmt::format("REMARK 999 CHAIN {} IS WRITTEN AS {}\n", printable(chain), letter);
  for (const std::string& chain : counted)
    text += fmt::format("REMARK 999 CHAIN {} IS COUNTED FROM 1: RESIDUES HAVE NO NUMBERS\n",
                        chain.empty() ? "(BLANK)" : printable(chain));
  return text;
}

}  // namespace

Written write_pdb_animation(std::ostream& out, const EntryModes& entry,
                            const Animation& animation) {
  const std::size_t modes = entry.modes.eigenvalues.size();
  if (entry.model.network.model == ElasticModel::gnm)
    return tl::unexpected<std::string>("not to be animated: a GNM's modes have no directions");
  if (animation.mode < 1 || static_cast<std::size_t>(animation.mode) > modes)
    return tl::unexpected(fmt::format("there is no mode {} among {}", animation.mode, modes));
  const std::span<const double> mode = entry.mode(static_cast<std::size_t>(animation.mode - 1));
  const auto [nodes, counted] = numbered(entry.structure.nodes);
  const double scale = animation.amplitude * std::sqrt(static_cast<double>(nodes.size()));
  std::string problem = misfit(nodes, scale * std::ranges::max(displacements(mode)));
  const std::optional<std::map<std::string, char>> letters = chain_letters(nodes);
  if (!letters) problem = "there are more than 62 chains";
  if (!problem.empty())
    return tl::unexpected(fmt::format(
        "not to be written in PDB format: {} (npz and nmd have no such limit)", problem));

  out << remarks(entry, animation, *letters, counted);
  const std::vector<std::size_t> copies = copy_of_each_node(chain_copies(nodes), nodes.size());
  for (int frame = 0; frame < animation.frames; ++frame) {
    std::string text = fmt::format("MODEL     {:4}\n", frame + 1);
    const double shift = scale * std::sin(2 * std::numbers::pi * frame / animation.frames);
    for (std::size_t i = 0; i < nodes.size(); ++i) {
      const Node& node = nodes[i];
      if (i > 0 && copies[i] != copies[i - 1]) text += "TER\n";
      Vec3 at = node.position;
      for (std::size_t axis = 0; axis < 3; ++axis) at[axis] += shift * mode[3 * i + axis];
      fmt::format_to(std::back_inserter(text),
                     "ATOM  {:5}  {:<3} {:>3} {}{:4}{}   {:8.3f}{:8.3f}{:8.3f}  1.00{:6}"
                     "          {:>2}\n",
                     i + 1, node.atom, node.residue, letters->at(node.chain), *node.number,
                     node.insertion, at[0], at[1], at[2], b_factor(node), node.atom.substr(0, 1));
    }
    out << text << "ENDMDL\n";
  }
  out << "END\n";
  return {};
}

}  // namespace modesweep
