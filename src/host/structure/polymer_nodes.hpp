// SPDX-License-Identifier: MIT
// The rule `polymer`: the C-alpha of every residue of a polypeptide, by the residues themselves.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <modesweep/structure.hpp>

#include "structure/node_collector.hpp"

namespace modesweep {

/// What a file's own tables say of a part (label_asym_id) or entity.
enum class EntityKind {
  polypeptide,
  polymer,  ///< of a kind that is not said
  other,    ///< nucleic acid, ligand, water
};

/// By entity, and by part where atoms name no entity.
struct EntityKinds {
  std::map<std::string, EntityKind, std::less<>> of_entity, of_part;
};

struct PolymerNodes {
  std::vector<Node> nodes;
  std::vector<std::string_view> parts;  ///< of each node
};

/// A residue that has a C-alpha is of a polypeptide if the file's tables say so of its entity.
/// Where they say nothing, if it is linked to the residue before or after it (a peptide bond, or
/// where atoms of it are missing a distance of C-alphas as along a chain); if it is an ATOM record
/// of an amino acid's name; or if it is bonded to one that is taken, wherever that stands in the
/// file, or has a number that the chain lacks. What is left are ligands that own an atom CA: SAH,
/// PLM, free amino acids.
PolymerNodes polymer_nodes(const std::vector<BackboneResidue>& residues, const EntityKinds& kinds);

}  // namespace modesweep
