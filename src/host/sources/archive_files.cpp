// SPDX-License-Identifier: MIT
#include "sources/archive_files.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sys/stat.h>

#include <algorithm>
#include <optional>
#include <set>
#include <string_view>
#include <system_error>
#include <utility>

#include <modesweep/outcome.hpp>
#include <modesweep/pdb_id.hpp>
#include <modesweep/structure.hpp>

#include "base/compression_names.hpp"
#include "base/text.hpp"
#include "sources/curl_setup.hpp"
#include "sources/url_templates.hpp"

namespace modesweep {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view structures_folder = "structures";  // of an entry, in the layout of 2027

// std::filesystem has neither the time in nanoseconds since the epoch nor the inode.
std::optional<struct stat> stat_of(const fs::path& path) {
  struct stat result {};
  if (::stat(path.c_str(), &result) != 0) return std::nullopt;
  return result;
}

bool is_entry_name(const fs::path& name) {
  return name.native().size() == 12 && normalise_pdb_id(name.native());
}

/// The ending that tells what kind of file this is, with that of a compression (".tar.gz").
std::string kind_of(std::string_view name) {
  const std::string lower = ascii_lower(name);
  const std::string_view stem = without_compression(lower);
  const std::size_t dot = stem.rfind('.');
  const std::string ending = lower.substr(dot == std::string::npos || dot == 0 ? stem.size() : dot);
  constexpr std::size_t longest = 16;  // what is longer is a part of the name
  return ending.empty() || ending.size() > longest ? "without ending" : quotable(ending);
}

class Walker {
 public:
  explicit Walker(const fs::path& root) : root_(root) {
    std::error_code error;
    absolute_ = (fs::absolute(root, error).lexically_normal() / "").parent_path();
    if (const auto found = stat_of(root)) enter({}, *found);
    std::sort(walk_.files.begin(), walk_.files.end(),
              [](const ArchiveFile& a, const ArchiveFile& b) { return a.path < b.path; });
  }

  ArchiveWalk take() { return std::move(walk_); }

 private:
  struct Folder {
    fs::path path;  ///< below the root
    struct stat behind_links;
  };

  void enter(const fs::path& relative, const struct stat& folder) {
    if (!entered_.emplace(folder.st_dev, folder.st_ino).second) return;
    if (!relative.empty()) ++walk_.folders;
    const std::size_t first_file = walk_.files.size();
    std::vector<Folder> folders = list(relative);
    const fs::path whole = relative.empty() ? absolute_ : absolute_ / relative;
    if (is_entry_name(whole.filename())) leave_structures(folders);
    if (whole.filename() == structures_folder && is_entry_name(whole.parent_path().filename()))
      leave_first_formats(first_file);
    for (const Folder& below : folders) enter(below.path, below.behind_links);
  }

