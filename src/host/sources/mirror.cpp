// SPDX-License-Identifier: MIT
#include "sources/mirror.hpp"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <string>

#include <modesweep/pdb_id.hpp>

#include "base/text.hpp"

namespace modesweep {
namespace {

namespace fs = std::filesystem;

/// Where the archive's `data` may begin below a mirror's root: at the root itself, or as the hosts'
/// own paths and rsync modules have it.
constexpr std::array<const char*, 9> prefixes = {"",
                                                 "pub/wwpdb/pdb",
                                                 "pub/databases/wwpdb/pdb",
                                                 "pub/pdb",
                                                 "pub/databases/pdb",
                                                 "databases/wwpdb/pdb",
                                                 "wwpdb/pdb",
                                                 "pdb",
                                                 "pdb_data"};

}  // namespace

Mirror::Mirror(const fs::path& root) {
  const auto add = [&](const fs::path& folder, Naming naming) {
    std::error_code ignored;
    if (fs::is_directory(folder, ignored)) branches_.push_back({folder, naming});
  };
  const auto add_below = [&](std::initializer_list<const char*> folders, Naming naming) {
    for (const char* prefix : prefixes)
      for (const char* data : {"", "data"})
        for (const char* folder : folders) add(root / prefix / data / folder, naming);
  };
  add_below({"structures/divided/mmCIF", "divided/mmCIF", "mmCIF"}, Naming::mmcif);
  add(root, Naming::mmcif);
  add_below({"entries"}, Naming::entries);
  add(root, Naming::entries);
  add_below({"structures/divided/pdb", "divided/pdb", "pdb"}, Naming::pdb);
  add(root, Naming::pdb);
  add_below({"entries"}, Naming::entries_pdb);
  add(root, Naming::entries_pdb);
}

std::vector<fs::path> Mirror::Branch::files_of(std::string_view id) const {
  const std::string name = ascii_lower(id);
  const std::string extended = extended_pdb_id(id);
  const fs::path hash = folder / pdb_id_hash(id);
  switch (naming) {
    case Naming::mmcif:
      if (name == extended) return {hash / (name + ".cif")};
      return {hash / (name + ".cif"), hash / (extended + ".cif")};
    case Naming::pdb: return {hash / ("pdb" + name + ".ent")};
    case Naming::entries:
      return {hash / extended / "structures" / (extended + ".cif"),
              hash / extended / (extended + ".cif"), hash / extended / (extended + "_xyz.cif")};
    case Naming::entries_pdb: return {hash / extended / "structures" / (extended + ".pdb")};
  }
  return {};
}

std::optional<fs::path> Mirror::find(std::string_view id, Predicate take, bool pdb_first) const {
  std::vector<Branch> branches = branches_;
  if (pdb_first)
    std::stable_partition(branches.begin(), branches.end(), [](const Branch& branch) {
      return branch.naming == Naming::pdb || branch.naming == Naming::entries_pdb;
    });
  for (const Branch& branch : branches)
    for (const fs::path& file : branch.files_of(id))
      for (const char* ending : {".gz", ""}) {
        fs::path path = file;
        path += ending;
        if (take(path)) return path;
      }
  return std::nullopt;
}

}  // namespace modesweep
