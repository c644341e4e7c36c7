// SPDX-License-Identifier: MIT
#include "structure/mmcif_items.hpp"

#include <algorithm>
#include <cstring>
#include <iterator>

namespace modesweep {
namespace {

struct Row {
  std::string_view tag;
  Item item = Item::none;
  Demand demand = Demand::nothing;
};

// Where gemmi 0.5.7 throws (mmcif.hpp), there is a demand here.
constexpr Row rows[] = {
    {"_entry.id", Item::entry_id},
    {"_struct.title", Item::title},
    {"_struct_keywords.text", Item::keywords},
    {"_entity.pdbx_description", Item::molecule},
    {"_entity.id", Item::entity_id},
    {"_entity.type", Item::entity_type},
    {"_entity_src_gen.pdbx_gene_src_scientific_name", Item::gene_organism},
    {"_entity_src_nat.pdbx_organism_scientific", Item::natural_organism},
    {"_pdbx_entity_src_syn.organism_scientific", Item::synthetic_organism},
    {"_exptl.method", Item::method},
    {"_exptl.crystals_number", Item::none, Demand::integer},
    {"_refine.ls_d_res_high", Item::refine_resolution},
    {"_refine.ls_number_reflns_obs", Item::none, Demand::integer},
    {"_reflns.number_obs", Item::none, Demand::integer},
    {"_software.pdbx_ordinal", Item::none, Demand::integer},
    {"_em_3d_reconstruction.resolution", Item::em_resolution},
    {"_pdbx_audit_revision_history.revision_date", Item::revision_date},
    {"_database_PDB_rev.date", Item::old_revision_date},
    {"_entity_poly.entity_id", Item::polymer_entity},
    {"_entity_poly.type", Item::polymer_type},
    {"_entity_poly.pdbx_seq_one_letter_code_can", Item::polymer_sequence},
    {"_entity_poly_seq.num", Item::none, Demand::integer},
    {"_struct_asym.id", Item::asym_id},
    {"_struct_asym.entity_id", Item::asym_entity},
    {"_pdbx_struct_assembly.id", Item::assembly_id},
    {"_pdbx_struct_assembly.details", Item::assembly_details},
    {"_pdbx_struct_assembly.method_details", Item::assembly_method},
    {"_pdbx_struct_assembly.oligomeric_details", Item::assembly_oligomer},
    {"_pdbx_struct_assembly.oligomeric_count", Item::assembly_count, Demand::integer},
    {"_pdbx_struct_assembly_gen.assembly_id", Item::generator_assembly},
    {"_pdbx_struct_assembly_gen.oper_expression", Item::generator_operators},
    {"_pdbx_struct_assembly_gen.asym_id_list", Item::generator_parts},
    {"_pdbx_struct_oper_list.id", Item::operator_id},
    {"_pdbx_struct_oper_list.type", Item::operator_type},
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
    {"_struct_ref.id", Item::reference_id},
    {"_struct_ref.entity_id", Item::reference_entity},
    {"_struct_ref.db_name", Item::reference_database},
    {"_struct_ref.db_code", Item::reference_code},
    {"_struct_ref.pdbx_db_accession", Item::reference_accession},
    {"_struct_ref_seq.ref_id", Item::aligned_reference},
    {"_struct_ref_seq.seq_align_beg", Item::none, Demand::integer},
    {"_struct_ref_seq.seq_align_end", Item::none, Demand::integer},
    {"_struct_ref_seq.db_align_beg", Item::none, Demand::integer},
    {"_struct_ref_seq.db_align_end", Item::none, Demand::integer},
    {"_struct_ref_seq.pdbx_auth_seq_align_beg", Item::none, Demand::integer},
    {"_struct_ref_seq.pdbx_auth_seq_align_end", Item::none, Demand::integer},
    {"_struct_ref_seq.pdbx_seq_align_beg_ins_code", Item::none, Demand::character},
    {"_struct_ref_seq.pdbx_seq_align_end_ins_code", Item::none, Demand::character},
    {"_struct_mon_prot_cis.auth_seq_id", Item::none, Demand::integer},
    {"_struct_mon_prot_cis.pdbx_PDB_ins_code", Item::none, Demand::character},
    {"_struct_conf.beg_auth_seq_id", Item::none, Demand::integer},
    {"_struct_conf.end_auth_seq_id", Item::none, Demand::integer},
    {"_struct_conf.pdbx_beg_PDB_ins_code", Item::none, Demand::character},
    {"_struct_conf.pdbx_end_PDB_ins_code", Item::none, Demand::character},
    {"_struct_conf.pdbx_PDB_helix_class", Item::none, Demand::integer},
    {"_struct_conf.pdbx_PDB_helix_length", Item::none, Demand::integer},
    {"_struct_sheet_range.beg_auth_seq_id", Item::none, Demand::integer},
    {"_struct_sheet_range.end_auth_seq_id", Item::none, Demand::integer},
    {"_struct_sheet_range.pdbx_beg_PDB_ins_code", Item::none, Demand::character},
    {"_struct_sheet_range.pdbx_end_PDB_ins_code", Item::none, Demand::character},
    {"_pdbx_struct_sheet_hbond.range_1_auth_seq_id", Item::none, Demand::integer},
    {"_pdbx_struct_sheet_hbond.range_2_auth_seq_id", Item::none, Demand::integer},
    {"_pdbx_struct_sheet_hbond.range_1_PDB_ins_code", Item::none, Demand::character},
    {"_pdbx_struct_sheet_hbond.range_2_PDB_ins_code", Item::none, Demand::character},
    {"_struct_conn.ptnr1_auth_seq_id", Item::connection_seq_1, Demand::integer},
    {"_struct_conn.ptnr2_auth_seq_id", Item::connection_seq_2, Demand::integer},
    {"_struct_conn.ptnr1_auth_asym_id", Item::connection_asym_1},
    {"_struct_conn.ptnr2_auth_asym_id", Item::connection_asym_2},
    {"_struct_conn.id", Item::connection_id},
    {"_struct_conn.pdbx_ptnr1_PDB_ins_code", Item::none, Demand::character},
    {"_struct_conn.pdbx_ptnr2_PDB_ins_code", Item::none, Demand::character},
    {"_struct_conn.pdbx_ptnr1_label_alt_id", Item::none, Demand::character},
    {"_struct_conn.pdbx_ptnr2_label_alt_id", Item::none, Demand::character},
    {"_cell.length_a", Item::cell_a},
    {"_cell.length_b", Item::cell_b},
    {"_cell.length_c", Item::cell_c},
    {"_cell.angle_alpha", Item::cell_alpha},
    {"_cell.angle_beta", Item::cell_beta},
    {"_cell.angle_gamma", Item::cell_gamma},
    {"_pdbx_sifts_xref_db.entity_id", Item::none, Demand::refused},
};

// Those that gemmi or our own reader look at.
constexpr std::string_view atom_columns[] = {"group_PDB",      "id",
                                             "type_symbol",    "label_atom_id",
                                             "label_alt_id",   "label_comp_id",
                                             "label_asym_id",  "label_entity_id",
                                             "label_seq_id",   "pdbx_PDB_ins_code",
                                             "Cartn_x",        "Cartn_y",
                                             "Cartn_z",        "occupancy",
                                             "B_iso_or_equiv", "auth_seq_id",
                                             "auth_comp_id",   "auth_asym_id",
                                             "auth_atom_id",   "pdbx_PDB_model_num"};

constexpr std::size_t table_size = 512;
static_assert(std::size(rows) * 4 <= table_size);

std::string_view category_of(std::string_view tag) { return tag.substr(0, tag.find('.')); }

std::array<ItemRule, table_size> make_table() {
  std::array<ItemRule, table_size> table{};
  std::vector<std::string_view> categories;
  for (const Row& row : rows) {
    std::size_t category = 0;
    while (category < categories.size() && categories[category] != category_of(row.tag)) ++category;
    if (category == categories.size()) categories.push_back(category_of(row.tag));
    const std::uint64_t hash = tag_hash(row.tag);
    std::size_t slot = hash % table_size;
    while (table[slot].hash != 0) slot = (slot + 1) % table_size;
    table[slot] = {hash, row.item, row.demand, static_cast<std::uint8_t>(category)};
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

const ItemRule* find_item_rule(std::uint64_t hash) {
  static const std::array<ItemRule, table_size> table = make_table();
  for (std::size_t slot = hash % table_size; table[slot].hash != 0; slot = (slot + 1) % table_size)
    if (table[slot].hash == hash) return &table[slot];
  return nullptr;
}

bool keeps_column(std::string_view category, std::string_view column) {
  if (category == "_atom_site")
    return std::find(std::begin(atom_columns), std::end(atom_columns), column) !=
           std::end(atom_columns);
  return std::any_of(std::begin(rows), std::end(rows), [&](const Row& row) {
    return row.item != Item::none && category_of(row.tag) == category &&
           row.tag.substr(category.size() + 1) == column;
  });
}

bool TagSet::insert(std::uint64_t hash) {
  if (2 * ++size_ > slots_.size()) {
    std::vector<std::uint64_t> old(2 * slots_.size());
    old.swap(slots_);
    size_ = 1;
    for (const std::uint64_t entry : old)
      if (entry != 0) insert(entry);
  }
  std::size_t slot = (hash >> 1) % slots_.size();
  for (; slots_[slot] != 0; slot = (slot + 1) % slots_.size())
    if (slots_[slot] == hash) return false;
  slots_[slot] = hash;
  return true;
}

}  // namespace modesweep
