// SPDX-License-Identifier: MIT
#include <algorithm>
#include <set>
#include <span>
#include <utility>

#include <fmt/format.h>

#include <modesweep/search.hpp>

#include "base/clock.hpp"
#include "base/text.hpp"
#include "sources/ncbi_replies.hpp"
#include "sources/ncbi_search.hpp"
#include "sources/web_search.hpp"

namespace modesweep {
namespace {

constexpr std::int64_t page_size = 5000;        // NCBI takes up to 10,000
constexpr std::size_t fetch_batch = 200;        // IDs in one efetch
constexpr std::size_t longest_get = 1000;       // encoded parameters; beyond that POST
constexpr Milliseconds spacing_anonymous{370};  // 3 requests a second, with a little air
constexpr Milliseconds spacing_with_key{120};   // 10 requests a second

using Parameters = std::vector<std::pair<std::string, std::string>>;

std::string encoded(const Parameters& parameters) {
  std::string result;
  for (const auto& [name, value] : parameters) {
    char* text = curl_easy_escape(nullptr, value.data(), static_cast<int>(value.size()));
    result += (result.empty() ? "" : "&") + name + "=" + (text ? text : "");
    curl_free(text);
  }
  return result;
}

// An open quote or bracket would swallow the filter that follows, and search all of NCBI's
// proteins.
std::string filtered_query(const std::string& term) {
  int depth = 0;
  bool quoted = false;
  bool balanced = true;
  for (const char c : term) {
    if (c == '"') quoted = !quoted;
    if (quoted) continue;
    depth += (c == '(') - (c == ')');
    balanced = balanced && depth >= 0;
  }
  if (quoted || depth != 0 || !balanced)
    throw RunError(Cause::request, fmt::format("the {} of the search term do not match: {}",
                                               quoted ? "quotes" : "parentheses", quotable(term)));
  return "(" + term + ") AND pdb[filter]";
}

// Without our filter the query would run over all of NCBI's proteins.
bool is_our_filter(std::string_view phrase) {
  const std::string folded = ascii_lower(phrase);
  return folded.starts_with("pdb[filter") || folded == "filter";
}

// Why a search has to begin again.
enum class Interruption { count_changed, history_lost };
struct Interrupted {
  Interruption kind;
};

struct Records {
  EsearchReply first;              ///< the first page, with the counts and warnings
  std::vector<std::string> names;  ///< as esearch gives them: accessions or GIs
};

class NcbiSearch final : public SearchService {
 public:
  NcbiSearch(NcbiOptions options, HttpOptions http, CancelToken cancel, Reporter& reporter,
             Pace& pace)
      : options_(std::move(options)),
        reporter_(reporter),
        service_("NCBI", options_.api_key.empty() ? spacing_anonymous : spacing_with_key,
                 std::move(http), std::move(cancel), reporter, pace) {
    if (!options_.base_url.ends_with('/')) options_.base_url += '/';
    check_url(options_.base_url);
  }

  SearchResult search(const std::string& term, std::optional<std::int64_t> limit) override {
    check_search_term(term);
    SearchResult result;
    result.service = "NCBI protein";
    result.query = filtered_query(term);
    result.date = utc_now();
    Records records = read_records(result.query, limit);
    result.records_found = records.first.count;
    result.records_read = static_cast<std::int64_t>(records.names.size());
    result.understood = without_key(records.first.query_translation);
    for (const std::string& warning : records.first.warnings)
      result.warnings.push_back(without_key(warning));
    result.ids = entries(records.names, result.warnings);
    return result;
  }

 private:
  // Reads all pages, from the start again where the set changed or was lost under way.
  Records read_records(const std::string& query, std::optional<std::int64_t> limit) {
    std::set<Interruption> interruptions;
    for (;;) {
      try {
        return read_pages(query, limit);
      } catch (const Interrupted& interrupted) {
        const bool changed = interrupted.kind == Interruption::count_changed;
        if (!interruptions.insert(interrupted.kind).second)
          throw RunError(Cause::unavailable,
                         changed
                             ? "NCBI's result set changed twice while it was read: try again later"
                             : "NCBI lost the stored result set twice: try again later");
        reporter_.info(changed ? "NCBI: the result set changed; reading it again"
                               : "NCBI: the stored result set is gone; searching again");
      }
    }
  }

