// SPDX-License-Identifier: MIT
#include "jobs/kept_query.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <iterator>
#include <system_error>
#include <utility>

#include <modesweep/parameters.hpp>

#include "base/text.hpp"

namespace modesweep {
namespace {

constexpr const char* hosts_name = "hosts";
constexpr const char* shared_entries_name = "list entries";
constexpr const char* shared_hash_name = "list sha256";
constexpr const char* shards_name = "merged shards";  // "0-2,5/8"
constexpr const char* isas_name = "merged isas";
constexpr const char* lost_name = "lost";

/// Of a run whose query has no checksum, the text may be anything.
std::int64_t count_of(const std::string& name, const std::string& text) {
  std::int64_t count = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, count);
  if (error != std::errc() || stop != end)
    throw RunError(
        Cause::unavailable,
        fmt::format("the query of the run is damaged: \"{}\" is no count of {}", text, name));
  return count;
}

/// "3,5-7".
std::string ranges_text(const std::set<std::int64_t>& numbers) {
  std::vector<std::string> texts;
  for (auto first = numbers.begin(); first != numbers.end();) {
    auto last = first;
    while (std::next(last) != numbers.end() && *std::next(last) == *last + 1) ++last;
    texts.push_back(first == last ? fmt::format("{}", *first)
                                  : fmt::format("{}-{}", *first, *last));
    first = std::next(last);
  }
  return fmt::format("{}", fmt::join(texts, ","));
}

}  // namespace

std::map<std::string, std::string> query_of_entries(const Entries& entries,
                                                    const std::vector<std::string>& archives) {
  std::map<std::string, std::string> query = {{"source", entries.source}, {"term", entries.term}};
  if (entries.search) {
    query["service"] = entries.search->service;
    query["sent"] = entries.search->query;
    query["understood"] = entries.search->understood;
    query["records found"] = std::to_string(entries.search->records_found);
    query["records read"] = std::to_string(entries.search->records_read);
    query["date"] = entries.search->date;
  }
  if (entries.shared) {
    query[shared_entries_name] = std::to_string(entries.shared->entries);
    query[shared_hash_name] = entries.shared->sha256;
  }
  query[hosts_name] = fmt::format("{}", fmt::join(archives, ","));
  return query;
}

Entries entries_of_query(std::map<std::string, std::string> query, std::size_t found) {
  Entries entries;
  entries.source = query["source"];
  entries.term = query["term"];
  entries.found = found;
  if (query.contains("service")) {
    SearchResult& search = entries.search.emplace();
    search.service = query["service"];
    search.query = query["sent"];
    search.understood = query["understood"];
    search.records_found = count_of("records found", query["records found"]);
    search.records_read = count_of("records read", query["records read"]);
    search.date = query["date"];
  }
  if (query.contains(shared_hash_name))
    entries.shared = SharedList{
        static_cast<std::size_t>(count_of(shared_entries_name, query[shared_entries_name])),
        query[shared_hash_name]};
  return entries;
}

std::string MergeNotes::text() const {
  std::vector<std::string> texts;
  if (shard_count > 0) {
    std::set<std::int64_t> missing;
    for (std::int64_t number = 0; number < shard_count; ++number)
      if (!shards.contains(number)) missing.insert(missing.end(), number);
    texts.push_back(fmt::format("of {} shards {} missing: {}", shard_count,
                                counted(std::ssize(missing), "is", "are"), ranges_text(missing)));
  }
  if (!lost.empty()) texts.push_back(lost);
  if (!isas.empty())
    texts.push_back(
        fmt::format("rows of the instruction sets {} are mixed", fmt::join(isas, ", ")));
  return fmt::format("{}", fmt::join(texts, "; "));
}

void keep_notes(const MergeNotes& notes, std::map<std::string, std::string>& query) {
  for (const char* name : {shards_name, isas_name, lost_name}) query.erase(name);
  if (notes.shard_count == 0) {
    query.erase(shared_entries_name);
    query.erase(shared_hash_name);
  } else {
    query[shards_name] = fmt::format("{}/{}", ranges_text(notes.shards), notes.shard_count);
  }
  if (!notes.isas.empty()) query[isas_name] = fmt::format("{}", fmt::join(notes.isas, ","));
  if (!notes.lost.empty()) query[lost_name] = notes.lost;
}

MergeNotes kept_notes(const std::map<std::string, std::string>& query) {
  const auto value = [&](const char* name) {
    const auto found = query.find(name);
    return found == query.end() ? std::string() : found->second;
  };
  MergeNotes notes;
  for (const std::string& isa : split(value(isas_name), ',')) notes.isas.insert(isa);
  notes.lost = value(lost_name);
  const std::string shards = value(shards_name);
  if (shards.empty()) return notes;
  const std::size_t slash = shards.rfind('/');
  notes.shard_count = count_of(shards_name, shards.substr(slash + 1));
  for (const std::string& range : split(shards.substr(0, slash), ',')) {
    const std::size_t dash = range.find('-');
    const std::int64_t first = count_of(shards_name, range.substr(0, dash));
    const std::int64_t last =
        dash == std::string::npos ? first : count_of(shards_name, range.substr(dash + 1));
    for (std::int64_t number = first; number <= last && number < notes.shard_count; ++number)
      notes.shards.insert(number);
  }
  return notes;
}

void apply_kept(const std::filesystem::path& folder, const Settings& kept, RankRequest& request) {
  try {
    apply_settings(kept, request);
  } catch (const RunError& error) {
    throw RunError(Cause::unavailable,
                   fmt::format("the parameters of the run in {} are damaged: {}", folder.string(),
                               error.what()));
  }
}

void check_parameters(const std::filesystem::path& folder, const Settings& kept,
                      const Settings& asked) {
  RankRequest readable;
  apply_kept(folder, kept, readable);
  const std::optional<Difference> differs = first_difference(kept, asked);
  if (!differs) return;
  std::string name = differs->name;
  std::replace(name.begin(), name.end(), '_', ' ');
  throw RunError(Cause::request,
                 fmt::format("the run in {} has {} \"{}\", and now \"{}\" is asked for: results of "
                             "both cannot be mixed; name another folder for a new run",
                             folder.string(), name, differs->kept, differs->asked));
}

RankRequest resumed_request(RankRequest request, const ResumeChoices& choices, RunStore& run) {
  const Settings kept = run.parameters();
  const Access typed = request.access;
  if (typed.store.url_templates.empty() && is_withheld(kept, "download_url"))
    throw RunError(Cause::request,
                   "the run's download URL may hold a password or a key and was not kept: give it "
                   "again");
  apply_kept(request.run, kept, request);
  request.model.method = method_version;
  StoreOptions& store = request.access.store;
  if (choices.file_format) store.format = typed.store.format;
  if (!typed.store.url_templates.empty()) store.url_templates = typed.store.url_templates;
  if (!choices.hosts) {
    const std::map<std::string, std::string> query = run.query();
    if (const auto hosts = query.find(hosts_name); hosts != query.end()) {
      store.archives = split(hosts->second, ',');
    }
  }
  check_parameters(request.run, kept, settings_of(request));
  return request;
}

}  // namespace modesweep
