// SPDX-License-Identifier: MIT
// Attacks on what comes from the network and on the cache that keeps it.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "net/fake_eutils.hpp"
#include "net/fake_file_host.hpp"
#include "support/gzip.hpp"
#include "support/process.hpp"
#include "support/structure_text.hpp"
#include "support/temp_dir.hpp"

namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using test_support::FakeEutils;
using test_support::FakeFileHost;
using test_support::helix;
using test_support::LoggedRequest;
using test_support::LoopbackServer;
using test_support::mmcif_text;
using test_support::pdb_text;
using test_support::read_file;
using test_support::RunOptions;
using test_support::RunResult;
using test_support::ServerReply;
using test_support::small_mmcif;
using test_support::TempDir;

using Words = std::vector<std::string>;

class NetAttack : public testing::Test {
 protected:
  NetAttack() {
    for (const char* id : {"1UBI", "1AKE"}) host.add(id, small_mmcif(id, 30));
  }

  /// By way of `before`, a program that runs another one.
  RunResult modesweep(Words words, const Words& before = {},
                      std::vector<RunOptions::Signal> kills = {}) {
    Words all = before;
    all.push_back(test_support::modesweep_program());
    all.insert(all.end(), words.begin(), words.end());
    RunOptions options;
    options.limit = 30s;
    options.folder = home.path().string();
    options.signals = std::move(kills);
    options.environment = {{"HOME", home.path().string()},
                           {"MODESWEEP_CACHE_DIR", cache.path().string()},
                           {"MODESWEEP_TEST_RETRY_SCALE", "0.01"}};
    return test_support::run(all, options);
  }
  RunResult rank(const Words& more = {}, const Words& before = {}) {
    Words words = {"rank", "--ids", "1UBI", "--format", "tsv", "--download-url", url};
    words.insert(words.end(), more.begin(), more.end());
    return modesweep(words, before);
  }
  RunResult fetch(const std::string& id, const Words& before = {}) {
    return modesweep({"fetch", id, "--download-url", url}, before);
  }

  fs::path stored(const std::string& ending) const {
    return cache.path() / "structures/ub" / ("1UBI" + ending);
  }
  std::vector<fs::path> parts() const {
    std::vector<fs::path> found;
    for (const auto& file : fs::recursive_directory_iterator(cache.path()))
      if (file.path().filename().native().find(".part.") != std::string::npos)
        found.push_back(file.path());
    return found;
  }
  /// Whether these words, which run another program, can run one here.
  static bool can_run(Words before) {
    before.push_back("true");
    return test_support::run(before).exit_code == 0;
  }

  TempDir home, cache;
  FakeFileHost host;
  std::string url = host.url_template();
};

/// As rot of a disk does: the size and the time stay.
void alter(const fs::path& path, std::size_t at, char change) {
  const auto time = fs::last_write_time(path);
  std::string bytes = read_file(path);
  ASSERT_LT(at, bytes.size());
  bytes[at] = static_cast<char>(bytes[at] ^ change);
  std::ofstream(path, std::ios::binary) << bytes;
  fs::last_write_time(path, time);
}

// Bodies that end with the connection: nobody but the file can say whether it is whole.

TEST_F(NetAttack, AFileThatMayBeCutIsNotTaken) {
  const std::string pdb = pdb_text(helix(40), "1UBI") + "TER\nEND" + std::string(77, ' ') + "\n";
  const std::string cif = mmcif_text(helix(40), "1UBI") + "#\n";
  const std::string zipped = test_support::gzip(cif);
  const auto half = [](const std::string& text) {
    return text.substr(0, text.rfind('\n', text.size() * 3 / 4) + 1);
  };
  const auto exit_code = [&](const std::string& ending, const std::string& body) {
    fs::remove_all(cache.path() / "structures");
    url = host.server().url("/download/<ID>" + ending);
    host.always("1UBI", {.body = body, .ending = ServerReply::Ending::unstated});
    const RunResult result = rank({"--no-result-cache"});
    if (result.exit_code != 0) {
      EXPECT_NE(result.err.find("cut"), std::string::npos) << ending << result.err;
    }
    return result.exit_code;
  };
  const std::vector<std::pair<std::string, std::string>> files = {
      {".pdb", pdb}, {".cif", cif}, {".cif.gz", cif}, {".cif.gz", zipped}};
  for (const auto& [ending, body] : files) {
    EXPECT_EQ(exit_code(ending, body), 0) << ending;
    EXPECT_EQ(exit_code(ending, body == zipped ? zipped.substr(0, zipped.size() / 2) : half(body)),
              4)
        << ending;
    EXPECT_EQ(exit_code(ending, body.substr(0, body.size() - 12)), 4) << ending;
  }
}

