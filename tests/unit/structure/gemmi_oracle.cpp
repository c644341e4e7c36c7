// SPDX-License-Identifier: MIT
#include "gemmi_oracle.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <gemmi/assembly.hpp>
#include <gemmi/cif.hpp>
#include <gemmi/mmcif.hpp>
#include <gemmi/numb.hpp>
#include <gemmi/pdb.hpp>
#include <gemmi/polyheur.hpp>
#include <gemmi/resinfo.hpp>
#include <map>
#include <set>

#include <modesweep/pdb_id.hpp>
#include <modesweep/structure.hpp>

#include "structure/decimal.hpp"
#include "structure/node_rules.hpp"
#include "structure/node_selection.hpp"
#include "structure/pdb_reader.hpp"
#include "structure/protein_identity.hpp"
#include "structure/text_format.hpp"

namespace modesweep {
namespace {

/// A file read by gemmi, in either format.
struct Parsed {
  gemmi::Structure structure;
  gemmi::cif::Block block;  // mmCIF only
  bool is_mmcif = false;
};

std::string joined(gemmi::cif::Block& block, const std::string& tag) {
  std::string result;
  std::set<std::string> seen;
  for (const std::string& raw : block.find_values(tag)) {
    if (gemmi::cif::is_null(raw)) continue;
    const std::string value = gemmi::cif::as_string(raw);
    if (!seen.insert(value).second) continue;
    if (!result.empty()) result += "; ";
    result += value;
  }
  return result;
}

std::string last_value(gemmi::cif::Block& block, const std::string& tag) {
  std::string last;  // dates in ISO form sort as text
  for (const std::string& raw : block.find_values(tag))
    if (!gemmi::cif::is_null(raw)) last = std::max(last, gemmi::cif::as_string(raw));
  return last;
}

void fill_from_mmcif(Header& header, gemmi::cif::Block& block) {
  header.title = clean(joined(block, "_struct.title"));
  header.keywords = clean(joined(block, "_struct_keywords.text"));
  header.molecules = clean(joined(block, "_entity.pdbx_description"));
  for (const char* tag :
       {"_entity_src_gen.pdbx_gene_src_scientific_name", "_entity_src_nat.pdbx_organism_scientific",
        "_pdbx_entity_src_syn.organism_scientific"}) {
    const std::string names = clean(joined(block, tag));
    if (names.empty()) continue;
    if (!header.organisms.empty()) header.organisms += "; ";
    header.organisms += names;
  }
  header.method = clean(joined(block, "_exptl.method"));
  for (const char* tag : {"_refine.ls_d_res_high", "_em_3d_reconstruction.resolution"})
    for (const std::string& raw : block.find_values(tag)) {
      const double value = gemmi::cif::as_number(raw);
      if (value > 0 && (!header.resolution || value < *header.resolution))
        header.resolution = value;
    }
  header.revision = last_value(block, "_pdbx_audit_revision_history.revision_date");
  if (header.revision.empty()) header.revision = last_value(block, "_database_PDB_rev.date");
  header.revision = clean(header.revision);
  ProteinIdentity protein;
  for (const auto row : block.find("_struct_ref.", {"db_name", "pdbx_db_accession"}))
    protein.add_reference(row.str(0), row.str(1));
  for (const auto row : block.find("_entity_poly.", {"type", "pdbx_seq_one_letter_code_can"}))
    protein.add_sequence(row.str(0), row.str(1));
  header.protein = protein.text();
}

// Of a PDB-format line.
constexpr std::size_t all_columns = 120;
// Before 1996 columns 73-80 held the entry's ID and a line number, where gemmi expects segment,
// element and charge, and mostly throws.
constexpr std::size_t columns_before_1996 = 72;

// gemmi does not read molecules, organisms and the last revision of PDB format.
void fill_from_pdb(Header& header, const gemmi::Structure& structure, std::string_view text) {
  header.title = clean(structure.get_info("_struct.title"));
  header.keywords = clean(structure.get_info("_struct_keywords.text"));
  header.molecules = read_pdb_head(text).header.molecules;
  header.organisms = read_pdb_head(text).header.organisms;
  header.method = clean(structure.get_info("_exptl.method"));
  if (structure.resolution > 0) header.resolution = structure.resolution;
  header.revision = read_pdb_head(text).header.revision;
  ProteinIdentity protein;
  for (const gemmi::Entity& entity : structure.entities) {
    for (const gemmi::Entity::DbRef& reference : entity.dbrefs)
      protein.add_reference(reference.db_name, reference.accession_code);
    protein.add_sequence(entity.full_sequence);
  }
  header.protein = protein.text();
}

gemmi::Structure parse_pdb(const std::string& text, std::size_t columns,
                           const std::filesystem::path& path) {
  gemmi::PdbReadOptions options;
  options.max_line_length = static_cast<int>(columns);
  return gemmi::read_pdb_from_memory(text.data(), text.size(), path.string(), options);
}

gemmi::Structure parse_pdb(const std::string& text, const std::filesystem::path& path) {
  try {
    return parse_pdb(text, all_columns, path);
  } catch (const std::runtime_error&) {
    return parse_pdb(text, columns_before_1996, path);
  }
}

Outcome<Parsed> parse(const std::string& text, const std::filesystem::path& path) {
  Parsed parsed;
  parsed.is_mmcif = text_format(text) == TextFormat::mmcif;
  try {
    if (!parsed.is_mmcif) {
      parsed.structure = parse_pdb(text, path);
      return parsed;
    }
    gemmi::cif::Document document = gemmi::cif::read_memory(text.data(), text.size(), path.c_str());
    auto block = std::find_if(document.blocks.begin(), document.blocks.end(),
                              [](auto& b) { return b.has_tag("_atom_site.Cartn_x"); });
    if (block == document.blocks.end())
      return tl::unexpected(
          parse_failure("not_a_structure", path, "there is no _atom_site table in the file"));
    parsed.structure = gemmi::make_structure_from_block(*block);
    parsed.block = std::move(*block);
    if (parsed.structure.models.empty())
      return tl::unexpected(
          parse_failure("not_a_structure", path, "a required column of _atom_site is missing"));
    return parsed;
  } catch (const std::bad_alloc&) {
    throw;
  } catch (const std::exception& error) {
    return tl::unexpected(parse_failure("not_a_structure", path, clean(error.what())));
  }
}

Header make_header(Parsed& parsed, std::string_view text, const std::filesystem::path& path) {
  Header header;
  if (parsed.is_mmcif)
    fill_from_mmcif(header, parsed.block);
  else
    fill_from_pdb(header, parsed.structure, text);
  const std::optional<std::string> id = normalise_pdb_id(parsed.structure.get_info("_entry.id"));
  header.id_is_entry = id.has_value();
  header.id = id ? *id : clean(structure_stem(path));
  return header;
}

Node make_node(const gemmi::Chain& chain, const gemmi::Residue& residue, const gemmi::Atom& atom) {
  return {{atom.pos.x, atom.pos.y, atom.pos.z},
          atom.b_iso,
          chain.name,
          residue.name,
          atom.name,
          residue.seqid.num.has_value() ? std::optional<int>(*residue.seqid.num) : std::nullopt,
          residue.seqid.icode};
}

/// What selecting collects besides the nodes.
struct Selection {
  std::vector<Node> nodes;
  std::vector<std::string> subchains;  // of each node; what assemblies are made of
};

void add(Selection& selection, const gemmi::Chain& chain, const gemmi::Residue& residue,
         const gemmi::Atom& atom) {
  selection.nodes.push_back(make_node(chain, residue, atom));
  selection.subchains.push_back(residue.subchain);
}

Selection select_prody(const gemmi::Model& model, NodeRule rule, ProdyRelease release,
                       char altloc) {
  Selection selection;
  for (const gemmi::Chain& chain : model.chains)
    for (const gemmi::Residue& residue : chain.residues)
      for (const gemmi::Atom& atom : residue.atoms)
        if ((atom.altloc == '\0' || atom.altloc == altloc) &&
            may_be_node(rule, residue.name, atom.name, release))
          add(selection, chain, residue, atom);
  return selection;
}

/// 2.6.1 reads an mmCIF file in which neither ' ' nor 'A' occurs by the first row's altloc.
char altloc_of_2_6_1(const gemmi::Model& model) {
  char first = '\0';
  for (const gemmi::Chain& chain : model.chains)
    for (const gemmi::Residue& residue : chain.residues)
      for (const gemmi::Atom& atom : residue.atoms) {
        if (atom.altloc == '\0' || atom.altloc == 'A') return 'A';
        if (first == '\0') first = atom.altloc;
      }
  return first;
}

bool is_polypeptide(const gemmi::Structure& structure, const gemmi::ConstResidueSpan& subchain) {
  gemmi::PolymerType type = gemmi::PolymerType::Unknown;
  if (const gemmi::Entity* entity = structure.get_entity_of(subchain)) type = entity->polymer_type;
  if (type == gemmi::PolymerType::Unknown) type = gemmi::check_polymer_type(subchain);
  return gemmi::is_polypeptide(type) || type == gemmi::PolymerType::CyclicPseudoPeptide;
}

/// One node a position of every polypeptide: the conformer of highest occupancy, the first letter
/// among equals; different residues at one position (microheterogeneity) count as conformers.
Selection select_polymer(const gemmi::Structure& structure, const gemmi::Model& model) {
  Selection selection;
  for (const gemmi::Chain& chain : model.chains)
    for (const gemmi::ConstResidueSpan& subchain : chain.subchains()) {
      if (subchain.front().entity_type != gemmi::EntityType::Polymer ||
          !is_polypeptide(structure, subchain))
        continue;
      for (auto first = subchain.begin(); first != subchain.end();) {
        const gemmi::Residue* best_residue = nullptr;
        const gemmi::Atom* best = nullptr;
        auto residue = first;
        for (; residue != subchain.end() && residue->seqid == first->seqid; ++residue)
          for (const gemmi::Atom& atom : residue->atoms) {
            if (atom.name != "CA" || atom.element != gemmi::El::C) continue;
            if (!best || atom.occ > best->occ ||
                (atom.occ == best->occ && atom.altloc < best->altloc)) {
              best_residue = &*residue;
              best = &atom;
            }
          }
        if (best) add(selection, chain, *best_residue, *best);
        first = residue;
      }
    }
  return selection;
}

bool has_nucleic_acid(const gemmi::Model& model) {
  for (const gemmi::Chain& chain : model.chains) {
    int residues = 0;  // one alone is a ligand
    for (const gemmi::Residue& residue : chain.residues)
      if (gemmi::find_tabulated_residue(residue.name).is_nucleic_acid() && ++residues > 1)
        return true;
  }
  return false;
}

/// Whether assembly 1 is not each of these parts once and where it is deposited.
bool is_partial(const gemmi::Structure& structure, const std::set<std::string>& parts) {
  const auto assembly = std::find_if(structure.assemblies.begin(), structure.assemblies.end(),
                                     [](const gemmi::Assembly& a) { return a.name == "1"; });
  if (assembly == structure.assemblies.end()) return false;
  std::map<std::string, int> copies;
  for (const gemmi::Assembly::Gen& generator : assembly->generators)
    for (const gemmi::Assembly::Operator& op : generator.operators) {
      if (!op.transform.is_identity()) return true;
      for (const std::string& part :
           generator.subchains.empty() ? generator.chains : generator.subchains)
        ++copies[part];
    }
  return std::any_of(parts.begin(), parts.end(),
                     [&](const std::string& part) { return copies[part] != 1; });
}

/// Since 0.7 models have a number for a name.
template <class Model>
bool is_number(const Model& model, int number) {
  if constexpr (requires { model.num; })
    return model.num == number;
  else
    return model.name == std::to_string(number);
}

const gemmi::Model* find_model(const gemmi::Structure& structure, std::optional<int> number) {
  if (!number) return &structure.models.front();
  for (const gemmi::Model& model : structure.models)
    if (is_number(model, *number)) return &model;
  return nullptr;
}

std::vector<Vec3> positions_of_nodes(const gemmi::Model& model) {
  std::vector<Vec3> positions;
  for (const gemmi::Chain& chain : model.chains)
    for (const gemmi::Residue& residue : chain.residues)
      for (const gemmi::Atom& atom : residue.atoms)
        if ((atom.altloc == '\0' || atom.altloc == 'A') &&
            may_be_node(NodeRule::prody, residue.name, atom.name, ProdyRelease::v2_3_1))
          positions.push_back({atom.pos.x, atom.pos.y, atom.pos.z});
  return positions;
}

}  // namespace

Outcome<Header> read_header_with_gemmi(const std::string& text, const std::filesystem::path& path) {
  Outcome<Parsed> parsed = parse(text, path);
  if (!parsed) return tl::unexpected(std::move(parsed.error()));
  return make_header(*parsed, text, path);
}

Outcome<Structure> read_with_gemmi(const std::string& text, const std::filesystem::path& path,
                                   const ReadOptions& options) {
  Outcome<Parsed> parsed = parse(text, path);
  if (!parsed) return tl::unexpected(std::move(parsed.error()));
  gemmi::Structure& source = parsed->structure;

  const gemmi::Model* model = find_model(source, options.model);
  if (!model)
    return tl::unexpected(parse_failure(
        "no_model", path,
        fmt::format("there is no model {} among {}", *options.model, source.models.size())));

  Selection selection;
  ProdyRelease release = ProdyRelease::v2_3_1;
  if (options.nodes == NodeRule::polymer) {
    gemmi::add_entity_types(source, false);
    gemmi::setup_entities(source);
    selection = select_polymer(source, *model);
  } else {
    selection = select_prody(*model, options.nodes, release, 'A');
    if (selection.nodes.empty()) {
      release = ProdyRelease::v2_6_1;
      selection = select_prody(*model, options.nodes, release,
                               parsed->is_mmcif ? altloc_of_2_6_1(*model) : 'A');
    }
  }

  for (const Node& node : selection.nodes)
    for (const double x : node.position)
      if (!std::isfinite(x))
        return tl::unexpected(parse_failure(
            "bad_coordinates", path,
            fmt::format("a coordinate of {} {}{} {} is missing or not a number", node.chain,
                        node.residue, node.number.value_or(0), node.atom)));
  if (selection.nodes.empty())
    return tl::unexpected(parse_failure("no_nodes", path,
                                        has_nucleic_acid(*model)
                                            ? "there is nucleic acid but no C-alpha in the model"
                                            : "no C-alpha in the model"));

  Structure structure;
  structure.header = make_header(*parsed, text, path);
  if (structure.header.protein.empty())
    structure.header.protein = protein_of_nodes(selection.nodes).text();
  structure.models = static_cast<int>(source.models.size());
  structure.nucleic_left_out = options.nodes != NodeRule::prody_app && has_nucleic_acid(*model);
  std::set<std::string> parts;
  for (std::size_t i = 0; i < selection.nodes.size(); ++i)
    parts.insert(parsed->is_mmcif ? selection.subchains[i] : selection.nodes[i].chain);
  structure.partial_assembly = is_partial(source, parts);
  structure.chains = count_chains(selection.nodes);
  structure.nodes = std::move(selection.nodes);
  return structure;
}

std::vector<GemmiAssembly> assemblies_by_gemmi(const std::filesystem::path& file) {
  const gemmi::Structure structure =
      file.extension() == ".cif" ? gemmi::make_structure(gemmi::cif::read_file(file.string()))
                                 : gemmi::read_pdb_file(file.string());
  std::vector<GemmiAssembly> assemblies;
  for (const gemmi::Assembly& assembly : structure.assemblies)
    // The last argument, for messages, is a stream up to 0.6 and a logger since: none of either.
    assemblies.push_back({assembly.name, positions_of_nodes(gemmi::make_assembly(
                                             assembly, structure.models.at(0),
                                             gemmi::HowToNameCopiedChain::Dup, {}))});
  return assemblies;
}

}  // namespace modesweep
