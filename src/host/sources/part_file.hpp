// SPDX-License-Identifier: MIT
// Files that grow under a name of their own until they are whole.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace modesweep {

/// Makes the folder and those above it. Throws std::system_error, also where a link bears its name:
/// what is written there would end up elsewhere.
void make_own_folder(const std::filesystem::path& folder);

/// A new file `<folder>/<name>.part.<random>` on its way to its own name. Destroying it without
/// `commit` removes it. While its process lives it is locked (flock), so that others can tell it
/// from what a killed one left behind. Errors are std::system_error.
class PartFile {
 public:
  PartFile(const std::filesystem::path& folder, std::string_view name);
  PartFile(PartFile&& other) noexcept;
  PartFile& operator=(PartFile&& other) noexcept;
  ~PartFile();

  void append(std::string_view bytes);
  /// Empties it.
  void clear();
  std::uint64_t size() const { return size_; }
  /// All that was appended.
  std::string bytes() const;
  /// Gives it its own name, in the same file system, whatever bears that name.
  void commit(const std::filesystem::path& path);

 private:
  bool create(const std::filesystem::path& path);

  std::filesystem::path path_;
  int descriptor_ = -1;
  std::uint64_t size_ = 0;
};

/// Removes the parts in `folder` whose processes are gone, of any name or of one. Never throws:
/// what cannot be removed stays.
void remove_abandoned_parts(const std::filesystem::path& folder, std::string_view name = {});

/// Whether this is the name of a file that is not yet whole.
bool is_part(const std::filesystem::path& path);

}  // namespace modesweep
