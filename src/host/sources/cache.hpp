// SPDX-License-Identifier: MIT
// The folder in which downloaded structure files are kept.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace modesweep {

/// The address of an entry (normal form): `<ID>`, `<id>`, `<hash>` and `<extended>` filled in.
std::string expand_template(std::string_view url_template, std::string_view id);

/// The ending that stored files get, such as `.cif.gz`: that of the template's file where it is one
/// of a structure file, else `.cif.gz`.
std::string structure_ending(std::string_view url_template);

/// Files at `<cache_dir>/structures/<hash>/<ID><ending>`.
class StructureCache {
 public:
  StructureCache(const std::filesystem::path& cache_dir, std::string ending);

  /// Throws RunError (`unavailable`) where the folder cannot be made or written.
  void require_writable() const;

  std::filesystem::path path_of(std::string_view id) const;
  bool stores_gzip() const { return ending_.ends_with(".gz"); }

  enum class State { absent, intact, damaged };
  State state_of(std::string_view id) const;

  /// Writes a file whole or not at all; returns its path. Errors are std::system_error.
  std::filesystem::path write(std::string_view id, std::string_view bytes) const;

 private:
  std::filesystem::path folder_;
  std::string ending_;
};

}  // namespace modesweep
