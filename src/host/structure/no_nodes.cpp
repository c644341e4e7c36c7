// SPDX-License-Identifier: MIT
#include "structure/no_nodes.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <vector>

#include "base/text.hpp"
#include "structure/residue_names.hpp"

namespace modesweep {
namespace {

constexpr std::size_t names_shown = 6;

template <class Counts>
std::string names_of(const Counts& counts) {
  std::vector<std::string> names;
  for (const auto& [name, count] : counts) {
    if (names.size() == names_shown) {
      names.emplace_back("...");
      break;
    }
    names.push_back(name.empty() ? "without a name" : name);
  }
  return fmt::format("{}", fmt::join(names, ", "));
}

std::string why_calphas_are_none(const Census& census, NodeRule rule) {
  std::size_t total = 0;
  for (const auto& [name, count] : census.calphas) total += count;
  if (rule == NodeRule::polymer)
    return fmt::format(
        "the {} of no polypeptide ({})",
        counted(total, "atom named CA is of a residue", "atoms named CA are of residues"),
        names_of(census.calphas));
  constexpr const char* polymer = "the rule polymer takes them";
  if (census.calphas_elsewhere == total)
    return fmt::format(
        "all C-alphas ({}) have an alternate location other than A, which ProDy does "
        "not take; {}",
        total, polymer);
  const auto all_are = [&](auto&& is) {
    return std::all_of(census.calphas.begin(), census.calphas.end(),
                       [&](const auto& entry) { return is(entry.first); });
  };
  if (all_are([](const std::string& name) { return name == "UNK"; }))
    return fmt::format("all residues with a C-alpha ({}) are UNK, which ProDy does not take; {}",
                       total, polymer);
  if (all_are([](const std::string& name) { return is_d_amino_acid(name); }))
    return fmt::format(
        "all residues with a C-alpha ({}) are D-amino acids ({}), which ProDy does "
        "not take; {}",
        total, names_of(census.calphas), polymer);
  return fmt::format(
      "all C-alphas ({}) are of residues that ProDy does not take ({}); of polypeptides "
      "{}",
      total, names_of(census.calphas), polymer);
}

}  // namespace

std::string why_no_nodes(const Census& census, bool nucleic_acid, NodeRule rule) {
  if (census.atoms == 0) return "there is no atom in the table of atoms";
  if (!census.calphas.empty()) return why_calphas_are_none(census, rule);
  if (census.beads)
    return fmt::format(
        "no C-alpha in the model: its {} (BB)",
        counted(census.atoms, "atom is a coarse-grained bead", "atoms are coarse-grained beads"));
  if (nucleic_acid) return "there is nucleic acid but no C-alpha in the model";
  return fmt::format("no C-alpha in the model, which has {} ({})", counted(census.atoms, "atom"),
                     names_of(census.residues));
}

}  // namespace modesweep