  Records read_pages(const std::string& query, std::optional<std::int64_t> limit) {
    Records records;
    const auto rows = [&](std::int64_t wanted) {
      return std::min(page_size, wanted - std::int64_t(records.names.size()));
    };
    records.first = esearch(query, 0, rows(limit.value_or(page_size)), nullptr);
    const std::int64_t wanted = std::min(limit.value_or(records.first.count), records.first.count);
    if (!records.first.not_found.empty() && records.first.count > 0 &&
        std::any_of(records.first.not_found.begin(), records.first.not_found.end(), is_our_filter))
      throw RunError(Cause::unavailable,
                     "NCBI did not apply the filter pdb[filter], so what it found is not the PDB");
    EsearchReply page = records.first;
    for (;;) {
      const std::int64_t missing = wanted - std::int64_t(records.names.size());
      page.ids.resize(std::min(page.ids.size(), static_cast<std::size_t>(missing)));
      std::move(page.ids.begin(), page.ids.end(), std::back_inserter(records.names));
      const auto read = std::int64_t(records.names.size());
      if (read >= wanted) return records;
      page = esearch(query, read, rows(wanted), &records.first);
      if (page.count != records.first.count) throw Interrupted{Interruption::count_changed};
    }
  }

  // One page. The stored set of the first one is asked for with the term again: NCBI joins the two
  // with AND, so that records added meanwhile do not shift the pages.
  EsearchReply esearch(const std::string& query, std::int64_t start, std::int64_t rows,
                       const EsearchReply* first) {
    Parameters parameters = {{"db", "protein"},
                             {"term", query},
                             {"usehistory", "y"},
                             {"idtype", "acc"},
                             {"retmode", "xml"},
                             {"retstart", std::to_string(start)},
                             {"retmax", std::to_string(rows)}};
    if (first && !first->web_env.empty() && !first->query_key.empty()) {
      parameters.emplace_back("WebEnv", first->web_env);
      parameters.emplace_back("query_key", first->query_key);
    }
    EsearchReply page;
    const auto check = [&](const std::string& body) -> std::string {
      std::optional<EsearchReply> parsed = parse_esearch(body);
      if (!parsed) return "a reply that is no search result";
      if (parsed->ids.empty() && rows > 0 && parsed->count > start)
        return fmt::format("an empty page at record {} of {}", start, parsed->count);
      if (parsed->ret_start != start && parsed->count > start)
        return fmt::format("a page from record {} where {} was asked for", parsed->ret_start,
                           start);
      page = std::move(*parsed);
      return {};
    };
    const Answer answer = ask("esearch.fcgi", parameters, NcbiFormat::xml, check);
    if (answer.verdict.kind == NcbiVerdict::Kind::history_lost)
      throw Interrupted{Interruption::history_lost};
    if (answer.verdict.kind == NcbiVerdict::Kind::empty)
      throw RunError(Cause::unavailable,
                     "NCBI gave no answer to the search: " + answer.verdict.message);
    return page;
  }

  // The entries of the records in first-seen order.
  std::vector<std::string> entries(const std::vector<std::string>& names,
                                   std::vector<std::string>& warnings) {
    std::vector<std::optional<std::string>> found(names.size());
    std::vector<std::size_t> unknown;
    for (std::size_t i = 0; i < names.size(); ++i) {
      found[i] = entry_of_accession(names[i]);
      if (!found[i]) unknown.push_back(i);
    }
    std::size_t lost = 0;     // records that efetch said nothing about
    std::size_t foreign = 0;  // records of something else than the PDB
    std::string example;      // the first of those whose name is known
    std::vector<std::string> without_place;
    for (std::size_t i = 0; i < unknown.size(); i += fetch_batch) {
      const auto batch = std::span(unknown).subspan(i, std::min(fetch_batch, unknown.size() - i));
      auto fetched = fetch(names, batch);
      foreign += static_cast<std::size_t>(std::count(fetched.begin(), fetched.end(), std::nullopt));
      if (fetched.size() == batch.size()) {
        for (std::size_t k = 0; k < batch.size(); ++k) {
          if (!fetched[k] && example.empty())
            example = ", such as " + quotable(names[batch[k]], 40);
          found[batch[k]] = std::move(fetched[k]);
        }
        continue;
      }
      lost += batch.size() - std::min(batch.size(), fetched.size());
      for (std::optional<std::string>& entry : fetched)
        if (entry) without_place.push_back(std::move(*entry));
    }
    EntryList list;
    for (std::optional<std::string>& entry : found)
      if (entry) list.add(std::move(*entry));
    for (std::string& entry : without_place) list.add(std::move(entry));
    if (lost > 0)
      warnings.push_back(fmt::format("NCBI gave no accession for {} of {}", lost,
                                     counted(names.size(), "record")));
    if (foreign > 0)
      warnings.push_back(fmt::format("of {} {} left out{}", counted(names.size(), "record"),
                                     counted(foreign, "is no chain of a PDB entry and was",
                                             "are no chains of PDB entries and were"),
                                     example));
    return list.take();
  }

