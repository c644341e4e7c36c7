// SPDX-License-Identifier: MIT
#include "sources/cache.hpp"

#include <pwd.h>
#include <unistd.h>

#include <fmt/format.h>

#include <array>
#include <cstdlib>
#include <system_error>
#include <utility>

#include <modesweep/outcome.hpp>
#include <modesweep/pdb_id.hpp>
#include <modesweep/structure_store.hpp>

#include "base/atomic_file.hpp"
#include "sources/content_check.hpp"

namespace modesweep {
namespace {

namespace fs = std::filesystem;

fs::path folder_from(const char* variable) {
  const char* value = std::getenv(variable);
  return value ? fs::path(value) : fs::path();
}

}  // namespace

fs::path default_cache_dir() {
  if (const fs::path own = folder_from("MODESWEEP_CACHE_DIR"); !own.empty()) return own;
  // The XDG base directory specification: a relative path is to be ignored.
  if (const fs::path xdg = folder_from("XDG_CACHE_HOME"); xdg.is_absolute())
    return xdg / "modesweep";
  if (const fs::path home = folder_from("HOME"); !home.empty()) return home / ".cache/modesweep";
  if (const passwd* user = ::getpwuid(::geteuid()); user && user->pw_dir && *user->pw_dir)
    return fs::path(user->pw_dir) / ".cache/modesweep";
  throw RunError(ExitCode::usage, "there is no home folder: name a cache folder with --cache-dir");
}

std::string expand_template(std::string_view url_template, std::string_view id) {
  const std::string extended = extended_pdb_id(id);
  const std::string lower = id.size() == 4 ? extended.substr(extended.size() - 4) : extended;
  const std::array<std::pair<std::string_view, std::string>, 4> values = {
      {{"<ID>", std::string(id)},
       {"<id>", lower},
       {"<hash>", pdb_id_hash(id)},
       {"<extended>", extended}}};
  std::string url(url_template);
  for (const auto& [name, value] : values)
    for (std::size_t at = 0; (at = url.find(name, at)) != std::string::npos; at += value.size())
      url.replace(at, name.size(), value);
  return url;
}

std::string structure_ending(std::string_view url_template) {
  const std::string_view address = url_template.substr(0, url_template.find_first_of("?#"));
  for (const std::string_view ending :
       {".cif.gz", ".mmcif.gz", ".pdb.gz", ".ent.gz", ".cif", ".mmcif", ".pdb", ".ent"})
    if (address.ends_with(ending) || url_template.ends_with(ending)) return std::string(ending);
  return ".cif.gz";
}

StructureCache::StructureCache(const fs::path& cache_dir, std::string ending)
    : folder_(cache_dir / "structures"), ending_(std::move(ending)) {}

void StructureCache::require_writable() const {
  try {
    fs::create_directories(folder_);
    const AtomicFile probe(folder_ / "probe");
  } catch (const std::system_error& error) {
    throw RunError(ExitCode::unavailable,
                   fmt::format("the cache folder {} cannot be written ({}): name another with "
                               "--cache-dir",
                               folder_.string(), error.code().message()));
  }
}

fs::path StructureCache::path_of(std::string_view id) const {
  return folder_ / pdb_id_hash(id) / (std::string(id) + ending_);
}

StructureCache::State StructureCache::state_of(std::string_view id) const {
  const fs::path path = path_of(id);
  std::error_code ignored;
  if (!fs::exists(path, ignored)) return State::absent;
  return looks_intact(path) ? State::intact : State::damaged;
}

fs::path StructureCache::write(std::string_view id, std::string_view bytes) const {
  const fs::path path = path_of(id);
  fs::create_directories(path.parent_path());
  AtomicFile file(path);
  file.write(bytes);
  file.commit();
  return path;
}

}  // namespace modesweep
