// SPDX-License-Identifier: MIT
#include "sources/url_templates.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <utility>

#include <modesweep/outcome.hpp>
#include <modesweep/pdb_id.hpp>
#include <modesweep/structure.hpp>

#include "base/text.hpp"

namespace modesweep {
namespace {

/// An archive's template for each format; empty where it does not serve one.
struct PublicArchive {
  std::string_view name;
  std::string_view cif, bcif, pdb;
};

constexpr std::array<PublicArchive, 4> archives_of_the_pdb = {{
    {"rcsb", "https://files.rcsb.org/download/<ID>.cif.gz", "https://models.rcsb.org/<id>.bcif.gz",
     "https://files.rcsb.org/download/<ID>.pdb.gz"},
    {"wwpdb", "https://files.wwpdb.org/pub/pdb/data/structures/divided/mmCIF/<hash>/<id>.cif.gz",
     "", "https://files.wwpdb.org/pub/pdb/data/structures/divided/pdb/<hash>/pdb<id>.ent.gz"},
    {"pdbe",
     "https://ftp.ebi.ac.uk/pub/databases/pdb/data/structures/divided/mmCIF/<hash>/<id>.cif.gz",
     "https://www.ebi.ac.uk/pdbe/entry-files/download/<id>.bcif",
     "https://ftp.ebi.ac.uk/pub/databases/pdb/data/structures/divided/pdb/<hash>/pdb<id>.ent.gz"},
    {"pdbj", "https://data.pdbj.org/pub/pdb/data/structures/divided/mmCIF/<hash>/<id>.cif.gz", "",
     "https://data.pdbj.org/pub/pdb/data/structures/divided/pdb/<hash>/pdb<id>.ent.gz"},
}};

}  // namespace

std::string_view to_string(FileFormat format) {
  switch (format) {
    case FileFormat::cif: return "cif";
    case FileFormat::bcif: return "bcif";
    case FileFormat::pdb: return "pdb";
  }
  return "unknown";
}

std::vector<std::string> public_archives() {
  std::vector<std::string> names;
  for (const PublicArchive& archive : archives_of_the_pdb) names.emplace_back(archive.name);
  return names;
}

FileFormat format_of(std::string_view ending) {
  if (ending.starts_with(".bcif")) return FileFormat::bcif;
  const bool is_pdb = (ending.starts_with(".pdb") && !ending.starts_with(".pdbx")) ||
                      ending.starts_with(".ent") || ending.starts_with(".pqr");
  return is_pdb ? FileFormat::pdb : FileFormat::cif;
}

std::vector<std::string> archive_templates(const std::vector<std::string>& archives,
                                           FileFormat format) {
  std::vector<std::string> templates;
  for (const std::string& name : archives) {
    const auto* const archive =
        std::find_if(archives_of_the_pdb.begin(), archives_of_the_pdb.end(),
                     [&](const PublicArchive& known) { return known.name == name; });
    if (archive == archives_of_the_pdb.end())
      throw RunError(Cause::request, fmt::format("there is no archive \"{}\"; there are {}", name,
                                                 fmt::join(public_archives(), ", ")));
    const std::string_view url = format == FileFormat::cif    ? archive->cif
                                 : format == FileFormat::bcif ? archive->bcif
                                                              : archive->pdb;
    if (!url.empty()) templates.emplace_back(url);
  }
  if (templates.empty())
    throw RunError(Cause::request, fmt::format("{} serves no files of the format {}",
                                               fmt::join(archives, ", "), to_string(format)));
  return templates;
}

std::string expand_template(std::string_view url_template, std::string_view id) {
  const std::string extended = extended_pdb_id(id);
  const std::string lower = id.size() == 4 ? extended.substr(extended.size() - 4) : extended;
  const std::array<std::pair<std::string_view, std::string>, 4> values = {
      {{"<ID>", std::string(id)},
       {"<id>", lower},
       {"<hash>", pdb_id_hash(id)},
       {"<extended>", extended}}};
  std::string url(url_template);
  for (const auto& [name, value] : values)
    for (std::size_t at = 0; (at = url.find(name, at)) != std::string::npos; at += value.size())
      url.replace(at, name.size(), value);
  return url;
}

std::string structure_ending(std::string_view url_template) {
  const std::string_view address = url_template.substr(0, url_template.find_first_of("?#"));
  for (const std::string_view text : {address, url_template}) {
    const std::filesystem::path file(text);
    if (!is_structure_file_name(file)) continue;
    return ascii_lower(file.filename().string().substr(structure_stem(file).size()));
  }
  return ".cif.gz";
}

}  // namespace modesweep
