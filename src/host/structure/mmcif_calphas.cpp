// SPDX-License-Identifier: MIT
#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <modesweep/pdb_id.hpp>

#include "structure/assembly_operators.hpp"
#include "structure/calpha_readers.hpp"
#include "structure/cif_scanner.hpp"
#include "structure/decimal.hpp"
#include "structure/first_assembly.hpp"
#include "structure/gemmi_reader.hpp"
#include "structure/mmcif_items.hpp"
#include "structure/node_collector.hpp"
#include "structure/node_rules.hpp"
#include "structure/protein_identity.hpp"
#include "structure/text_format.hpp"

namespace modesweep {
namespace {

bool is_null(std::string_view raw) { return raw.size() == 1 && (raw[0] == '?' || raw[0] == '.'); }

/// The value without quotes or semicolons; nothing for ? and .
std::string_view unquoted(std::string_view raw) {
  if (is_null(raw)) return {};
  if (raw[0] == '"' || raw[0] == '\'') return raw.substr(1, raw.size() - 2);
  if (raw[0] == ';' && raw.size() > 2 && raw[raw.size() - 2] == '\n') {
    const bool carriage_return = raw[raw.size() - 3] == '\r';
    return raw.substr(1, raw.size() - 1 - (carriage_return ? 3 : 2));
  }
  return raw;
}

/// A value that is neither null nor quoted.
bool is_plain(std::string_view raw) {
  return !is_null(raw) && raw[0] != '"' && raw[0] != '\'' && raw[0] != ';';
}

using Values = std::vector<std::string_view>;  // as they stand in the file

/// The values of the items of mmcif_items.hpp.
class Items {
 public:
  const Values& operator[](Item item) const { return values_[static_cast<std::size_t>(item)]; }
  void add(Item item, std::string_view raw) {
    values_[static_cast<std::size_t>(item)].push_back(raw);
  }

 private:
  std::array<Values, static_cast<std::size_t>(Item::none)> values_;
};

bool meets(Demand demand, std::string_view raw) {
  int number;
  switch (demand) {
    case Demand::nothing: return true;
    case Demand::integer: return is_null(raw) || parse_integer(raw, number);
    case Demand::character: return raw.size() == 1;
    case Demand::refused: return false;
  }
  return false;
}

constexpr std::string_view atom_site = "_atom_site.";

bool is_atom_site(std::string_view tag) {
  static const std::uint64_t hash = tag_hash(atom_site);
  return tag.size() > atom_site.size() && tag_hash(tag.substr(0, atom_site.size())) == hash;
}

/// The `_atom_site` table, row by row.
class AtomSite {
 public:
  explicit AtomSite(const ReadOptions& options)
      : rule_(options.nodes),
        wanted_model_(options.model ? std::to_string(*options.model) : std::string()) {}

  bool set_columns(const std::vector<std::string_view>& tags);
  bool row(const std::string_view* values);
  bool line(const CifLine& line);

  int models() const { return static_cast<int>(models_.size()); }
  const NodeCollector& nodes() const { return nodes_; }
  NodeCollector& nodes() { return nodes_; }

 private:
  enum Column : std::size_t {
    symbol,
    label_atom,
    altloc,
    label_residue,
    part,  // label_asym_id
    label_number,
    insertion,
    x,
    y,
    z,
    occupancy,
    b_factor,
    charge,
    number,
    author_residue,
    author_chain,
    author_atom,
    model,
    column_count,
  };
  static constexpr std::size_t missing = ~std::size_t{0};

  bool has(Column column) const { return at_[column] != missing; }
  bool enter_model(std::string_view name);
  bool enter_residue(const std::string_view* values);
  bool takes(std::string_view atom) const {
    if (atom == "CA") return takes_calpha_;
    return takes_other_atoms_ && may_be_node(rule_, key_.name, atom, ProdyRelease::v2_3_1);
  }
  bool add_atom(std::string_view atom, std::string_view raw_x, std::string_view raw_y,
                std::string_view raw_z, std::string_view raw_b);
  void note_constant_columns(const CifLine& line);

