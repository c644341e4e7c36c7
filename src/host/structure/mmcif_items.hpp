// SPDX-License-Identifier: MIT
// The mmCIF items that reading nodes needs, besides the atoms, and those that gemmi may refuse.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace modesweep {

/// Items whose values are kept.
enum class Item : std::uint8_t {
  entry_id,
  title,
  keywords,
  molecule,
  gene_organism,
  natural_organism,
  synthetic_organism,
  method,
  refine_resolution,
  em_resolution,
  revision_date,
  old_revision_date,
  entity_id,
  entity_type,
  polymer_entity,
  polymer_type,
  polymer_sequence,
  asym_id,
  asym_entity,
  assembly_id,
  assembly_details,
  assembly_method,
  assembly_oligomer,
  assembly_count,
  generator_assembly,
  generator_operators,
  generator_parts,
  operator_id,
  operator_type,
  matrix_11,
  matrix_12,
  matrix_13,
  matrix_21,
  matrix_22,
  matrix_23,
  matrix_31,
  matrix_32,
  matrix_33,
  vector_1,
  vector_2,
  vector_3,
  reference_id,
  reference_entity,
  reference_database,
  reference_code,
  reference_accession,
  aligned_reference,
  connection_id,
  connection_seq_1,
  connection_seq_2,
  connection_asym_1,
  connection_asym_2,
  cell_a,
  cell_b,
  cell_c,
  cell_alpha,
  cell_beta,
  cell_gamma,
  none,  ///< not kept
};

/// What gemmi asks of a value, or else refuses the file.
enum class Demand : std::uint8_t {
  nothing,
  integer,    ///< or ? or .
  character,  ///< one alone
  refused,    ///< no demand that is worth the code: such files are left to gemmi
};

struct ItemRule {
  std::uint64_t hash = 0;  ///< of the tag
  Item item = Item::none;
  Demand demand = Demand::nothing;
  std::uint8_t category = 0;  ///< equal for the items of one category
};

/// A hash of the tag that does not tell upper from lower case.
std::uint64_t tag_hash(std::string_view tag);

/// The rule of the item whose tag has this hash, or nullptr.
const ItemRule* find_item_rule(std::uint64_t hash);

/// Whether a reader of nodes wants this column of a category (`_atom_site`, `id`).
bool keeps_column(std::string_view category, std::string_view column);

/// More than there are categories with rules.
inline constexpr std::size_t most_rule_categories = 64;

/// Hashes of all tags of a file so far.
class TagSet {
 public:
  /// Whether the hash is new.
  bool insert(std::uint64_t hash);

 private:
  std::vector<std::uint64_t> slots_ = std::vector<std::uint64_t>(2048);
  std::size_t size_ = 0;
};

}  // namespace modesweep
