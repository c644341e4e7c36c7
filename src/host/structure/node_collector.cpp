// SPDX-License-Identifier: MIT
#include "structure/node_collector.hpp"

#include <algorithm>
#include <utility>

#include "structure/residue_names.hpp"

namespace modesweep {
namespace {

bool same_position(const ResidueSite& a, const ResidueSite& b) {
  return a.chain == b.chain && a.part == b.part && a.number == b.number &&
         a.insertion == b.insertion;
}

}  // namespace

void append_node(std::vector<Node>& nodes, const ResidueSite& site, const AtomSite& atom) {
  nodes.push_back({atom.position, atom.b_factor, {}, {}, {}, site.number, site.insertion});
  Node& node = nodes.back();
  node.chain = site.chain;
  node.residue = site.name;
  node.atom = atom.name;
}

void NodeCollector::note_residue(const ResidueSite& site, bool amino_acid) {
  const bool same_chain = entered_ && site.chain == site_.chain;
  if (!same_chain) {
    nucleotides_ = 0;
    indexed_ = backbone.size();
    places_.clear();
    current_.reset();
  }
  if (amino_acid || nucleic_acid_ ||
      (same_chain && same_position(site, site_) && site.name == site_.name))
    return;
  // Waters, which follow each other, are of one name.
  if (!entered_ || site.name != site_.name) is_nucleotide_ = is_nucleic_residue(site.name);
  if (is_nucleotide_ && ++nucleotides_ > 1) nucleic_acid_ = true;
}

void NodeCollector::enter(const ResidueSite& site, char altloc) {
  constexpr std::size_t steps = 500;  // of a residue, with its atoms
  cancelled_.after(steps);
  const bool amino_acid = is_prody_amino_acid(site.name, choice_.release);
  note_residue(site, amino_acid);
  if (!first_altloc_) first_altloc_ = altloc;
  usual_altloc_ |= altloc == ' ' || altloc == 'A';
  if (choice_.rule == NodeRule::polymer && purpose_ == Purpose::nodes) enter_backbone(site, altloc);
  site_ = site;
  altloc_ = altloc;
  entered_ = true;
  if (purpose_ == Purpose::census) {
    takes_calpha_ = takes_others_ = true;
  } else if (choice_.rule == NodeRule::polymer) {
    takes_calpha_ = takes_others_ = site.name != "CA";
  } else {
    const bool taken = altloc == ' ' || altloc == choice_.altloc;
    takes_calpha_ = taken && amino_acid;
    takes_others_ = taken && choice_.rule == NodeRule::prody_app && is_prody_nucleic(site.name);
  }
}

/// Finds the residue of these atoms among those before. Conformers may stand together, residue by
/// residue, or in blocks, so that one with an altloc may belong to a residue that was there before.
void NodeCollector::enter_backbone(const ResidueSite& site, char altloc) {
  if (current_) {
    const BackboneResidue& residue = backbone[*current_];
    if (same_position(residue.site, site) && residue.after_ter == ters_ &&
        (residue.site.name == site.name || altloc != ' '))
      return;
  }
  current_ = altloc == ' ' ? std::nullopt : conformer_elsewhere(site, altloc);
}

std::optional<std::size_t> NodeCollector::conformer_elsewhere(const ResidueSite& site,
                                                              char altloc) {
  if (!site.number) return std::nullopt;
  for (; indexed_ < backbone.size(); ++indexed_)
    if (const ResidueSite& one = backbone[indexed_].site; one.number)
      places_[{*one.number, one.insertion}] = indexed_;
  const auto found = places_.find({*site.number, site.insertion});
  if (found == places_.end()) return std::nullopt;
  const BackboneResidue& residue = backbone[found->second];
  const bool other_conformer = residue.calpha_altlocs.find(' ') == std::string::npos &&
                               residue.calpha_altlocs.find(altloc) == std::string::npos;
  return other_conformer && same_position(residue.site, site) ? std::optional(found->second)
                                                              : std::nullopt;
}

void NodeCollector::add(const AtomSite& atom) {
  if (purpose_ == Purpose::census) {
    ++census_.atoms;
    ++census_.residues[std::string(site_.name)];
    census_.beads |= atom.name == "BB";
    if (!is_calpha(atom.name) || site_.name == "CA") return;
    ++census_.calphas[std::string(site_.name)];
    census_.calphas_elsewhere += atom.altloc != ' ' && atom.altloc != choice_.altloc;
    return;
  }
  if (choice_.rule == NodeRule::polymer) return add_backbone(atom);
  append_node(nodes, site_, atom);
  parts.push_back(site_.part);
}

/// A residue begins with the first of its atoms that counts, and a second one of the same number
/// and name where an atom comes again.
void NodeCollector::add_backbone(const AtomSite& atom) {
  const auto is_there = [&](const BackboneResidue& residue) {
    if (is_calpha(atom.name)) return residue.calpha_altlocs.find(atom.altloc) != std::string::npos;
    return atom.altloc == ' ' && (atom.name[0] == 'N' ? residue.n : residue.c).has_value();
  };
  if (!current_ || is_there(backbone[*current_])) {
    constexpr std::size_t usual_residues = 256;
    if (backbone.empty()) backbone.reserve(usual_residues);
    current_ = backbone.size();
    backbone.push_back({site_, ters_, {}, {}, {}, {}});
  }
  BackboneResidue& residue = backbone[*current_];
  if (!is_calpha(atom.name)) {
    std::optional<Vec3>& position = atom.name[0] == 'N' ? residue.n : residue.c;
    if (!position) position = atom.position;
    return;
  }
  residue.calpha_altlocs += atom.altloc;
  const bool better =
      !residue.calpha || atom.occupancy > residue.calpha->occupancy ||
      (atom.occupancy == residue.calpha->occupancy && atom.altloc < residue.calpha->altloc);
  if (!better) return;
  residue.calpha = atom;
  residue.site = site_;
}

}  // namespace modesweep
