// SPDX-License-Identifier: MIT
// An HTTP server of the tests on 127.0.0.1, on a port of the kernel's choice, that logs requests.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "net/certificate.hpp"

namespace test_support {

struct LoggedRequest {
  std::chrono::steady_clock::time_point time;
  std::string method;
  std::string path;                               ///< decoded, without the query
  std::multimap<std::string, std::string> query;  ///< of the URL and of a form body, decoded
  std::multimap<std::string, std::string> headers;
  std::string body;
  std::string peer;  ///< the client's address

  /// The first value of a parameter; empty where it is absent.
  std::string parameter(const std::string& name) const;
  bool has(const std::string& name) const { return query.count(name) > 0; }
};

struct ServerReply {
  int status = 200;
  std::string body;
  std::string content_type = "text/plain";
  std::map<std::string, std::string> headers = {};
  /// Silence before the first byte; the server's end ends it.
  std::chrono::milliseconds delay{0};

  /// How the connection ends; `drop` sends nothing at all, `cut` half of the body, `trickle` a byte
  /// every 50 ms, for 20 s at most, `endless` the body over and over until nobody reads it,
  /// `unstated` all of it without its size: it ends with the connection.
  enum class Ending { whole, cut, drop, trickle, endless, unstated } ending = Ending::whole;
};

class LoopbackServer {
 public:
  using Handler = std::function<ServerReply(const LoggedRequest&)>;

  /// Listens at once; every request goes to `handler` (called on the server's threads). With a
  /// certificate it speaks https.
  explicit LoopbackServer(Handler handler, const Certificate& certificate = {});
  ~LoopbackServer();
  LoopbackServer(const LoopbackServer&) = delete;
  LoopbackServer& operator=(const LoopbackServer&) = delete;

  int port() const { return port_; }
  /// `http://127.0.0.1:PORT`, or https, with `path` after it.
  std::string url(const std::string& path = "/") const;

  /// All requests so far, in the order of arrival.
  std::vector<LoggedRequest> requests() const;
  std::size_t count(const std::string& path_part) const;
  void clear_log();

 private:
  struct Implementation;

  Handler handler_;
  std::unique_ptr<Implementation> implementation_;
  const char* scheme_;
  int port_ = -1;
  mutable std::mutex mutex_;
  std::vector<LoggedRequest> log_;
};

/// The shortest time in seconds between two requests that follow each other; large for fewer than
/// two. Only what waits for the answer to the one before cannot come sooner on a loaded machine: a
/// pace is that of all requests, from a moment before the first.
double shortest_gap(const std::vector<LoggedRequest>& requests);

}  // namespace test_support
