// SPDX-License-Identifier: MIT
// Many files from a host and its mirrors, onto the disk, beside whatever their receiver does with
// them.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include <modesweep/log.hpp>
#include <modesweep/outcome.hpp>
#include <modesweep/search.hpp>

#include "sources/limits.hpp"
#include "sources/part_file.hpp"

namespace modesweep {

struct DownloadRules {
  int max_connections = 6;      ///< to each host
  int streams = 4;              ///< transfers in flight a connection, once a host speaks HTTP/2
  int tries = 5;                ///< of one file at one host, the first one counts
  int tries_beside_others = 2;  ///< of these, before the next host is tried
  std::chrono::milliseconds first_wait{1000};  ///< doubled after each try, +-25 %
  std::chrono::seconds longest_retry_after{120};
  std::chrono::seconds patience{10};  ///< a host on hold for longer is passed over for another
  TransferLimits limits = structure_transfer;
  std::uint64_t resume_bytes = std::uint64_t{1} << 20;  ///< with fewer, a file begins anew
  int give_up_after = 10;  ///< failures in a row because of the host, of files where it is the only
                           ///< one, else of tries
  std::chrono::seconds rest{60};  ///< of a host given up, before one transfer tries it again

  /// Open files: connections, what their transfers write, and results that wait.
  int descriptors() const { return max_connections * (1 + 2 * streams); }
};

/// What is to be had, and where. Host `h` (0: the preferred one) has file `f` at `url(f, h)`; all
/// URLs of one `h` are of one host. `part(f)` is a new file for what comes; it may throw
/// std::system_error. Both are called from the transfers' thread.
struct DownloadList {
  std::size_t files = 0;
  std::size_t hosts = 1;  ///< at most `most_hosts`
  std::function<std::string(std::size_t file, std::size_t host)> url;
  std::function<PartFile(std::size_t file)> part;

  static constexpr std::size_t most_hosts = 8;
};

/// A complete file that was found to be what was asked for.
struct FetchedFile {
  PartFile part;
  std::string sha256;
};

/// One batch of downloads. A thread of its own drives all transfers (libcurl's multi interface), so
/// that a slow receiver cannot stall them: it only keeps new ones from being started.
///
/// Each host has a hold (429, 503 and Retry-After keep every transfer from it), a pace and a
/// circuit breaker: one that stays bad is given up, its files come from the next one, and after a
/// rest one transfer finds out whether it is back. Where all are given up, so are the files. A
/// large file whose transfer broke is resumed where the host's ETag says that it is still the same.
class Download {
 public:
  struct Result {
    std::size_t index;          ///< of the file
    Outcome<FetchedFile> file;  ///< what `Accept` made of it
  };
  /// Judges and reshapes a body, on the transfers' thread. Where `may_be_cut` nothing but the body
  /// itself says that it is whole: the host stated no size and closed the connection. `bad_content`
  /// is a failed try as a 503 is one, and `too_large` is final; after any other failure the next
  /// host is asked. May throw std::system_error, which is failure `cache`.
  using Accept =
      std::function<Outcome<FetchedFile>(std::size_t index, PartFile body, bool may_be_cut)>;

  /// Throws RunError as `check_url` does for a host's first URL, and `unavailable` where too few
  /// files can be opened.
  Download(DownloadList list, Accept accept, const DownloadRules& rules, const HttpOptions& http,
           CancelToken cancel, Reporter& reporter);
  /// Ends the transfers that are still running.
  ~Download();
  Download(const Download&) = delete;
  Download& operator=(const Download&) = delete;

  /// Waits for the next result, in order of completion; nothing once all were given or
  /// once cancelled. Rethrows what ended the thread.
  std::optional<Result> next();

 private:
  class Mailbox;
  class Loop;

  const CancelToken cancel_;
  std::unique_ptr<Mailbox> mailbox_;
  std::jthread thread_;
};

}  // namespace modesweep
