// SPDX-License-Identifier: MIT
// What is said of entries that no host has, against a holdings service of our own.
#include <gtest/gtest.h>

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <sstream>

#include <modesweep/structure_store.hpp>

#include "net/fake_file_host.hpp"
#include "net/recording_reporter.hpp"
#include "support/environment.hpp"
#include "support/temp_dir.hpp"

namespace modesweep {
namespace {

using test_support::EnvironmentVariable;
using test_support::FakeFileHost;
using test_support::LoggedRequest;
using test_support::LoopbackServer;
using test_support::ServerReply;

/// RCSB's service as far as it is asked, over entries of the test's own.
class FakeHoldings {
 public:
  struct Entry {
    std::string status;
    std::string code;
    std::vector<std::string> successors;
  };

  std::map<std::string, Entry> entries;
  bool all_or_nothing = false;  ///< one unknown ID among several is a 404 for all
  std::optional<ServerReply> always;
  LoopbackServer server{[this](const LoggedRequest& request) { return answer(request); }};

  std::string url() const { return server.url("/rest/v1/holdings/"); }

 private:
  ServerReply answer(const LoggedRequest& request) const {
    if (always) return *always;
    const std::string base = "/rest/v1/holdings/";
    if (request.path == base + "status") {
      std::string list;
      std::istringstream ids(request.parameter("ids"));
      for (std::string id; std::getline(ids, id, ',');) {
        const auto entry = entries.find(id);
        if (entry == entries.end()) {
          if (all_or_nothing) return not_found(id);
          continue;
        }
        list += fmt::format(
            R"({}{{"rcsb_id":"{}","rcsb_repository_holdings_combined":{{"status":"{}",)"
            R"("status_code":"{}"{}}}}})",
            list.empty() ? "" : ",", id, entry->second.status, entry->second.code,
            entry->second.successors.empty() ? ""
                                             : fmt::format(R"(,"id_code_replaced_by_latest":"{}")",
                                                           entry->second.successors.back()));
      }
      return {.body = "[" + list + "]", .content_type = "application/json"};
    }
    const std::string id = request.path.substr(request.path.rfind('/') + 1);
    const auto entry = entries.find(id);
    if (request.path != base + "removed/" + id || entry == entries.end() ||
        entry->second.status != "REMOVED")
      return not_found(id);
    std::string successors;
    for (const std::string& successor : entry->second.successors)
      successors += fmt::format("{}\"{}\"", successors.empty() ? "" : ",", successor);
    return {
        .body = fmt::format(
            R"({{"rcsb_id":"{}","rcsb_repository_holdings_removed":{{"status_code":"OBS",)"
            R"("remove_date":"1999-12-31T00:00:00+0000"{}}}}})",
            id,
            successors.empty() ? "" : fmt::format(R"(,"id_codes_replaced_by":[{}])", successors)),
        .content_type = "application/json"};
  }
  static ServerReply not_found(const std::string& id) {
    return {.status = 404,
            .body = fmt::format(R"({{"status":404,"message":"nothing for {}"}})", id)};
  }
};

class HoldingsTest : public testing::Test {
 protected:
  HoldingsTest() {
    options_.url_templates = {host_.url_template()};
    options_.holdings_url = holdings_.url();
    options_.cache_dir = cache_.path();
    holdings_.entries = {{"2AAA", {"CURRENT", "REL", {}}},
                         {"3AAA", {"CURRENT", "REL", {}}},
                         {"1AAA", {"REMOVED", "OBS", {"2AAA", "3AAA"}}},
                         {"1BBB", {"REMOVED", "OBS", {"1AAA"}}},
                         {"1CCC", {"REMOVED", "OBS", {}}},
                         {"1DDD", {"REMOVED", "OBS", {"1EEE"}}},
                         {"1EEE", {"REMOVED", "OBS", {"1DDD"}}},
                         {"1FFF", {"UNRELEASED", "HPUB", {}}},
                         {"1GGG", {"CURRENT", "REL", {}}}};
  }

  std::map<std::string, Failure> failures_of(const std::vector<std::string>& ids) {
    std::map<std::string, Failure> failures;
    make_structure_store(options_, http_, reporter_)
        ->fetch(ids, [&](std::size_t index, const Outcome<StoredFile>& outcome) {
          if (!outcome) failures.emplace(ids[index], outcome.error());
        });
    return failures;
  }
  void expect(const Failure& failure, const std::string& code, const std::string& end) {
    EXPECT_EQ(failure.code, code);
    EXPECT_TRUE(failure.message.ends_with(end)) << failure.message;
    EXPECT_NE(failure.message.find("does not exist (HTTP 404)"), std::string::npos);
  }