  // What efetch knows of these records: accessions, or FASTA headers where those are incomplete.
  std::vector<std::optional<std::string>> fetch(const std::vector<std::string>& names,
                                                std::span<const std::size_t> batch) {
    std::string ids;
    for (const std::size_t i : batch) ids += (ids.empty() ? "" : ",") + names[i];
    std::vector<std::optional<std::string>> best;
    for (const NcbiFormat format : {NcbiFormat::accessions, NcbiFormat::fasta}) {
      const Answer answer = ask("efetch.fcgi",
                                {{"db", "protein"},
                                 {"id", ids},
                                 {"rettype", format == NcbiFormat::fasta ? "fasta" : "acc"},
                                 {"retmode", "text"}},
                                format, [](const std::string&) { return std::string(); });
      if (answer.verdict.kind == NcbiVerdict::Kind::history_lost)
        throw RunError(Cause::unavailable, "NCBI: " + answer.verdict.message);
      if (answer.verdict.kind == NcbiVerdict::Kind::empty) continue;
      auto entries = entries_of_records(answer.body, format);
      if (entries.size() == batch.size()) return entries;
      if (entries.size() > best.size()) best = std::move(entries);
    }
    return best;
  }

  struct Answer {
    NcbiVerdict verdict;  ///< data, empty or history_lost
    std::string body;
  };

  // `check` finds what is wrong with data; empty where nothing is. Lists of IDs always go by POST.
  Answer ask(const std::string& script, Parameters parameters, NcbiFormat format,
             const std::function<std::string(const std::string&)>& check) {
    using Kind = NcbiVerdict::Kind;
    parameters.emplace_back("tool", "modesweep");
    if (!options_.email.empty()) parameters.emplace_back("email", options_.email);
    if (!options_.api_key.empty()) parameters.emplace_back("api_key", options_.api_key);
    const std::string query = encoded(parameters);
    const std::string url = options_.base_url + script;
    for (bool post = format != NcbiFormat::xml || query.size() > longest_get;; post = true) {
      const WebRequest request = post ? WebRequest{url, query, "application/x-www-form-urlencoded"}
                                      : WebRequest{fmt::format("{}?{}", url, query), {}, {}};
      NcbiVerdict verdict;
      WebReply reply = service_.send(request, [&](const WebReply& received) -> std::string {
        verdict = classify_ncbi_reply(received.status, received.body, format);
        verdict.message = without_key(verdict.message);
        if (verdict.kind == Kind::retry) return verdict.message;
        return verdict.kind == Kind::data ? check(received.body) : std::string();
      });
      switch (verdict.kind) {
        case Kind::use_post:
          if (!post) continue;
          [[fallthrough]];
        case Kind::bad_request:
          throw RunError(Cause::request, "NCBI cannot take this request: " + verdict.message);
        case Kind::refused:
          throw RunError(Cause::unavailable, fmt::format("NCBI refuses to serve {}: {}",
                                                         displayed_url(url), verdict.message));
        default: return {std::move(verdict), std::move(reply.body)};
      }
    }
  }

  // NCBI quotes the key in some of its errors.
  std::string without_key(std::string text) const {
    const std::string& key = options_.api_key;
    for (std::size_t at = 0; !key.empty() && (at = text.find(key, at)) != std::string::npos;)
      text.replace(at, key.size(), "(key)");
    return text;
  }

  NcbiOptions options_;
  Reporter& reporter_;
  WebService service_;
};

}  // namespace

std::unique_ptr<SearchService> make_ncbi_search(NcbiOptions options, HttpOptions http,
                                                Reporter& reporter, CancelToken cancel) {
  return make_ncbi_search(std::move(options), std::move(http), reporter, std::move(cancel),
                          Pace::process());
}

std::unique_ptr<SearchService> make_ncbi_search(NcbiOptions options, HttpOptions http,
                                                Reporter& reporter, CancelToken cancel,
                                                Pace& pace) {
  return std::make_unique<NcbiSearch>(std::move(options), std::move(http), std::move(cancel),
                                      reporter, pace);
}

}  // namespace modesweep