  NodeRule rule_;
  std::string wanted_model_;  // empty: the first
  std::array<std::size_t, column_count> at_{};
  std::size_t atom_ = missing, residue_ = missing, chain_ = missing;  // author's where it is there

  NodeCollector nodes_;
  std::vector<std::string_view> models_;
  std::string_view current_model_, current_chain_;
  bool in_wanted_model_ = false;
  bool in_chain_ = false;
  bool takes_calpha_ = false;       // of the current residue and altloc
  bool takes_other_atoms_ = false;  // of nucleotides
  ResidueKey key_;

  // Bytes of a line that are the same as in the line before where it goes on with the residue.
  std::array<std::uint64_t, CifLine::words> constant_{};
  std::vector<std::string_view> values_;
};

bool AtomSite::set_columns(const std::vector<std::string_view>& tags) {
  static const std::map<std::uint64_t, Column> names = {
      {tag_hash("type_symbol"), symbol},
      {tag_hash("label_atom_id"), label_atom},
      {tag_hash("label_alt_id"), altloc},
      {tag_hash("label_comp_id"), label_residue},
      {tag_hash("label_asym_id"), part},
      {tag_hash("label_seq_id"), label_number},
      {tag_hash("pdbx_PDB_ins_code"), insertion},
      {tag_hash("Cartn_x"), x},
      {tag_hash("Cartn_y"), y},
      {tag_hash("Cartn_z"), z},
      {tag_hash("occupancy"), occupancy},
      {tag_hash("B_iso_or_equiv"), b_factor},
      {tag_hash("pdbx_formal_charge"), charge},
      {tag_hash("auth_seq_id"), number},
      {tag_hash("auth_comp_id"), author_residue},
      {tag_hash("auth_asym_id"), author_chain},
      {tag_hash("auth_atom_id"), author_atom},
      {tag_hash("pdbx_PDB_model_num"), model},
  };
  at_.fill(missing);
  bool has_id = false;
  for (std::size_t i = 0; i < tags.size(); ++i) {
    if (!is_atom_site(tags[i])) return false;
    const std::uint64_t name = tag_hash(tags[i].substr(atom_site.size()));
    // Mixtures of H and D become two atoms.
    if (name == tag_hash("ccp4_hd_mixture")) return false;
    has_id |= name == tag_hash("id");
    if (const auto column = names.find(name); column != names.end()) at_[column->second] = i;
  }
  for (const Column column : {symbol, altloc, part, x, y, z, occupancy, b_factor, number})
    if (!has(column)) return false;
  const auto either = [&](Column author, Column label) {
    return has(author) ? at_[author] : at_[label];
  };
  atom_ = either(author_atom, label_atom);
  residue_ = either(author_residue, label_residue);
  chain_ = either(author_chain, part);
  values_.resize(tags.size());
  return has_id && atom_ != missing && residue_ != missing;
}

bool AtomSite::enter_model(std::string_view name) {
  int value;
  if (!is_plain(name) || !parse_integer(name, value)) return false;
  if (std::find(models_.begin(), models_.end(), name) == models_.end()) models_.push_back(name);
  current_model_ = name;
  in_chain_ = false;
  in_wanted_model_ = wanted_model_.empty() ? name == models_.front() : name == wanted_model_;
  return true;
}

bool AtomSite::enter_residue(const std::string_view* values) {
  const std::string_view model_name = has(model) ? values[at_[model]] : "1";
  if (model_name != current_model_ && !enter_model(model_name)) return false;

  const std::string_view chain = values[chain_];
  const std::string_view raw_part = values[at_[part]];
  const std::string_view raw_residue = values[residue_];
  if (!is_plain(chain) || !is_plain(raw_part) || !is_plain(raw_residue)) return false;
  int ignored;
  if (has(label_number) && !is_null(values[at_[label_number]]) &&
      !parse_integer(values[at_[label_number]], ignored))
    return false;
  if (has(charge) && !is_null(values[at_[charge]]) && !parse_integer(values[at_[charge]], ignored))
    return false;
  ResidueKey key;
  constexpr int unset_of_gemmi = -999;
  if (!parse_integer(values[at_[number]], key.number) || key.number == unset_of_gemmi) return false;
  if (has(insertion)) {
    const std::string_view code = values[at_[insertion]];
    if (code.size() != 1) return false;
    if (!is_null(code)) key.insertion = code[0];
  }
  key.name = raw_residue;
  const std::string_view alternative = values[at_[altloc]];
  if (alternative.size() != 1) return false;

  if (!in_wanted_model_) {
    takes_calpha_ = takes_other_atoms_ = false;
    return true;
  }
  if (!in_chain_ || chain != current_chain_) {
    in_chain_ = true;
    current_chain_ = chain;
    nodes_.begin_chain(chain);
  }
  nodes_.enter(key, raw_part, is_nucleic_residue);
  const bool taken = is_null(alternative) || alternative[0] == 'A';
  takes_calpha_ = taken && may_be_node(rule_, key.name, "CA", ProdyRelease::v2_3_1);
  takes_other_atoms_ = taken && rule_ == NodeRule::prody_app && is_prody_nucleic(key.name);
  key_ = key;
  return true;
}

bool AtomSite::add_atom(std::string_view atom, std::string_view raw_x, std::string_view raw_y,
                        std::string_view raw_z, std::string_view raw_b) {
  Vec3 position;
  double b = 50;  // gemmi's default
  if (!parse_decimal(raw_x, position[0]) || !parse_decimal(raw_y, position[1]) ||
      !parse_decimal(raw_z, position[2]))
    return false;
  if (!is_null(raw_b) && !parse_decimal(raw_b, b)) return false;
  nodes_.add(position, static_cast<float>(b), atom);
  return true;
}

bool AtomSite::row(const std::string_view* values) {
  if (!enter_residue(values)) return false;
  if (!takes_calpha_ && !takes_other_atoms_) return true;
  const std::string_view atom = unquoted(values[atom_]);
  if (!takes(atom)) return true;
  return add_atom(atom, values[at_[x]], values[at_[y]], values[at_[z]], values[at_[b_factor]]);
}

void AtomSite::note_constant_columns(const CifLine& line) {
  constant_.fill(0);
  for (const std::size_t column : {at_[altloc], at_[part], at_[label_number], at_[insertion],
                                   at_[charge], at_[number], residue_, chain_, at_[model]}) {
    if (column == missing) continue;
    const std::size_t end =  // of the last column with the newline, or "1" could grow to "12"
        column + 1 < line.columns.size() ? line.columns[column + 1] : line.length + 1;
    for (std::size_t i = line.columns[column]; i < end; ++i)
      constant_[i / mask_bytes] |= std::uint64_t{1} << i % mask_bytes;
  }
}

bool AtomSite::line(const CifLine& line) {
  bool same_residue = line.same_columns;
  if (same_residue)
    for (std::size_t w = 0; w < CifLine::words && same_residue; ++w)
      same_residue = constant_[w] == 0 ||
                     (differences(line.begin + w * mask_bytes, line.line_before + w * mask_bytes) &
                      constant_[w]) == 0;
  else
    note_constant_columns(line);
  if (!same_residue) {
    for (std::size_t i = 0; i < values_.size(); ++i) values_[i] = line.value(i);
    return row(values_.data());
  }
  if (!takes_calpha_ && !takes_other_atoms_) return true;
  const char* const name = line.begin + line.columns[atom_];
  const bool maybe_calpha = name[0] == 'C' && name[1] == 'A' && name[2] <= ' ';
  if (!maybe_calpha && !takes_other_atoms_ && name[0] != '"' && name[0] != '\'') return true;
  const std::string_view atom = unquoted(line.value(atom_));
  if (!takes(atom)) return true;
  return add_atom(atom, line.value(at_[x]), line.value(at_[y]), line.value(at_[z]),
                  line.value(at_[b_factor]));
}

/// What the scanner hands out, sorted into items and atoms.
class Reader {
 public:
  explicit Reader(const ReadOptions& options) : atoms_(options) {}

