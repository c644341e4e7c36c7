// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <deque>
#include <mutex>

#include <nlohmann/json.hpp>

#include <modesweep/search.hpp>

#include "net/loopback_server.hpp"
#include "net/recording_reporter.hpp"
#include "sources/web_search.hpp"

namespace modesweep {
namespace {

using nlohmann::json;
using test_support::LoggedRequest;
using test_support::LoopbackServer;
using test_support::ServerReply;

/// Waits take no time.
class FakeClock final : public Clock {
 public:
  Time now() override { return now_; }
  void wait_until(Time time, const CancelToken&) override { now_ = std::max(now_, time); }

 private:
  Time now_{};
};

// The Search API over a list of identifiers, with replies to be sent before it works.
class RcsbSearchTest : public testing::Test {
 protected:
  void SetUp() override { ::setenv("MODESWEEP_TEST_RETRY_SCALE", "0.02", 1); }

  ServerReply answer(const LoggedRequest& request) {
    const std::lock_guard lock(mutex);
    if (!faults.empty()) {
      const ServerReply fault = faults.front();
      faults.pop_front();
      return fault;
    }
    const json query = json::parse(request.body);
    const json& paginate = query.at("request_options").at("paginate");
    const std::size_t start = paginate.at("start");
    const std::size_t rows = paginate.at("rows");
    if (identifiers.empty()) return {204, "", "application/json"};
    json hits = json::array();
    for (std::size_t i = start; i < std::min(identifiers.size(), start + rows); ++i)
      hits.push_back({{"identifier", identifiers[i]}, {"score", 1.0 / double(i + 1)}});
    return {200,
            json({{"query_id", "0f6c"},
                  {"result_type", "entry"},
                  {"total_count", identifiers.size()},
                  {"result_set", hits}})
                .dump(),
            "application/json"};
  }

  SearchResult search(const std::string& term, std::optional<std::int64_t> limit = {}) {
    return make_rcsb_search({server.url("/rcsbsearch/v2/query")}, http, reporter)
        ->search(term, limit);
  }
  RunError error_of(const std::string& term) {
    try {
      search(term);
    } catch (const RunError& error) {
      return error;
    }
    ADD_FAILURE() << "the search did not fail";
    return {Cause::output, ""};
  }

  // The server answers from threads of its own.
  void serve(std::vector<std::string> ids) {
    const std::lock_guard lock(mutex);
    identifiers = std::move(ids);
  }
  void serve_first(std::size_t times, const ServerReply& fault) {
    const std::lock_guard lock(mutex);
    faults.insert(faults.end(), times, fault);
  }

