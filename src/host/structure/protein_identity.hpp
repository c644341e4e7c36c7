// SPDX-License-Identifier: MIT
// What tells one protein from another: its UniProt accessions, or else its sequence.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <modesweep/structure.hpp>

namespace modesweep {

/// Of a file's reference and sequence records.
class ProteinIdentity {
 public:
  /// As `_struct_ref` and DBREF name the database.
  void add_reference(std::string_view database, std::string_view accession);
  /// One-letter codes, with blanks and line ends; `type` as `_entity_poly` has it.
  void add_sequence(std::string_view type, std::string_view letters);
  /// Residue names of a chain, those of force fields too; nucleic acids count for nothing.
  void add_sequence(const std::vector<std::string>& residues);
  /// All that the other has.
  void add(const ProteinIdentity& other);

  /// `Header::protein`: empty where nothing was added.
  std::string text() const;
  /// `Row::sequences`: those that were added, each once, the longest first, then by letters.
  std::vector<std::string> sequences() const;

 private:
  std::set<std::string> accessions_, sequences_;
};

/// What a file's records say of each of its chains (author's names), which may share an entity.
class ChainProteins {
 public:
  ProteinIdentity& of_entity(std::string_view entity);
  void add_chain(std::string_view chain, std::string_view entity);

  /// `Header::protein` of chains: empty where nothing is said of any of them.
  std::string text(const std::set<std::string_view>& chains) const;

 private:
  std::map<std::string, ProteinIdentity, std::less<>> entities_;
  std::map<std::string, std::set<std::string>, std::less<>> entities_of_chain_;
};

/// Of the chains of nodes that are C-alphas, copies by one name apart.
ProteinIdentity protein_of_nodes(const std::vector<Node>& nodes);

}  // namespace modesweep
