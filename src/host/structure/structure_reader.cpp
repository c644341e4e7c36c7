// SPDX-License-Identifier: MIT
// From a file to its nodes, whatever its format.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <string>
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

Outcome<Structure> make_structure(Chosen&& chosen, const ReadOptions& options,
                                  const std::filesystem::path& path, const Admission& memory) {
  FileContents& contents = chosen.contents;
  Structure structure;
  structure.header = std::move(contents.header);
  name_by_file(structure.header, path);
  if (structure.header.protein.empty())
    structure.header.protein = protein_of_nodes(chosen.nodes).text();
  structure.models = contents.models;
  structure.more_blocks = contents.more_blocks;
  structure.predicted = contents.predicted;
  structure.nucleic_left_out = options.nodes != NodeRule::prody_app && chosen.nucleic_acid;
  structure.no_assembly = options.assembly == "auto" && !contents.assemblies.has_generators("1");
  if (!structure.no_assembly)
    structure.assembly = options.assembly == "auto" ? "1" : options.assembly;
  const std::string& assembly = structure.assembly;
  if (assembly.empty()) {
    std::set<std::string_view> parts;
    std::string_view part_before;
    for (std::size_t i = 0; i < chosen.nodes.size(); ++i) {
      const std::string_view part =
          contents.assemblies.of_chains ? chosen.nodes[i].chain : chosen.parts[i];
      if (i == 0 || part != part_before) parts.insert(part);
      part_before = part;
    }
    structure.partial_assembly = contents.assemblies.first_differs_from(parts);
  }
  if (selects(options)) {
    const Outcome<std::vector<bool>> selected = selected_nodes(chosen.nodes, options, path);
    if (!selected) return tl::unexpected(selected.error());
    keep_selected(chosen.nodes, *selected);
    keep_selected(chosen.parts, *selected);
  }
  if (!assembly.empty()) {
    const auto admit = [&](std::size_t nodes) {
      return memory.ask(Stage::parse, (chosen.nodes.size() + nodes) * node_bytes,
                        fmt::format("the {} of assembly {}", counted(nodes, "node"), assembly));
    };
    Outcome<std::vector<Node>> copies =
        contents.assemblies.assemble(assembly, chosen.nodes, chosen.parts, path, admit);
    if (!copies) return tl::unexpected(std::move(copies.error()));
    chosen.nodes = *std::move(copies);
  }
  structure.chains = count_chains(chosen.nodes);
  structure.nodes = std::move(chosen.nodes);
  return structure;
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
  Outcome<File> file = File::open(std::move(bytes), path, memory);
  if (!file) return tl::unexpected(std::move(file.error()));
  Outcome<Chosen> chosen = choose_nodes(*file, options, path);
  if (!chosen) return tl::unexpected(std::move(chosen.error()));
  if (chosen->nodes.empty())
    return tl::unexpected(no_nodes(*file, options, chosen->contents.models, path));
  return make_structure(*std::move(chosen), options, path, memory);
}

}  // namespace modesweep
