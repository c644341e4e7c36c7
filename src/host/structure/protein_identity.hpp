// SPDX-License-Identifier: MIT
// What tells one protein from another: its UniProt accessions, or else its sequence.
#pragma once

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

  /// `Header::protein`: empty where nothing was added.
  std::string text() const;
  /// `Row::sequences`: those that were added, each once, the longest first, then by letters.
  std::vector<std::string> sequences() const;

 private:
  std::set<std::string> accessions_, sequences_;
};

/// Of the chains of nodes that are C-alphas, copies by one name apart.
ProteinIdentity protein_of_nodes(const std::vector<Node>& nodes);

}  // namespace modesweep
