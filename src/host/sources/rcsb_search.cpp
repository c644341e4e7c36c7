// SPDX-License-Identifier: MIT
#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <modesweep/pdb_id.hpp>
#include <modesweep/search.hpp>

#include "base/clock.hpp"
#include "base/text.hpp"
#include "sources/web_search.hpp"

namespace modesweep {
namespace {

using Json = nlohmann::json;

constexpr std::int64_t page_size = 10'000;  // the most the service gives at once
constexpr Milliseconds spacing{370};        // RCSB names no figure; NCBI's is polite anywhere

struct Page {
  std::int64_t total = 0;
  std::vector<std::string> identifiers;
};

std::optional<Page> parse_page(const std::string& body) {
  const Json json = Json::parse(body, nullptr, false);
  if (!json.is_object()) return std::nullopt;
  const auto total = json.find("total_count");
  const auto hits = json.find("result_set");
  if (total == json.end() || !total->is_number_integer() || hits == json.end() || !hits->is_array())
    return std::nullopt;
  Page page{total->get<std::int64_t>(), {}};
  for (const Json& hit : *hits) {
    // "results_verbosity": "compact" gives bare strings.
    const Json* identifier =
        hit.is_object() && hit.contains("identifier") ? &hit["identifier"] : &hit;
    if (!identifier->is_string()) return std::nullopt;
    page.identifiers.push_back(*identifier);
  }
  return page;
}

std::string message_of(const WebReply& reply) {
  const Json json = Json::parse(reply.body, nullptr, false);
  if (json.is_object() && json.contains("message") && json["message"].is_string())
    return quotable(json["message"].get<std::string>());
  return fmt::format("status {}", reply.status);
}

std::string retry_reason(const WebReply& reply) {
  if (reply.status == 429) return "too many requests in one second (status 429)";
  if (reply.status == 408 || reply.status == 425 || reply.status >= 500)
    return "a passing failure: " + message_of(reply);
  return {};
}

class RcsbSearch final : public SearchService {
 public:
  RcsbSearch(RcsbOptions options, HttpOptions http, CancelToken cancel, Reporter& reporter)
      : options_(std::move(options)),
        service_("RCSB", spacing, std::move(http), std::move(cancel), reporter) {
    check_url(options_.url);
  }

  SearchResult search(const std::string& term, std::optional<std::int64_t> limit) override {
    check_search_term(term);
    SearchResult result;
    result.service = "RCSB Search API";
    result.query = term;
    result.date = utc_now();
    EntryList entries;
    std::int64_t skipped = 0;
    std::string example;
    for (std::int64_t wanted = limit.value_or(page_size);;) {
      const Page page =
          read_page(term, result.records_read, std::min(page_size, wanted - result.records_read));
      if (result.records_read > 0 && page.total != result.records_found)
        throw RunError(Cause::unavailable,
                       "RCSB's result set changed while it was read: try again");
      result.records_found = page.total;
      wanted = std::min(limit.value_or(page.total), page.total);
      for (const std::string& identifier : page.identifiers) {
        if (result.records_read == wanted) break;
        ++result.records_read;
        if (auto id = normalise_pdb_id(identifier)) {
          entries.add(std::move(*id));
        } else if (++skipped == 1) {
          example = quotable(identifier, 40);
        }
      }
      if (result.records_read >= wanted) break;
    }
    if (skipped > 0)
      result.warnings.push_back(fmt::format(
          "of the identifiers that RCSB sent {} left out, such as {}",
          counted(skipped, "is no ID of a PDB entry and was", "are no IDs of PDB entries and were"),
          example));
    result.ids = entries.take();
    return result;
  }

 private:
  Page read_page(const std::string& term, std::int64_t start, std::int64_t rows) {
    const Json query = {
        {"query",
         {{"type", "terminal"}, {"service", "full_text"}, {"parameters", {{"value", term}}}}},
        {"return_type", "entry"},
        {"request_options",
         {{"paginate", {{"start", start}, {"rows", rows}}},
          {"results_content_type", Json::array({"experimental"})},
          {"sort", Json::array({{{"sort_by", "score"}, {"direction", "desc"}}})}}}};
    // A term that is not UTF-8 has no place in JSON; the replacement character stands in for it.
    const WebRequest request{options_.url,
                             query.dump(-1, ' ', false, Json::error_handler_t::replace),
                             "application/json"};
    Page page;
    const WebReply reply = service_.send(request, [&](const WebReply& received) -> std::string {
      if (received.status != 200) return retry_reason(received);
      std::optional<Page> parsed = parse_page(received.body);
      if (!parsed) return "a reply that is no search result";
      if (parsed->identifiers.empty() && rows > 0 && parsed->total > start)
        return fmt::format("an empty page at record {} of {}", start, parsed->total);
      page = std::move(*parsed);
      return {};
    });
    // 204 is how the service says that nothing matches.
    if (reply.status == 200 || reply.status == 204) return page;
    if (reply.status == 400)
      throw RunError(Cause::request, "RCSB cannot take this search: " + message_of(reply));
    throw RunError(Cause::unavailable, fmt::format("RCSB refuses to serve {}: {}",
                                                   displayed_url(options_.url), message_of(reply)));
  }

  RcsbOptions options_;
  WebService service_;
};

}  // namespace

std::unique_ptr<SearchService> make_rcsb_search(RcsbOptions options, HttpOptions http,
                                                Reporter& reporter, CancelToken cancel) {
  return std::make_unique<RcsbSearch>(std::move(options), std::move(http), std::move(cancel),
                                      reporter);
}

}  // namespace modesweep
