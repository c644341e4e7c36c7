// SPDX-License-Identifier: MIT
// Faults of the network, each against the real program.
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "net/certificate.hpp"
#include "net/fake_eutils.hpp"
#include "net/fake_file_host.hpp"
#include "support/gzip.hpp"
#include "support/process.hpp"
#include "support/temp_dir.hpp"

namespace {

using namespace std::chrono_literals;
using test_support::FakeEutils;
using test_support::FakeFileHost;
using test_support::gzip;
using test_support::LoggedRequest;
using test_support::LoopbackServer;
using test_support::RunOptions;
using test_support::RunResult;
using test_support::ServerReply;
using test_support::small_mmcif;
using test_support::TempDir;
namespace fault = test_support::fault;

class FaultTest : public testing::Test {
 protected:
  FaultTest() {
    for (const char* id : {"1UBI", "1AKE"}) host.add(id, small_mmcif(id));
  }

  RunResult modesweep(std::vector<std::string> arguments,
                      std::map<std::string, std::string> environment = {}) {
    for (const char* name : {"http_proxy", "HTTPS_PROXY", "ALL_PROXY"})
      environment.emplace(name, trap.url(""));
    environment.emplace("MODESWEEP_TEST_RETRY_SCALE", "0.01");
    environment.emplace("MODESWEEP_CACHE_DIR", cache.path().string());
    RunOptions options;
    options.environment = environment;
    return test_support::run_modesweep(std::move(arguments), options);
  }
  RunResult fetch(std::vector<std::string> ids, const std::vector<std::string>& more = {}) {
    std::vector<std::string> arguments = {"fetch"};
    arguments.insert(arguments.end(), ids.begin(), ids.end());
    arguments.insert(arguments.end(), {"--download-url", host.url_template()});
    arguments.insert(arguments.end(), more.begin(), more.end());
    return modesweep(arguments);
  }
  /// 1UBI is answered so once, then rightly.
  void expect_overcome(ServerReply reply, const std::vector<std::string>& more = {}) {
    host.first("1UBI", {std::move(reply)});
    const RunResult result = fetch({"1UBI"}, more);
    EXPECT_EQ(result.exit_code, 0) << result.err;
    EXPECT_EQ(result.out, stored("1UBI") + "\n");
    EXPECT_EQ(test_support::read_file(stored("1UBI")), host.file_reply("1UBI").body);
    EXPECT_EQ(host.requests_for("1UBI"), 2u);
  }
  /// 1UBI is always answered so; the other entry is not harmed.
  void expect_refused(ServerReply reply, const std::string& words) {
    host.always("1UBI", std::move(reply));
    const RunResult result = fetch({"1UBI", "1AKE"});
    EXPECT_EQ(result.exit_code, 4) << result.err;
    EXPECT_EQ(result.out, stored("1AKE") + "\n");
    EXPECT_NE(result.err.find(words), std::string::npos) << result.err;
    EXPECT_FALSE(std::filesystem::exists(stored("1UBI")));
    std::filesystem::remove(stored("1AKE"));
  }
  std::string stored(const std::string& id) const {
    return (cache.path() / "structures" / (id == "1UBI" ? "ub" : "ak") / (id + ".cif.gz")).string();
  }
  ServerReply ending(ServerReply::Ending how) const {
    ServerReply reply = host.file_reply("1UBI");
    reply.ending = how;
    return reply;
  }

