// SPDX-License-Identifier: MIT
// From the atoms of one model, in the order of the file, to its nodes.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <modesweep/structure.hpp>

#include "base/cancel_scope.hpp"
#include "structure/node_rules.hpp"

namespace modesweep {

/// What an atom's row says of the residue that it belongs to. The texts belong to the file.
struct ResidueSite {
  std::string_view chain;  ///< author's name
  /// mmCIF's label_asym_id, PDB format's segment: residues of two parts are two residues.
  std::string_view part;
  std::string_view entity;  ///< label_entity_id; empty where there is none
  std::string_view name;
  std::optional<int> number;
  char insertion = ' ';
  bool hetero = false;  ///< HETATM

  bool operator==(const ResidueSite&) const = default;
};

/// Alternate locations of more than one character: neither blank nor 'A'.
inline constexpr char other_altloc = '\x01';

struct AtomSite {
  std::string_view name;
  char altloc = ' ';
  Vec3 position{};                 ///< angstrom
  std::optional<double> b_factor;  ///< angstrom^2
  double occupancy = 1;
};

inline bool is_calpha(std::string_view atom) {
  return atom.size() == 2 && atom[0] == 'C' && atom[1] == 'A';
}

/// Adds the node of an atom, whose names are written in place: files have many.
void append_node(std::vector<Node>& nodes, const ResidueSite& site, const AtomSite& atom);

/// Which atoms ProDy takes.
struct AtomChoice {
  NodeRule rule = NodeRule::prody;
  ProdyRelease release = ProdyRelease::v2_3_1;
  char altloc = 'A';  ///< taken besides a blank one
};

/// A residue with its backbone, for the rule `polymer`, which looks at residues and their
/// neighbours.
struct BackboneResidue {
  ResidueSite site;                ///< of the conformer that is taken
  int after_ter = 0;               ///< TER records of the file before it
  std::optional<Vec3> n, c;        ///< angstrom
  std::optional<AtomSite> calpha;  ///< of the highest occupancy, the first letter among equals
  std::string calpha_altlocs{};    ///< of all that there are
};

/// What stands in a model that gives no node.
struct Census {
  std::size_t atoms = 0;
  std::map<std::string, std::size_t, std::less<>> calphas;   ///< by residue name
  std::map<std::string, std::size_t, std::less<>> residues;  ///< atoms by residue name
  std::size_t calphas_elsewhere = 0;  ///< of those, with an altloc that is not taken
  bool beads = false;                 ///< atoms named BB, as Martini has them
};

/// Takes atoms one by one: `enter` where the residue or the altloc is not that of the atom before,
/// `takes` to learn whether the atom's position is wanted at all, and then `add`.
class NodeCollector {
 public:
  enum class Purpose { nodes, census };
  explicit NodeCollector(const AtomChoice& choice, Purpose purpose = Purpose::nodes)
      : choice_(choice), purpose_(purpose) {}

  void enter(const ResidueSite& site, char altloc);
  /// Of the residue and the altloc entered last; `takes_calpha` and `takes_others` are the same in
  /// advance.
  bool takes(std::string_view atom) const {
    if (is_calpha(atom)) return takes_calpha_;
    return takes_others_ && takes_other(atom);
  }
  bool takes_calpha() const { return takes_calpha_; }
  bool takes_others() const { return takes_others_; }
  /// Whether positions are looked at; else `add` may be given any.
  bool needs_positions() const { return purpose_ == Purpose::nodes; }
  /// Whether B factor and occupancy count as well, or only the position.
  bool needs_values(std::string_view atom) const {
    return choice_.rule != NodeRule::polymer || is_calpha(atom);
  }
  void add(const AtomSite& atom);
  void end_chain() { ++ters_; }  ///< a TER record

  /// Whether there was neither a blank altloc nor an A, and which was the first: what ProDy 2.6.1
  /// then takes.
  std::optional<char> only_altloc() const { return usual_altloc_ ? std::nullopt : first_altloc_; }
  /// Nucleic acid in the model: a chain of more than one nucleotide (one alone is a ligand).
  bool nucleic_acid() const { return nucleic_acid_; }
  const Census& census() const { return census_; }

  std::vector<Node> nodes;                ///< by the rules of ProDy
  std::vector<std::string_view> parts;    ///< of each node
  std::vector<BackboneResidue> backbone;  ///< by the rule `polymer`

 private:
  bool takes_other(std::string_view atom) const {
    if (purpose_ == Purpose::census) return true;
    if (choice_.rule == NodeRule::polymer)
      return atom.size() == 1 && (atom[0] == 'N' || atom[0] == 'C');
    return may_be_node(choice_.rule, site_.name, atom, choice_.release);
  }
  void note_residue(const ResidueSite& site, bool amino_acid);
  void enter_backbone(const ResidueSite& site, char altloc);
  std::optional<std::size_t> conformer_elsewhere(const ResidueSite& site, char altloc);
  void add_backbone(const AtomSite& atom);

  AtomChoice choice_;
  Purpose purpose_;
  ResidueSite site_;
  char altloc_ = ' ';
  bool entered_ = false;  // any residue
  bool takes_calpha_ = false, takes_others_ = false;
  bool usual_altloc_ = false, nucleic_acid_ = false;
  bool is_nucleotide_ = false;  // the current residue
  std::optional<char> first_altloc_;
  int nucleotides_ = 0;  // of the current stretch of one chain
  int ters_ = 0;
  std::optional<std::size_t> current_;  // of backbone; none where the residue is new
  // Of backbone, the last residue of each number and insertion code in the current stretch of one
  // chain, up to indexed_.
  std::map<std::pair<int, char>, std::size_t> places_;
  std::size_t indexed_ = 0;
  Census census_;
  CancelCheck cancelled_;
};

}  // namespace modesweep