  bool pair(std::string_view tag, std::string_view value) {
    const std::uint64_t hash = tag_hash(tag);
    if (!tags_.insert(hash) || is_atom_site(tag)) return false;
    const ItemRule* const rule = find_item_rule(hash);
    if (!rule) return true;
    if (in_loop_[rule->category]) return false;
    in_pairs_[rule->category] = true;
    return take(*rule, value);
  }

  bool loop(const std::vector<std::string_view>& tags) {
    columns_.clear();
    in_atom_site_ = is_atom_site(tags.front());
    for (std::size_t i = 0; i < tags.size(); ++i) {
      const std::uint64_t hash = tag_hash(tags[i]);
      if (!tags_.insert(hash)) return false;
      if (const ItemRule* const rule = find_item_rule(hash)) columns_.push_back({i, rule});
    }
    if (in_atom_site_) return std::exchange(atoms_seen_, true) == false && atoms_.set_columns(tags);
    const ItemRule* first = nullptr;
    for (const auto& [column, rule] : columns_) {
      if (!first) {
        first = rule;
        if (in_pairs_[rule->category] || std::exchange(in_loop_[rule->category], true))
          return false;
      }
      if (rule->category != first->category) return false;
    }
    return true;
  }

  bool row(const std::string_view* values) {
    if (in_atom_site_) return atoms_.row(values);
    return std::all_of(columns_.begin(), columns_.end(), [&](const auto& column) {
      return take(*column.second, values[column.first]);
    });
  }

