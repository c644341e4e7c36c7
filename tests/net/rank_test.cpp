// SPDX-License-Identifier: MIT
// The whole job through the real program: a term in, a ranked table out, with services that fail.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <mutex>
#include <set>
#include <sstream>

#include "net/fake_eutils.hpp"
#include "net/loopback_server.hpp"
#include "support/data_files.hpp"
#include "support/process.hpp"
#include "support/temp_dir.hpp"

namespace {

using test_support::FakeEutils;
using test_support::LoggedRequest;
using test_support::LoopbackServer;
using test_support::RunOptions;
using test_support::RunResult;
using test_support::ServerReply;
namespace fault = test_support::fault;

// Real files of data/demo under the names that the file host gives them. 9ZZZ is nowhere, and for
// 8ZZZ the host sends a web page.
const std::map<std::string, std::string> files = {{"1UBI", "ubiquitin/pdb1ubi.pdb.gz"},
                                                  {"1EJG", "crambin/pdb1ejg.pdb.gz"},
                                                  {"1CMS", "aspartic-protease/1cms.pdb.gz"},
                                                  {"3APP", "aspartic-protease/3app.pdb.gz"}};

class RankTest : public testing::Test {
 protected:
  void SetUp() override {
    ncbi.set_other([this](const LoggedRequest& request) { return download(request); });
  }

  ServerReply download(const LoggedRequest& request) {
    const std::string prefix = "/download/";
    if (!request.path.starts_with(prefix) || !request.path.ends_with(".cif.gz"))
      return {404, "not found"};
    const std::string id = request.path.substr(prefix.size(), 4);
    {
      const std::lock_guard lock(mutex);
      if (spoilt.erase(id)) {
        if (id == "1EJG") return {503, "busy", "text/plain", {{"Retry-After", "2"}}};
        ServerReply dropped;
        dropped.ending = ServerReply::Ending::drop;
        return dropped;
      }
    }
    if (id == "8ZZZ") return {200, "<!DOCTYPE html><html>Maintenance</html>", "text/html"};
    const auto file = files.find(id);
    if (file == files.end()) return {404, "<html>404</html>", "text/html"};
    return {200, test_support::read_file(test_support::source_dir() / "data/demo" / file->second),
            "application/gzip"};
  }

  /// The first download of each of these entries fails.
  void spoil_downloads(std::set<std::string> ids) {
    const std::lock_guard lock(mutex);
    spoilt = std::move(ids);
  }

  /// Every request that leaves by a proxy lands in the trap; the real addresses are never named.
  RunResult modesweep(std::vector<std::string> arguments,
                      std::map<std::string, std::string> environment = {}) {
    for (const char* name : {"http_proxy", "HTTPS_PROXY", "ALL_PROXY"})
      environment.emplace(name, trap.url(""));
    environment.emplace("MODESWEEP_TEST_RETRY_SCALE", "0.02");
    environment.emplace("MODESWEEP_CACHE_DIR", cache.path().string());
    const bool downloads = arguments.front() == "rank";
    if (downloads || arguments.front() == "search")
      arguments.insert(arguments.end(), {"--ncbi-url", ncbi.url()});
    if (downloads)
      arguments.insert(arguments.end(),
                       {"--download-url", ncbi.server().url("/download/<ID>.cif.gz")});
    RunOptions options;
    options.environment = environment;
    return test_support::run_modesweep(arguments, options);
  }

  static std::vector<std::vector<std::string>> table(const std::string& tsv) {
    std::vector<std::vector<std::string>> rows;
    std::istringstream lines(tsv);
    for (std::string line; std::getline(lines, line);) {
      std::vector<std::string> cells;
      std::istringstream fields(line);
      for (std::string cell; std::getline(fields, cell, '\t');) cells.push_back(cell);
      rows.push_back(cells);
    }
    return rows;
  }

