// SPDX-License-Identifier: MIT
#include "sources/mirror.hpp"

#include <algorithm>
#include <initializer_list>
#include <string>

#include <modesweep/pdb_id.hpp>

#include "base/ascii.hpp"

namespace modesweep {
namespace {

namespace fs = std::filesystem;

}  // namespace

Mirror::Mirror(const fs::path& root) {
  const auto add = [&](std::initializer_list<const char*> folders, Naming naming) {
    for (const char* folder : folders) {
      std::error_code ignored;
      const fs::path path = *folder ? root / folder : root;
      if (fs::is_directory(path, ignored)) branches_.push_back({path, naming});
    }
  };
  add({"structures/divided/mmCIF", "data/structures/divided/mmCIF", "divided/mmCIF", "mmCIF", ""},
      Naming::mmcif);
  add({"entries", "data/entries"}, Naming::entries);
  add({"structures/divided/pdb", "data/structures/divided/pdb", "divided/pdb", "pdb", ""},
      Naming::pdb);
}

std::optional<fs::path> Mirror::find(std::string_view id, Predicate take, bool pdb_first) const {
  const std::string name = ascii_lower(id);
  const std::string hash = pdb_id_hash(id);
  const std::string extended = extended_pdb_id(id);
  std::vector<Branch> branches = branches_;
  if (pdb_first)
    std::stable_partition(branches.begin(), branches.end(),
                          [](const Branch& branch) { return branch.naming == Naming::pdb; });
  for (const auto& [folder, naming] : branches) {
    fs::path stem;
    switch (naming) {
      case Naming::mmcif: stem = folder / hash / (name + ".cif"); break;
      case Naming::pdb: stem = folder / hash / ("pdb" + name + ".ent"); break;
      case Naming::entries: stem = folder / hash / extended / (extended + ".cif"); break;
    }
    for (const char* ending : {".gz", ""}) {
      fs::path path = stem;
      path += ending;
      if (take(path)) return path;
    }
  }
  return std::nullopt;
}

}  // namespace modesweep