// Damaged files.

TEST_F(NetAttack, AFlippedBitInTheCacheIsFetchedAgain) {
  for (const std::string ending : {".cif.gz", ".cif"}) {
    url = host.server().url("/download/<ID>" + ending);
    const RunResult before = rank();
    ASSERT_EQ(before.exit_code, 0) << before.err;
    const std::string whole = read_file(stored(ending));
    // Of the plain file a digit of a coordinate, which makes another good file.
    const std::size_t at = ending == ".cif" ? whole.rfind("45.000") : whole.size() / 2;
    ASSERT_NE(at, whole.npos);
    for (const Words& command : {Words{"rank", "--ids", "1UBI", "--format", "tsv"},
                                 Words{"modes", "1UBI", "-o", "modes.npz"}}) {
      alter(stored(ending), at, 1);
      host.server().clear_log();
      Words words = command;
      words.insert(words.end(), {"--download-url", url});
      const RunResult again = modesweep(words);
      EXPECT_EQ(again.exit_code, 0) << again.err;
      if (command.front() == "rank") {
        EXPECT_EQ(again.out, before.out);
      }
      EXPECT_NE(again.err.find("fetched again"), std::string::npos) << again.err;
      EXPECT_EQ(host.requests_for("1UBI"), 1u);
      EXPECT_EQ(read_file(stored(ending)), whole);
    }
  }
}

TEST_F(NetAttack, ADamagedFileGivesNoRowWhereItCannotBeFetchedAgain) {
  url = host.server().url("/download/<ID>.cif");
  ASSERT_EQ(rank().exit_code, 0);
  alter(stored(".cif"), read_file(stored(".cif")).rfind("45.000"), 1);
  const RunResult offline = rank({"--offline", "--failures", "failures"});
  EXPECT_EQ(offline.exit_code, 3) << offline.err;
  EXPECT_EQ(offline.out.find("1UBI"), std::string::npos) << offline.out;
  EXPECT_NE(read_file(home.path() / "failures").find("no longer, what was fetched"),
            std::string::npos);
  host.always("1UBI", {.status = 404, .body = ""});
  const RunResult gone = rank();
  EXPECT_EQ(gone.exit_code, 3) << gone.err;
  EXPECT_EQ(gone.out.find("1UBI"), std::string::npos) << gone.out;
}

// Endless answers.

TEST_F(NetAttack, AnErrorPageWithoutEndEnds) {
  for (const int status : {404, 403, 500, 429}) {
    ServerReply endless{.status = status, .body = std::string(4096, 'x')};
    endless.ending = ServerReply::Ending::endless;
    host.always("1UBI", endless);
    const RunResult result = fetch("1UBI");
    EXPECT_EQ(result.exit_code, 4) << status << result.err;
    EXPECT_NE(result.err.find("HTTP " + std::to_string(status)), std::string::npos) << result.err;
  }
}

TEST_F(NetAttack, ASearchThatAnswersWithoutEndEnds) {
  for (const int status : {200, 400, 500}) {
    const LoopbackServer search([&](const LoggedRequest&) {
      ServerReply endless{.status = status,
                          .body = std::string(1 << 16, 'x'),
                          .content_type = "application/octet-stream"};  // or the server packs it
      endless.ending = ServerReply::Ending::endless;
      return endless;
    });
    const RunResult result = modesweep({"search", "kinase", "--ncbi-url", search.url()});
    EXPECT_NE(result.exit_code, 0);
    EXPECT_LT(result.exit_code, 128) << result.err;
    if (status == 200) {
      EXPECT_NE(result.err.find("is larger than 67108864 bytes"), std::string::npos) << result.err;
    }
  }
}

