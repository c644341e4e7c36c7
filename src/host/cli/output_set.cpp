// SPDX-License-Identifier: MIT
#include "cli/output_set.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <system_error>

#include <modesweep/run_store.hpp>
#include <modesweep/structure.hpp>

#include "cli/flags.hpp"

namespace modesweep::cli {
namespace {

namespace fs = std::filesystem;

/// Where it is a regular file.
std::optional<struct stat> status_of(int descriptor) {
  struct stat status {};
  if (::fstat(descriptor, &status) != 0 || !S_ISREG(status.st_mode)) return std::nullopt;
  return status;
}

/// Where in the cache the name lies decides whether the cache made it.
bool is_of_cache(const fs::path& below) {
  const std::string first = *below.begin();
  return first == "structures" || first == "archives" || first == "calibration.json" ||
         first.starts_with("structures.sqlite") || first.starts_with("results.sqlite");
}

/// Calls `visit` with the files of a folder, not of those below it.
template <class Visit>
void for_each_file(const fs::path& folder, const Visit& visit) {
  std::error_code error;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error))
    visit(it->path());
}

}  // namespace

std::optional<OutputSet::Identity> OutputSet::identity_of(const OutputTarget& target) {
  switch (target.kind) {
    case OutputTarget::Kind::new_file: {
      struct stat folder {};
      if (::stat(target.path.parent_path().c_str(), &folder) != 0) return std::nullopt;
      return Identity{folder.st_dev, folder.st_ino, target.path.filename()};
    }
    case OutputTarget::Kind::stream:
      if (S_ISCHR(target.status.st_mode)) return std::nullopt;
      break;
    case OutputTarget::Kind::descriptor:
      if (!S_ISREG(target.status.st_mode)) return std::nullopt;
      break;
    case OutputTarget::Kind::file: break;
  }
  return Identity{target.status.st_dev, target.status.st_ino, {}};
}

OutputSet::OutputSet() {
  for (const auto& [descriptor, name] :
       {std::pair(STDOUT_FILENO, "standard output"), std::pair(STDERR_FILENO, "standard error")})
    if (const auto status = status_of(descriptor))
      standard_.emplace(Identity{status->st_dev, status->st_ino, {}}, name);
  any_exists_ = !standard_.empty();
}

void OutputSet::add(const std::string& option, const fs::path& name) {
  if (name.empty()) return;
  OutputTarget target = look_at(name);
  const std::string text = fmt::format("{} {}", option, name.string());
  if (const std::optional<Identity> identity = identity_of(target)) {
    const auto [known, fresh] = names_.emplace(*identity, text);
    if (!fresh) usage(fmt::format("{} and {} are the same file", known->second, text));
    const auto stream = standard_.find(*identity);
    if (stream != standard_.end() && target.kind == OutputTarget::Kind::file)
      usage(fmt::format("{} and {} are the same file", text, stream->second));
    const auto input = status_of(STDIN_FILENO);
    if (input && Identity{input->st_dev, input->st_ino, {}} == *identity)
      usage(fmt::format("{} is standard input as well: it would be lost", text));
    any_exists_ = any_exists_ || target.kind != OutputTarget::Kind::new_file;
  }
  members_.push_back({text, std::move(target)});
}

void OutputSet::check_input(const fs::path& file) const {
  // Most often no output is there yet, and none of a million inputs has to be looked at.
  struct stat status {};
  if (!any_exists_ || file.empty() || ::stat(file.c_str(), &status) != 0) return;
  const Identity identity{status.st_dev, status.st_ino, {}};
  for (const auto* names : {&names_, &standard_})
    if (const auto found = names->find(identity); found != names->end())
      usage(fmt::format("{} is an input as well ({}): it would be lost", found->second,
                        file.string()));
}

void OutputSet::check_below(const fs::path& folder) const {
  std::error_code error;
  constexpr auto passing_over = fs::directory_options::skip_permission_denied;
  for (fs::recursive_directory_iterator it(folder, passing_over, error), end; !error && it != end;
       it.increment(error))
    check_input(it->path());
}

void OutputSet::check_flags(const Call& call) const {
  for (const fs::path& file : call.inputs) check_input(file);
}

std::optional<fs::path> OutputSet::place_below(const fs::path& folder, const struct stat& above) {
  fs::path below;
  for (fs::path at = folder;; at = at.parent_path()) {
    struct stat status {};
    if (::stat(at.c_str(), &status) == 0 && status.st_dev == above.st_dev &&
        status.st_ino == above.st_ino)
      return below;
    if (!at.has_relative_path()) return std::nullopt;
    below = below.empty() ? at.filename() : at.filename() / below;
  }
}

void OutputSet::check_folder(const fs::path& folder, const char* what, const Holds& holds) const {
  struct stat above {};
  if (folder.empty() || ::stat(folder.c_str(), &above) != 0) return;
  std::map<fs::path, std::optional<fs::path>> places;  // of the folders of outputs
  for (const auto& [name, target] : members_) {
    const fs::path parent = target.path.parent_path();
    const auto [place, fresh] = places.try_emplace(parent);
    if (fresh) place->second = place_below(parent, above);
    if (place->second && holds(*place->second / target.path.filename(), target))
      usage(
          fmt::format("{} is a file of the {} {}: it would be lost", name, what, folder.string()));
  }
}

void OutputSet::check_run(const fs::path& folder) const {
  check_folder(folder, "run in",
               [](const fs::path& below, const OutputTarget&) { return is_file_of_run(below); });
  for_each_file(folder, [&](const fs::path& file) {
    if (is_file_of_run(file.filename())) check_input(file);
  });
}

void OutputSet::check_store(const StoreOptions& store) const {
  check_folder(store.cache_dir, "cache in",
               [](const fs::path& below, const OutputTarget&) { return is_of_cache(below); });
  for (const char* const name : {"structures", "archives"})  // which may be links
    check_folder(store.cache_dir / name, "cache in",
                 [](const fs::path&, const OutputTarget&) { return true; });
  for_each_file(store.cache_dir, [&](const fs::path& file) {
    if (is_of_cache(file.filename())) check_input(file);
  });
  for (const fs::path& mirror : store.mirrors) check_archive(mirror);
}

void OutputSet::check_archive(const fs::path& folder) const {
  const bool has_other_names =
      std::any_of(members_.begin(), members_.end(),
                  [](const Member& member) { return member.target.status.st_nlink > 1; });
  if (has_other_names) check_below(folder);
  check_folder(folder, "archive in", [](const fs::path& below, const OutputTarget& target) {
    return target.kind == OutputTarget::Kind::file && is_structure_file_name(below);
  });
}

}  // namespace modesweep::cli
