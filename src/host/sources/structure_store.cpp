// SPDX-License-Identifier: MIT
#include <modesweep/structure_store.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <system_error>
#include <unordered_map>
#include <utility>

#include <modesweep/pdb_id.hpp>

#include "base/redaction.hpp"
#include "base/sha256.hpp"
#include "base/text.hpp"
#include "sources/cache.hpp"
#include "sources/content_check.hpp"
#include "sources/curl_setup.hpp"
#include "sources/downloader.hpp"
#include "sources/holdings.hpp"
#include "sources/limits.hpp"
#include "sources/mirror.hpp"
#include "sources/url_templates.hpp"

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

/// Where one format of the files comes from, and what they are called in the cache.
struct Supply {
  FileFormat format;
  std::vector<std::string> templates;  ///< the preferred host first
  std::string ending;
};

/// One for each format, in the order in which entries are looked for.
std::vector<Supply> supplies_of(const StoreOptions& options) {
  std::vector<Supply> supplies;
  if (options.url_templates.empty()) {
    const auto add = [&](FileFormat format) {
      supplies.push_back({format, archive_templates(options.archives, format),
                          fmt::format(".{}.gz", to_string(format))});
    };
    add(options.format);
    // Large entries and new ones have no file in PDB format.
    if (options.format == FileFormat::pdb) add(FileFormat::cif);
  }
  for (const std::string& url : options.url_templates) {
    const std::string ending = structure_ending(url);
    const FileFormat format = format_of(ending);
    auto supply = std::find_if(supplies.begin(), supplies.end(),
                               [&](const Supply& s) { return s.format == format; });
    if (supply == supplies.end()) supply = supplies.insert(supplies.end(), {format, {}, ending});
    supply->templates.push_back(url);
  }
  return supplies;
}

void check_template(const std::string& url_template) {
  const std::string example = expand_template(url_template, "1UBI");
  check_url(example);
  if (example == expand_template(url_template, "1AKE"))
    throw RunError(Cause::request,
                   fmt::format("the download URL needs a place for the entry (<ID>, <id> or "
                               "<extended>): {}",
                               quotable(redacted_url(url_template))));
  if (url_host(example) != url_host(expand_template(url_template, "pdb_1abc5678")))
    throw RunError(Cause::request, "the download URL cannot have the entry in its host's name");
}

bool is_there(const fs::path& path) {
  std::error_code error;
  return fs::is_regular_file(path, error);
}

class Store final : public StructureStore {
 public:
  Store(StoreOptions options, HttpOptions http, CancelToken cancel, Reporter& reporter)
      : options_(std::move(options)),
        http_(std::move(http)),
        cancel_(std::move(cancel)),
        reporter_(reporter),
        supplies_(supplies_of(options_)),
        cache_(options_.cache_dir, reporter) {
    for (const Supply& supply : supplies_) {
      if (supply.templates.size() > DownloadList::most_hosts)
        throw RunError(Cause::request, fmt::format("files can come from {} hosts at most",
                                                   DownloadList::most_hosts));
      std::for_each(supply.templates.begin(), supply.templates.end(), check_template);
    }
    if (options_.max_connections < 1)
      throw RunError(Cause::request, "downloads need at least one connection");
    if (options_.holdings_url.empty() && options_.url_templates.empty())
      options_.holdings_url = rcsb_holdings;
    if (!options_.holdings_url.empty()) check_url(options_.holdings_url);
    if (!http_.offline) cache_.set_limit(options_.cache_limit);
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
      if (mirrored_file(entry.id, &is_there))
        ++plan.mirrored;
      else if (cache_.has(entry.id, supplies_.front().ending))
        ++plan.cached;
      else
        ++plan.missing;
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
    const Give give = [&](std::size_t entry, const Outcome<StoredFile>& outcome) {
      for (const std::size_t index : request.entries[entry].indices) done(index, outcome);
    };

    std::vector<Missing> missing(request.entries.size());
    for (std::size_t i = 0; i < missing.size(); ++i) missing[i].entry = i;
    for (const Supply& supply : supplies_) {
      if (missing.empty()) return;
      if (&supply != &supplies_.front())
        reporter_.info(fmt::format(
            "{} not there as {} (first: {}) and looked for "
            "as {}",
            counted(missing.size(), "entry is", "entries are"), to_string(supplies_.front().format),
            request.entries[missing.front().entry].id, to_string(supply.format)));
      missing = fetch_from(supply, request, missing, give);
    }
    explain(request, missing);
    for (const Missing& entry : missing) {
      if (cancelled()) return;
      give(entry.entry, tl::unexpected(entry.failure));
    }
  }