TEST_F(NetAttack, EightBodiesWithoutEndStayWithinTheMemory) {
  ServerReply endless{.body = "\x1f\x8b" + std::string(1 << 16, 'x')};
  endless.ending = ServerReply::Ending::endless;
  std::string ids = "1UBI";
  for (const char digit : {'1', '2', '3', '4', '5', '6', '7'}) {
    const std::string id = "1AA" + std::string(1, digit);
    host.always(id, endless);
    ids += "," + id;
  }
  host.always("1UBI", endless);
  const RunResult result = modesweep({"rank", "--ids", ids, "--download-url", url, "--threads", "1",
                                      "--max-memory", ENDLESS_MEMORY "M"});
  EXPECT_EQ(result.exit_code, 4) << result.err;
  EXPECT_NE(result.err.find("too_large"), std::string::npos) << result.err;
  RecordProperty("peak_megabytes", static_cast<int>(result.peak_bytes >> 20));
  // What the program takes without any file is part of it.
  EXPECT_LT(result.peak_bytes >> 20, 300u);
  EXPECT_TRUE(parts().empty());
}

// Temporary files.

TEST_F(NetAttack, KilledFetchesLeaveNothingAfterTheNextStart) {
  ServerReply slow = host.file_reply("1UBI");
  slow.ending = ServerReply::Ending::trickle;
  host.always("1UBI", slow);
  for (int kill = 0; kill < NET_KILLS; ++kill) {
    const std::vector<fs::path> before = parts();
    const auto is_writing = [&](const RunResult&) {
      const std::vector<fs::path> now = parts();
      return std::any_of(now.begin(), now.end(), [&](const fs::path& part) {
        return std::find(before.begin(), before.end(), part) == before.end();
      });
    };
    const RunResult killed =
        modesweep({"fetch", "1UBI", "--download-url", url}, {}, {{SIGKILL, is_writing}});
    EXPECT_EQ(killed.exit_code, 128 + SIGKILL);
  }
  EXPECT_FALSE(parts().empty());
  EXPECT_EQ(modesweep({"cache", "list"}).exit_code, 0);
  EXPECT_TRUE(parts().empty());
}

TEST_F(NetAttack, WhatAContainersFirstProcessLeftHindersNoFetch) {
  const Words first = {"unshare", "--pid", "--fork", "--kill-child"};
  if (!can_run(first)) GTEST_SKIP() << "no name space of processes can be made here";
  fs::create_directories(cache.path() / "structures/ub");
  for (const char* serial : {"0", "1", "2"}) {
    for (const char* name : {"structures/probe", "structures/ub/1UBI.cif.gz"})
      std::ofstream(cache.path() / (std::string(name) + ".part.1." + serial)) << "left";
  }
  const RunResult result = fetch("1UBI", first);
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_FALSE(fs::exists(stored(".cif.gz.part.1.0")));
}

TEST_F(NetAttack, LinksAndPipesInTheCacheAreNotFollowed) {
  const fs::path victim = home.write("victim", "precious");
  fs::create_directories(stored("").parent_path());
  fs::create_symlink(victim, stored(".cif.gz"));
  EXPECT_EQ(fetch("1UBI").exit_code, 0);
  EXPECT_TRUE(fs::is_regular_file(fs::symlink_status(stored(".cif.gz"))));
  for (const fs::path& pipe : {stored(".cif.gz"), cache.path() / "structures.sqlite",
                               cache.path() / "structures/parts/1UBI.cif.gz.part.0"}) {
    fs::remove(pipe);
    ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
    EXPECT_EQ(rank().exit_code, 0) << pipe;
  }
  EXPECT_EQ(read_file(victim), "precious");
}

TEST_F(NetAttack, ALinkInPlaceOfAFolderOfTheCacheIsNotWrittenThrough) {
  const TempDir victim;
  fs::create_directories(cache.path() / "structures");
  fs::create_directory_symlink(victim.path(), cache.path() / "structures/ub");
  EXPECT_EQ(fetch("1UBI").exit_code, 4);
  EXPECT_TRUE(fs::is_empty(victim.path()));
}

