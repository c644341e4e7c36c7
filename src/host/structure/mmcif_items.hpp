// SPDX-License-Identifier: MIT
// The mmCIF items that reading nodes needs besides the atoms, whichever form they are written in.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace modesweep {

enum class Item : std::uint8_t {
  entry_id,
  database_id,
  database_code,
  database_accession,
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
  polymer_chains,
  asym_id,
  asym_entity,
  assembly_id,
  generator_assembly,
  generator_operators,
  generator_parts,
  operator_id,
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
  reference_database,
  reference_accession,
  reference_entity,
  none,
};

/// A value without its quotes; nothing for ? and . of CIF.
using CifValue = std::optional<std::string_view>;

/// The values of the items, each in the order of the file.
class Items {
 public:
  using Values = std::vector<CifValue>;

  const Values& operator[](Item item) const { return values_[static_cast<std::size_t>(item)]; }
  /// Nothing once there are too many.
  void add(Item item, CifValue value) {
    ++count_;
    bytes_ += value ? value->size() : 0;
    if (!too_many()) values_[static_cast<std::size_t>(item)].push_back(value);
  }
  /// More than any entry has, and than there should be memory for.
  bool too_many() const { return count_ > most || bytes_ > most_bytes; }
  static constexpr const char* complaint =
      "its titles and tables of entities and assemblies have more than 1,000,000 values, or 16 MB";
  void clear() {
    values_ = {};
    count_ = bytes_ = 0;
  }

 private:
  static constexpr std::size_t most = 1'000'000;  // values, some 24 MB
  static constexpr std::size_t most_bytes = std::size_t{16} << 20;
  std::array<Values, static_cast<std::size_t>(Item::none)> values_;
  std::size_t count_ = 0, bytes_ = 0;  // of all values that were there
};

/// A hash of the tag that does not tell upper from lower case.
std::uint64_t tag_hash(std::string_view tag);

/// The item whose tag has this hash, or `none`.
Item find_item(std::uint64_t hash);

/// Whether the tag is of a category of ModelCIF, which predicted models have.
bool is_of_model_cif(std::string_view tag);

}  // namespace modesweep