 private:
  using Give = std::function<void(std::size_t entry, const Outcome<StoredFile>& outcome)>;

  /// An entry that is nowhere, as far as was looked.
  struct Missing {
    std::size_t entry = 0;
    Failure failure{};
  };

  /// Gives out what can be had and what fails; returns what is not there in this format.
  std::vector<Missing> fetch_from(const Supply& supply, const Request& request,
                                  const std::vector<Missing>& wanted, const Give& give) {
    const auto id_of = [&](std::size_t entry) -> const std::string& {
      return request.entries[entry].id;
    };
    // Whether a file at hand is good is found out when it is given; till then its being there is
    // enough, so that transfers begin before the files at hand are given out, which may take long.
    std::vector<std::size_t> at_hand, to_download, damaged;
    for (const Missing& entry : wanted)
      (mirrored_file(id_of(entry.entry), &is_there) || cache_.has(id_of(entry.entry), supply.ending)
           ? at_hand
           : to_download)
          .push_back(entry.entry);
    std::vector<Missing> missing;
    {
      const std::unique_ptr<Download> download = start_download(supply, request, to_download);
      for (const std::size_t entry : at_hand) {
        if (cancelled()) return {};
        if (const std::optional<StoredFile> file = local_file(id_of(entry), supply.ending))
          give(entry, *file);
        else
          damaged.push_back(entry);
      }
      drain(download.get(), supply, request, to_download, give, missing);
    }
    if (!damaged.empty() && !cancelled()) {
      const std::unique_ptr<Download> download = start_download(supply, request, damaged);
      drain(download.get(), supply, request, damaged, give, missing);
    }
    if (cancelled()) return {};
    if (http_.offline) {
      for (const std::size_t entry : to_download)
        missing.push_back(
            {entry,
             {Stage::download, "offline",
              fmt::format("{} is neither in a mirror nor in the cache, and offline work forbids to "
                          "download it",
                          id_of(entry))}});
      for (const std::size_t entry : damaged)
        missing.push_back(
            {entry,
             {Stage::download, "offline",
              fmt::format("{} is not, or no longer, what was fetched, and offline work forbids to "
                          "download it again",
                          cache_.path_of(id_of(entry), supply.ending).string())}});
    }
    return missing;
  }

  /// None where there is nothing to keep in a cache that cannot be written; of nothing when
  /// offline.
  std::unique_ptr<Download> start_download(const Supply& supply, const Request& request,
                                           const std::vector<std::size_t>& entries) {
    if (!http_.offline && !entries.empty() && (why_read_only_ = cache_.why_read_only()))
      return nullptr;
    const auto id_of = [&request, &entries](std::size_t file) -> const std::string& {
      return request.entries[entries[file]].id;
    };
    const DownloadList list{
        .files = http_.offline ? 0 : entries.size(),
        .hosts = supply.templates.size(),
        .url =
            [&supply, id_of](std::size_t file, std::size_t host) {
              return expand_template(supply.templates[host], id_of(file));
            },
        .part = [this, &supply,
                 id_of](std::size_t file) { return cache_.part(id_of(file), supply.ending); }};
    const std::uint64_t memory = options_.max_memory ? options_.max_memory : largest_structure;
    const auto accept = [gzip = supply.ending.ends_with(".gz"), id_of, memory,
                         room = std::string()](std::size_t file, PartFile part,
                                               bool may_be_cut) mutable -> Outcome<FetchedFile> {
      const std::string bytes = part.bytes();
      const auto in_its_place = accept_content(bytes, id_of(file), gzip, memory, room, may_be_cut);
      if (!in_its_place) return tl::unexpected(in_its_place.error());
      if (!*in_its_place) return FetchedFile{std::move(part), sha256(bytes)};
      part.clear();
      part.append(**in_its_place);
      return FetchedFile{std::move(part), sha256(**in_its_place)};
    };
    DownloadRules rules{.max_connections = options_.max_connections};
    rules.limits.body_bytes = std::min(rules.limits.body_bytes, memory);
    return std::make_unique<Download>(list, accept, rules, http_, cancel_, reporter_);
  }