// Secrets.

TEST_F(NetAttack, ARedirectedSearchKeepsItsKeyToItself) {
  for (const int status : {302, 307, 308}) {
    LoopbackServer thief(
        [](const LoggedRequest&) { return ServerReply{.body = "<eSearchResult/>"}; });
    const LoopbackServer search([&](const LoggedRequest& request) {
      return ServerReply{
          .status = status, .body = "", .headers = {{"Location", thief.url(request.path)}}};
    });
    std::ofstream(home.path() / "key") << "0123456789";
    // Long enough to go by POST.
    const RunResult result = modesweep(
        {"search", std::string(1500, 'k'), "--ncbi-url", search.url(), "--api-key-file", "key"});
    EXPECT_EQ(result.exit_code, 4) << result.err;
    EXPECT_NE(result.err.find("redirects a request with a key or a password to another host"),
              std::string::npos)
        << result.err;
    EXPECT_TRUE(thief.requests().empty());
  }
}

TEST_F(NetAttack, ARedirectOnTheSameHostIsFollowedWithAKey) {
  url = host.server().url("/first/<ID>.cif.gz?token=hush");
  host.intercept([&](const LoggedRequest& request) -> std::optional<ServerReply> {
    if (!request.path.starts_with("/first/")) return std::nullopt;
    return ServerReply{
        .status = 302, .body = "", .headers = {{"Location", "/download/1UBI.cif.gz?token=hush"}}};
  });
  EXPECT_EQ(fetch("1UBI").exit_code, 0);
}

TEST_F(NetAttack, ABlockedRedirectIsCalledOne) {
  const LoopbackServer elsewhere([](const LoggedRequest&) { return ServerReply{}; });
  const std::map<std::string, std::string> targets = {
      {"file:///etc/hostname", "something else than https"},
      {"ftp://127.0.0.1/x", "something else than https"},
      {"http://192.0.2.1/x", "from this machine to another one"},
      {"https://192.0.2.1/x", "from this machine to another one"},
      {host.server().url("/download/1UBI.cif.gz"), "more than 5 times"}};
  for (const auto& [target, words] : targets) {
    host.always("1UBI", {.status = 302, .body = "", .headers = {{"Location", target}}});
    const RunResult result = fetch("1UBI");
    EXPECT_EQ(result.exit_code, 4) << target;
    EXPECT_NE(result.err.find("redirects"), std::string::npos) << result.err;
    EXPECT_NE(result.err.find(words), std::string::npos) << result.err;
    EXPECT_EQ(result.err.find("proxy"), std::string::npos) << result.err;
  }
}

TEST_F(NetAttack, SecretsOfUrlsAreWrittenNowhere) {
  const auto with_secrets = [&](const std::string& path, const std::string& placed) {
    std::string text = host.server().url(path);
    text.insert(text.find("127"), "me:hush1@");
    return text + placed;
  };
  const std::string holdings = with_secrets("/holdings/", "?api_key=hush2");
  url = with_secrets("/download/<ID>.cif.gz", "?token=hush3&X-Amz-Signature=hush4#hush5");
  const Words request = {"rank", "--ids", "1UBI,9ZZZ",      "--run",
                         "run",  "-v",    "--holdings-url", holdings};
  Words words = request;
  words.insert(words.end(), {"-o", "out.tsv", "--failures", "failures", "--download-url=" + url});
  host.first("1UBI", {{.status = 500, .body = ""}});
  std::string said;
  const auto run = [&](const Words& command, int expected) {
    const RunResult result = modesweep(command);
    EXPECT_EQ(result.exit_code, expected) << command.front() << result.err;
    said += result.out + result.err;
    return result;
  };
  run(words, 0);
  run({"show", "run"}, 0);
  run({"resume", "run", "--retry-failed", "-o", "more.tsv", "--download-url", url}, 4);
  run({"report", "run", "-o", "report.html"}, 0);
  run({"fetch", "9ZZZ", "-v", "--download-url", url}, 4);
  // What is no URL, has no place for an entry, or is no flag.
  run({"fetch", "9ZZZ", "--download-url", "me:hush6@host/<ID>?token=hush7"}, 2);
  run({"fetch", "9ZZZ", "--download-url", "https://me:hush6@host/?token=hush7"}, 2);
  run({"fetch", "9ZZZ", "--download-urls=https://me:hush6@host/<ID>?token=hush7"}, 2);
  EXPECT_EQ(said.find("hush"), std::string::npos) << said;
  std::size_t files = 0;
  for (const auto& root : {home.path(), cache.path()})
    for (const auto& file : fs::recursive_directory_iterator(root)) {
      if (!file.is_regular_file()) continue;
      ++files;
      EXPECT_EQ(read_file(file.path()).find("hush"), std::string::npos) << file.path();
    }
  EXPECT_GT(files, 5u);
  EXPECT_NE(read_file(home.path() / "out.tsv.meta.json").find("REDACTED@127.0.0.1"),
            std::string::npos);
  // What was not kept is asked for.
  const RunResult without = run({"resume", "run", "--retry-failed"}, 2);
  EXPECT_NE(without.err.find("--download-url"), std::string::npos) << without.err;
}

