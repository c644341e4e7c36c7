// SPDX-License-Identifier: MIT
#include <modesweep/entries.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <numeric>
#include <system_error>
#include <utility>

#include <modesweep/archive.hpp>

#include "base/clock.hpp"
#include "base/likely_size.hpp"
#include "base/process_limits.hpp"
#include "base/sha256.hpp"
#include "base/text.hpp"
#include "sources/archive_files.hpp"
#include "sources/downloader.hpp"

namespace modesweep {
namespace {

void add_ids(const std::vector<std::string>& ids, Entries& entries) {
  for (const std::string& id : ids) entries.list.push_back({std::ssize(entries.list), id, {}});
}

void add_files(std::vector<std::filesystem::path> files, Entries& entries) {
  for (std::filesystem::path& file : files)
    entries.list.push_back({std::ssize(entries.list), {}, std::move(file)});
}

/// Places of files in their list, the largest first, then by name.
std::vector<std::size_t> largest_first(const std::vector<RunEntry>& list) {
  std::vector<std::uint64_t> sizes;
  for (const RunEntry& entry : list) sizes.push_back(likely_size(entry.file));
  std::vector<std::size_t> places(list.size());
  std::iota(places.begin(), places.end(), std::size_t{0});
  std::sort(places.begin(), places.end(), [&](std::size_t a, std::size_t b) {
    if (sizes[a] != sizes[b]) return sizes[a] > sizes[b];
    return list[a].file < list[b].file;
  });
  return places;
}

std::string names_of(const std::vector<RunEntry>& list) {
  std::string names;
  for (const RunEntry& entry : list) (names += listed_name(entry)) += '\0';
  return names;
}

/// Says which files were named and are not there, before anything is computed.
void warn_of_missing(const std::vector<RunEntry>& list, Reporter& reporter) {
  constexpr std::size_t most_named = 10;
  std::size_t missing = 0;
  std::error_code error;
  for (const RunEntry& entry : list)
    if (!std::filesystem::exists(std::filesystem::status(entry.file, error)))
      if (++missing <= most_named)
        reporter.warning(fmt::format("{}: {}", entry.file.string(),
                                     error ? error.message() : "No such file or directory"));
  if (missing > most_named) reporter.warning(fmt::format("{} files in all are not there", missing));
}

void search_archive(const Input& input, const Access& access, Entries& entries,
                    Reporter& reporter) {
  const std::unique_ptr<Archive> archive =
      open_archive(input.archive, access.store.cache_dir, reporter);
  ArchiveMatches matches = archive->search(input.term);
  for (const std::string& warning : matches.warnings) reporter.warning(warning);
  entries.source =
      fmt::format("archive {} ({})", input.archive.string(), counted(matches.indexed, "file"));
  add_files(std::move(matches.files), entries);
  entries.explained = matches.indexed == 0;
}

}  // namespace

std::vector<std::vector<std::size_t>> deal(const std::vector<RunEntry>& list, std::int64_t shards) {
  const bool of_files = !list.empty() && list.front().id.empty();
  std::vector<std::size_t> places(list.size());
  std::iota(places.begin(), places.end(), std::size_t{0});
  if (of_files) places = largest_first(list);
  std::vector<std::vector<std::size_t>> dealt(static_cast<std::size_t>(shards));
  for (std::size_t i = 0; i < places.size(); ++i) dealt[i % dealt.size()].push_back(places[i]);
  for (std::vector<std::size_t>& shard : dealt) std::sort(shard.begin(), shard.end());
  return dealt;
}

namespace {

void keep_shard(const Shard& shard, Entries& entries, Reporter& reporter) {
  entries.shared = SharedList{entries.list.size(), sha256(names_of(entries.list))};
  const std::vector<std::vector<std::size_t>> dealt = deal(entries.list, shard.count);
  std::vector<RunEntry> kept;
  for (const std::size_t place : dealt[static_cast<std::size_t>(shard.number)]) {
    kept.push_back(std::move(entries.list[place]));
    kept.back().number = std::ssize(kept) - 1;
  }
  if (kept.empty() && !entries.list.empty()) {
    reporter.warning(fmt::format("shard {} has none of {}", to_string(shard),
                                 counted(std::ssize(entries.list), "entry", "entries")));
    entries.explained = true;
  }
  entries.list = std::move(kept);
}

}  // namespace

Entries find_entries(const Input& input, const Access& access, Reporter& reporter,
                     const CancelToken& cancel) {
  const Stopwatch watch;
  Entries entries;
  entries.term = input.term;
  switch (input.source) {
    case Source::ncbi:
    case Source::rcsb:
      check_descriptors(DownloadRules{}.descriptors());  // of what follows the search
      entries.search = search_service(input, access, reporter, cancel);
      entries.source = entries.search->service;
      add_ids(entries.search->ids, entries);
      entries.search->ids.clear();
      break;
    case Source::archive: search_archive(input, access, entries, reporter); break;
    case Source::files:
      entries.source = "files";
      add_files(structure_files(input.files, reporter), entries);
      warn_of_missing(entries.list, reporter);
      entries.explained = !input.files.empty();  // with what each folder holds
      break;
    case Source::ids:
      entries.source = "list of IDs";
      add_ids(input.ids, entries);
      break;
  }
  if (input.shard) keep_shard(*input.shard, entries, reporter);
  entries.found = entries.list.size();
  entries.seconds = watch.seconds();
  return entries;
}

SearchResult search_service(const Input& input, const Access& access, Reporter& reporter,
                            const CancelToken& cancel) {
  const std::unique_ptr<SearchService> service =
      input.source == Source::rcsb ? make_rcsb_search(access.rcsb, access.http, reporter, cancel)
                                   : make_ncbi_search(access.ncbi, access.http, reporter, cancel);
  SearchResult result = service->search(input.term, input.retmax);
  for (const std::string& warning : result.warnings) reporter.warning(warning);
  if (result.records_found > result.records_read)
    reporter.info(fmt::format(
        "{} has {} records for this; the first {}: {}; all that were found may be read",
        result.service, result.records_found, counted(result.records_read, "was read", "were read"),
        counted(result.ids.size(), "entry", "entries")));
  return result;
}

std::vector<std::filesystem::path> structure_files(const std::vector<std::filesystem::path>& paths,
                                                   Reporter& reporter) {
  std::vector<std::filesystem::path> files;
  PassedOver passed_over;
  for (const std::filesystem::path& path : paths) {
    std::error_code error;
    if (!std::filesystem::is_directory(path, error)) {
      files.push_back(path);  // a name that does not exist becomes a failure of its own
      continue;
    }
    const ArchiveWalk walk = walk_archive(path);
    // As text, because a path that was appended to keeps room for more parts than it has.
    const std::string folder = (path / "").string();
    for (const ArchiveFile& file : walk.files) files.emplace_back(folder + file.path);
    if (const std::string problem = problem_of(walk, path); !problem.empty())
      reporter.warning(problem);
    if (!walk.files.empty()) passed_over.add(walk.passed_over);
  }
  if (const std::string sentence = sentence_on(passed_over); !sentence.empty())
    reporter.info(sentence);
  std::sort(files.begin(), files.end());
  files.erase(std::unique(files.begin(), files.end()), files.end());
  return files;
}

}  // namespace modesweep
