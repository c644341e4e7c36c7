// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <numeric>
#include <thread>

#include <modesweep/search.hpp>

#include "net/fake_eutils.hpp"
#include "net/recording_reporter.hpp"
#include "sources/ncbi_search.hpp"
#include "support/fake_clock.hpp"

namespace modesweep {
namespace {

using test_support::FakeEutils;
using test_support::FakeRecord;
using test_support::LoggedRequest;
using test_support::RecordingReporter;
using test_support::ServerReply;
using namespace std::chrono_literals;
namespace fault = test_support::fault;

constexpr auto key = "d41d8cd98f00b204e9800998ecf8427e0907";

class NcbiSearchTest : public testing::Test {
 protected:
  void SetUp() override { ::setenv("MODESWEEP_TEST_RETRY_SCALE", "0.02", 1); }

  SearchResult search(const std::string& term, std::optional<std::int64_t> limit = {}) {
    NcbiOptions options;
    options.base_url = ncbi.url();
    options.email = email;
    options.api_key = api_key;
    return make_ncbi_search(options, http, reporter, interrupt.token())->search(term, limit);
  }

  /// The error of a search that must fail.
  RunError error_of(const std::string& term, std::optional<std::int64_t> limit = {}) {
    try {
      search(term, limit);
    } catch (const RunError& error) {
      return error;
    }
    ADD_FAILURE() << "the search did not fail";
    return {Cause::output, ""};
  }

  double shortest_gap() { return test_support::shortest_gap(ncbi.server().requests()); }

  static std::vector<FakeRecord> records() {
    auto list = test_support::fake_chains({"7QZX", "8BQL", "pdb_00006kwt"}, 2, "covid protease");
    const auto more = test_support::fake_chains({"5JRV"}, 3, "trypsin (bovine)");
    list.insert(list.end(), more.begin(), more.end());
    return list;
  }