  TempDir cache;
  FakeFileHost host;
  LoopbackServer trap{[](const LoggedRequest&) { return ServerReply{502, "trap"}; }};
};

TEST_F(FaultTest, TheServerDropsTheConnection) {
  expect_overcome(ending(ServerReply::Ending::drop));
}

TEST_F(FaultTest, TheServerCutsTheBody) { expect_overcome(ending(ServerReply::Ending::cut)); }

TEST_F(FaultTest, TheServerStalls) {
  ServerReply silent = host.file_reply("1UBI");
  silent.delay = 24h;
  expect_overcome(silent, {"--stall-time", "1"});
}

TEST_F(FaultTest, TheServerSendsAByteNowAndThen) {
  expect_overcome(ending(ServerReply::Ending::trickle), {"--stall-time", "1"});
}

TEST_F(FaultTest, TheServerThrottles) {
  expect_overcome({429, "slow down", "text/plain", {{"Retry-After", "5"}}});
}

TEST_F(FaultTest, TheServerAnswersGarbage) {
  expect_refused({.body = "<html><title>Down</title></html>"}, "a web page (\"Down\")");
  expect_refused({.body = std::string("\x1f\x8b\x08") + std::string(500, 'x')}, "1UBI: gzip");
}

TEST_F(FaultTest, ABadBodyOverAndOverIsAFailureWithItsReason) {
  host.always("1UBI", {.body = "<html><title>Down</title></html>"});
  const std::string failures = (cache.path() / "failures.tsv").string();
  const RunResult result =
      modesweep({"rank", "--ids", "1UBI,1AKE", "--download-url", host.url_template(),
                 "--min-residues", "1", "--failures", failures});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_NE(test_support::read_file(failures).find(
                "\tdownload\tbad_content\tthe server sent a web page (\"Down\") instead of a "
                "structure file"),
            std::string::npos)
      << test_support::read_file(failures);
  EXPECT_EQ(host.requests_for("1UBI"), 5u) << "as of a 503 for ever";
}

TEST_F(FaultTest, TheServerServesTheWrongEntry) {
  expect_refused({.body = gzip(small_mmcif("1AKE"))}, "the file is of entry 1AKE, not of 1UBI");
}

TEST_F(FaultTest, TheServerLiesAboutThePartItSends) {
  // The rest of a file that is promised, and another part of it that comes.
  std::minstd_rand random(7);
  std::string noise(2'000'000, ' ');
  for (char& c : noise) c = static_cast<char>('!' + random() % 90);
  host.add("1UBI", small_mmcif("1UBI") + "#" + noise + "\n");
  const std::string body = host.file_reply("1UBI").body;
  std::atomic<int> requests = 0;
  host.intercept([&requests, body](const LoggedRequest&) -> std::optional<ServerReply> {
    const int asked = ++requests;
    if (asked > 2) return std::nullopt;
    ServerReply reply{.body = body, .headers = {{"ETag", "\"v1\""}}};
    if (asked == 1) {
      reply.ending = ServerReply::Ending::cut;
    } else {
      reply.status = 206;
      reply.body = body.substr(0, body.size() / 3);
      reply.headers["Content-Range"] = "bytes 0-9/10";
    }
    return reply;
  });
  const RunResult result = fetch({"1UBI"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_TRUE(test_support::read_file(stored("1UBI")) == body);
  EXPECT_EQ(requests, 3);
}

TEST_F(FaultTest, ALargeFileThatIsCutHalfWayIsResumed) {
  std::minstd_rand random(7);
  std::string noise(4'000'000, ' ');
  for (char& c : noise) c = static_cast<char>('!' + random() % 90);
  host.add("1UBI", small_mmcif("1UBI") + "#" + noise + "\n");
  const std::string body = host.file_reply("1UBI").body;
  host.intercept([body](const LoggedRequest& request) -> std::optional<ServerReply> {
    const auto asked = request.headers.find("Range");
    ServerReply reply{.body = body, .headers = {{"ETag", "\"v1\""}}};
    if (asked == request.headers.end()) {
      reply.ending = ServerReply::Ending::cut;
      return reply;
    }
    const std::size_t from = std::stoul(asked->second.substr(6));
    reply.status = 206;
    reply.body = body.substr(from);
    reply.headers["Content-Range"] = "bytes " + std::to_string(from) + "-" +
                                     std::to_string(body.size() - 1) + "/" +
                                     std::to_string(body.size());
    return reply;
  });
  const RunResult result = fetch({"1UBI"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  const LoggedRequest last = host.server().requests().back();
  ASSERT_TRUE(last.headers.contains("Range"));
  EXPECT_EQ(last.headers.find("Range")->second, "bytes=" + std::to_string(body.size() / 2) + "-");
  EXPECT_TRUE(test_support::read_file(stored("1UBI")) == body);
}

TEST_F(FaultTest, RedirectsToFilesAndToOtherMachinesInPlainTextAreRefused) {
  const auto secret = cache.write("secret.cif", small_mmcif("1UBI"));
  for (const std::string& target :
       {"file://" + secret.string(), std::string("http://192.0.2.1/1UBI.cif.gz"),
        std::string("ftp://127.0.0.1/1UBI.cif.gz"), std::string("gopher://127.0.0.1/1UBI")}) {
    ServerReply redirect{302, ""};
    redirect.headers = {{"Location", target}};
    expect_refused(redirect, "1UBI: ");
  }
  EXPECT_TRUE(trap.requests().empty());
}

/// File hosts that speak https.
class TlsFaultTest : public FaultTest {
 protected:
  void SetUp() override {
    if (!test_support::can_make_certificates()) GTEST_SKIP() << "openssl is not installed";
    certificate = test_support::make_certificate(folder);
    tls_host = std::make_unique<FakeFileHost>(certificate);
    tls_host->add("1UBI", small_mmcif("1UBI"));
  }
  /// The same host under another name.
  std::string localhost() const {
    return "https://localhost:" + std::to_string(tls_host->server().port()) +
           "/download/<ID>.cif.gz";
  }
  RunResult run(std::vector<std::string> command, const std::vector<std::string>& more) {
    command.insert(command.end(), more.begin(), more.end());
    return modesweep(command, {{"NO_PROXY", "127.0.0.1,localhost"}});
  }

  TempDir folder;
  test_support::Certificate certificate;
  std::unique_ptr<FakeFileHost> tls_host;
};

TEST_F(TlsFaultTest, ACertificateIsTrustedOnlyWhenItsAuthorityIsNamed) {
  for (const std::vector<std::string>& command :
       {std::vector<std::string>{"fetch", "1UBI"},
        std::vector<std::string>{"rank", "--ids", "1UBI", "--min-residues", "1"}}) {
    const RunResult refused = run(command, {"--download-url", tls_host->url_template()});
    EXPECT_EQ(refused.exit_code, 4) << refused.err;
    EXPECT_NE(refused.err.find("the certificate of 127.0.0.1 is not trusted"), std::string::npos)
        << refused.err;
    EXPECT_NE(refused.err.find("--cacert"), std::string::npos) << refused.err;
    EXPECT_FALSE(std::filesystem::exists(stored("1UBI")));
    EXPECT_TRUE(tls_host->server().requests().empty()) << "nothing is said to a stranger";
    const RunResult trusted = run(
        command, {"--download-url", tls_host->url_template(), "--cacert", certificate.certificate});
    EXPECT_EQ(trusted.exit_code, 0) << trusted.err;
    EXPECT_EQ(test_support::read_file(stored("1UBI")), tls_host->file_reply("1UBI").body);
    std::filesystem::remove(stored("1UBI"));
    tls_host->server().clear_log();
  }
}

TEST_F(TlsFaultTest, ARedirectToAnotherHostIsFollowedOverHttpsAlone) {
  FakeFileHost other(certificate);
  other.add("1UBI", small_mmcif("1UBI"));
  ServerReply redirect{302, ""};
  redirect.headers = {{"Location", other.server().url("/download/1UBI.cif.gz")}};
  tls_host->always("1UBI", redirect);
  const std::vector<std::string> options = {"--download-url", localhost(), "--cacert",
                                            certificate.certificate};
  const RunResult followed = run({"fetch", "1UBI"}, options);
  EXPECT_EQ(followed.exit_code, 0) << followed.err;
  EXPECT_EQ(test_support::read_file(stored("1UBI")), other.file_reply("1UBI").body);
  EXPECT_EQ(tls_host->requests_for("1UBI"), 1u);
  EXPECT_EQ(other.requests_for("1UBI"), 1u);

  std::filesystem::remove(stored("1UBI"));
  redirect.headers = {{"Location", host.server().url("/download/1UBI.cif.gz")}};  // plain http
  tls_host->always("1UBI", redirect);
  const RunResult refused = run({"fetch", "1UBI"}, options);
  EXPECT_EQ(refused.exit_code, 4) << refused.err;
  EXPECT_NE(refused.err.find("redirects to something else than https"), std::string::npos)
      << refused.err;
  EXPECT_EQ(host.requests_for("1UBI"), 0u);
}

TEST_F(FaultTest, MirrorsFallOver) {
  FakeFileHost second;
  for (const char* id : {"1UBI", "1AKE"}) second.add(id, small_mmcif(id));
  host.intercept([](const LoggedRequest&) { return ServerReply{500, "down"}; });
  const RunResult result = fetch({"1UBI", "1AKE"}, {"--download-url", second.url_template()});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(result.out, stored("1UBI") + "\n" + stored("1AKE") + "\n");
  EXPECT_EQ(second.server().requests().size(), 2u);
}

TEST_F(FaultTest, ObsoleteEntriesAreNamedWithTheirSuccessors) {
  const LoopbackServer holdings([](const LoggedRequest& request) -> ServerReply {
    if (request.path == "/holdings/status")
      return {.body = request.parameter("ids") == "1OLD"
                          ? R"([{"rcsb_id":"1OLD","rcsb_repository_holdings_combined":)"
                            R"({"status":"REMOVED","id_code_replaced_by_latest":"1AKE"}}])"
                          : R"([{"rcsb_id":"1AKE","rcsb_repository_holdings_combined":)"
                            R"({"status":"CURRENT"}}])"};
    return {404, "{}"};
  });
  const RunResult result = fetch({"1OLD"}, {"--holdings-url", holdings.url("/holdings")});
  EXPECT_EQ(result.exit_code, 4);
  EXPECT_NE(result.err.find("1OLD was removed from the PDB; what replaced it is 1AKE, another "
                            "entry and not taken in its place"),
            std::string::npos)
      << result.err;
  EXPECT_EQ(host.requests_for("1AKE"), 0u);
}

TEST_F(FaultTest, TheHistoryOfNcbiExpiresInTheMiddleOfPaging) {
  std::vector<std::string> entries;
  for (int i = 0; i < 3000; ++i) entries.push_back(std::to_string(1000 + i));
  FakeEutils ncbi(test_support::fake_chains(entries, 2, "invented"));
  ncbi.before_esearch([&](int number) {
    if (number == 2) ncbi.forget_history();
  });
  const RunResult result =
      modesweep({"search", "invented", "--retmax", "all", "--ncbi-url", ncbi.url()});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  std::string all;
  for (const std::string& entry : entries) all += entry + "\n";
  EXPECT_TRUE(result.out == all) << result.out.substr(0, 200);
  EXPECT_GE(ncbi.server().count("esearch"), 4u) << "it was read from the start again";
}

/// The command lines of all processes, as `ps` shows them.
std::string process_list() {
  std::string list;
  for (const auto& process : std::filesystem::directory_iterator("/proc")) {
    const std::string name = process.path().filename();
    if (name.find_first_not_of("0123456789") != std::string::npos) continue;
    std::ifstream line(process.path() / "cmdline");  // empty where it ended meanwhile
    list.append(std::istreambuf_iterator<char>(line), {});
    list += '\n';
  }
  return list;
}

TEST_F(FaultTest, AnApiKeyIsNowhereButInTheRequest) {
  const std::string key = "0123456789abcdef0123456789abcdef0123";
  const TempDir secrets;
  const std::string key_file = secrets.write("key", key + "\n").string();
  for (const bool from_file : {false, true}) {
    std::mutex mutex;
    std::string processes;  // while the program waits for its answer
    FakeEutils ncbi(test_support::fake_chains({"1UBI"}, 2, "invented"));
    ncbi.add_fault("esearch", fault::rate_limited);  // quotes the key
    ncbi.before_esearch([&](int) {
      const std::lock_guard lock(mutex);
      processes += process_list();
    });
    const TempDir folder;
    const std::string run = (folder.path() / "run").string();
    std::vector<std::string> command = {"rank",
                                        "invented",
                                        "-v",
                                        "--ncbi-url",
                                        ncbi.url(),
                                        "--download-url",
                                        host.url_template(),
                                        "--run",
                                        run,
                                        "-o",
                                        (folder.path() / "out.tsv").string()};
    std::map<std::string, std::string> environment;
    if (from_file)
      command.insert(command.end(), {"--api-key-file", key_file});
    else
      environment["NCBI_API_KEY"] = key;
    const RunResult result = modesweep(command, environment);
    EXPECT_EQ(result.exit_code, 0) << result.err;
    EXPECT_EQ(ncbi.server().requests().at(0).parameter("api_key"), key);
    EXPECT_EQ((result.err + result.out).find(key), std::string::npos);
    for (const auto& root : {folder.path(), cache.path()})
      for (const auto& file : std::filesystem::recursive_directory_iterator(root))
        if (file.is_regular_file()) {
          EXPECT_EQ(test_support::read_file(file.path()).find(key), std::string::npos)
              << file.path();
        }
    const std::lock_guard lock(mutex);
    EXPECT_NE(processes.find(run), std::string::npos) << "the program was not seen";
    EXPECT_EQ(processes.find(key), std::string::npos);
  }
}

class CacheCommandTest : public FaultTest {};

TEST_F(CacheCommandTest, ListsVerifiesAndClears) {
  ASSERT_EQ(fetch({"1UBI", "1AKE"}).exit_code, 0);
  const RunResult list = modesweep({"cache", "list"});
  EXPECT_EQ(list.exit_code, 0) << list.err;
  EXPECT_EQ(list.out.substr(0, 5), "1AKE\t");
  EXPECT_NE(list.out.find(stored("1UBI")), std::string::npos) << list.out;
  EXPECT_EQ(modesweep({"cache", "verify"}).exit_code, 0);

  std::filesystem::resize_file(stored("1UBI"), 30);
  const RunResult verify = modesweep({"cache", "verify"});
  EXPECT_EQ(verify.exit_code, 1);
  EXPECT_EQ(verify.out, stored("1UBI") + "\n");
  const RunResult again = fetch({"1UBI"});
  EXPECT_EQ(again.exit_code, 0);
  EXPECT_NE(again.err.find("damaged or was altered and is fetched again"), std::string::npos);
  EXPECT_EQ(modesweep({"cache", "verify"}).exit_code, 0);

  const RunResult one = modesweep({"cache", "clear", "1ake"});
  EXPECT_EQ(one.out.substr(0, one.out.find(',')), "structure files removed: 1");
  EXPECT_FALSE(std::filesystem::exists(stored("1AKE")));
  EXPECT_TRUE(std::filesystem::exists(stored("1UBI")));
  EXPECT_EQ(modesweep({"cache", "clear", ","}).exit_code, 2) << "an empty list is not all";
  EXPECT_EQ(modesweep({"cache", "clear", "--older-than", "1"}).exit_code, 0);
  EXPECT_TRUE(std::filesystem::exists(stored("1UBI"))) << "it was used today";
  EXPECT_EQ(modesweep({"cache", "clear"}).exit_code, 0);
  EXPECT_FALSE(std::filesystem::exists(stored("1UBI")));
  EXPECT_EQ(modesweep({"cache", "list"}).out, "");
}

TEST_F(CacheCommandTest, ClearEmptiesTheDatabasesToo) {
  const TempDir archive;
  archive.write("1ubi.cif", small_mmcif("1UBI"));
  ASSERT_EQ(modesweep({"rank", "helix", "--archive", archive.path().string()}).exit_code, 0);
  const RunResult clear = modesweep({"cache", "clear"});
  EXPECT_EQ(clear.exit_code, 0) << clear.err;
  EXPECT_NE(clear.out.find("databases of results and archives emptied: 2"), std::string::npos)
      << clear.out;
  EXPECT_EQ(modesweep({"rank", "helix", "--archive", archive.path().string()}).exit_code, 0);
}

}  // namespace