  /// The folder's files are taken or counted, its folders returned.
  std::vector<Folder> list(const fs::path& relative) {
    std::vector<Folder> folders;
    for (const std::string& name : names_in(relative)) {
      if (name.starts_with('.')) {
        ++walk_.hidden;
        continue;
      }
      fs::path path = relative / name;
      const auto found = stat_of(root_ / path);
      if (!found)
        pass_over("broken links");  // or gone by now
      else if (S_ISDIR(found->st_mode))
        folders.push_back({std::move(path), *found});
      else if (!S_ISREG(found->st_mode))
        pass_over("special files");
      else if (is_structure_file_name(name))
        walk_.files.push_back(
            {path.string(), found->st_size,
             found->st_mtim.tv_sec * std::int64_t{1'000'000'000} + found->st_mtim.tv_nsec});
      else
        pass_over(kind_of(name));
    }
    return folders;
  }

  /// Which of two links to one folder is entered must not depend on the file system's order.
  std::vector<std::string> names_in(const fs::path& relative) {
    std::vector<std::string> names;
    std::error_code error;
    for (fs::directory_iterator it(root_ / relative, error), end; !error && it != end;
         it.increment(error))
      names.push_back(it->path().filename().string());
    if (error) walk_.unopened_folders.push_back((root_ / relative).string());
    std::sort(names.begin(), names.end());
    return names;
  }

  void pass_over(const std::string& kind) { ++walk_.passed_over.kinds[kind]; }

  /// Assemblies are in the structures' own files, and what was measured is no structure.
  void leave_structures(std::vector<Folder>& folders) {
    const auto others = std::stable_partition(
        folders.begin(), folders.end(),
        [](const Folder& folder) { return folder.path.filename() == structures_folder; });
    if (others == folders.begin() || others == folders.end()) return;
    folders.erase(others, folders.end());
    ++walk_.passed_over.entries;
  }

  /// Of the files from `first` on, which are those of one folder.
  void leave_first_formats(std::size_t first) {
    std::vector<ArchiveFile>& files = walk_.files;
    const auto begin = files.begin() + static_cast<std::ptrdiff_t>(first);
    const auto stem = [](const ArchiveFile& file) {
      return ascii_lower(structure_stem(file.path));
    };
    const auto format = [](const ArchiveFile& file) {
      const std::string name = fs::path(file.path).filename().string();
      return format_of(ascii_lower(name.substr(structure_stem(name).size())));
    };
    std::stable_sort(begin, files.end(), [&](const ArchiveFile& a, const ArchiveFile& b) {
      return std::pair(stem(a), format(a)) < std::pair(stem(b), format(b));
    });
    const auto rest =
        std::unique(begin, files.end(),
                    [&](const ArchiveFile& a, const ArchiveFile& b) { return stem(a) == stem(b); });
    for (auto it = rest; it != files.end(); ++it) pass_over("other formats of an entry");
    files.erase(rest, files.end());
  }

  fs::path root_;
  fs::path absolute_;  ///< by whose names an entry's folder is known, also where it is the root
  std::set<std::pair<dev_t, ino_t>> entered_;
  ArchiveWalk walk_;
};

/// "7 files of other kinds: .txt 4, .tar 3"; empty where there are none.
std::string list_of(const std::map<std::string, std::size_t>& kinds) {
  constexpr std::size_t most_kinds = 8;
  std::vector<std::pair<std::string, std::size_t>> list(kinds.begin(), kinds.end());
  std::stable_sort(list.begin(), list.end(),
                   [](const auto& a, const auto& b) { return a.second > b.second; });
  std::size_t files = 0;
  for (const auto& [kind, count] : list) files += count;
  if (files == 0) return {};
  std::string text = counted(files, "file") + " of other kinds:";
  for (std::size_t i = 0; i < std::min(most_kinds, list.size()); ++i)
    text += fmt::format("{} {} {}", i > 0 ? "," : "", list[i].first, list[i].second);
  if (list.size() > most_kinds) text += " ...";
  return text;
}

}  // namespace

void PassedOver::add(const PassedOver& more) {
  for (const auto& [kind, count] : more.kinds) kinds[kind] += count;
  entries += more.entries;
}

ArchiveWalk walk_archive(const fs::path& folder) { return Walker(folder).take(); }

std::string sentence_on(const PassedOver& passed_over) {
  std::vector<std::string> parts;
  if (std::string list = list_of(passed_over.kinds); !list.empty())
    parts.push_back("passed over " + std::move(list));
  if (passed_over.entries > 0)
    parts.push_back(
        fmt::format("of {} in the layout of the PDB archive the folder {} "
                    "alone is taken",
                    counted(passed_over.entries, "entry", "entries"), structures_folder));
  return fmt::format("{}", fmt::join(parts, "; "));
}

std::string problem_of(const ArchiveWalk& walk, const fs::path& folder) {
  const std::string name = folder.string();
  const std::size_t unopened = walk.unopened_folders.size();
  if (unopened > 0) {
    const std::string& first = walk.unopened_folders.front();
    if (!walk.files.empty())
      return fmt::format("{} of {} could not be read (first: {})", counted(unopened, "folder"),
                         name, first);
    return fmt::format(
        "no structure files were found in {}, of which {} could not be read "
        "(first: {})",
        name, counted(unopened, "folder"), first);
  }
  if (!walk.files.empty()) return {};
  if (const std::string list = list_of(walk.passed_over.kinds); !list.empty())
    return fmt::format("{} holds no structure files, but {}", name, list);
  if (walk.hidden > 0)
    return fmt::format("{} holds only hidden files or folders, which are passed over", name);
  if (walk.passed_over.entries > 0)
    return fmt::format("{} holds no structure files in the folders {} of its entries", name,
                       structures_folder);
  if (walk.folders > 0)
    return fmt::format("{} holds no structure files: there are folders without files in it", name);
  return fmt::format("{} is empty", name);
}

}  // namespace modesweep
