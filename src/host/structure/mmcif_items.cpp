// SPDX-License-Identifier: MIT
#include "structure/mmcif_items.hpp"

#include <cstring>
#include <iterator>

#include "structure/text_format.hpp"

namespace modesweep {
namespace {

struct Row {
  std::string_view tag;
  Item item = Item::none;
};

constexpr Row rows[] = {
    {"_entry.id", Item::entry_id},
    {"_database_2.database_id", Item::database_id},
    {"_database_2.database_code", Item::database_code},
    {"_database_2.pdbx_database_accession", Item::database_accession},
    {"_struct.title", Item::title},
    {"_struct_keywords.text", Item::keywords},
    {"_entity.pdbx_description", Item::molecule},
    {"_entity.id", Item::entity_id},
    {"_entity.type", Item::entity_type},
    {"_entity_src_gen.pdbx_gene_src_scientific_name", Item::gene_organism},
    {"_entity_src_nat.pdbx_organism_scientific", Item::natural_organism},
    {"_pdbx_entity_src_syn.organism_scientific", Item::synthetic_organism},
    {"_exptl.method", Item::method},
    {"_refine.ls_d_res_high", Item::refine_resolution},
    {"_em_3d_reconstruction.resolution", Item::em_resolution},
    {"_pdbx_audit_revision_history.revision_date", Item::revision_date},
    {"_database_PDB_rev.date", Item::old_revision_date},
    {"_entity_poly.entity_id", Item::polymer_entity},
    {"_entity_poly.type", Item::polymer_type},
    {"_entity_poly.pdbx_seq_one_letter_code_can", Item::polymer_sequence},
    {"_entity_poly.pdbx_strand_id", Item::polymer_chains},
    {"_struct_asym.id", Item::asym_id},
    {"_struct_asym.entity_id", Item::asym_entity},
    {"_pdbx_struct_assembly.id", Item::assembly_id},
    {"_pdbx_struct_assembly_gen.assembly_id", Item::generator_assembly},
    {"_pdbx_struct_assembly_gen.oper_expression", Item::generator_operators},
    {"_pdbx_struct_assembly_gen.asym_id_list", Item::generator_parts},
    {"_pdbx_struct_oper_list.id", Item::operator_id},
    {"_pdbx_struct_oper_list.matrix[1][1]", Item::matrix_11},
    {"_pdbx_struct_oper_list.matrix[1][2]", Item::matrix_12},
    {"_pdbx_struct_oper_list.matrix[1][3]", Item::matrix_13},
    {"_pdbx_struct_oper_list.matrix[2][1]", Item::matrix_21},
    {"_pdbx_struct_oper_list.matrix[2][2]", Item::matrix_22},
    {"_pdbx_struct_oper_list.matrix[2][3]", Item::matrix_23},
    {"_pdbx_struct_oper_list.matrix[3][1]", Item::matrix_31},
    {"_pdbx_struct_oper_list.matrix[3][2]", Item::matrix_32},
    {"_pdbx_struct_oper_list.matrix[3][3]", Item::matrix_33},
    {"_pdbx_struct_oper_list.vector[1]", Item::vector_1},
    {"_pdbx_struct_oper_list.vector[2]", Item::vector_2},
    {"_pdbx_struct_oper_list.vector[3]", Item::vector_3},
    {"_struct_ref.db_name", Item::reference_database},
    {"_struct_ref.pdbx_db_accession", Item::reference_accession},
    {"_struct_ref.entity_id", Item::reference_entity},
};

constexpr std::size_t table_size = 256;
static_assert(std::size(rows) * 4 <= table_size);

struct Slot {
  std::uint64_t hash = 0;  // of the tag; 0: free
  Item item = Item::none;
};

std::array<Slot, table_size> make_table() {
  std::array<Slot, table_size> table{};
  for (const Row& row : rows) {
    const std::uint64_t hash = tag_hash(row.tag);
    std::size_t slot = hash % table_size;
    while (table[slot].hash != 0) slot = (slot + 1) % table_size;
    table[slot] = {hash, row.item};
  }
  return table;
}

}  // namespace

std::uint64_t tag_hash(std::string_view tag) {
  constexpr std::uint64_t factor = 0x9e3779b97f4a7c15u;
  constexpr std::uint64_t lower_case = 0x2020202020202020u;
  std::uint64_t hash = tag.size() * factor;
  while (!tag.empty()) {
    std::uint64_t word = 0;
    const std::size_t n = tag.size() < 8 ? tag.size() : 8;
    std::memcpy(&word, tag.data(), n);
    tag.remove_prefix(n);
    hash = (hash ^ (word | lower_case)) * factor;
    hash ^= hash >> 32;
  }
  return hash | 1;  // never 0, which marks free slots
}

Item find_item(std::uint64_t hash) {
  static const std::array<Slot, table_size> table = make_table();
  for (std::size_t slot = hash % table_size; table[slot].hash != 0; slot = (slot + 1) % table_size)
    if (table[slot].hash == hash) return table[slot].item;
  return Item::none;
}

bool is_of_model_cif(std::string_view tag) { return starts_with_ignoring_case(tag, "_ma_"); }

}  // namespace modesweep
