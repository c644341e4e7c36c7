// SPDX-License-Identifier: MIT
// The columns of mmCIF's `_atom_site` that reading looks at, and which stand in for which, whether
// they come as text or as BinaryCIF.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string_view>

#include "structure/node_collector.hpp"

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

/// What a table lacks that cannot be done without; empty where nothing is missing. has(column) is
/// whether it has the column.
template <class Has>
std::string_view missing_column(Has&& has) {
  for (const Column coordinate : {x, y, z})
    if (!has(coordinate)) return names[coordinate];
  if (!has(author_atom) && !has(label_atom)) return "label_atom_id or auth_atom_id";
  if (!has(author_residue) && !has(label_residue)) return "label_comp_id or auth_comp_id";
  return {};
}

/// The author's value, or else the label. value(column) is what stands in a row, or nothing; so
/// below.
template <class Value>
std::optional<std::string_view> either(Value&& value, Column author, Column label) {
  const std::optional<std::string_view> found = value(author);
  return found ? found : value(label);
}

/// All of a row's residue but its number. A number of this form, 10A, has an insertion code of its
/// own, which is to replace what this finds.
template <class Value>
void read_residue(Value&& value, ResidueSite& site) {
  site.name = either(value, author_residue, label_residue).value_or("");
  site.chain = either(value, author_chain, part).value_or("");
  site.part = value(part).value_or(site.chain);
  site.entity = value(entity).value_or("");
  site.hetero = value(group).value_or("ATOM") == "HETATM";
  const std::string_view code = value(insertion).value_or("");
  site.insertion = code.empty() ? ' ' : code[0];
}

template <class Value>
char read_altloc(Value&& value) {
  const std::string_view letters = value(altloc).value_or("");
  return letters.empty() ? ' ' : letters.size() == 1 ? letters[0] : other_altloc;
}

}  // namespace modesweep::atom_columns
