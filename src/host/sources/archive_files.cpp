// SPDX-License-Identifier: MIT
#include "sources/archive_files.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <optional>
#include <set>
#include <system_error>
#include <utility>

#include <modesweep/structure.hpp>

namespace modesweep {
namespace {

namespace fs = std::filesystem;

// std::filesystem has neither the time in nanoseconds since the epoch nor the inode.
std::optional<struct stat> stat_of(const fs::path& path) {
  struct stat result {};
  if (::stat(path.c_str(), &result) != 0) return std::nullopt;
  return result;
}

class Walker {
 public:
  explicit Walker(const fs::path& root) : root_(root) {
    const auto found = stat_of(root);
    if (found) enter({}, *found);
    std::sort(walk_.files.begin(), walk_.files.end(),
              [](const ArchiveFile& a, const ArchiveFile& b) { return a.path < b.path; });
  }

  ArchiveWalk take() { return std::move(walk_); }

 private:
  void enter(const fs::path& relative, const struct stat& folder) {
    if (!entered_.emplace(folder.st_dev, folder.st_ino).second) return;
    std::vector<fs::path> names;
    std::error_code error;
    for (fs::directory_iterator it(root_ / relative, error), end; !error && it != end;
         it.increment(error))
      names.push_back(it->path().filename());
    if (error) walk_.unopened_folders.push_back((root_ / relative).string());
    // Which of two links to one folder is entered must not depend on the file system's order.
    std::sort(names.begin(), names.end());
    for (const fs::path& name : names) {
      if (name.native().starts_with('.')) continue;
      const fs::path path = relative / name;
      const auto found = stat_of(root_ / path);
      if (!found) continue;  // a link to nothing, or gone by now
      if (S_ISDIR(found->st_mode))
        enter(path, *found);
      else if (S_ISREG(found->st_mode) && is_structure_file_name(name))
        walk_.files.push_back(
            {path.string(), found->st_size,
             found->st_mtim.tv_sec * std::int64_t{1'000'000'000} + found->st_mtim.tv_nsec});
    }
  }

  fs::path root_;
  std::set<std::pair<dev_t, ino_t>> entered_;
  ArchiveWalk walk_;
};

}  // namespace

ArchiveWalk walk_archive(const fs::path& folder) { return Walker(folder).take(); }

}  // namespace modesweep
