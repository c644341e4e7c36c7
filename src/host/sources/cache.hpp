// SPDX-License-Identifier: MIT
// The folder in which downloaded structure files are kept.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <modesweep/log.hpp>

#include "sources/part_file.hpp"

namespace modesweep {

/// A structure file in the cache.
struct CachedFile {
  std::filesystem::path path;
  std::string id;  ///< normal form
  std::uint64_t bytes = 0;
  std::chrono::sys_seconds last_used;
};

/// Files at `<cache_dir>/structures/<hash>/<ID><ending>`, and what they were when they were last
/// checked (size, time, SHA-256) in `<cache_dir>/structures.sqlite`. A file that has the size and
/// the time on record is taken as it is; any other is read and checked. When a file was last used
/// is its access time. What is not whole yet lies in `<cache_dir>/structures/parts`. A link, or
/// anything else that is no regular file, is no file of the cache. Other processes may use the same
/// folder at any time; one object is for one thread.
class StructureCache {
 public:
  /// Removes what killed processes left behind.
  StructureCache(const std::filesystem::path& cache_dir, Reporter& reporter);
  ~StructureCache();
  StructureCache(StructureCache&&) noexcept;

  /// Why nothing can be kept; nothing where the folder can be written.
  std::optional<std::string> why_read_only() const;
  /// From now on the files that were used longest ago make room for new ones, but for those that
  /// were used within the hour, by whatever process.
  void set_limit(std::uint64_t bytes);

  std::filesystem::path path_of(std::string_view id, std::string_view ending) const;
  bool has(std::string_view id, std::string_view ending) const;

  enum class State { absent, intact, damaged };
  /// How much of a file is looked at: all of it where size and time are not those on record, or in
  /// any case.
  enum class Look { as_needed, whole };
  /// Of a file that is about to be used. One that was altered since it was checked is damaged, even
  /// where it is another good file of the entry.
  State check(std::string_view id, std::string_view ending, Look look = Look::as_needed);
  /// Of the file's content when it was last checked; empty where that is not known.
  std::string sha256_on_record(std::string_view id, std::string_view ending);

  /// A new file for what is fetched. May be called from any thread. Errors are std::system_error.
  PartFile part(std::string_view id, std::string_view ending) const;
  /// Gives such a file, with the SHA-256 of its content, its name; returns its path. Errors are
  /// std::system_error.
  std::filesystem::path keep(std::string_view id, std::string_view ending, PartFile part,
                             const std::string& sha256);

  /// Every file, in no order.
  void for_each(const std::function<void(const CachedFile&)>& visit) const;
  /// Reads a file to its end, whatever is on record. A damaged one is fetched again when it is next
  /// asked for.
  State verify(const CachedFile& file);
  /// Whether it was there.
  bool remove(const CachedFile& file);

 private:
  class Index;

  State check_content(const std::filesystem::path& path, std::string_view id);
  void make_room();

  std::filesystem::path folder_;
  std::filesystem::path parts_;  ///< a folder in it
  Reporter& reporter_;
  std::unique_ptr<Index> index_;
  std::uint64_t limit_ = 0;  ///< 0: none
  std::uint64_t held_ = 0;   ///< bytes, about; counted only under a limit
  std::uint64_t next_look_ = 0;
};

}  // namespace modesweep
