// SPDX-License-Identifier: MIT
// What mmCIF items say of a file as a whole.
#include <algorithm>
#include <array>
#include <initializer_list>
#include <set>

#include <modesweep/pdb_id.hpp>

#include "base/text.hpp"
#include "structure/decimal.hpp"
#include "structure/file_contents.hpp"
#include "structure/protein_identity.hpp"
#include "structure/text_format.hpp"

namespace modesweep {
namespace {

using Values = Items::Values;

constexpr std::size_t most_joined = std::size_t{1} << 20;  // of which `clean` keeps less
constexpr std::ptrdiff_t most_parts = 1'000'000;           // of all assemblies of a file

constexpr std::ptrdiff_t most_chains = 100'000;  // whose proteins are told apart
constexpr std::string_view list_separators = ", \t\n";

std::ptrdiff_t count_of(std::string_view text, std::string_view characters) {
  return std::count_if(text.begin(), text.end(),
                       [&](char c) { return characters.find(c) != std::string_view::npos; });
}

/// Different values, in the order of the file.
std::string joined(const Values& values) {
  std::string result;
  std::set<std::string_view> seen;
  for (const CifValue& value : values) {
    if (!value || !seen.insert(*value).second) continue;
    if (result.size() > most_joined) break;
    if (!result.empty()) result += "; ";
    result += *value;
  }
  return clean(result);
}

std::string latest(const Values& values) {
  std::string_view last;  // dates in ISO form sort as text
  for (const CifValue& value : values) last = std::max(last, value.value_or(""));
  return clean(last);
}

/// Calls f(a, b) for the rows of two items of one category, which may lack either.
template <class F>
void for_pairs(const Items& items, Item first, Item second, F&& f) {
  const Values &a = items[first], &b = items[second];
  for (std::size_t i = 0; i < a.size() && a.size() == b.size(); ++i) f(a[i], b[i]);
}

std::string protein_of(const Items& items) {
  ProteinIdentity protein;
  for_pairs(items, Item::reference_database, Item::reference_accession,
            [&](CifValue a, CifValue b) { protein.add_reference(a.value_or(""), b.value_or("")); });
  for_pairs(items, Item::polymer_type, Item::polymer_sequence,
            [&](CifValue a, CifValue b) { protein.add_sequence(a.value_or(""), b.value_or("")); });
  return protein.text();
}

ChainProteins chain_proteins(const Items& items) {
  ChainProteins proteins;
  const Values& databases = items[Item::reference_database];
  const Values& accessions = items[Item::reference_accession];
  const Values& referring = items[Item::reference_entity];
  if (databases.size() == referring.size() && accessions.size() == referring.size())
    for (std::size_t i = 0; i < referring.size(); ++i)
      if (referring[i])
        proteins.of_entity(*referring[i])
            .add_reference(databases[i].value_or(""), accessions[i].value_or(""));
  const Values& entities = items[Item::polymer_entity];
  const Values& types = items[Item::polymer_type];
  const Values& sequences = items[Item::polymer_sequence];
  if (types.size() == entities.size() && sequences.size() == entities.size())
    for (std::size_t i = 0; i < entities.size(); ++i)
      if (entities[i])
        proteins.of_entity(*entities[i])
            .add_sequence(types[i].value_or(""), sequences[i].value_or(""));
  std::ptrdiff_t chains_left = most_chains;
  for_pairs(items, Item::polymer_entity, Item::polymer_chains, [&](CifValue entity, CifValue list) {
    if (!entity || !list) return;
    chains_left -= count_of(*list, list_separators) + 1;
    if (chains_left < 0) return;
    for (const std::string_view chain : words(*list, list_separators))
      proteins.add_chain(chain, *entity);
  });
  return proteins;
}

/// The entry's ID in normal form, as `_entry` or the list of databases has it.
std::optional<std::string> entry_id(const Items& items) {
  for (const CifValue& value : items[Item::entry_id])
    if (value)
      if (std::optional<std::string> id = normalise_pdb_id(*value)) return id;
  std::optional<std::string> id;
  for (const Item item : {Item::database_code, Item::database_accession})
    for_pairs(items, Item::database_id, item, [&](CifValue database, CifValue code) {
      if (!id && code && ascii_lower(database.value_or("")) == "pdb") id = normalise_pdb_id(*code);
    });
  return id;
}

Header header_of(const Items& items) {
  Header header;
  header.title = joined(items[Item::title]);
  header.keywords = joined(items[Item::keywords]);
  header.molecules = joined(items[Item::molecule]);
  for (const Item item : {Item::gene_organism, Item::natural_organism, Item::synthetic_organism}) {
    const std::string names = joined(items[item]);
    if (names.empty()) continue;
    if (!header.organisms.empty()) header.organisms += "; ";
    header.organisms += names;
  }
  header.method = joined(items[Item::method]);
  for (const Item item : {Item::refine_resolution, Item::em_resolution})
    for (const CifValue& value : items[item]) {
      double resolution = 0;
      if (value && parse_cif_number(*value, resolution) && resolution > 0 &&
          (!header.resolution || resolution < *header.resolution))
        header.resolution = resolution;
    }
  header.revision = latest(items[Item::revision_date]);
  if (header.revision.empty()) header.revision = latest(items[Item::old_revision_date]);
  header.protein = protein_of(items);
  if (const std::optional<std::string> id = entry_id(items)) {
    header.id = *id;
    header.id_is_entry = true;
  }
  return header;
}

/// Those whose numbers can all be read; what refers to another cannot be made.
std::map<std::string, Operator, std::less<>> operators_of(const Items& items) {
  constexpr std::array<Item, 12> cells = {Item::matrix_11, Item::matrix_12, Item::matrix_13,
                                          Item::vector_1,  Item::matrix_21, Item::matrix_22,
                                          Item::matrix_23, Item::vector_2,  Item::matrix_31,
                                          Item::matrix_32, Item::matrix_33, Item::vector_3};
  std::map<std::string, Operator, std::less<>> operators;
  const Values& ids = items[Item::operator_id];
  if (!std::all_of(cells.begin(), cells.end(),
                   [&](Item cell) { return items[cell].size() == ids.size(); }))
    return operators;
  for (std::size_t i = 0; i < ids.size(); ++i) {
    if (!ids[i]) continue;
    Operator op{std::string(*ids[i])};
    bool readable = true;
    for (std::size_t k = 0; k < cells.size(); ++k) {
      const CifValue& value = items[cells[k]][i];
      readable = readable && value && parse_cif_number(*value, op.matrix[k / 4][k % 4]);
    }
    if (readable) operators.emplace(op.name, op);
  }
  return operators;
}

Assemblies assemblies_of(const Items& items) {
  Assemblies assemblies;
  std::set<std::string_view> known;
  const auto add_name = [&](std::string_view name) {
    if (known.insert(name).second) assemblies.names.emplace_back(name);
  };
  for (const CifValue& name : items[Item::assembly_id])
    if (name) add_name(*name);
  const Values& of = items[Item::generator_assembly];
  const Values& expressions = items[Item::generator_operators];
  const Values& parts = items[Item::generator_parts];
  bool whole = of.size() == expressions.size() && of.size() == parts.size();
  std::ptrdiff_t count = 0;
  for (const CifValue& list : parts) count += count_of(list.value_or(""), list_separators);
  whole = whole && count <= most_parts;
  for (std::size_t i = 0; i < of.size(); ++i) {
    if (!of[i]) continue;
    add_name(*of[i]);
    Generator generator{std::string(*of[i]), std::string(unreadable_operators), {}, {}};
    if (whole && expressions[i] && parts[i]) {
      generator.expression = *expressions[i];
      const std::vector<std::string_view> list = words(*parts[i], list_separators);
      generator.parts.assign(list.begin(), list.end());
    }
    assemblies.generators.push_back(std::move(generator));
  }
  if (!of.empty()) assemblies.operators = operators_of(items);
  return assemblies;
}

/// Types that the dictionary does not have say nothing.
EntityKind entity_kind(std::string_view type) {
  constexpr std::array<std::string_view, 4> others = {"non-polymer", "water", "branched",
                                                      "macrolide"};
  return std::find(others.begin(), others.end(), type) == others.end() ? EntityKind::polymer
                                                                       : EntityKind::other;
}

EntityKind polymer_kind(std::string_view type) {
  if (type.starts_with("polypeptide") || type == "cyclic-pseudo-peptide")
    return EntityKind::polypeptide;
  const bool other = type.find("nucleotide") != std::string_view::npos ||
                     type.find("saccharide") != std::string_view::npos ||
                     type == "peptide nucleic acid";
  return other ? EntityKind::other : EntityKind::polymer;
}

EntityKinds entities_of(const Items& items) {
  EntityKinds kinds;
  for_pairs(items, Item::entity_id, Item::entity_type, [&](CifValue id, CifValue type) {
    if (!id || !type) return;
    kinds.of_entity.emplace(*id, entity_kind(ascii_lower(*type)));
  });
  for_pairs(items, Item::polymer_entity, Item::polymer_type, [&](CifValue id, CifValue type) {
    if (!id || !type) return;
    kinds.of_entity[std::string(*id)] = polymer_kind(ascii_lower(*type));
  });
  for_pairs(items, Item::asym_id, Item::asym_entity, [&](CifValue id, CifValue entity) {
    if (!id || !entity) return;
    if (const auto kind = kinds.of_entity.find(*entity); kind != kinds.of_entity.end())
      kinds.of_part.emplace(*id, kind->second);
  });
  return kinds;
}

}  // namespace

FileContents contents_of(const Items& items, bool model_cif) {
  FileContents contents;
  contents.header = header_of(items);
  contents.assemblies = assemblies_of(items);
  contents.entities = entities_of(items);
  contents.proteins = chain_proteins(items);
  contents.predicted = is_predicted(contents.header, model_cif);
  return contents;
}

bool is_predicted(const Header& header, bool model_cif) {
  const std::string method = ascii_lower(header.method), title = ascii_lower(header.title);
  // An experiment may have begun with a prediction, and then names it.
  if (!method.empty()) return method.find("theoretical model") != std::string::npos;
  // As AlphaFold DB and the ESM Atlas write PDB files, which state no method.
  const bool by_a_known_program = title.starts_with("alphafold") || title.starts_with("esmfold");
  return model_cif || (by_a_known_program && title.find("prediction") != std::string::npos);
}

}  // namespace modesweep
