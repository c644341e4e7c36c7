// SPDX-License-Identifier: MIT
// From a file to its nodes, whatever its format.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <variant>

#include <modesweep/structure.hpp>

#include "base/text.hpp"
#include "structure/binary_cif.hpp"
#include "structure/mmcif_reader.hpp"
#include "structure/no_nodes.hpp"
#include "structure/node_selection.hpp"
#include "structure/pdb_reader.hpp"
#include "structure/plain_text.hpp"
#include "structure/polymer_nodes.hpp"
#include "structure/protein_identity.hpp"
#include "structure/structure_bytes.hpp"
#include "structure/text_format.hpp"

namespace modesweep {
namespace {

using Read = tl::expected<FileContents, ReadProblem>;

/// Of one node, with its name, its place and its B factor where they are kept for later.
constexpr std::uint64_t node_bytes = 400;
/// Of a chain that becomes an entry of its own, without its nodes and the texts of the header.
constexpr std::uint64_t chain_bytes = 4096;

/// What a text takes in memory while its nodes are collected.
std::uint64_t reading_memory(const std::string& plain, std::uint64_t limit) {
  const std::uint64_t size = plain.size();
  constexpr std::uint64_t least_of_node = 64;  // of a line of text
  const std::uint64_t most = size + size / least_of_node * node_bytes;
  if (most <= limit / 4) return most;
  // Nodes are few among atoms, as a rule: they are counted where it matters.
  std::uint64_t nodes = 0;
  for (std::size_t at = plain.find(" CA "); at != std::string::npos;
       at = plain.find(" CA ", at + 1))
    ++nodes;
  return size + nodes * node_bytes;
}

/// A file in memory that can be read more than once.
class File {
 public:
  static Outcome<File> open(std::string&& bytes, const std::filesystem::path& path,
                            const Admission& memory) {
    Outcome<std::string> plain = decompressed(std::move(bytes), path, memory);
    if (!plain) return tl::unexpected(std::move(plain.error()));
    constexpr const char* atoms = "the atoms of the file";
    const std::uint64_t size = plain->size();
    const auto refused = [&](const ReadProblem& problem) {
      return tl::unexpected(parse_failure(problem.code, path, problem.message));
    };
    File file;
    if (is_binary_cif(*plain)) {
      tl::expected<BinaryCif, ReadProblem> parsed = BinaryCif::parse(*std::move(plain));
      if (!parsed) return refused(parsed.error());
      if (Outcome<void> admitted = memory.ask(Stage::parse, size + parsed->decoded_bytes(), atoms);
          !admitted)
        return tl::unexpected(std::move(admitted.error()));
      file.content_.emplace<BinaryCif>(*std::move(parsed));
      return file;
    }
    if (Outcome<void> admitted =
            memory.ask(Stage::parse, reading_memory(*plain, memory.limit), atoms);
        !admitted)
      return tl::unexpected(std::move(admitted.error()));
    auto [text, has_nul] = plain_text(*std::move(plain));
    const tl::expected<TextFormat, std::string> format = text_format(text, has_nul);
    if (!format) return refused({"not_a_structure", format.error()});
    file.is_mmcif_ = *format == TextFormat::mmcif;
    file.is_pqr_ = is_pqr_name(path);
    file.content_ = std::move(text);
    return file;
  }

  Read read(std::optional<int> model, NodeCollector& collector) {
    if (BinaryCif* binary = std::get_if<BinaryCif>(&content_))
      return binary->read(model, collector);
    const std::string& text = std::get<std::string>(content_);
    if (is_mmcif_) {
      Read contents = read_mmcif(text, model, collector);
      if (contents || !has_pdb_atoms_alone(text)) return contents;
      is_mmcif_ = false;  // its first line is a remark that looks like CIF
    }
    return read_pdb(text, is_pqr_ ? PdbDialect::pqr : PdbDialect::columns, model, collector);
  }

  /// Without the atoms where that is cheaper.
  Read read_contents() {
    if (const std::string* text = std::get_if<std::string>(&content_); text && !is_mmcif_)
      return read_pdb_head(*text);
    constexpr int no_model = -1;
    NodeCollector none{AtomChoice{}};
    return read(no_model, none);
  }

  bool is_mmcif() const { return is_mmcif_ || std::holds_alternative<BinaryCif>(content_); }
  /// Nothing where it is not text.
  std::string_view text() const {
    const std::string* text = std::get_if<std::string>(&content_);
    return text ? std::string_view(*text) : std::string_view{};
  }

