// SPDX-License-Identifier: MIT
// A local folder of structure files that can be searched like a service, offline.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <modesweep/log.hpp>
#include <modesweep/outcome.hpp>

namespace modesweep {

struct ArchiveMatches {
  std::vector<std::filesystem::path> files;  ///< best match first, ties by path
  std::uint64_t indexed = 0;                 ///< files in the index
  std::vector<std::string> warnings;
};

/// An index (SQLite FTS5) over id, title, keywords, molecule and organism names, folder and file
/// names; kept in the cache, refreshed when files change.
class Archive {
 public:
  virtual ~Archive() = default;

  /// All words of `term` must match ("quoted phrases" as phrases, OR and NOT in capitals as such,
  /// word* as a prefix); no character of it is special to the database. Throws RunError (`request`)
  /// for a term with no word in it.
  virtual ArchiveMatches search(const std::string& term) = 0;
};

/// Opens the index of `folder`, bringing it up to date. Throws RunError: `request` where the folder
/// does not exist, `unavailable` where the index cannot be written.
std::unique_ptr<Archive> open_archive(const std::filesystem::path& folder,
                                      const std::filesystem::path& cache_dir, Reporter& reporter);

}  // namespace modesweep
