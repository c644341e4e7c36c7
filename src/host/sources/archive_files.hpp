// SPDX-License-Identifier: MIT
// Which structure files lie below a folder, whether they changed, and what else lies there.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace modesweep {

struct ArchiveFile {
  std::string path;  ///< relative to the archive's folder
  std::int64_t size = 0;
  std::int64_t mtime_ns = 0;
};

/// What was no structure file.
struct PassedOver {
  std::map<std::string, std::size_t> kinds;  ///< files by their endings, such as ".tar.gz"
  std::size_t entries = 0;  ///< entry folders of which `structures` alone was entered

  void add(const PassedOver& more);
};

struct ArchiveWalk {
  std::vector<ArchiveFile> files;             ///< sorted by path, byte by byte
  std::vector<std::string> unopened_folders;  ///< no permission, as a rule
  PassedOver passed_over;
  std::size_t hidden = 0;   ///< files and folders whose names begin with a dot
  std::size_t folders = 0;  ///< that were entered, but for the first one
};

/// Hidden files and folders are passed over (some systems keep a `._name` beside every file). Links
/// are followed, but no folder is entered twice, so that a loop of links ends.
/// Of an entry's folder in the PDB archive's layout of 2027 (`pdb_00001abc/structures`, beside it
/// assemblies, experimental data and validation) the structures alone are taken, and of several
/// formats of one the first of mmCIF, BinaryCIF and PDB: each entry once.
ArchiveWalk walk_archive(const std::filesystem::path& folder);

/// "passed over 7 files of other kinds: .txt 4, .tar 3", the most frequent kinds first and eight of
/// them at most; empty where nothing was.
std::string sentence_on(const PassedOver& passed_over);

/// What a user should be warned of: that nothing was found, and what is there instead, or folders
/// that could not be opened. Empty where all is well.
std::string problem_of(const ArchiveWalk& walk, const std::filesystem::path& folder);

}  // namespace modesweep