  std::mutex mutex;  // guards identifiers and faults
  std::vector<std::string> identifiers{"6WQF", "5re4", "pdb_00007qzx", "PDB_1ABC5678"};
  std::deque<ServerReply> faults;
  test_support::RecordingReporter reporter;
  HttpOptions http;
  LoopbackServer server{[this](const LoggedRequest& request) { return answer(request); }};
};

TEST_F(RcsbSearchTest, FindsEntriesByScore) {
  const SearchResult result = search("covid \"main protease\"");
  EXPECT_EQ(result.ids, (std::vector<std::string>{"6WQF", "5RE4", "7QZX", "pdb_1abc5678"}));
  EXPECT_EQ(result.records_found, 4);
  EXPECT_EQ(result.records_read, 4);
  EXPECT_EQ(result.service, "RCSB Search API");
  const LoggedRequest request = server.requests().at(0);
  EXPECT_EQ(request.method, "POST");
  EXPECT_EQ(request.headers.find("Content-Type")->second, "application/json");
  const json query = json::parse(request.body);
  EXPECT_EQ(query["query"]["service"], "full_text");
  EXPECT_EQ(query["query"]["parameters"]["value"], "covid \"main protease\"");
  EXPECT_EQ(query["return_type"], "entry");
  EXPECT_EQ(query["request_options"]["results_content_type"], json::array({"experimental"}));
}

TEST_F(RcsbSearchTest, NothingFoundIsASuccess) {
  serve({});
  const SearchResult result = search("qwzrx");
  EXPECT_TRUE(result.ids.empty());
  EXPECT_EQ(result.records_found, 0);
}

TEST_F(RcsbSearchTest, ALimitKeepsTheBest) {
  const SearchResult result = search("covid", 2);
  EXPECT_EQ(result.ids, (std::vector<std::string>{"6WQF", "5RE4"}));
  EXPECT_EQ(result.records_found, 4);
  EXPECT_EQ(result.records_read, 2);
}

TEST_F(RcsbSearchTest, PagesAreReadToTheEnd) {
  std::vector<std::string> ids;
  const std::string digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
  for (int i = 0; i < 20'500; ++i)
    ids.push_back(std::string(1, digits[1 + i / 46656]) + digits[i / 1296 % 36] +
                  digits[i / 36 % 36] + digits[i % 36]);
  serve(ids);
  const SearchResult result = search("ribosome");
  EXPECT_EQ(result.ids, ids);
  EXPECT_EQ(result.records_read, 20'500);
  EXPECT_EQ(server.requests().size(), 3u);
}

TEST_F(RcsbSearchTest, WhatIsNotAnEntryIdIsLeftOut) {
  serve({"../../etc/passwd", "6WQF", std::string(200, 'A'), "AF_AFP69905F1", "4HHB_1", ""});
  const SearchResult result = search("covid");
  EXPECT_EQ(result.ids, std::vector<std::string>{"6WQF"});
  EXPECT_EQ(result.records_read, 6);
  ASSERT_EQ(result.warnings.size(), 1u);
  EXPECT_TRUE(result.warnings[0].starts_with(
      "of the identifiers that RCSB sent 5 are no IDs of PDB entries and were left out, such as "))
      << result.warnings[0];
}

TEST_F(RcsbSearchTest, PassingFailuresAreRetried) {
  ServerReply cut{200, std::string(500, ' '), "application/json"};
  cut.ending = ServerReply::Ending::cut;
  ServerReply dropped;
  dropped.ending = ServerReply::Ending::drop;
  for (const ServerReply& fault :
       {ServerReply{429, "{\"status\":429,\"message\":\"Too many requests\"}", "application/json"},
        ServerReply{500, "", "text/plain"}, ServerReply{503, "<html></html>", "text/html"},
        ServerReply{200, "<!DOCTYPE html><html></html>", "text/html"},
        ServerReply{200, "{\"total_count\":4,\"result_set\":[{\"ident", "application/json"},
        ServerReply{200, "{\"total_count\":4,\"result_set\":[]}", "application/json"}, cut,
        dropped}) {
    serve_first(1, fault);
    server.clear_log();
    EXPECT_EQ(search("covid").ids.size(), 4u) << fault.status << fault.body;
    EXPECT_EQ(server.requests().size(), 2u);
  }
}

TEST_F(RcsbSearchTest, AFailureThatStaysEndsInOneSentence) {
  serve_first(5, {503, "<html></html>", "text/html"});
  const auto start = std::chrono::steady_clock::now();
  const RunError error = error_of("covid");
  EXPECT_EQ(error.cause(), Cause::unavailable);
  EXPECT_NE(std::string(error.what()).find("5 tries"), std::string::npos) << error.what();
  const auto log = server.requests();
  ASSERT_EQ(log.size(), 5u);
  EXPECT_GE(log.back().time - start, 4 * std::chrono::milliseconds(370));
}

TEST_F(RcsbSearchTest, ABadQueryIsAUsageErrorWithTheServicesWords) {
  serve_first(
      1, {400, "{\"status\":400,\"message\":\"Unbalanced\\nparentheses\"}", "application/json"});
  const RunError error = error_of("(covid");
  EXPECT_EQ(error.cause(), Cause::request);
  EXPECT_NE(std::string(error.what()).find("Unbalanced parentheses"), std::string::npos);
  EXPECT_EQ(server.requests().size(), 1u);
}

TEST_F(RcsbSearchTest, ARefusalIsNotRetried) {
  serve_first(1, {404, "<html></html>", "text/html"});
  EXPECT_EQ(error_of("covid").cause(), Cause::unavailable);
  EXPECT_EQ(server.requests().size(), 1u);
}

TEST_F(RcsbSearchTest, AnEmptyTermAndOfflineSendNothing) {
  EXPECT_EQ(error_of(" ").cause(), Cause::request);
  http.offline = true;
  EXPECT_EQ(error_of("covid").cause(), Cause::unavailable);
  EXPECT_TRUE(server.requests().empty());
}

TEST_F(RcsbSearchTest, ATermThatIsNotUtf8IsSentAsUtf8) {
  EXPECT_EQ(search("caf\xe9").ids.size(), 4u);
  EXPECT_EQ(json::parse(server.requests().at(0).body)["query"]["parameters"]["value"],
            "caf\xef\xbf\xbd");
}

TEST_F(RcsbSearchTest, AllPagesTogetherHaveATime) {
  serve({"1UBI"});
  FakeClock clock;
  Pace pace(clock);
  const Milliseconds minute(60'000);
  WebService service("a service", minute, http, {}, reporter, pace);
  const std::string query = R"({"request_options": {"paginate": {"start": 0, "rows": 1}}})";
  const auto is_answer = [](const WebReply&) { return std::string(); };
  int pages = 0;
  try {
    for (; pages < 100; ++pages)
      service.send({server.url("/rcsbsearch/v2/query"), query, "application/json"}, is_answer);
    ADD_FAILURE() << "a hundred pages came";
  } catch (const RunError& error) {
    EXPECT_EQ(error.cause(), Cause::unavailable);
    EXPECT_NE(std::string(error.what()).find("longer than 1800 s"), std::string::npos)
        << error.what();
  }
  EXPECT_EQ(pages, longest_search / minute);
}

}  // namespace
}  // namespace modesweep
