// SPDX-License-Identifier: MIT
// Nodes in the order of chains, residues and atoms, whatever the order of the file's rows.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <modesweep/structure.hpp>

namespace modesweep {

/// What tells two residues of one chain apart. The texts belong to the file.
struct ResidueKey {
  int number = 0;
  char insertion = ' ';
  std::string_view name;
  std::string_view segment;

  /// Insertion codes that differ in case alone are one, as gemmi has it.
  bool operator==(const ResidueKey& other) const {
    return number == other.number && (insertion | 0x20) == (other.insertion | 0x20) &&
           name == other.name && segment == other.segment;
  }
};

/// Takes the atoms of one model. A stretch of rows of one chain is a chain; rows of a residue that
/// was there before in the stretch belong to that residue (alternate conformations may be sorted
/// either way).
class NodeCollector {
 public:
  void begin_chain(std::string_view name);
  /// Makes this residue the current one. `part` is its label_asym_id, `nucleic` whether it is a
  /// nucleotide; both count where the residue is new.
  template <class IsNucleic>
  void enter(const ResidueKey& key, std::string_view part, IsNucleic&& is_nucleic) {
    if (!find_or_add(key, part)) return;
    if (is_nucleic(key.name) && ++nucleotides_ > 1) nucleic_acid_ = true;
  }
  /// A float, as gemmi keeps B factors.
  void add(const Vec3& position, float b_factor, std::string_view atom);

  bool empty() const { return nodes_.empty(); }
  /// Nucleic acid in the model: a chain of more than one nucleotide (one alone is a ligand).
  bool nucleic_acid() const { return nucleic_acid_; }
  const std::set<std::string>& parts() const { return parts_; }    ///< that own a node
  const std::set<std::string>& chains() const { return chains_; }  ///< that own a node
  std::vector<Node> take();

 private:
  struct Hash {
    std::size_t operator()(const ResidueKey& key) const;
  };
  struct Residue {
    ResidueKey key;
    std::string_view part;
  };
  /// Whether the residue is new in its chain.
  bool find_or_add(const ResidueKey& key, std::string_view part);

  std::vector<Node> nodes_;
  std::vector<std::uint64_t> places_;  // of the nodes: chain, then residue
  bool in_order_ = true;
  std::set<std::string> parts_, chains_;
  std::string_view last_part_, last_chain_;  // put there
  bool nucleic_acid_ = false;

  // the current chain
  std::string_view chain_;
  std::uint64_t chain_index_ = 0;
  std::vector<Residue> residues_;
  std::unordered_map<ResidueKey, std::size_t, Hash> index_;  // of the first indexed_ residues
  std::size_t indexed_ = 0;
  int highest_number_ = 0;
  std::size_t current_ = 0;  // of residues_
  int nucleotides_ = 0;
  bool part_noted_ = false;  // of the current residue
};

}  // namespace modesweep
