// SPDX-License-Identifier: MIT
// Many files from one host, into memory, beside whatever their receiver does with them.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <modesweep/log.hpp>
#include <modesweep/outcome.hpp>
#include <modesweep/search.hpp>

namespace modesweep {

struct DownloadRules {
  int max_connections = 6;  ///< to the host
  int streams = 4;          ///< transfers in flight a connection, once the host speaks HTTP/2
  int tries = 5;            ///< of one file, the first one counts
  std::chrono::milliseconds first_wait{1000};  ///< doubled after each try, +-25 %
  std::chrono::seconds longest_retry_after{120};
  long low_speed = 1000;  ///< bytes a second; below it for `low_speed_time`, a transfer is stalled
  std::chrono::seconds low_speed_time{30};
  std::uint64_t max_bytes = std::uint64_t{512} << 20;      ///< of one file as sent
  std::uint64_t max_held_bytes = std::uint64_t{64} << 20;  ///< waiting for the receiver
  int give_up_after = 10;  ///< files that failed in a row because of the host, not of themselves
};

/// One batch of downloads. A thread of its own drives all transfers (libcurl's multi interface), so
/// that a slow receiver cannot stall them: it only keeps new ones from being started.
class Download {
 public:
  struct Result {
    std::size_t index;          ///< into the URLs
    Outcome<std::string> body;  ///< what `Accept` made of it
  };
  /// Judges and reshapes a complete body, on the transfers' thread. `bad_content` is worth one more
  /// try, any other failure is final.
  using Accept = std::function<Outcome<std::string>(std::size_t index, std::string body)>;

  /// All URLs are of one host. Throws RunError as `check_url` does.
  Download(std::vector<std::string> urls, Accept accept, const DownloadRules& rules,
           const HttpOptions& http, Reporter& reporter);
  /// Ends the transfers that are still running.
  ~Download();
  Download(const Download&) = delete;
  Download& operator=(const Download&) = delete;

  /// Waits for the next result, in order of completion; nothing once all were given or
  /// `HttpOptions::cancelled` is set. Rethrows what ended the thread.
  std::optional<Result> next();

 private:
  class Mailbox;
  class Loop;

  const std::atomic<bool>* cancelled_;
  std::unique_ptr<Mailbox> mailbox_;
  std::jthread thread_;
};

}  // namespace modesweep