  void drain(Download* download, const Supply& supply, const Request& request,
             const std::vector<std::size_t>& entries, const Give& give,
             std::vector<Missing>& missing) {
    if (!download) {
      for (const std::size_t entry : entries)
        give(entry, fail(Stage::download, "cache",
                         fmt::format("{} has to be downloaded, and {}", request.entries[entry].id,
                                     *why_read_only_)));
      return;
    }
    while (std::optional<Download::Result> result = download->next()) {
      const std::size_t entry = entries[result->index];
      if (result->file)
        give(entry, keep(request.entries[entry].id, supply.ending, *std::move(result->file)));
      else if (result->file.error().code == "not_found")
        missing.push_back({entry, std::move(result->file.error())});
      else
        give(entry, tl::unexpected(std::move(result->file.error())));
    }
  }

  /// Adds to entries that are not there what became of them.
  void explain(const Request& request, std::vector<Missing>& missing) {
    if (http_.offline || missing.empty() || options_.holdings_url.empty()) return;
    std::vector<std::string> ids;
    for (const Missing& entry : missing) ids.push_back(request.entries[entry.entry].id);
    const std::map<std::string, Holdings::Verdict> verdicts =
        Holdings(options_.holdings_url, http_, cancel_, reporter_).explain(ids);
    for (Missing& entry : missing) {
      const auto verdict = verdicts.find(request.entries[entry.entry].id);
      if (verdict == verdicts.end()) continue;
      entry.failure.code = verdict->second.code;
      entry.failure.message += ": " + verdict->second.clause;
    }
  }

  std::optional<fs::path> mirrored_file(const std::string& id, Mirror::Predicate take) const {
    for (const Mirror& mirror : mirrors_)
      if (std::optional<fs::path> path = mirror.find(id, take, options_.format == FileFormat::pdb))
        return path;
    return std::nullopt;
  }

  std::optional<StoredFile> local_file(const std::string& id, const std::string& ending) {
    if (const std::optional<fs::path> path = mirrored_file(id, &looks_intact))
      return StoredFile{*path, StoredFile::Origin::mirror, size_of(*path)};
    const fs::path path = cache_.path_of(id, ending);
    using Look = StructureCache::Look;
    switch (cache_.check(id, ending, options_.read_whole ? Look::whole : Look::as_needed)) {
      case StructureCache::State::intact:
        return StoredFile{path, StoredFile::Origin::cache, size_of(path),
                          cache_.sha256_on_record(id, ending)};
      case StructureCache::State::damaged:
        reporter_.warning(fmt::format("the cached file {} is damaged or was altered and is {}",
                                      path.string(), http_.offline ? "not used" : "fetched again"));
        return std::nullopt;
      case StructureCache::State::absent: break;
    }
    return std::nullopt;
  }

  Outcome<StoredFile> keep(const std::string& id, const std::string& ending, FetchedFile file) {
    const std::uint64_t bytes = file.part.size();
    try {
      return StoredFile{cache_.keep(id, ending, std::move(file.part), file.sha256),
                        StoredFile::Origin::network, bytes, std::move(file.sha256)};
    } catch (const std::system_error& error) {
      return fail(Stage::download, "cache",
                  fmt::format("{} cannot be written: {}", cache_.path_of(id, ending).string(),
                              error.code().message()));
    }
  }

  bool cancelled() const { return cancel_.is_cancelled(); }

  StoreOptions options_;
  HttpOptions http_;
  CancelToken cancel_;
  Reporter& reporter_;
  std::vector<Supply> supplies_;
  StructureCache cache_;
  std::optional<std::string> why_read_only_;
  std::vector<Mirror> mirrors_;
};

}  // namespace

std::unique_ptr<StructureStore> make_structure_store(StoreOptions options, HttpOptions http,
                                                     Reporter& reporter, CancelToken cancel) {
  return std::make_unique<Store>(std::move(options), std::move(http), std::move(cancel), reporter);
}

}  // namespace modesweep