  EnvironmentVariable scale_{"MODESWEEP_TEST_RETRY_SCALE", "0.01"};
  FakeFileHost host_;
  FakeHoldings holdings_;
  test_support::TempDir cache_;
  StoreOptions options_;
  HttpOptions http_;
  test_support::RecordingReporter reporter_;
};

TEST_F(HoldingsTest, ObsoleteEntriesAreReportedWithTheirSuccessorsAndNeverSwapped) {
  host_.add("2AAA", test_support::small_mmcif("2AAA"));
  const auto failures = failures_of({"1AAA", "1BBB", "1CCC", "1DDD", "1FFF", "1GGG", "9ZZZ"});
  ASSERT_EQ(failures.size(), 7u);
  expect(failures.at("1AAA"), "obsolete",
         ": 1AAA was removed from the PDB on 1999-12-31; what replaced it is 2AAA, 3AAA, another "
         "entry and not taken in its place");
  expect(failures.at("1BBB"), "obsolete",
         ": 1BBB was removed from the PDB on 1999-12-31; what replaced it is 2AAA, 3AAA, another "
         "entry and not taken in its place");
  expect(failures.at("1CCC"), "obsolete",
         ": 1CCC was removed from the PDB on 1999-12-31, without a successor");
  expect(failures.at("1DDD"), "obsolete",
         ": 1DDD was removed from the PDB on 1999-12-31, without a successor");
  expect(failures.at("1FFF"), "unreleased", ": 1FFF is not released yet (HPUB)");
  expect(failures.at("1GGG"), "not_found", ": the PDB has 1GGG, but not this file of it");
  expect(failures.at("9ZZZ"), "not_found", ": the PDB does not know 9ZZZ");
  EXPECT_EQ(host_.requests_for("2AAA"), 0u);
}

TEST_F(HoldingsTest, EitherFormOfAnIdNamesTheEntry) {
  // As RCSB and the archive's own files have it: keys in either form and case, what replaced an
  // entry in a string, in a list, or not named.
  const std::map<std::string, std::string> removed = {
      {"1AAA", R"({"PDB_00001AAA":{"superseded_by":"pdb_00002AAA","obsolete_date":"1999-12-31"}})"},
      {"1BBB", R"({"pdb_00001bbb":{"superseded_by":["2aaa","PDB_1ABC5678"]}})"},
      {"1CCC", R"({"rcsb_repository_holdings_removed":{"id_codes_replaced_by":"pdb_00001bbb"}})"},
      {"1DDD", R"({"1ddd":{"status_code":"OBS"}})"}};
  const LoopbackServer service([&](const LoggedRequest& request) -> ServerReply {
    if (!request.path.ends_with("status"))
      return {.body = removed.at(request.path.substr(request.path.rfind('/') + 1))};
    std::string list;
    for (const auto& [id, record] : removed)
      if (request.parameter("ids").find(id) != std::string::npos)
        list += fmt::format(R"({}{{"rcsb_id":"pdb_0000{}",)"
                            R"("rcsb_repository_holdings_combined":{{"status":"REMOVED"}}}})",
                            list.empty() ? "" : ",", id);
    return {.body = "[" + list + "]"};
  });
  options_.holdings_url = service.url("/holdings");
  const auto failures = failures_of({"1AAA", "pdb_00001bbb", "PDB_00001CCC", "1ddd"});
  ASSERT_EQ(failures.size(), 4u);
  expect(failures.at("1AAA"), "obsolete",
         ": 1AAA was removed from the PDB on 1999-12-31; what replaced it is 2AAA, another entry "
         "and not taken in its place");
  for (const auto& [asked, id] : {std::pair("pdb_00001bbb", "1BBB"), {"PDB_00001CCC", "1CCC"}})
    expect(failures.at(asked), "obsolete",
           fmt::format(": {} was removed from the PDB; what replaced it is 2AAA, pdb_1abc5678, "
                       "another entry and not taken in its place",
                       id));
  expect(failures.at("1ddd"), "obsolete", ": 1DDD was removed from the PDB, without a successor");
}

TEST_F(HoldingsTest, ManyEntriesAreOneQuestion) {
  std::vector<std::string> ids;
  for (int i = 0; i < 90; ++i) ids.push_back(fmt::format("8A{:02}", i));
  failures_of(ids);
  EXPECT_EQ(holdings_.server.requests().size(), 1u);
}

TEST_F(HoldingsTest, OneUnknownAmongManyHidesNothing) {
  holdings_.all_or_nothing = true;
  const auto failures = failures_of({"1AAA", "9ZZZ", "1FFF"});
  EXPECT_EQ(failures.at("1AAA").code, "obsolete");
  EXPECT_EQ(failures.at("9ZZZ").code, "not_found");
  EXPECT_EQ(failures.at("1FFF").code, "unreleased");
}

TEST_F(HoldingsTest, AServiceThatFailsMakesNothingWorse) {
  for (const ServerReply& reply :
       {ServerReply{503, {}}, ServerReply{.body = "<html>Maintenance</html>"},
        ServerReply{.body = "{\"a\":"}, ServerReply{.body = "[1, null, {\"rcsb_id\": 7}]"},
        ServerReply{403, {}}}) {
    holdings_.always = reply;
    const auto failures = failures_of({"1AAA", "9ZZZ"});
    ASSERT_EQ(failures.size(), 2u);
    EXPECT_EQ(failures.at("1AAA").code, "not_found");
  }
}

TEST_F(HoldingsTest, TheServiceIsAskedOnlyOfWhatIsMissing) {
  host_.add("2AAA", test_support::small_mmcif("2AAA"));
  EXPECT_TRUE(failures_of({"2AAA"}).empty());
  http_.offline = true;
  EXPECT_EQ(failures_of({"1AAA"}).at("1AAA").code, "offline");
  EXPECT_TRUE(holdings_.server.requests().empty());
}

TEST_F(HoldingsTest, HostsOfOnesOwnAreNotBetrayed) {
  options_.holdings_url.clear();
  const LoopbackServer trap([](const LoggedRequest&) { return ServerReply{502, {}}; });
  const EnvironmentVariable proxy("HTTPS_PROXY", trap.url(""));
  EXPECT_EQ(failures_of({"1AAA"}).at("1AAA").code, "not_found");
  EXPECT_TRUE(trap.requests().empty());
}

}  // namespace
}  // namespace modesweep
