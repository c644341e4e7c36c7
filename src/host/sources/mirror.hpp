// SPDX-License-Identifier: MIT
// A local copy of the PDB archive, as $PDB_DIR names it.
#pragma once

#include <filesystem>
#include <optional>
#include <string_view>
#include <vector>

namespace modesweep {

/// Finds entries in a tree in one of the archive's divided layouts: mmCIF or PDB format, at or
/// above the folder of the hashes, and the layout of 2027
/// (`entries/<hash>/pdb_0000xxxx/structures/`, or without `structures`); plain files or gzip, named
/// by either form of the ID. The root may be that of a host, such as the folder of `pub`. Which of
/// the layouts are there is looked up once.
class Mirror {
 public:
  explicit Mirror(const std::filesystem::path& root);

  /// Whether there is any folder in which entries could lie.
  bool usable() const { return !branches_.empty(); }

  /// The first file of this entry (normal form) that `take` takes: mmCIF before PDB format unless
  /// `pdb_first`, gzip before plain. No folder is listed.
  using Predicate = bool (*)(const std::filesystem::path&);
  std::optional<std::filesystem::path> find(std::string_view id, Predicate take,
                                            bool pdb_first = false) const;

 private:
  enum class Naming { mmcif, pdb, entries, entries_pdb };
  struct Branch {
    std::filesystem::path folder;
    Naming naming;

    /// Where the entry may lie, without `.gz`, in the order of preference.
    std::vector<std::filesystem::path> files_of(std::string_view id) const;
  };
  std::vector<Branch> branches_;
};

}  // namespace modesweep