  FakeEutils ncbi{records()};
  RecordingReporter reporter;
  HttpOptions http;
  CancelSource interrupt;
  std::string email, api_key;
};

const std::vector<std::string> covid_entries = {"7QZX", "8BQL", "6KWT"};

TEST_F(NcbiSearchTest, FindsEntriesInFirstSeenOrder) {
  const SearchResult result = search("covid", 1000);
  EXPECT_EQ(result.ids, covid_entries);
  EXPECT_EQ(result.records_found, 6);
  EXPECT_EQ(result.records_read, 6);
  EXPECT_EQ(result.query, "(covid) AND pdb[filter]");
  EXPECT_EQ(result.understood, "covid[All Fields] AND pdb[filter]");
  EXPECT_EQ(result.service, "NCBI protein");
  EXPECT_EQ(result.date.size(), 20u);
  EXPECT_TRUE(result.warnings.empty());

  const auto log = ncbi.server().requests();
  ASSERT_EQ(log.size(), 1u);
  EXPECT_EQ(log[0].method, "GET");
  EXPECT_EQ(log[0].parameter("db"), "protein");
  EXPECT_EQ(log[0].parameter("idtype"), "acc");
  EXPECT_EQ(log[0].parameter("usehistory"), "y");
  EXPECT_EQ(log[0].parameter("tool"), "modesweep");
  EXPECT_FALSE(log[0].has("email"));
  EXPECT_FALSE(log[0].has("api_key"));
  EXPECT_EQ(log[0].peer, "127.0.0.1");
  EXPECT_TRUE(log[0].headers.find("User-Agent")->second.starts_with("modesweep/"));
}

TEST_F(NcbiSearchTest, SendsEmailAndKeyOnlyWhereGiven) {
  email = "someone@example.org";
  api_key = key;
  search("covid");
  EXPECT_EQ(ncbi.server().requests().at(0).parameter("email"), email);
  EXPECT_EQ(ncbi.server().requests().at(0).parameter("api_key"), key);
}

TEST_F(NcbiSearchTest, ALimitIsInRecords) {
  const SearchResult result = search("covid", 3);
  EXPECT_EQ(result.ids, (std::vector<std::string>{"7QZX", "8BQL"}));
  EXPECT_EQ(result.records_found, 6);
  EXPECT_EQ(result.records_read, 3);
}

TEST_F(NcbiSearchTest, NothingFoundIsASuccess) {
  ncbi.set_error_list("<ErrorList><PhraseNotFound>qwzrx</PhraseNotFound></ErrorList>");
  const SearchResult result = search("qwzrx");
  EXPECT_TRUE(result.ids.empty());
  EXPECT_EQ(result.records_found, 0);
  ASSERT_EQ(result.warnings.size(), 1u);
  EXPECT_NE(result.warnings[0].find("qwzrx"), std::string::npos);
}

TEST_F(NcbiSearchTest, ADroppedPhraseIsAWarning) {
  ncbi.set_error_list(
      "<ErrorList><PhraseNotFound>fleegle[mesh]</PhraseNotFound><FieldNotFound>mesh</FieldNotFound>"
      "</ErrorList><WarningList><QuotedPhraseNotFound>\"a b\"</QuotedPhraseNotFound>"
      "<PhraseIgnored>the</PhraseIgnored></WarningList>");
  EXPECT_EQ(search("covid").warnings.size(), 4u);
}

TEST_F(NcbiSearchTest, ADroppedFilterIsAnError) {
  ncbi.set_error_list("<ErrorList><PhraseNotFound>pdb[filter]</PhraseNotFound></ErrorList>");
  EXPECT_EQ(error_of("covid").cause(), Cause::unavailable);
}

TEST_F(NcbiSearchTest, AnEmptyTermSendsNothing) {
  for (const char* term : {"", "  \t\n"}) EXPECT_EQ(error_of(term).cause(), Cause::request);
  EXPECT_TRUE(ncbi.server().requests().empty());
}

TEST_F(NcbiSearchTest, AnOpenQuoteOrBracketSendsNothing) {
  for (const char* term : {"\"covid", "(covid", "covid) OR (sars", "a)"})
    EXPECT_EQ(error_of(term).cause(), Cause::request) << term;
  EXPECT_TRUE(ncbi.server().requests().empty());
}

TEST_F(NcbiSearchTest, OfflineSendsNothing) {
  http.offline = true;
  EXPECT_EQ(error_of("covid").cause(), Cause::unavailable);
  EXPECT_TRUE(ncbi.server().requests().empty());
}

TEST_F(NcbiSearchTest, OddCharactersArriveIntact) {
  const std::string term = "a&b=c \"d e\"[Title] + 100% #x; \xc3\xa9\xe2\x82\xac <&amp;> (y)";
  search(term);
  EXPECT_EQ(ncbi.server().requests().at(0).parameter("term"), "(" + term + ") AND pdb[filter]");
}

TEST_F(NcbiSearchTest, ALongTermGoesByPost) {
  std::string term = "covid";
  while (term.size() < 5000) term += " OR caf\xc3\xa9";
  search(term);
  const auto log = ncbi.server().requests();
  ASSERT_EQ(log.size(), 1u);
  EXPECT_EQ(log[0].method, "POST");
  EXPECT_EQ(log[0].parameter("term"), "(" + term + ") AND pdb[filter]");
}

TEST_F(NcbiSearchTest, TooLongForGetGoesByPost) {
  ncbi.limit_url(100);
  EXPECT_EQ(search("covid").ids, covid_entries);
  const auto log = ncbi.server().requests();
  ASSERT_EQ(log.size(), 2u);
  EXPECT_EQ(log[1].method, "POST");
}

// Every passing failure of E-utilities is followed by another try that succeeds.
struct PassingFault {
  const char* name;
  ServerReply (*fault)(const LoggedRequest&, ServerReply);
};

class NcbiPassingFault : public NcbiSearchTest, public testing::WithParamInterface<PassingFault> {};

TEST_P(NcbiPassingFault, IsRetried) {
  ncbi.add_fault("esearch", GetParam().fault);
  EXPECT_EQ(search("covid").ids, covid_entries);
  EXPECT_EQ(ncbi.server().count("esearch"), 2u);
  EXPECT_NE(reporter.text().find("next try in"), std::string::npos);
}

TEST_P(NcbiPassingFault, ThatDoesNotPassEndsInOneSentence) {
  api_key = key;
  for (int i = 0; i < 5; ++i) ncbi.add_fault("esearch", GetParam().fault);
  const RunError error = error_of("covid");
  EXPECT_EQ(error.cause(), Cause::unavailable);
  const std::string text = error.what();
  EXPECT_NE(text.find("5 tries"), std::string::npos) << text;
  EXPECT_EQ(text.find('\n'), std::string::npos) << text;
  EXPECT_EQ(ncbi.server().count("esearch"), 5u);
  EXPECT_EQ((text + reporter.text()).find(key), std::string::npos) << text << reporter.text();
}

INSTANTIATE_TEST_SUITE_P(
    All, NcbiPassingFault,
    testing::Values(PassingFault{"RateLimited", fault::rate_limited},
                    PassingFault{"BackendFailed", fault::backend_failed},
                    PassingFault{"BackendFailed400", fault::backend_failed_400},
                    PassingFault{"WebPage", fault::web_page},
                    PassingFault{"Diagnostic", fault::diagnostic},
                    PassingFault{"Unavailable", fault::unavailable},
                    PassingFault{"OnlyAProlog", fault::only_a_prolog},
                    PassingFault{"HalfBody", fault::half_body}, PassingFault{"Cut", fault::cut},
                    PassingFault{"Dropped", fault::dropped},
                    PassingFault{"ProxyStream", fault::proxy_stream}),
    [](const auto& fault) { return std::string(fault.param.name); });

TEST_F(NcbiSearchTest, AStormOf429IsSurvivedAtThePace) {
  for (int i = 0; i < 4; ++i) ncbi.add_fault("esearch", fault::rate_limited);
  const auto start = std::chrono::steady_clock::now();
  EXPECT_EQ(search("covid").ids, covid_entries);
  EXPECT_EQ(ncbi.server().count("esearch"), 5u);
  EXPECT_EQ(ncbi.rate_limit_hits(), 0);
  const auto requests = ncbi.server().requests();
  EXPECT_GE(requests.back().time - start, (requests.size() - 1) * 370ms);
}

TEST_F(NcbiSearchTest, AKeyAllowsTheFasterPace) {
  ::setenv("MODESWEEP_TEST_RETRY_SCALE", "0.001", 1);  // no wait of a retry is longer than a pace
  ncbi.lift_rate_limit();
  NcbiOptions options;
  options.base_url = ncbi.url();
  for (const auto& [sent, pace_of] : {std::pair("", 370), {key, 120}}) {
    options.api_key = sent;
    const std::size_t before = ncbi.server().requests().size();
    for (int i = 0; i < 4; ++i) ncbi.add_fault("esearch", fault::backend_failed);
    test_support::FakeClock clock;
    Pace pace(clock);
    make_ncbi_search(options, http, reporter, interrupt.token(), pace)->search("covid", {});
    const auto requests = static_cast<long>(ncbi.server().requests().size() - before);
    EXPECT_EQ(requests, 5);
    EXPECT_EQ(clock.elapsed(), (requests - 1) * pace_of);
  }
}

TEST_F(NcbiSearchTest, RetryAfterIsHonoured) {
  ::setenv("MODESWEEP_TEST_RETRY_SCALE", "0.5", 1);
  ncbi.add_fault("esearch", fault::retry_after(429, "3"));
  search("covid");
  EXPECT_GT(shortest_gap(), 1.4);  // half of 3 s, where the first wait of its own is at most 0.63 s
}

TEST_F(NcbiSearchTest, RetryAfterAsADateIsHonoured) {
  ::setenv("MODESWEEP_TEST_RETRY_SCALE", "0.5", 1);
  const std::time_t then = std::time(nullptr) + 4;
  char date[64];
  std::strftime(date, sizeof date, "%a, %d %b %Y %H:%M:%S GMT", std::gmtime(&then));
  ncbi.add_fault("esearch", fault::retry_after(503, date));
  search("covid");
  EXPECT_GT(shortest_gap(), 1.4);  // the date has whole seconds: 3 to 4 s ahead, halved
}

TEST_F(NcbiSearchTest, ARefusalIsNotRetried) {
  for (const int status : {401, 403, 404}) {
    ncbi.server().clear_log();
    ncbi.add_fault("esearch", [status](const LoggedRequest&, ServerReply) {
      return ServerReply{status, "<html><body>no</body></html>", "text/html"};
    });
    EXPECT_EQ(error_of("covid").cause(), Cause::unavailable);
    EXPECT_EQ(ncbi.server().requests().size(), 1u);
  }
}

TEST_F(NcbiSearchTest, ABadRequestIsNotRetried) {
  ncbi.add_fault("esearch", [](const LoggedRequest&, ServerReply reply) {
    reply.body =
        "<?xml version=\"1.0\"?><eSearchResult><ERROR>Search Backend failed: Exception: "
        "'retstart' cannot be larger than 9998</ERROR></eSearchResult>";
    return reply;
  });
  const RunError error = error_of("covid");
  EXPECT_EQ(error.cause(), Cause::request);
  EXPECT_NE(std::string(error.what()).find("9998"), std::string::npos);
  EXPECT_EQ(ncbi.server().requests().size(), 1u);
}

TEST_F(NcbiSearchTest, AnInvalidKeyIsNamedButNotShown) {
  api_key = key;
  ncbi.add_fault("esearch", [](const LoggedRequest&, ServerReply) {
    return ServerReply{400,
                       std::string("{\"error\":\"API key invalid\",\"api-key\":\"") + key + "\"}",
                       "application/json"};
  });
  const std::string text = error_of("covid").what();
  EXPECT_NE(text.find("API key"), std::string::npos);
  EXPECT_EQ(text.find(key), std::string::npos);
}

TEST_F(NcbiSearchTest, AKeyQuotedByTheServerIsNotShown) {
  api_key = key;
  ncbi.set_error_list(std::string("<WarningList><OutputMessage>key ") + key +
                      " expires soon</OutputMessage></WarningList>");
  const SearchResult result = search("covid");
  ASSERT_EQ(result.warnings.size(), 1u);
  EXPECT_EQ(result.warnings[0].find(key), std::string::npos);
}

TEST_F(NcbiSearchTest, AServerThatIsNotThereIsUnavailable) {
  NcbiOptions options;
  options.api_key = key;
  options.base_url = "http://127.0.0.1:9/entrez/";  // the discard port: nobody listens
  try {
    make_ncbi_search(options, http, reporter)->search("covid", {});
    FAIL();
  } catch (const RunError& error) {
    EXPECT_EQ(error.cause(), Cause::unavailable);
    EXPECT_NE(std::string(error.what()).find("no connection to 127.0.0.1"), std::string::npos)
        << error.what();
    EXPECT_EQ((error.what() + reporter.text()).find(key), std::string::npos);
  }
}

TEST_F(NcbiSearchTest, AnUnreadableAuthorityFileIsNamedAtOnce) {
  NcbiOptions options;
  options.base_url = "https" + ncbi.url().substr(4);
  http.ca_file = "/nonexistent/ca.pem";
  try {
    make_ncbi_search(options, http, reporter)->search("covid", {});
    FAIL();
  } catch (const RunError& error) {
    EXPECT_EQ(error.cause(), Cause::unavailable);
    EXPECT_NE(std::string(error.what()).find("file of trusted authorities"), std::string::npos)
        << error.what();
  }
}

TEST_F(NcbiSearchTest, AProxyThatRefusesIsNamedAtOnce) {
  test_support::LoopbackServer proxy([](const LoggedRequest&) { return ServerReply{}; });
  NcbiOptions options;
  options.base_url = "https://eutils.example.org/";
  options.api_key = key;
  ::setenv("HTTPS_PROXY", proxy.url("").c_str(), 1);
  try {
    make_ncbi_search(options, http, reporter)->search("covid", {});
    ADD_FAILURE();
  } catch (const RunError& error) {
    EXPECT_EQ(error.cause(), Cause::unavailable);
    EXPECT_EQ(std::string(error.what())
                  .find("NCBI: the proxy refused the connection to "
                        "eutils.example.org"),
              0u)
        << error.what();
    EXPECT_EQ((error.what() + reporter.text()).find(key), std::string::npos);
  }
  ::unsetenv("HTTPS_PROXY");
}

TEST_F(NcbiSearchTest, PlainHttpElsewhereIsAUsageError) {
  NcbiOptions options;
  options.base_url = "http://eutils.example.org/";
  try {
    make_ncbi_search(options, http, reporter);
    FAIL();
  } catch (const RunError& error) {
    EXPECT_EQ(error.cause(), Cause::request);
  }
}

TEST_F(NcbiSearchTest, NothingGoesToAProxyOrFollowsARedirectOffThisMachine) {
  test_support::LoopbackServer trap([](const LoggedRequest&) { return ServerReply{}; });
  for (const char* name : {"http_proxy", "HTTPS_PROXY", "ALL_PROXY"})
    ::setenv(name, trap.url("").c_str(), 1);
  EXPECT_EQ(search("covid").ids, covid_entries);
  // 192.0.2.1 is reserved for documentation: a socket to it must not even be opened.
  ncbi.add_fault("esearch", [](const LoggedRequest&, ServerReply) {
    return ServerReply{302, "", "text/plain", {{"Location", "http://192.0.2.1/eutils/"}}};
  });
  try {
    search("covid");
    ADD_FAILURE() << "the redirect was not noticed";
  } catch (const RunError& error) {
    EXPECT_EQ(error.cause(), Cause::unavailable);
    EXPECT_NE(std::string(error.what()).find("redirects from this machine to another one"),
              std::string::npos)
        << error.what();
  }
  EXPECT_TRUE(trap.requests().empty());
  for (const char* name : {"http_proxy", "HTTPS_PROXY", "ALL_PROXY"}) ::unsetenv(name);
}

TEST_F(NcbiSearchTest, AnInterruptEndsAWaitAtOnce) {
  ::setenv("MODESWEEP_TEST_RETRY_SCALE", "1", 1);
  ncbi.add_fault("esearch", fault::retry_after(429, "60"));
  std::thread user([&] {
    while (ncbi.server().count("esearch") == 0)
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    interrupt.cancel();
  });
  EXPECT_THROW(search("covid"), Cancelled);
  user.join();
}

TEST_F(NcbiSearchTest, AnInterruptEndsASilentTransfer) {
  ncbi.add_fault("esearch", [](const LoggedRequest&, ServerReply reply) {
    reply.delay = std::chrono::hours(24);
    return reply;
  });
  std::thread user([&] {
    while (ncbi.server().count("esearch") == 0)
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    interrupt.cancel();
  });
  EXPECT_THROW(search("covid"), Cancelled);
  user.join();
}

// GIs in place of accessions: efetch tells which entries they are.
class NcbiGi : public NcbiSearchTest {
 protected:
  void SetUp() override {
    NcbiSearchTest::SetUp();
    ncbi.give_gis(true);
  }
};

TEST_F(NcbiGi, AreResolvedByEfetch) {
  const SearchResult result = search("covid");
  EXPECT_EQ(result.ids, covid_entries);
  EXPECT_EQ(result.records_read, 6);
  EXPECT_TRUE(result.warnings.empty());
  ASSERT_EQ(ncbi.server().count("efetch"), 1u);
  const LoggedRequest request = ncbi.server().requests().back();
  EXPECT_EQ(request.parameter("rettype"), "acc");
  EXPECT_TRUE(request.parameter("id").starts_with("9200000001,9200000002,"));
}

TEST_F(NcbiGi, AreResolvedByFastaWhereAccessionsAreMissing) {
  ncbi.withhold("acc", {"8BQL_A"});
  for (const auto style :
       {FakeEutils::Defline::pdb, FakeEutils::Defline::gi_pdb, FakeEutils::Defline::accession}) {
    ncbi.set_defline(style);
    const SearchResult result = search("covid");
    EXPECT_EQ(result.ids, covid_entries);
    EXPECT_TRUE(result.warnings.empty());
  }
}

TEST_F(NcbiGi, RecordsThatEfetchDoesNotGiveAreAWarning) {
  ncbi.withhold("acc", {"8BQL_A", "8BQL_B"});
  ncbi.withhold("fasta", {"8BQL_A"});
  const SearchResult result = search("covid");
  EXPECT_EQ(result.ids, covid_entries);
  ASSERT_EQ(result.warnings.size(), 1u);
  EXPECT_NE(result.warnings[0].find("1 of 6"), std::string::npos) << result.warnings[0];
}

TEST_F(NcbiGi, ThatEfetchDoesNotKnowAreAWarning) {
  const auto nothing = [](const LoggedRequest&, ServerReply) {
    return ServerReply{400,
                       "ID list is empty! Possibly it has no correct IDs.\n Error: "
                       "CEFetchPApplication::proxy_stream(): HTTP/1.1 400 Bad Request\n",
                       "text/plain"};
  };
  ncbi.add_fault("efetch", nothing);
  ncbi.add_fault("efetch", nothing);
  const SearchResult result = search("covid");
  EXPECT_TRUE(result.ids.empty());
  ASSERT_EQ(result.warnings.size(), 1u);
  EXPECT_NE(result.warnings[0].find("6 of 6"), std::string::npos) << result.warnings[0];
}

TEST_F(NcbiGi, FetchFaultsAreRetried) {
  for (const auto& spoil : {fault::breaks_off, fault::proxy_stream, fault::web_page,
                            fault::rate_limited, fault::dropped}) {
    ncbi.server().clear_log();
    ncbi.add_fault("efetch", spoil);
    EXPECT_EQ(search("covid").ids, covid_entries);
    EXPECT_EQ(ncbi.server().count("efetch"), 2u);
  }
}

TEST_F(NcbiGi, AFetchThatNeverAnswersEndsTheSearch) {
  for (int i = 0; i < 5; ++i) ncbi.add_fault("efetch", fault::breaks_off);
  EXPECT_EQ(error_of("covid").cause(), Cause::unavailable);
}

TEST_F(NcbiGi, GoInBatchesByPost) {
  for (const FakeRecord& record : test_support::fake_chains({"4WQX"}, 26, "many chains")) {
    for (int copy = 0; copy < 10; ++copy)
      ncbi.add_record({std::to_string(copy) + record.gi, record.accession, record.title});
  }
  const SearchResult result = search("many chains");
  EXPECT_EQ(result.records_read, 260);
  EXPECT_EQ(result.ids, std::vector<std::string>{"4WQX"});
  const auto log = ncbi.server().requests();
  ASSERT_EQ(log.size(), 3u);
  for (std::size_t i = 1; i < 3; ++i) EXPECT_EQ(log[i].method, "POST");
  const auto ids_in = [](const LoggedRequest& request) {
    const std::string ids = request.parameter("id");
    return std::count(ids.begin(), ids.end(), ',') + 1;
  };
  EXPECT_EQ(ids_in(log[1]), 200);
  EXPECT_EQ(ids_in(log[2]), 60);
}

TEST_F(NcbiSearchTest, RecordsOfOtherDatabasesAreLeftOut) {
  ncbi.add_record({"9300000001", "WP_012345678.1", "covid something"});
  const SearchResult result = search("covid");
  EXPECT_EQ(result.ids, covid_entries);
  ASSERT_EQ(result.warnings.size(), 1u);
  EXPECT_EQ(result.warnings[0],
            "of 7 records 1 is no chain of a PDB entry and was left out, such as WP_012345678.1");
}

// More records than one page holds.
class NcbiPages : public NcbiSearchTest {
 protected:
  void SetUp() override {
    NcbiSearchTest::SetUp();
    api_key = key;  // for the pace
    for (int i = 0; i < 12'000; ++i) {
      const std::string entry = entry_name(i / 4);
      ncbi.add_record({std::to_string(9'400'000'000ULL + static_cast<unsigned>(i)),
                       entry + "_" + std::string(1, static_cast<char>('A' + i % 4)), "ribosome"});
    }
  }
  static std::string entry_name(int i) {
    const std::string digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    return std::string("9") + digits[i / 1296 % 36] + digits[i / 36 % 36] + digits[i % 36];
  }
  static std::vector<std::string> entry_names(int n) {
    std::vector<std::string> names;
    for (int i = 0; i < n; ++i) names.push_back(entry_name(i));
    return names;
  }
};

TEST_F(NcbiPages, AreReadToTheEnd) {
  const SearchResult result = search("ribosome");
  EXPECT_EQ(result.records_found, 12'000);
  EXPECT_EQ(result.records_read, 12'000);
  EXPECT_EQ(result.ids, entry_names(3000));
  const auto log = ncbi.server().requests();
  ASSERT_EQ(log.size(), 3u);
  EXPECT_EQ(log[1].parameter("retstart"), "5000");
  EXPECT_EQ(log[2].parameter("retstart"), "10000");
  EXPECT_EQ(log[2].parameter("retmax"), "2000");
  EXPECT_EQ(log[2].parameter("WebEnv"), "MCID_69220000aaaabbbbccccdddd");
}

TEST_F(NcbiPages, EndAtTheLimit) {
  const SearchResult result = search("ribosome", 5006);
  EXPECT_EQ(result.records_read, 5006);
  EXPECT_EQ(result.records_found, 12'000);
  EXPECT_EQ(result.ids, entry_names(1252));
  EXPECT_EQ(ncbi.server().requests().at(1).parameter("retmax"), "6");
}

TEST_F(NcbiPages, ALostHistoryMeansASearchFromTheStart) {
  ncbi.before_esearch([&](int number) {
    if (number == 3) ncbi.forget_history();
  });
  const SearchResult result = search("ribosome");
  EXPECT_EQ(result.records_read, 12'000);
  EXPECT_EQ(result.ids, entry_names(3000));
  const auto log = ncbi.server().requests();
  ASSERT_EQ(log.size(), 6u);
  EXPECT_EQ(log[3].parameter("retstart"), "0");
  EXPECT_FALSE(log[3].has("WebEnv"));
}

TEST_F(NcbiPages, AHistoryLostTwiceIsAnError) {
  ncbi.before_esearch([&](int number) {
    if (number % 2 == 0) ncbi.forget_history();
  });
  EXPECT_EQ(error_of("ribosome").cause(), Cause::unavailable);
}

// NCBI's count can change in spite of the stored set; this rewrites it on one page.
ServerReply one_more(const LoggedRequest&, ServerReply reply) {
  const std::size_t at = reply.body.find("<Count>12000");
  if (at != std::string::npos) reply.body.replace(at, 12, "<Count>12001");
  return reply;
}
ServerReply as_it_is(const LoggedRequest&, ServerReply reply) { return reply; }

TEST_F(NcbiPages, AChangedCountMeansReadingAgainOnce) {
  ncbi.add_fault("esearch", as_it_is);
  ncbi.add_fault("esearch", one_more);
  const SearchResult result = search("ribosome");
  EXPECT_EQ(result.ids, entry_names(3000));
  EXPECT_EQ(ncbi.server().requests().size(), 5u);

  for (const auto& fault : {as_it_is, one_more, as_it_is, one_more})
    ncbi.add_fault("esearch", fault);
  EXPECT_EQ(error_of("ribosome").cause(), Cause::unavailable);
}

TEST_F(NcbiPages, AnEmptyPageIsRetriedAndNeverTakenForTheEnd) {
  const auto empty = [](const LoggedRequest&, ServerReply reply) {
    const std::size_t from = reply.body.find("<IdList>");
    const std::size_t to = reply.body.find("</IdList>") + 9;
    reply.body.replace(from, to - from, "<IdList/>");
    return reply;
  };
  ncbi.add_fault("esearch", as_it_is);
  ncbi.add_fault("esearch", empty);
  EXPECT_EQ(search("ribosome").records_read, 12'000);

  ncbi.add_fault("esearch", as_it_is);
  for (int i = 0; i < 5; ++i) ncbi.add_fault("esearch", empty);
  EXPECT_EQ(error_of("ribosome").cause(), Cause::unavailable);
}

TEST_F(NcbiPages, ACutPageIsNeverUsed) {
  ncbi.add_fault("esearch", as_it_is);
  ncbi.add_fault("esearch", fault::half_body);
  ncbi.add_fault("esearch", fault::cut);
  EXPECT_EQ(search("ribosome").ids, entry_names(3000));
}

TEST_F(NcbiPages, APageOfAnotherPlaceIsRetried) {
  ncbi.add_fault("esearch", as_it_is);
  ncbi.add_fault("esearch", [](const LoggedRequest&, ServerReply reply) {
    const std::size_t at = reply.body.find("<RetStart>5000");
    if (at != std::string::npos) reply.body.replace(at, 14, "<RetStart>0");
    return reply;
  });
  EXPECT_EQ(search("ribosome").ids, entry_names(3000));
  EXPECT_EQ(ncbi.server().requests().size(), 4u);
}

}  // namespace
}  // namespace modesweep
