// SPDX-License-Identifier: MIT
// Results of earlier runs, so that nothing is solved twice.
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include <modesweep/log.hpp>
#include <modesweep/row.hpp>

namespace modesweep {

/// Rows by the SHA-256 of the file and the parameters that their numbers depend on. May be called
/// from several threads, and other processes may use the same cache. Nothing here fails: a cache
/// that cannot be used warns once and knows nothing.
class ResultCache {
 public:
  virtual ~ResultCache() = default;

  /// What was kept, but for `Row::file`, which is the caller's. A row whose checksum is not that of
  /// key and values, or whose numbers no solver makes, is nothing that was kept.
  /// `chain`: that of a row by chain.
  virtual std::optional<Row> find(const std::string& sha256,
                                  const std::optional<std::string>& chain = {}) = 0;
  virtual void keep(const Row& row) = 0;

  /// How many such rows were asked for.
  virtual std::size_t damaged() const = 0;
};

/// The file `results.sqlite` of the cache folder. `parameters` is any text that is the same for
/// runs whose rows are the same; the version of the method is one of their parameters. A cache that
/// may only be read is read.
std::unique_ptr<ResultCache> open_result_cache(const std::filesystem::path& cache_dir,
                                               const std::string& parameters, Reporter& reporter);

}  // namespace modesweep
