// SPDX-License-Identifier: MIT
// What every connection shares: how libcurl is started, configured, and quoted when it fails.
#pragma once

#include <curl/curl.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include <modesweep/search.hpp>

#include "sources/limits.hpp"

namespace modesweep {

struct CurlDeleter {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using EasyHandle = std::unique_ptr<CURL, CurlDeleter>;
using HeaderList = std::unique_ptr<curl_slist, CurlDeleter>;

/// Where libcurl writes its own words on a failure (CURLOPT_ERRORBUFFER).
using ErrorBuffer = std::array<char, CURL_ERROR_SIZE>;

/// A new handle; libcurl is initialised before the first one. May be called from any thread.
EasyHandle make_easy_handle();

/// Watches over one transfer: it ends where it is cancelled, leaves its limits or is redirected to
/// where it must not go.
class TransferGuard {
 public:
  TransferGuard(CancelToken cancel, const TransferLimits& limits)
      : cancel_(std::move(cancel)), limits_(limits) {}
  TransferGuard(const TransferGuard&) = delete;
  TransferGuard& operator=(const TransferGuard&) = delete;

  /// The transfer sends a key or a password, so that redirects stay on its host.
  void keep_on_host() { on_host_ = true; }

  /// Whether the body may have so many bytes in all; for what receives it.
  bool takes_body(std::uint64_t bytes);
  /// The same of so many bytes more of an error's page.
  bool takes_error(std::uint64_t more);

  /// An error's page has begun: the status is the answer, however the page ends.
  bool is_error_page() const { return error_bytes_ > 0; }
  /// Why the guard ended the transfer, as one clause; empty where it did not. What it ended would
  /// go no better another time.
  const std::string& complaint() const { return complaint_; }
  bool is_too_large() const { return too_large_; }

 private:
  friend void configure_transfer(CURL*, const std::string&, const HttpOptions&, TransferGuard&,
                                 ErrorBuffer&);
  static int progress(void* guard, curl_off_t size, curl_off_t, curl_off_t, curl_off_t);
  static std::size_t header(char* data, std::size_t, std::size_t size, void* guard);
  void look_at_redirect(const std::string& location);

  CancelToken cancel_;
  TransferLimits limits_;
  CURL* handle_ = nullptr;
  std::string url_;
  std::chrono::steady_clock::time_point start_;
  bool on_host_ = false;
  std::uint64_t header_bytes_ = 0;
  std::uint64_t error_bytes_ = 0;
  bool too_large_ = false;
  std::string complaint_;
};

/// Prepares `handle` for one transfer of `url`: TLS, proxies, and what `guard` watches over.
/// Calls `check_url`; throws RunError (`unavailable`) where `http.offline` is set. `http` need not
/// outlive the call, `guard` and `errors` must outlive the transfer. Sets no write function.
void configure_transfer(CURL* handle, const std::string& url, const HttpOptions& http,
                        TransferGuard& guard, ErrorBuffer& errors);

/// Throws RunError (`request`) unless `url` is https, or http to this machine itself.
void check_url(const std::string& url);

/// The host of a URL in lower case, as libcurl reads it; empty where it is not a URL.
std::string url_host(const std::string& url);

/// `host:port` of a URL, with the scheme's port where it names none.
std::string url_server(const std::string& url);

/// localhost, 127.0.0.0/8 or ::1, as a name or an address and not by look-up.
bool is_loopback_host(std::string_view host);

/// What waits before another try are multiplied with: 1, except that the tests of the program
/// shorten them (MODESWEEP_TEST_RETRY_SCALE) for a host that is this machine.
double retry_scale(const std::string& host);

/// The URL as it may be shown: without user, password, query and fragment.
std::string displayed_url(const std::string& url);

/// Whether another try of the same transfer may go better.
bool is_transient(CURLcode code);

/// Why a transfer failed, as one clause for people, without a full stop.
std::string describe_curl_error(CURLcode code, const ErrorBuffer& errors, const std::string& url);

/// Words of a server as they may be shown: on one line, without control characters, cut to `limit`.
std::string quotable(std::string_view text, std::size_t limit = 200);

}  // namespace modesweep
