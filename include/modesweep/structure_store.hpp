// SPDX-License-Identifier: MIT
// From entry IDs to files on disk: local mirrors, the cache, then the network.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <modesweep/cancel.hpp>
#include <modesweep/log.hpp>
#include <modesweep/outcome.hpp>
#include <modesweep/search.hpp>

namespace modesweep {

enum class FileFormat { cif, bcif, pdb };

std::string_view to_string(FileFormat format);

/// The archives whose addresses are known, the preferred one first: rcsb, wwpdb, pdbe, pdbj.
std::vector<std::string> public_archives();

struct StoreOptions {
  std::filesystem::path cache_dir;             ///< structures lie in its folder `structures`
  std::uint64_t cache_limit = 0;               ///< bytes of structures kept; 0: no limit
  std::vector<std::filesystem::path> mirrors;  ///< $PDB_DIR: archive trees, divided layout
  FileFormat format = FileFormat::cif;  ///< to download; entries without a PDB file come as mmCIF
  std::vector<std::string> archives = public_archives();  ///< the next when one stays bad
  /// Instead of `archives`: `<ID>` the normal form (1UBI), `<id>` in lower case, `<hash>` the
  /// divided folder, `<extended>` the 12-character form. Files are stored with the ending of the
  /// first one of their format; what is not there in the first format is looked for in the next.
  std::vector<std::string> url_templates;
  /// Base address of the service that knows what became of entries that are not there. Empty:
  /// RCSB's, but none where `url_templates` name hosts that need not know of RCSB.
  std::string holdings_url;
  int max_connections = 6;       ///< to one host; transfers in flight are bounded as well
  std::uint64_t max_memory = 0;  ///< bytes that checking a file may take; 0: those of the largest
  bool read_whole = false;       ///< cached files are checked to their ends, whatever is on record
};

struct StoredFile {
  enum class Origin { mirror, cache, network };
  std::filesystem::path path;
  Origin origin;
  std::uint64_t bytes = 0;
  std::string sha256{};  ///< of what was fetched; empty where that is not known, as of a mirror's
};

/// Where entries will come from, known before anything is opened.
struct FetchPlan {
  std::uint64_t mirrored = 0;
  std::uint64_t cached = 0;
  std::uint64_t missing = 0;
  double estimated_megabytes = 0;  ///< of the missing ones
};

class StructureStore {
 public:
  virtual ~StructureStore() = default;

  virtual FetchPlan plan(const std::vector<std::string>& ids) const = 0;

  /// Calls `done(index, outcome)` once for every ID as it becomes available, on the calling
  /// thread; returns when all are through, or early once cancelled. `done` may block: back-pressure
  /// holds the transfers. Failures are at stage download: `not_found`, `obsolete` and `unreleased`
  /// (as the holdings service says), `offline`, `http_<status>`, `connection`, `bad_content`,
  /// `wrong_entry`, `too_large`, `cache` (what is not there cannot be kept).
  using Done = std::function<void(std::size_t index, Outcome<StoredFile>)>;
  virtual void fetch(const std::vector<std::string>& ids, const Done& done) = 0;
};

/// Throws RunError: `request` where a template is not an https URL with a placeholder.
std::unique_ptr<StructureStore> make_structure_store(StoreOptions options, HttpOptions http,
                                                     Reporter& reporter, CancelToken cancel = {});

/// MODESWEEP_CACHE_DIR, else XDG_CACHE_HOME/modesweep, else ~/.cache/modesweep.
std::filesystem::path default_cache_dir();

}  // namespace modesweep
