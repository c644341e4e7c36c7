// SPDX-License-Identifier: MIT
// What every connection shares: how libcurl is started, configured, and quoted when it fails.
#pragma once

#include <curl/curl.h>

#include <array>
#include <memory>
#include <string>
#include <string_view>

#include <modesweep/search.hpp>

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

/// Prepares `handle` for one transfer of `url`: time-outs, TLS, redirects, proxies, cancellation.
/// Calls `check_url`; throws RunError (`unavailable`) where `http.offline` is set. `http` need not
/// outlive the call, `cancel` and `errors` must outlive the transfer.
/// Neither sets a write function nor a total time-out.
void configure_transfer(CURL* handle, const std::string& url, const HttpOptions& http,
                        const CancelToken& cancel, ErrorBuffer& errors);

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
