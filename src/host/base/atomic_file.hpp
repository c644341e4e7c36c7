// SPDX-License-Identifier: MIT
// Files that appear under their name whole or not at all.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string_view>

namespace modesweep {

/// Writes `<path>.part.<random>` beside the final name and renames it on `commit`, whatever bears
/// that name. Destroying it without `commit` removes what was written. The temporary file is always
/// a new one, never what a link of its name leads to. Errors are std::system_error.
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
};

}  // namespace modesweep
