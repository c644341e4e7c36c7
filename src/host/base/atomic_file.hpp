// SPDX-License-Identifier: MIT
// Files that appear under their name whole or not at all.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string_view>

namespace modesweep {

/// Writes a new file that has no name until `commit`, so that a process that is killed leaves
/// nothing; then it is `<path>.part.<random>` for the moment in which it is renamed to `path`,
/// whatever bears that name. Where a file system has no files without names it has that name from
/// the start. Destroying it without `commit` removes what was written. Errors are
/// std::system_error.
class AtomicFile {
 public:
  /// `mode` less the umask is that of the file.
  explicit AtomicFile(std::filesystem::path path, mode_t mode = 0666);
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;
  ~AtomicFile();

  void write(std::string_view bytes);
  void commit();
  const std::filesystem::path& temporary_path() const { return temporary_; }
  int descriptor() const { return descriptor_; }

 private:
  std::filesystem::path path_;
  std::filesystem::path temporary_;
  int descriptor_ = -1;
  bool has_name_ = false;  ///< the temporary one
};

}  // namespace modesweep
