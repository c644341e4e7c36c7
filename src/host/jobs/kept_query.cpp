// SPDX-License-Identifier: MIT
#include "jobs/kept_query.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <system_error>
#include <utility>

#include <modesweep/parameters.hpp>

#include "base/text.hpp"

namespace modesweep {
namespace {

constexpr const char* hosts_name = "hosts";
constexpr const char* shared_entries_name = "list entries";
constexpr const char* shared_hash_name = "list sha256";
constexpr const char* gaps_name = "gaps";

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

void keep_gaps(const std::string& gaps, std::map<std::string, std::string>& query) {
  query.erase(shared_entries_name);
  query.erase(shared_hash_name);
  if (!gaps.empty()) query[gaps_name] = gaps;
}

std::string kept_gaps(const std::map<std::string, std::string>& query) {
  const auto gaps = query.find(gaps_name);
  return gaps == query.end() ? std::string() : gaps->second;
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
