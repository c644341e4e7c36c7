// SPDX-License-Identifier: MIT
#include "structure/polymer_nodes.hpp"

#include <algorithm>
#include <optional>

#include "structure/residue_names.hpp"

namespace modesweep {
namespace {

// angstrom: 1.33 in crystal structures, more in models that were never refined.
constexpr double longest_peptide_bond = 2.0;
// Of neighbours along a chain: 2.9 for cis peptides, 3.8 for trans.
constexpr double shortest_calpha_step = 2.5, longest_calpha_step = 4.3;

// Residues that may be missing before the last one of a chain; free amino acids are numbered
// beyond.
constexpr int most_missing = 50;

double squared_distance(const Vec3& a, const Vec3& b) {
  double sum = 0;
  for (std::size_t i = 0; i < 3; ++i) sum += (a[i] - b[i]) * (a[i] - b[i]);
  return sum;
}

bool has_backbone(const BackboneResidue& residue) { return residue.n && residue.c; }

bool is_amino_acid(const BackboneResidue& residue) {
  return modesweep::is_amino_acid(residue.site.name) ||
         is_prody_amino_acid(residue.site.name, ProdyRelease::v2_6_1);
}

/// Whether the second follows the first in a chain.
bool linked(const BackboneResidue& first, const BackboneResidue& second) {
  if (first.site.chain != second.site.chain) return false;
  if (first.c && second.n)
    return squared_distance(*first.c, *second.n) <= longest_peptide_bond * longest_peptide_bond;
  // A ligand with an atom CA beside a residue is no neighbour along the chain.
  const auto may_lack_atoms = [](const BackboneResidue& r) {
    return !r.site.hetero || is_amino_acid(r);
  };
  if (!may_lack_atoms(first) || !may_lack_atoms(second)) return false;
  const double step = squared_distance(first.calpha->position, second.calpha->position);
  return step >= shortest_calpha_step * shortest_calpha_step &&
         step <= longest_calpha_step * longest_calpha_step;
}

std::optional<EntityKind> stated_kind(const ResidueSite& site, const EntityKinds& kinds) {
  if (const auto found = kinds.of_entity.find(site.entity); found != kinds.of_entity.end())
    return found->second;
  if (const auto found = kinds.of_part.find(site.part); found != kinds.of_part.end())
    return found->second;
  return std::nullopt;
}

/// The residues of one chain that have a C-alpha, and which of them are taken.
class Chain {
 public:
  void add(const BackboneResidue& residue) { residues_.push_back(&residue); }

  /// Sets `taken` of those that are of the polypeptide, by their places behind `first`.
  void choose(const EntityKinds& kinds, const BackboneResidue* first, std::vector<bool>& taken) {
    taken_.assign(residues_.size(), false);
    std::vector<bool> open(residues_.size(), true);  // nothing states what it is
    for (std::size_t i = 0; i < residues_.size(); ++i) {
      const auto kind = stated_kind(residues_[i]->site, kinds).value_or(EntityKind::polymer);
      open[i] = kind == EntityKind::polymer;
      taken_[i] = kind == EntityKind::polypeptide;
    }
    for (std::size_t i = 0; i + 1 < residues_.size(); ++i)
      if (linked(*residues_[i], *residues_[i + 1])) {
        taken_[i] = taken_[i] || open[i];
        taken_[i + 1] = taken_[i + 1] || open[i + 1];
      }
    for (std::size_t i = 0; i < residues_.size(); ++i)
      if (open[i] && !taken_[i] && !residues_[i]->site.hetero && is_amino_acid(*residues_[i]))
        taken_[i] = true;
    // What stands apart in the file, as modified residues behind all others do, may be of the
    // chain.
    std::vector<std::size_t> fitting;
    for (std::size_t i = 0; i < residues_.size(); ++i)
      if (open[i] && !taken_[i] && fits(i)) fitting.push_back(i);
    for (const std::size_t i : fitting) taken_[i] = true;
    if (std::none_of(taken_.begin(), taken_.end(), [](bool t) { return t; })) take_apart(open);
    for (std::size_t i = 0; i < residues_.size(); ++i)
      if (taken_[i]) taken[static_cast<std::size_t>(residues_[i] - first)] = true;
  }