 private:
  std::variant<std::string, BinaryCif> content_;
  bool is_mmcif_ = false, is_pqr_ = false;
};

/// The file's name where it states no entry.
void name_by_file(Header& header, const std::filesystem::path& path) {
  if (!header.id_is_entry) header.id = clean(structure_stem(path));
}

struct Chosen {
  FileContents contents;
  std::vector<Node> nodes;
  std::vector<std::string_view> parts;  // of each node; they belong to the file
  bool nucleic_acid = false;
};

Outcome<Chosen> choose_nodes(File& file, const ReadOptions& options,
                             const std::filesystem::path& path) {
  AtomChoice choice{options.nodes};
  const auto read = [&]() -> Outcome<Chosen> {
    NodeCollector collector(choice);
    Read contents = file.read(options.model, collector);
    if (!contents)
      return tl::unexpected(parse_failure(contents.error().code, path, contents.error().message));
    Chosen chosen{*std::move(contents), std::move(collector.nodes), std::move(collector.parts),
                  collector.nucleic_acid()};
    if (options.nodes == NodeRule::polymer) {
      PolymerNodes polymer = polymer_nodes(collector.backbone, chosen.contents.entities);
      chosen.nodes = std::move(polymer.nodes);
      chosen.parts = std::move(polymer.parts);
    }
    // 2.6.1 reads an mmCIF file in which neither ' ' nor 'A' occurs by the first row's altloc.
    if (file.is_mmcif()) choice.altloc = collector.only_altloc().value_or('A');
    return chosen;
  };
  Outcome<Chosen> chosen = read();
  if (!chosen || !chosen->nodes.empty() || options.nodes == NodeRule::polymer) return chosen;
  choice.release = ProdyRelease::v2_6_1;
  return read();
}

/// Why there is no node.
Failure no_nodes(File& file, const ReadOptions& options, int models,
                 const std::filesystem::path& path) {
  NodeCollector collector(AtomChoice{options.nodes}, NodeCollector::Purpose::census);
  const Read read = file.read(options.model, collector);
  if (read && collector.census().atoms == 0 && models > 0 && options.model)
    return parse_failure("no_model", path,
                         fmt::format("there is no model {} among {}", *options.model, models));
  if (read && collector.census().atoms == 0 && !file.is_mmcif())
    return parse_failure("no_nodes", path, why_no_atoms(file.text()));
  return parse_failure("no_nodes", path,
                       why_no_nodes(collector.census(), collector.nucleic_acid(), options.nodes));
}

/// What tells the proteins of some of the file's nodes from others.
std::string protein_of(const FileContents& contents, const std::vector<Node>& nodes) {
  std::set<std::string_view> chains;
  for (const Node& node : nodes) chains.insert(node.chain);
  std::string protein = contents.proteins.text(chains);
  return protein.empty() ? protein_of_nodes(nodes).text() : protein;
}

/// Whether the asymmetric unit, all of it, is not assembly 1.
bool is_partial_assembly(const Chosen& chosen) {
  std::set<std::string_view> parts;
  std::string_view part_before;
  for (std::size_t i = 0; i < chosen.nodes.size(); ++i) {
    const std::string_view part =
        chosen.contents.assemblies.of_chains ? chosen.nodes[i].chain : chosen.parts[i];
    if (i == 0 || part != part_before) parts.insert(part);
    part_before = part;
  }
  return chosen.contents.assemblies.first_differs_from(parts);
}

/// What all of a file's structures have, before nodes are chosen among.
Structure without_nodes(const Chosen& chosen, const ReadOptions& options,
                        const std::filesystem::path& path) {
  const FileContents& contents = chosen.contents;
  Structure structure;
  structure.header = contents.header;
  name_by_file(structure.header, path);
  structure.models = contents.models;
  structure.more_blocks = contents.more_blocks;
  structure.predicted = contents.predicted;
  structure.nucleic_left_out = options.nodes != NodeRule::prody_app && chosen.nucleic_acid;
  structure.no_assembly = options.assembly == "auto" && !contents.assemblies.has_generators("1");
  if (!structure.no_assembly)
    structure.assembly = options.assembly == "auto" ? "1" : options.assembly;
  if (structure.assembly.empty()) structure.partial_assembly = is_partial_assembly(chosen);
  return structure;
}

/// Keeps the nodes that the options choose.
Outcome<void> select_nodes(Chosen& chosen, const ReadOptions& options,
                           const std::filesystem::path& path) {
  if (!selects(options)) return {};
  const Outcome<std::vector<bool>> selected = selected_nodes(chosen.nodes, options, path);
  if (!selected) return tl::unexpected(selected.error());
  keep_selected(chosen.nodes, *selected);
  keep_selected(chosen.parts, *selected);
  return {};
}

Outcome<Structure> make_structure(Chosen&& chosen, const ReadOptions& options,
                                  const std::filesystem::path& path, const Admission& memory) {
  Structure structure = without_nodes(chosen, options, path);
  if (Outcome<void> selected = select_nodes(chosen, options, path); !selected)
    return tl::unexpected(std::move(selected.error()));
  if (selects(options) || structure.header.protein.empty())
    structure.header.protein = protein_of(chosen.contents, chosen.nodes);
  if (!structure.assembly.empty()) {
    const auto admit = [&](std::size_t nodes) {
      return memory.ask(
          Stage::parse, (chosen.nodes.size() + nodes) * node_bytes,
          fmt::format("the {} of assembly {}", counted(nodes, "node"), structure.assembly));
    };
    Outcome<std::vector<Node>> copies = chosen.contents.assemblies.assemble(
        structure.assembly, chosen.nodes, chosen.parts, path, admit);
    if (!copies) return tl::unexpected(std::move(copies.error()));
    chosen.nodes = *std::move(copies);
  }
  structure.chains = count_chains(chosen.nodes);
  structure.nodes = std::move(chosen.nodes);
  return structure;
}

Outcome<std::vector<Structure>> make_chains(Chosen&& chosen, const ReadOptions& options,
                                            const std::filesystem::path& path,
                                            const Admission& memory) {
  const Structure all = without_nodes(chosen, options, path);
  if (Outcome<void> selected = select_nodes(chosen, options, path); !selected)
    return tl::unexpected(std::move(selected.error()));
  const auto chains = static_cast<std::uint64_t>(count_chains(chosen.nodes));
  const std::uint64_t of_chain = chain_bytes + all.header.title.size() +
                                 all.header.molecules.size() + all.header.keywords.size();
  if (Outcome<void> admitted =
          memory.ask(Stage::parse, chosen.nodes.size() * node_bytes + chains * of_chain,
                     fmt::format("the {} of the file", counted(chains, "chain")));
      !admitted)
    return tl::unexpected(std::move(admitted.error()));
  std::vector<Structure> structures;
  std::map<std::string, std::size_t> places;  // by the chain's name
  for (Node& node : chosen.nodes) {
    const auto [chain, is_new] = places.emplace(node.chain, structures.size());
    if (is_new) structures.push_back(all);
    structures[chain->second].nodes.push_back(std::move(node));
  }
  for (Structure& structure : structures) {
    structure.chains = 1;
    structure.header.protein = protein_of(chosen.contents, structure.nodes);
  }
  return structures;
}

/// A file with the nodes that its rule takes, one at least.
template <class Make>
auto with_nodes(std::string&& bytes, const std::filesystem::path& path, const ReadOptions& options,
                const Admission& memory, Make&& make) -> decltype(make(std::declval<Chosen>())) {
  Outcome<File> file = File::open(std::move(bytes), path, memory);
  if (!file) return tl::unexpected(std::move(file.error()));
  Outcome<Chosen> chosen = choose_nodes(*file, options, path);
  if (!chosen) return tl::unexpected(std::move(chosen.error()));
  if (chosen->nodes.empty())
    return tl::unexpected(no_nodes(*file, options, chosen->contents.models, path));
  return make(*std::move(chosen));
}

}  // namespace

Outcome<Header> read_header(const std::filesystem::path& path) {
  Outcome<std::string> bytes = read_bytes(path);
  if (!bytes) return tl::unexpected(std::move(bytes.error()));
  Outcome<File> file = File::open(*std::move(bytes), path, {});
  if (!file) return tl::unexpected(std::move(file.error()));
  Read contents = file->read_contents();
  if (!contents)
    return tl::unexpected(parse_failure(contents.error().code, path, contents.error().message));
  name_by_file(contents->header, path);
  return std::move(contents->header);
}

Outcome<Structure> read_structure(const std::filesystem::path& path, const ReadOptions& options) {
  Outcome<std::string> bytes = read_bytes(path);
  if (!bytes) return tl::unexpected(std::move(bytes.error()));
  return read_structure(*std::move(bytes), path, options);
}

Outcome<Structure> read_structure(std::string bytes, const std::filesystem::path& path,
                                  const ReadOptions& options) {
  return read_structure(std::move(bytes), path, options, {});
}

Outcome<Structure> read_structure(std::string bytes, const std::filesystem::path& path,
                                  const ReadOptions& options, const Admission& memory) {
  return with_nodes(std::move(bytes), path, options, memory, [&](Chosen&& chosen) {
    return make_structure(std::move(chosen), options, path, memory);
  });
}

Outcome<std::vector<Structure>> read_chains(std::string bytes, const std::filesystem::path& path,
                                            const ReadOptions& options) {
  return read_chains(std::move(bytes), path, options, {});
}

Outcome<std::vector<Structure>> read_chains(std::string bytes, const std::filesystem::path& path,
                                            const ReadOptions& options, const Admission& memory) {
  return with_nodes(std::move(bytes), path, options, memory, [&](Chosen&& chosen) {
    return make_chains(std::move(chosen), options, path, memory);
  });
}

}  // namespace modesweep
