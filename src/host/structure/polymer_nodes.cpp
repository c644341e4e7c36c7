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

class Chooser {
 public:
  Chooser(const std::vector<BackboneResidue>& residues, const EntityKinds& kinds) : kinds_(kinds) {
    for (const BackboneResidue& residue : residues)
      if (residue.calpha) residues_.push_back(&residue);
    linked_.resize(residues_.size() + 1);  // to the one before
    for (std::size_t i = 1; i < residues_.size(); ++i)
      linked_[i] = linked(*residues_[i - 1], *residues_[i]);
    find_chain_ends();
  }

  PolymerNodes nodes() const {
    PolymerNodes chosen;
    for (std::size_t i = 0; i < residues_.size(); ++i) {
      if (!takes(i)) continue;
      const auto& [site, ter, n, c, calpha, altlocs] = *residues_[i];
      chosen.nodes.push_back({calpha->position, calpha->b_factor, std::string(site.chain),
                              std::string(site.name), "CA", site.number, site.insertion});
      chosen.parts.push_back(site.part);
    }
    return chosen;
  }

 private:
  /// For each residue, whether an ATOM record of its chain comes later, or none but with no TER
  /// record between: it stands within the chain.
  void find_chain_ends() {
    within_.resize(residues_.size());
    std::map<std::string_view, std::size_t> last, ter_of_last;
    for (std::size_t i = 0; i < residues_.size(); ++i)
      if (const ResidueSite& site = residues_[i]->site; !site.hetero) last[site.chain] = i;
    for (std::size_t i = 0; i < residues_.size(); ++i) {
      const BackboneResidue& residue = *residues_[i];
      const auto end = last.find(residue.site.chain);
      if (end == last.end()) continue;
      const BackboneResidue& last_residue = *residues_[end->second];
      within_[i] = i <= end->second ||
                   (residue.after_ter == last_residue.after_ter &&
                    residue.site.part == last_residue.site.part && follows(last_residue, residue));
    }
  }

  static bool follows(const BackboneResidue& last, const BackboneResidue& residue) {
    if (!has_backbone(residue) || !residue.site.number || !last.site.number) return false;
    const int missing = *residue.site.number - *last.site.number - 1;
    return missing >= 0 && missing <= most_missing && is_amino_acid(residue);
  }

  bool takes(std::size_t i) const {
    const BackboneResidue& residue = *residues_[i];
    switch (stated_kind(residue.site, kinds_).value_or(EntityKind::polymer)) {
      case EntityKind::polypeptide: return true;
      case EntityKind::other: return false;
      case EntityKind::polymer: break;
    }
    if (linked_[i] || linked_[i + 1]) return true;
    if (residue.site.hetero) return within_[i] && (has_backbone(residue) || is_amino_acid(residue));
    return is_amino_acid(residue) || (has_backbone(residue) && within_[i]);
  }

  const EntityKinds& kinds_;
  std::vector<const BackboneResidue*> residues_;  // with a C-alpha
  std::vector<bool> linked_, within_;
};

}  // namespace

PolymerNodes polymer_nodes(const std::vector<BackboneResidue>& residues, const EntityKinds& kinds) {
  return Chooser(residues, kinds).nodes();
}

}  // namespace modesweep