 private:
  /// Whether a residue that is linked to neither neighbour in the file is one of the chain: bonded
  /// to one that is, of a number that the chain lacks, or an ATOM record within it.
  bool fits(std::size_t i) const {
    const BackboneResidue& residue = *residues_[i];
    if (!has_backbone(residue) && !is_amino_acid(residue)) return false;
    return is_bonded(residue) || (is_amino_acid(residue) && fills_gap(residue)) ||
           (has_backbone(residue) && !residue.site.hetero && stands_within(i));
  }

  bool is_bonded(const BackboneResidue& residue) const {
    if (!has_backbone(residue)) return false;
    for (std::size_t j = 0; j < residues_.size(); ++j)
      if (taken_[j] && has_backbone(*residues_[j]) &&
          (linked(*residues_[j], residue) || linked(residue, *residues_[j])))
        return true;
    return false;
  }

  /// Between the numbers of the chain, or a few beyond its ends.
  bool fills_gap(const BackboneResidue& residue) const {
    if (!residue.site.number) return false;
    const int number = *residue.site.number;
    std::optional<int> least, most;
    for (std::size_t j = 0; j < residues_.size(); ++j) {
      const std::optional<int>& other = residues_[j]->site.number;
      if (!taken_[j] || !other) continue;
      if (*other == number && residues_[j]->site.insertion == residue.site.insertion) return false;
      least = std::min(least.value_or(*other), *other);
      most = std::max(most.value_or(*other), *other);
    }
    return least && number >= *least - most_missing && number <= *most + most_missing;
  }

  bool stands_within(std::size_t i) const {
    const auto is_taken = [](bool taken) { return taken; };
    const auto here = taken_.begin() + static_cast<std::ptrdiff_t>(i);
    return std::any_of(taken_.begin(), here, is_taken) && std::any_of(here, taken_.end(), is_taken);
  }

  /// A chain of which no two residues are neighbours: amino acids whose numbers follow each other.
  void take_apart(const std::vector<bool>& open) {
    std::optional<std::size_t> before;
    for (std::size_t i = 0; i < residues_.size(); ++i) {
      const std::optional<int>& number = residues_[i]->site.number;
      if (!open[i] || !number || !is_amino_acid(*residues_[i])) continue;
      if (before && *number > *residues_[*before]->site.number &&
          *number <= *residues_[*before]->site.number + most_missing)
        taken_[*before] = taken_[i] = true;
      before = i;
    }
  }

  std::vector<const BackboneResidue*> residues_;
  std::vector<bool> taken_;
};

}  // namespace

PolymerNodes polymer_nodes(const std::vector<BackboneResidue>& residues, const EntityKinds& kinds) {
  std::map<std::string_view, Chain> chains;
  auto current = chains.end();
  for (const BackboneResidue& residue : residues) {
    if (!residue.calpha) continue;
    if (current == chains.end() || current->first != residue.site.chain)
      current = chains.try_emplace(residue.site.chain).first;
    current->second.add(residue);
  }
  std::vector<bool> taken(residues.size(), false);
  for (auto& [name, chain] : chains) chain.choose(kinds, residues.data(), taken);
  PolymerNodes chosen;
  const auto count = static_cast<std::size_t>(std::count(taken.begin(), taken.end(), true));
  chosen.nodes.reserve(count);
  chosen.parts.reserve(count);
  for (std::size_t i = 0; i < residues.size(); ++i) {
    if (!taken[i]) continue;
    append_node(chosen.nodes, residues[i].site, *residues[i].calpha);
    chosen.parts.push_back(residues[i].site.part);
  }
  return chosen;
}

}  // namespace modesweep