  void expect_the_four_ranked(const RunResult& result) {
    const auto rows = table(result.out);
    ASSERT_EQ(rows.size(), 5u) << result.out << result.err;
    std::set<std::string> ids;
    double last = 1;
    for (std::size_t i = 1; i < rows.size(); ++i) {
      ids.insert(rows[i].at(1));
      const double share = std::atof(rows[i].at(4).c_str());
      EXPECT_LE(share, last);
      last = share;
      if (rows[i][1] == "1UBI") {
        EXPECT_NEAR(share, 0.645976230, 5e-10);
      }
    }
    EXPECT_EQ(ids, (std::set<std::string>{"1CMS", "1EJG", "1UBI", "3APP"}));
  }

  test_support::TempDir cache;
  std::mutex mutex;
  std::set<std::string> spoilt;
  LoopbackServer trap{[](const LoggedRequest&) { return ServerReply{502, "trap"}; }};
  FakeEutils ncbi{
      test_support::fake_chains({"1CMS", "9ZZZ", "1UBI", "8ZZZ", "1EJG", "3APP"}, 2, "invented")};
};

TEST_F(RankTest, FromSearchToTableWithFaultsOn) {
  for (const auto& spoil :
       {fault::rate_limited, fault::backend_failed, fault::web_page, fault::dropped})
    ncbi.add_fault("esearch", spoil);
  spoil_downloads({"1EJG", "3APP"});
  const auto start = std::chrono::steady_clock::now();
  const RunResult result = modesweep({"rank", "invented", "--format", "tsv"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  expect_the_four_ranked(result);
  EXPECT_NE(result.err.find("not_found"), std::string::npos) << result.err;
  EXPECT_NE(result.err.find("bad_content"), std::string::npos) << result.err;
  EXPECT_NE(result.err.find("12 of 12 records"), std::string::npos) << result.err;

  EXPECT_EQ(ncbi.server().count("esearch"), 5u);
  EXPECT_EQ(ncbi.rate_limit_hits(), 0);
  std::vector<LoggedRequest> searches = ncbi.server().requests();
  std::erase_if(searches,
                [](const LoggedRequest& r) { return r.path.find("esearch") == std::string::npos; });
  EXPECT_GE(searches.back().time - start, 4 * std::chrono::milliseconds(370));
  for (const LoggedRequest& request : ncbi.server().requests())
    EXPECT_EQ(request.peer, "127.0.0.1");
  EXPECT_TRUE(trap.requests().empty());
}

TEST_F(RankTest, StrictCountsFailedEntries) {
  EXPECT_EQ(modesweep({"rank", "invented", "--strict", "--format", "tsv"}).exit_code, 1);
}

TEST_F(RankTest, ASecondRunReadsTheCache) {
  modesweep({"rank", "invented", "--format", "tsv"});
  ncbi.server().clear_log();
  expect_the_four_ranked(modesweep({"rank", "invented", "--format", "tsv"}));
  for (const auto& [id, file] : files) EXPECT_EQ(ncbi.server().count(id), 0u);

  ncbi.server().clear_log();
  const RunResult offline =
      modesweep({"rank", "--ids", "1UBI,1EJG,1CMS,3APP", "--offline", "--format", "tsv"});
  EXPECT_EQ(offline.exit_code, 0) << offline.err;
  expect_the_four_ranked(offline);
  EXPECT_TRUE(ncbi.server().requests().empty());
  EXPECT_TRUE(trap.requests().empty());
}

TEST_F(RankTest, OfflineSearchOpensNoSocket) {
  const RunResult result = modesweep({"rank", "invented", "--offline"});
  EXPECT_NE(result.exit_code, 0);
  EXPECT_NE(result.err.find("offline"), std::string::npos) << result.err;
  EXPECT_TRUE(result.out.empty());
  EXPECT_TRUE(ncbi.server().requests().empty());
  EXPECT_TRUE(trap.requests().empty());
}

TEST_F(RankTest, ASearchThatStopsHalfWayIsNotRanked) {
  for (int i = 0; i < 5; ++i) ncbi.add_fault("esearch", fault::half_body);
  const std::string key = "0123456789abcdef0123456789abcdef0123";
  const RunResult result = modesweep({"rank", "invented", "-v"}, {{"NCBI_API_KEY", key}});
  EXPECT_EQ(result.exit_code, 4) << result.err;
  EXPECT_TRUE(result.out.empty()) << result.out;
  EXPECT_EQ(ncbi.server().count("download"), 0u);
  EXPECT_EQ(ncbi.server().requests().at(0).parameter("api_key"), key);
  EXPECT_EQ(result.err.find(key), std::string::npos) << result.err;
}

TEST_F(RankTest, NothingFoundIsItsOwnExitCode) {
  EXPECT_EQ(modesweep({"rank", "qwzrx"}).exit_code, 3);
  EXPECT_EQ(modesweep({"rank", " "}).exit_code, 2);
}

TEST_F(RankTest, SearchPrintsIdsInFirstSeenOrder) {
  const RunResult result = modesweep({"search", "invented", "--retmax", "5"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(result.out, "1CMS\n9ZZZ\n1UBI\n");
  EXPECT_NE(result.err.find("12 records"), std::string::npos) << result.err;
}

// Far beyond what a URL may hold, with a character that has to be encoded.
TEST_F(RankTest, ATermOfFiveThousandCharactersGoesByPost) {
  std::string term = "invented";
  while (term.size() < 5000) term += " OR caf\xc3\xa9";
  ncbi.add_record({"9300000001", "1CMS_A", term});
  const RunResult result = modesweep({"rank", term, "--format", "tsv"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  const auto rows = table(result.out);
  ASSERT_EQ(rows.size(), 2u) << result.out << result.err;
  EXPECT_EQ(rows[1].at(1), "1CMS");
  const LoggedRequest search = ncbi.server().requests().at(0);
  EXPECT_EQ(search.method, "POST");
  EXPECT_EQ(search.parameter("term"), "(" + term + ") AND pdb[filter]");
}

TEST_F(RankTest, ARecordThatNamesAPathIsNeverFetched) {
  ncbi.add_record({"9300000001", "../../etc/passwd", "invented"});
  ncbi.add_record({"9300000002", "../../etc/passwd_A", "invented"});
  const RunResult result = modesweep({"rank", "invented", "--format", "tsv"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  expect_the_four_ranked(result);
  EXPECT_NE(result.err.find("warning: of 14 records 2 are no chains of PDB entries and were left "
                            "out, such as ../../etc/passwd"),
            std::string::npos)
      << result.err;
  for (const LoggedRequest& request : ncbi.server().requests())
    EXPECT_EQ(request.path.find("passwd"), std::string::npos) << request.path;
  for (const auto& file : std::filesystem::recursive_directory_iterator(cache.path()))
    EXPECT_EQ(file.path().string().find("passwd"), std::string::npos) << file.path();
  EXPECT_TRUE(trap.requests().empty());
}

// The run knows what was found; the key that it was found with is nowhere in it.
TEST_F(RankTest, ARunThatIsKeptDoesNotSearchAgain) {
  const std::string key = "0123456789abcdef0123456789abcdef0123";
  const std::filesystem::path run = cache.path() / "run";
  spoil_downloads({"1EJG"});
  const std::vector<std::string> command = {"rank",       "invented", "--run",
                                            run.string(), "--format", "tsv"};
  const RunResult first = modesweep(command, {{"NCBI_API_KEY", key}});
  EXPECT_EQ(first.exit_code, 0) << first.err;
  expect_the_four_ranked(first);
  for (const auto& file : std::filesystem::directory_iterator(run))
    EXPECT_EQ(test_support::read_file(file.path()).find(key), std::string::npos) << file.path();

  ncbi.server().clear_log();
  for (const std::vector<std::string>& again :
       {command, {"resume", run.string(), "--format", "tsv"}}) {
    const RunResult result = modesweep(again);
    EXPECT_EQ(result.out, first.out) << result.err;
    EXPECT_NE(result.err.find("12 of 12 records"), std::string::npos) << result.err;
    EXPECT_NE(result.err.find("5 entries were finished before"), std::string::npos) << result.err;
  }
  EXPECT_EQ(ncbi.server().count("esearch"), 0u);
  // 8ZZZ, whose file was a web page, may be there next time; 9ZZZ, which was not found, is not.
  EXPECT_GE(ncbi.server().count("8ZZZ"), 2u);
  EXPECT_EQ(ncbi.server().count("9ZZZ"), 0u);
  EXPECT_EQ(ncbi.server().count("1UBI"), 0u);
}

}  // namespace