TEST_F(NetAttack, ASearchOfNothingButTagsIsNotRead) {
  for (const std::string& tag : {std::string("<a/>"), std::string("[],")}) {
    std::string body;
    while (body.size() < 5'000'000) body += tag;
    const LoopbackServer search([&](const LoggedRequest&) {
      return ServerReply{.body = body, .content_type = "application/octet-stream"};
    });
    for (const char* service : {"--ncbi-url", "--rcsb-search-url"}) {
      Words words = {"search", "kinase", service, search.url()};
      if (service == std::string("--rcsb-search-url"))
        words.insert(words.end(), {"--source", "rcsb"});
      const RunResult result = modesweep(words);
      EXPECT_EQ(result.exit_code, 4) << result.err;
      EXPECT_NE(result.err.find("more than 1000000 tags and values"), std::string::npos)
          << result.err;
    }
  }
}

// A cache that cannot be written.

TEST_F(NetAttack, ACacheThatCannotBeWrittenServesWhatItHas) {
  url = host.server().url("/download/<ID>.cif");
  ASSERT_EQ(fetch("1UBI").exit_code, 0);
  Words before;
  if (::geteuid() == 0) {
    before = {"unshare",
              "--mount",
              "sh",
              "-c",
              "mount --make-rprivate / && mount --bind \"$0\" \"$0\" && "
              "mount -o remount,bind,ro \"$0\" && exec \"$@\"",
              cache.path().string()};
    if (!can_run(before)) GTEST_SKIP() << "nothing can be mounted here";
  } else {
    for (const auto& folder : {cache.path(), cache.path() / "structures",
                               cache.path() / "structures/parts", stored("").parent_path()})
      fs::permissions(folder, fs::perms::owner_read | fs::perms::owner_exec);
  }
  host.server().clear_log();
  const RunResult served = rank({}, before);
  EXPECT_EQ(served.exit_code, 0) << served.err;
  EXPECT_NE(served.out.find("1UBI"), std::string::npos) << served.out;
  EXPECT_EQ(host.requests_for("1UBI"), 0u);
  // What was fetched is known there as well.
  alter(stored(".cif"), read_file(stored(".cif")).rfind("45.000"), 1);
  const RunResult damaged = rank({}, before);
  EXPECT_EQ(damaged.exit_code, 3) << damaged.err;
  EXPECT_EQ(damaged.out.find("1UBI"), std::string::npos) << damaged.out;
  const RunResult both = modesweep(
      {"rank", "--ids", "1UBI,1AKE", "--failures", "failures", "--download-url", url}, before);
  const std::string failures = read_file(home.path() / "failures");
  EXPECT_NE(failures.find("1AKE has to be downloaded, and the cache folder"), std::string::npos)
      << failures << both.err;
  if (::geteuid() != 0)
    for (const auto& file : fs::recursive_directory_iterator(cache.path()))
      if (file.is_directory()) fs::permissions(file.path(), fs::perms::owner_all);
  fs::permissions(cache.path(), fs::perms::owner_all);
}

}  // namespace
