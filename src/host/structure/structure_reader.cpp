// SPDX-License-Identifier: MIT
// From a file to its nodes: the quick readers first, gemmi for what they leave.
#include <algorithm>
#include <string>

#include <modesweep/structure.hpp>

#include "structure/binary_cif.hpp"
#include "structure/calpha_readers.hpp"
#include "structure/gemmi_reader.hpp"
#include "structure/node_selection.hpp"
#include "structure/text_format.hpp"

namespace modesweep {
namespace {

/// The text of a file of these bytes, that of BinaryCIF as mmCIF, once it can be a structure at
/// all.
Outcome<std::string> text_of(std::string&& bytes, const std::filesystem::path& path) {
  Outcome<std::string> text = maybe_gunzip(std::move(bytes), path);
  if (!text) return text;
  if (is_binary_cif(*text)) {
    tl::expected<std::string, std::string> mmcif = binary_cif_as_mmcif(*text);
    if (!mmcif) return tl::unexpected(parse_failure("not_a_structure", path, mmcif.error()));
    text = std::move(*mmcif);
  }
  if (const std::optional<std::string> problem = not_a_structure(*text))
    return tl::unexpected(parse_failure("not_a_structure", path, *problem));
  return text;
}

}  // namespace

Outcome<Header> read_header(const std::filesystem::path& path) {
  Outcome<std::string> bytes = read_bytes(path);
  if (!bytes) return tl::unexpected(std::move(bytes.error()));
  Outcome<std::string> text = text_of(*std::move(bytes), path);
  if (!text) return tl::unexpected(std::move(text.error()));
  if (is_mmcif_text(*text)) {
    if (std::optional<Header> header = read_mmcif_header(*text, path)) return std::move(*header);
  } else {
    // The atoms of a PDB file come after all that is wanted here.
    const std::size_t atoms = std::min(text->find("\nATOM  "), text->find("\nHETATM"));
    if (atoms != std::string::npos) text->resize(atoms + 1);
    if (text->starts_with("ATOM  ") || text->starts_with("HETATM")) text->clear();
  }
  return read_header_with_gemmi(*text, path);
}

Outcome<Structure> read_structure(const std::filesystem::path& path, const ReadOptions& options) {
  Outcome<std::string> bytes = read_bytes(path);
  if (!bytes) return tl::unexpected(std::move(bytes.error()));
  return read_structure(*std::move(bytes), path, options);
}

Outcome<Structure> read_structure(std::string bytes, const std::filesystem::path& path,
                                  const ReadOptions& options) {
  Outcome<std::string> text = text_of(std::move(bytes), path);
  if (!text) return tl::unexpected(std::move(text.error()));
  // Operators are gemmi's.
  if (!options.assembly.empty()) return read_with_gemmi(*text, path, options);
  std::optional<Structure> quickly = is_mmcif_text(*text) ? read_mmcif_calphas(*text, path, options)
                                                          : read_pdb_calphas(*text, path, options);
  if (!quickly) return read_with_gemmi(*text, path, options);
  if (selects(options)) {
    const Outcome<std::vector<bool>> selected = selected_nodes(quickly->nodes, options, path);
    if (!selected) return tl::unexpected(selected.error());
    keep_selected(quickly->nodes, *selected);
    quickly->chains = count_chains(quickly->nodes);
  }
  return *std::move(quickly);
}

}  // namespace modesweep