  bool line(const CifLine& line) {
    if (in_atom_site_) return atoms_.line(line);
    return std::all_of(columns_.begin(), columns_.end(), [&](const auto& column) {
      return take(*column.second, line.value(column.first));
    });
  }

  bool atoms_seen() const { return atoms_seen_; }
  AtomSite& atoms() { return atoms_; }
  const Items& items() const { return items_; }

 private:
  bool take(const ItemRule& rule, std::string_view raw) {
    if (!meets(rule.demand, raw)) return false;
    if (rule.item != Item::none) items_.add(rule.item, raw);
    return true;
  }

  TagSet tags_;
  std::array<bool, most_rule_categories> in_loop_{}, in_pairs_{};
  std::vector<std::pair<std::size_t, const ItemRule*>> columns_;  // of the current loop
  bool in_atom_site_ = false;
  bool atoms_seen_ = false;
  AtomSite atoms_;
  Items items_;
};

/// Different values, in the order of the file.
std::string joined(const Values& values) {
  std::string result;
  std::set<std::string_view> seen;
  for (const std::string_view raw : values) {
    if (is_null(raw)) continue;
    const std::string_view value = unquoted(raw);
    if (!seen.insert(value).second) continue;
    if (!result.empty()) result += "; ";
    result += value;
  }
  return result;
}

std::string_view last_value(const Values& values) {
  std::string_view last;  // dates in ISO form sort as text
  for (const std::string_view raw : values)
    if (!is_null(raw)) last = std::max(last, unquoted(raw));
  return last;
}

std::string protein(const Items& items) {
  ProteinIdentity protein;
  // As many of both, or the category lacks one of them.
  const auto for_pairs = [&](Item first, Item second, auto&& add) {
    const Values &a = items[first], &b = items[second];
    for (std::size_t i = 0; i < a.size() && a.size() == b.size(); ++i)
      add(unquoted(a[i]), unquoted(b[i]));
  };
  for_pairs(Item::reference_database, Item::reference_accession,
            [&](std::string_view a, std::string_view b) { protein.add_reference(a, b); });
  for_pairs(Item::polymer_type, Item::polymer_sequence,
            [&](std::string_view a, std::string_view b) { protein.add_sequence(a, b); });
  return protein.text();
}

std::optional<Header> make_header(const Items& items, const std::filesystem::path& path) {
  Header header;
  header.title = clean(joined(items[Item::title]));
  header.keywords = clean(joined(items[Item::keywords]));
  header.molecules = clean(joined(items[Item::molecule]));
  for (const Item item : {Item::gene_organism, Item::natural_organism, Item::synthetic_organism}) {
    const std::string names = clean(joined(items[item]));
    if (names.empty()) continue;
    if (!header.organisms.empty()) header.organisms += "; ";
    header.organisms += names;
  }
  header.method = clean(joined(items[Item::method]));
  for (const Item item : {Item::refine_resolution, Item::em_resolution})
    for (const std::string_view raw : items[item]) {
      double value = 0;
      if (is_null(raw)) continue;
      if (!parse_decimal(raw, value)) return std::nullopt;
      if (value > 0 && (!header.resolution || value < *header.resolution))
        header.resolution = value;
    }
  header.revision = clean(last_value(items[Item::revision_date]));
  if (header.revision.empty()) header.revision = clean(last_value(items[Item::old_revision_date]));

  header.protein = protein(items);

  const Values& ids = items[Item::entry_id];
  if (ids.size() > 1) return std::nullopt;
  const std::optional<std::string> id =
      ids.empty() ? std::nullopt : normalise_pdb_id(unquoted(ids.front()));
  header.id_is_entry = id.has_value();
  header.id = id ? *id : clean(structure_stem(path));
  return header;
}

/// Whether row i of the operators is the identity; nothing where a number has an odd form.
std::optional<bool> is_identity(const Items& items, std::size_t i) {
  constexpr std::array<std::pair<Item, double>, 12> identity = {{{Item::matrix_11, 1},
                                                                 {Item::matrix_12, 0},
                                                                 {Item::matrix_13, 0},
                                                                 {Item::matrix_21, 0},
                                                                 {Item::matrix_22, 1},
                                                                 {Item::matrix_23, 0},
                                                                 {Item::matrix_31, 0},
                                                                 {Item::matrix_32, 0},
                                                                 {Item::matrix_33, 1},
                                                                 {Item::vector_1, 0},
                                                                 {Item::vector_2, 0},
                                                                 {Item::vector_3, 0}}};
  bool same = true;
  for (const auto& [item, expected] : identity) {
    double value = 0;
    if (!parse_decimal(items[item][i], value)) return std::nullopt;
    same = same && value == expected;
  }
  return same;
}

/// Whether all these items have as many values.
bool have_rows(const Items& items, std::size_t rows, std::initializer_list<Item> wanted) {
  return std::all_of(wanted.begin(), wanted.end(),
                     [&](Item item) { return items[item].size() == rows; });
}

std::optional<FirstAssembly> first_assembly(const Items& items) {
  FirstAssembly result;
  const Values& assemblies = items[Item::assembly_id];
  const Values& generators = items[Item::generator_assembly];
  const Values& operators = items[Item::operator_id];
  if (!have_rows(items, assemblies.size(),
                 {Item::assembly_details, Item::assembly_method, Item::assembly_oligomer,
                  Item::assembly_count}) ||
      !have_rows(items, generators.size(), {Item::generator_operators, Item::generator_parts}) ||
      !have_rows(
          items, operators.size(),
          {Item::operator_type, Item::matrix_11, Item::matrix_12, Item::matrix_13, Item::matrix_21,
           Item::matrix_22, Item::matrix_23, Item::matrix_31, Item::matrix_32, Item::matrix_33,
           Item::vector_1, Item::vector_2, Item::vector_3}))
    return std::nullopt;
  // What these are not, gemmi takes for no assembly.
  constexpr std::array<std::string_view, 7> kinds = {"author_and_software_defined_assembly",
                                                     "author_defined_assembly",
                                                     "software_defined_assembly",
                                                     "complete icosahedral assembly",
                                                     "representative helical assembly",
                                                     "complete point assembly",
                                                     ""};
  for (std::size_t i = 0; i < assemblies.size(); ++i)
    result.stated |= unquoted(assemblies[i]) == "1" &&
                     std::find(kinds.begin(), kinds.end(),
                               unquoted(items[Item::assembly_details][i])) != kinds.end();
  if (!result.stated) return result;
  for (std::size_t i = 0; i < generators.size(); ++i) {
    if (unquoted(generators[i]) != "1") continue;
    const auto names = operator_names(unquoted(items[Item::generator_operators][i]));
    if (!names) return std::nullopt;
    for (const std::string& name : *names) {
      const auto row = std::find_if(operators.begin(), operators.end(),
                                    [&](std::string_view raw) { return unquoted(raw) == name; });
      if (row == operators.end()) continue;
      const std::optional<bool> identity =
          is_identity(items, static_cast<std::size_t>(row - operators.begin()));
      if (!identity) return std::nullopt;
      result.moved |= !*identity;
      std::string_view parts = unquoted(items[Item::generator_parts][i]);
      for (;;) {
        const std::size_t comma = parts.find(',');
        ++result.copies[std::string(parts.substr(0, comma))];
        if (comma == std::string_view::npos) break;
        parts.remove_prefix(comma + 1);
      }
    }
  }
  return result;
}

/// Whether there are atoms and what gemmi asks of unit cell, connections and alignments holds.
bool gemmi_takes(const Reader& reader) {
  if (!reader.atoms_seen()) return false;
  const Items& items = reader.items();
  for (const Item angle : {Item::cell_alpha, Item::cell_beta, Item::cell_gamma})
    for (const std::string_view raw : items[angle]) {
      double degrees;  // N * 180 is refused
      if (!is_null(raw) && !(parse_decimal(raw, degrees) && degrees > 1 && degrees < 179))
        return false;
    }
  for (const Item item : {Item::cell_a, Item::cell_b, Item::cell_c, Item::cell_alpha,
                          Item::cell_beta, Item::cell_gamma})
    if (items[item].size() > 1) return false;
  if (!have_rows(items, items[Item::connection_id].size(),
                 {Item::connection_seq_1, Item::connection_seq_2, Item::connection_asym_1,
                  Item::connection_asym_2}))
    return false;
  const Values& references = items[Item::reference_id];
  if (!items[Item::aligned_reference].empty() &&
      !have_rows(items, references.size(),
                 {Item::reference_entity, Item::reference_database, Item::reference_code}))
    return false;
  std::set<std::string_view> known;
  for (const std::string_view raw : references) known.insert(unquoted(raw));
  return std::all_of(items[Item::aligned_reference].begin(), items[Item::aligned_reference].end(),
                     [&](std::string_view raw) { return known.contains(unquoted(raw)); });
}

}  // namespace

std::optional<Header> read_mmcif_header(std::string_view text, const std::filesystem::path& path) {
  Reader reader({});
  if (!scan_cif(text, reader) || !gemmi_takes(reader)) return std::nullopt;
  return make_header(reader.items(), path);
}

std::optional<Structure> read_mmcif_calphas(std::string_view text,
                                            const std::filesystem::path& path,
                                            const ReadOptions& options) {
  if (options.nodes == NodeRule::polymer) return std::nullopt;
  Reader reader(options);
  if (!scan_cif(text, reader) || !gemmi_takes(reader)) return std::nullopt;
  NodeCollector& nodes = reader.atoms().nodes();
  if (nodes.empty()) return std::nullopt;
  std::optional<Header> header = make_header(reader.items(), path);
  const std::optional<FirstAssembly> assembly = first_assembly(reader.items());
  if (!header || !assembly) return std::nullopt;

  Structure structure;
  structure.header = std::move(*header);
  structure.models = reader.atoms().models();
  structure.chains = static_cast<int>(nodes.chains().size());
  structure.nucleic_left_out = options.nodes != NodeRule::prody_app && nodes.nucleic_acid();
  structure.partial_assembly = assembly->differs_from(nodes.parts());
  structure.nodes = nodes.take();
  if (structure.header.protein.empty())
    structure.header.protein = protein_of_nodes(structure.nodes);
  return structure;
}

}  // namespace modesweep
