// SPDX-License-Identifier: MIT
// The columns of mmCIF's `_atom_site` that reading looks at.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

namespace modesweep::atom_columns {

enum Column : std::size_t {
  group,
  label_atom,
  altloc,
  label_residue,
  part,    // label_asym_id
  entity,  // label_entity_id
  label_number,
  insertion,
  x,
  y,
  z,
  occupancy,
  b_factor,
  author_number,
  author_residue,
  author_chain,
  author_atom,
  model_number,
  column_count,
};

inline constexpr std::array<std::string_view, column_count> names = {
    "group_PDB",       "label_atom_id", "label_alt_id",      "label_comp_id", "label_asym_id",
    "label_entity_id", "label_seq_id",  "pdbx_PDB_ins_code", "Cartn_x",       "Cartn_y",
    "Cartn_z",         "occupancy",     "B_iso_or_equiv",    "auth_seq_id",   "auth_comp_id",
    "auth_asym_id",    "auth_atom_id",  "pdbx_PDB_model_num"};

/// Those by which rows of one residue, altloc and model are known.
inline constexpr std::array residue_columns = {
    group,     altloc,        label_residue,  part,         entity,      label_number,
    insertion, author_number, author_residue, author_chain, model_number};

}  // namespace modesweep::atom_columns
