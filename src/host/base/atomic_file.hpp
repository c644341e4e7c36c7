// SPDX-License-Identifier: MIT
// Files that appear under their name whole or not at all.
#pragma once

#include <filesystem>
#include <string_view>

namespace modesweep {

/// Writes `<path>.part.<pid>.<n>` beside the final name and renames it on `commit`. Destroying it
/// without `commit` removes what was written. Errors are std::system_error.
class AtomicFile {
 public:
  explicit AtomicFile(std::filesystem::path path);
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;
  ~AtomicFile();

  void write(std::string_view bytes);
  void commit();
  const std::filesystem::path& temporary_path() const { return temporary_; }

 private:
  std::filesystem::path path_;
  std::filesystem::path temporary_;
  int descriptor_ = -1;
};

}  // namespace modesweep
