// SPDX-License-Identifier: MIT
#include "structure/node_collector.hpp"

#include <algorithm>
#include <utility>

#include "structure/residue_names.hpp"

namespace modesweep {
namespace {

bool is_one_of_backbone(std::string_view atom) { return atom == "N" || atom == "C"; }

bool same_position(const ResidueSite& a, const ResidueSite& b) {
  return a.chain == b.chain && a.part == b.part && a.number == b.number &&
         a.insertion == b.insertion;
}

}  // namespace

bool NodeCollector::takes_other(std::string_view atom) const {
  if (purpose_ == Purpose::census) return true;
  if (choice_.rule == NodeRule::polymer) return is_one_of_backbone(atom);
  return may_be_node(choice_.rule, site_.name, atom, choice_.release);
}

void NodeCollector::note_residue(const ResidueSite& site, bool amino_acid) {
  const bool same_chain = entered_ && site.chain == site_.chain;
  if (!same_chain) {
    nucleotides_ = 0;
    chain_begin_ = backbone.size();
  }
  if (amino_acid || nucleic_acid_ ||
      (same_chain && same_position(site, site_) && site.name == site_.name))
    return;
  if (is_nucleic_residue(site.name) && ++nucleotides_ > 1) nucleic_acid_ = true;
}

void NodeCollector::enter(const ResidueSite& site, char altloc) {
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

/// Finds the residue of these atoms, or begins one. Conformers may stand together, residue by
/// residue, or in blocks, so that one with an altloc may belong to a residue that was there before.
void NodeCollector::enter_backbone(const ResidueSite& site, char altloc) {
  const auto is_here = [&](const BackboneResidue& residue) {
    return same_position(residue.site, site) && residue.after_ter == ters_ &&
           (residue.site.name == site.name || altloc != ' ');
  };
  if (backbone.size() > chain_begin_ && is_here(backbone[current_])) return;
  if (altloc != ' ' && site.number)
    for (std::size_t i = backbone.size(); i-- > chain_begin_;)
      if (same_position(backbone[i].site, site) &&
          backbone[i].calpha_altlocs.find(' ') == std::string::npos &&
          backbone[i].calpha_altlocs.find(altloc) == std::string::npos) {
        current_ = i;
        return;
      }
  current_ = backbone.size();
  backbone.push_back({site, ters_, {}, {}, {}, {}});
}

void NodeCollector::add(const AtomSite& atom) {
  if (purpose_ == Purpose::census) {
    ++census_.atoms;
    ++census_.residues[std::string(site_.name)];
    census_.beads |= atom.name == "BB";
    if (atom.name != "CA" || site_.name == "CA") return;
    ++census_.calphas[std::string(site_.name)];
    census_.calphas_elsewhere += atom.altloc != ' ' && atom.altloc != choice_.altloc;
    return;
  }
  if (choice_.rule == NodeRule::polymer) return add_backbone(atom);
  nodes.push_back({atom.position, atom.b_factor, std::string(site_.chain), std::string(site_.name),
                   std::string(atom.name), site_.number, site_.insertion});
  parts.push_back(site_.part);
}

void NodeCollector::add_backbone(const AtomSite& atom) {
  const bool again = atom.name == "CA"
                         ? backbone[current_].calpha_altlocs.find(atom.altloc) != std::string::npos
                     : atom.name == "N" ? atom.altloc == ' ' && backbone[current_].n.has_value()
                                        : atom.altloc == ' ' && backbone[current_].c.has_value();
  if (again) {  // another residue of the same number and name
    current_ = backbone.size();
    backbone.push_back({site_, ters_, {}, {}, {}, {}});
  }
  BackboneResidue& residue = backbone[current_];
  if (atom.name != "CA") {
    std::optional<Vec3>& position = atom.name == "N" ? residue.n : residue.c;
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
