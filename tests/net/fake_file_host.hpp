// SPDX-License-Identifier: MIT
// A file host of the tests: structure files under their IDs, and what can go wrong with them.
#pragma once

#include <atomic>
#include <chrono>
#include <deque>
#include <filesystem>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "net/loopback_server.hpp"

namespace test_support {

/// A mmCIF file of an entry with a few C-alpha atoms, for tests that need many entries.
std::string small_mmcif(const std::string& id, int residues = 12);

/// Serves GET `/download/<ID>.cif.gz`; an ID that was not added is a 404 with a page like RCSB's.
class FakeFileHost {
 public:
  explicit FakeFileHost(const Certificate& certificate = {});

  /// `text` is the plain file; it is sent as gzip.
  void add(const std::string& id, std::string_view text);
  /// A file on disk, plain or gzip.
  void add_file(const std::string& id, const std::filesystem::path& path);

  /// The next requests for this ID get these replies, one each, before the file itself is sent.
  void first(const std::string& id, std::vector<ServerReply> replies);
  /// Every request for this ID gets this reply.
  void always(const std::string& id, ServerReply reply);
  /// Asked before anything else; where it returns a reply, that is sent.
  void intercept(std::function<std::optional<ServerReply>(const LoggedRequest&)> filter);
  /// How long the host thinks before each file.
  void set_thinking_time(std::chrono::milliseconds time) { thinking_time_ = time.count(); }

  ServerReply file_reply(const std::string& id) const;

  /// For `--download-url` and StoreOptions::url_template.
  std::string url_template() const { return server_.url("/download/<ID>.cif.gz"); }
  LoopbackServer& server() { return server_; }
  std::size_t requests_for(const std::string& id) const { return server_.count("/" + id + "."); }
  /// The largest number of requests that were being answered at one time.
  int most_at_once() const { return most_at_once_; }

 private:
  ServerReply answer(const LoggedRequest& request);

  mutable std::mutex mutex_;
  std::map<std::string, std::string> files_;
  std::map<std::string, std::deque<ServerReply>> first_;
  std::map<std::string, ServerReply> always_;
  std::function<std::optional<ServerReply>(const LoggedRequest&)> filter_;
  std::atomic<std::chrono::milliseconds::rep> thinking_time_{0};
  std::atomic<int> at_once_{0};
  std::atomic<int> most_at_once_{0};
  LoopbackServer server_;  // last: its threads use what is above
};

}  // namespace test_support
