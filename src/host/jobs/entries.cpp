// SPDX-License-Identifier: MIT
#include <modesweep/entries.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <system_error>

#include <modesweep/archive.hpp>

#include "base/clock.hpp"
#include "base/process_limits.hpp"
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
      entries.explained = !input.files.empty();  // with what each folder holds
      break;
    case Source::ids:
      entries.source = "list of IDs";
      add_ids(input.ids, entries);
      break;
  }
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
