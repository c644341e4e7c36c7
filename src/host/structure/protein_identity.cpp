// SPDX-License-Identifier: MIT
#include "structure/protein_identity.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>

#include "base/sha256.hpp"
#include "structure/chain_copies.hpp"
#include "structure/residue_names.hpp"
#include "structure/text_format.hpp"

namespace modesweep {

void ProteinIdentity::add_reference(std::string_view database, std::string_view accession) {
  if (database == "UNP" && !accession.empty()) accessions_.insert(clean(accession));
}

void ProteinIdentity::add_sequence(std::string_view type, std::string_view letters) {
  if (!type.starts_with("polypeptide")) return;
  std::string sequence;
  std::copy_if(letters.begin(), letters.end(), std::back_inserter(sequence),
               [](char c) { return std::isalpha(static_cast<unsigned char>(c)) != 0; });
  if (!sequence.empty()) sequences_.insert(std::move(sequence));
}

void ProteinIdentity::add_sequence(const std::vector<std::string>& residues) {
  std::string sequence;
  bool is_protein = false;
  for (const std::string& name : residues) {
    is_protein |= is_amino_acid(name);
    sequence += one_letter_code(name);
  }
  if (is_protein) sequences_.insert(std::move(sequence));
}

void ProteinIdentity::add(const ProteinIdentity& other) {
  accessions_.insert(other.accessions_.begin(), other.accessions_.end());
  sequences_.insert(other.sequences_.begin(), other.sequences_.end());
}

std::string ProteinIdentity::text() const {
  if (!accessions_.empty()) return fmt::format("{}", fmt::join(accessions_, ","));
  if (sequences_.empty()) return {};
  constexpr std::size_t digits = 16;
  return "sequence:" + sha256(fmt::format("{}", fmt::join(sequences_, ","))).substr(0, digits);
}

std::vector<std::string> ProteinIdentity::sequences() const {
  std::vector<std::string> sequences(sequences_.begin(), sequences_.end());
  std::stable_sort(sequences.begin(), sequences.end(),
                   [](const std::string& a, const std::string& b) { return a.size() > b.size(); });
  return sequences;
}

ProteinIdentity& ChainProteins::of_entity(std::string_view entity) {
  const auto found = entities_.find(entity);
  return found != entities_.end() ? found->second : entities_[std::string(entity)];
}

void ChainProteins::add_chain(std::string_view chain, std::string_view entity) {
  entities_of_chain_[std::string(chain)].emplace(entity);
}

std::string ChainProteins::text(const std::set<std::string_view>& chains) const {
  std::set<std::string_view> entities;
  for (const std::string_view chain : chains)
    if (const auto found = entities_of_chain_.find(chain); found != entities_of_chain_.end())
      entities.insert(found->second.begin(), found->second.end());
  ProteinIdentity protein;
  for (const std::string_view entity : entities)
    if (const auto found = entities_.find(entity); found != entities_.end())
      protein.add(found->second);
  return protein.text();
}

ProteinIdentity protein_of_nodes(const std::vector<Node>& nodes) {
  ProteinIdentity protein;
  for (const ChainCopy& chain : chain_copies(nodes)) {
    std::vector<std::string> residues;
    for (const std::size_t i : chain.nodes)
      if (nodes[i].atom == "CA") residues.push_back(nodes[i].residue);
    protein.add_sequence(residues);
  }
  return protein;
}

}  // namespace modesweep
