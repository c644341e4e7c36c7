// SPDX-License-Identifier: MIT
#include <modesweep/structure_store.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <system_error>
#include <unordered_map>
#include <utility>

#include <modesweep/pdb_id.hpp>

#include "sources/cache.hpp"
#include "sources/content_check.hpp"
#include "sources/curl_setup.hpp"
#include "sources/downloader.hpp"
#include "sources/mirror.hpp"

namespace modesweep {
namespace {

namespace fs = std::filesystem;

// The mean of a .cif.gz in the archive: an estimate (34 GB for 131,000 entries in 2017, and entries
// have grown since). Sizes vary so widely that the sum for few entries can be far off.
constexpr double mean_file_megabytes = 0.4;

std::uint64_t size_of(const fs::path& path) {
  std::error_code ignored;
  const std::uintmax_t size = fs::file_size(path, ignored);
  return ignored ? 0 : size;
}

/// What a list of IDs asks for: each entry once, in first-seen order.
struct Request {
  struct Entry {
    std::string id;
    std::vector<std::size_t> indices;  ///< where it stands in the list
  };
  std::vector<Entry> entries;
  std::vector<std::size_t> invalid;
};

Request read_request(const std::vector<std::string>& ids) {
  Request request;
  std::unordered_map<std::string, std::size_t> position;
  for (std::size_t i = 0; i < ids.size(); ++i) {
    const std::optional<std::string> id = normalise_pdb_id(ids[i]);
    if (!id) {
      request.invalid.push_back(i);
      continue;
    }
    const auto [known, fresh] = position.emplace(*id, request.entries.size());
    if (fresh) request.entries.push_back({*id, {}});
    request.entries[known->second].indices.push_back(i);
  }
  return request;
}

class Store final : public StructureStore {
 public:
  Store(StoreOptions options, HttpOptions http, Reporter& reporter)
      : options_(std::move(options)),
        http_(std::move(http)),
        reporter_(reporter),
        cache_(options_.cache_dir, structure_ending(options_.url_template)) {
    const std::string example = expand_template(options_.url_template, "1UBI");
    check_url(example);
    if (example == expand_template(options_.url_template, "1AKE"))
      throw RunError(ExitCode::usage,
                     fmt::format("the download URL needs a place for the entry (<ID>, <id> or "
                                 "<extended>): {}",
                                 quotable(options_.url_template)));
    if (url_host(example) != url_host(expand_template(options_.url_template, "pdb_1abc5678")))
      throw RunError(ExitCode::usage, "the download URL cannot have the entry in its host's name");
    if (options_.max_connections < 1)
      throw RunError(ExitCode::usage, "downloads need at least one connection");
    if (!http_.offline) cache_.require_writable();
    for (const fs::path& folder : options_.mirrors) {
      Mirror mirror(folder);
      if (mirror.usable())
        mirrors_.push_back(std::move(mirror));
      else
        reporter_.warning(fmt::format("there is no archive in {}: passed over", folder.string()));
    }
  }

  FetchPlan plan(const std::vector<std::string>& ids) const override {
    FetchPlan plan;
    const Request request = read_request(ids);
    for (const Request::Entry& entry : request.entries) {
      const std::optional<StoredFile> file = local_file(entry.id);
      if (!file)
        ++plan.missing;
      else if (file->origin == StoredFile::Origin::mirror)
        ++plan.mirrored;
      else
        ++plan.cached;
    }
    plan.estimated_megabytes = double(plan.missing) * mean_file_megabytes;
    return plan;
  }

  void fetch(const std::vector<std::string>& ids, const Done& done) override {
    const Request request = read_request(ids);
    for (const std::size_t index : request.invalid)
      done(index,
           fail(Stage::download, "not_found",
                fmt::format("\"{}\" is not the ID of a PDB entry", quotable(ids[index], 40))));
    const auto give = [&](std::size_t entry, const Outcome<StoredFile>& outcome) {
      for (const std::size_t index : request.entries[entry].indices) done(index, outcome);
    };

    std::vector<std::pair<std::size_t, StoredFile>> local;
    std::vector<std::size_t> missing;
    for (std::size_t i = 0; i < request.entries.size(); ++i) {
      const std::string& id = request.entries[i].id;
      if (const std::optional<StoredFile> file = local_file(id)) {
        local.emplace_back(i, *file);
        continue;
      }
      if (cache_.state_of(id) == StructureCache::State::damaged)
        reporter_.warning(fmt::format("the cached file {} is damaged and {}",
                                      cache_.path_of(id).string(),
                                      http_.offline ? "not used" : "fetched again"));
      missing.push_back(i);
    }

    // Transfers begin before the files at hand are given out, which may take long.
    std::vector<std::string> urls;
    if (!http_.offline)
      for (const std::size_t entry : missing)
        urls.push_back(expand_template(options_.url_template, request.entries[entry].id));
    const auto accept = [&](std::size_t i, std::string body) {
      return accept_content(std::move(body), request.entries[missing[i]].id, cache_.stores_gzip());
    };
    Download download(std::move(urls), accept, {.max_connections = options_.max_connections}, http_,
                      reporter_);

    for (const auto& [entry, file] : local) {
      if (cancelled()) return;
      give(entry, file);
    }
    if (http_.offline) {
      for (const std::size_t entry : missing)
        give(entry, fail(Stage::download, "offline",
                         fmt::format("{} is neither in a mirror nor in the cache, and --offline "
                                     "forbids to download it",
                                     request.entries[entry].id)));
      return;
    }
    while (std::optional<Download::Result> result = download.next()) {
      const std::size_t entry = missing[result->index];
      if (result->body)
        give(entry, keep(request.entries[entry].id, *result->body));
      else
        give(entry, tl::unexpected(std::move(result->body.error())));
    }
  }

 private:
  std::optional<StoredFile> local_file(const std::string& id) const {
    for (const Mirror& mirror : mirrors_)
      if (const std::optional<fs::path> path = mirror.find(id))
        return StoredFile{*path, StoredFile::Origin::mirror, size_of(*path)};
    if (cache_.state_of(id) != StructureCache::State::intact) return std::nullopt;
    const fs::path path = cache_.path_of(id);
    return StoredFile{path, StoredFile::Origin::cache, size_of(path)};
  }

  Outcome<StoredFile> keep(const std::string& id, const std::string& bytes) const {
    try {
      return StoredFile{cache_.write(id, bytes), StoredFile::Origin::network, bytes.size()};
    } catch (const std::system_error& error) {
      return fail(Stage::download, "cache",
                  fmt::format("{} cannot be written: {}", cache_.path_of(id).string(),
                              error.code().message()));
    }
  }

  bool cancelled() const { return http_.cancelled && http_.cancelled->load(); }

  StoreOptions options_;
  HttpOptions http_;
  Reporter& reporter_;
  StructureCache cache_;
  std::vector<Mirror> mirrors_;
};

}  // namespace

std::unique_ptr<StructureStore> make_structure_store(StoreOptions options, HttpOptions http,
                                                     Reporter& reporter) {
  return std::make_unique<Store>(std::move(options), std::move(http), reporter);
}

}  // namespace modesweep
