// SPDX-License-Identifier: MIT
#include "sources/web_search.hpp"

#include <algorithm>
#include <cstdlib>

#include <fmt/format.h>

#include "base/text.hpp"

namespace modesweep {
namespace {

// No reply of a search service comes near this; it bounds what a broken one can make us hold.
constexpr std::size_t largest_reply = 64 << 20;

std::size_t append_to_body(char* data, std::size_t, std::size_t size, void* body) {
  std::string& text = *static_cast<std::string*>(body);
  if (text.size() + size > largest_reply) return 0;
  text.append(data, size);
  return size;
}

}  // namespace

WebService::WebService(std::string name, Milliseconds spacing, HttpOptions http, CancelToken cancel,
                       Reporter& reporter, Pace& pace, int tries)
    : name_(std::move(name)),
      spacing_(spacing),
      http_(std::move(http)),
      cancel_(std::move(cancel)),
      reporter_(reporter),
      pace_(pace),
      tries_(tries) {}

CURLcode WebService::send_once(const WebRequest& request, ErrorBuffer& errors, WebReply& reply) {
  const EasyHandle owner = make_easy_handle();
  CURL* handle = owner.get();
  configure_transfer(handle, request.url, http_, cancel_, errors);
  // Replies are small and come one after the other: HTTP/2 has nothing to offer here, and NCBI's
  // servers have had trouble with it.
  curl_easy_setopt(handle, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1);
  // On a kept connection that has died libcurl repeats the request by itself, past our pace; hence
  // also the fresh handle.
  curl_easy_setopt(handle, CURLOPT_FORBID_REUSE, 1L);
  curl_easy_setopt(handle, CURLOPT_ACCEPT_ENCODING, "");
  curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, &append_to_body);
  curl_easy_setopt(handle, CURLOPT_WRITEDATA, &reply.body);
  HeaderList headers;
  if (!request.body.empty()) {
    // Without "Expect:" libcurl waits for a "100 Continue" that some servers never send.
    headers.reset(curl_slist_append(nullptr, ("Content-Type: " + request.content_type).c_str()));
    curl_slist_append(headers.get(), "Expect:");
    curl_easy_setopt(handle, CURLOPT_HTTPHEADER, headers.get());
    curl_easy_setopt(handle, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(request.body.size()));
    curl_easy_setopt(handle, CURLOPT_POSTFIELDS, request.body.c_str());
  }
  const CURLcode code = curl_easy_perform(handle);
  curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &reply.status);
  curl_off_t retry_after = 0;
  curl_easy_getinfo(handle, CURLINFO_RETRY_AFTER, &retry_after);
  curl_easy_getinfo(handle, CURLINFO_HTTP_CONNECTCODE, &reply.proxy_status);
  // Before libcurl 8.12 a date in the past gives a negative number.
  reply.retry_after = std::chrono::seconds(std::clamp<curl_off_t>(retry_after, 0, 3600));
  return code;
}

WebReply WebService::send(const WebRequest& request, const RetryReason& retry_reason) {
  const std::string server = url_server(request.url);
  BackoffRules rules;
  rules.tries = tries_;
  rules.scale = retry_scale(url_host(request.url));
  Clock& clock = pace_.clock();
  Backoff backoff(rules, clock.now());
  for (;;) {
    pace_.wait_for_turn(server, spacing_, cancel_);
    WebReply reply;
    ErrorBuffer errors;
    std::string reason;
    if (const CURLcode code = send_once(request, errors, reply); code == CURLE_OK) {
      reason = retry_reason(reply);
      if (reason.empty()) return reply;
    } else if (code == CURLE_ABORTED_BY_CALLBACK) {
      throw Cancelled();
    } else {
      reason = describe_curl_error(code, errors, request.url);
      if (!is_transient(code) || reply.proxy_status >= 400)
        throw RunError(Cause::unavailable, name_ + ": " + reason);
    }
    const auto wait = backoff.next_wait(clock.now(), reply.retry_after);
    if (!wait)
      throw RunError(Cause::unavailable,
                     fmt::format("{} gave no usable answer in {} tries, the last time: {}", name_,
                                 backoff.failed_tries(), reason));
    reporter_.info(fmt::format("{}: {}; next try in {:.1f} s", name_, reason,
                               static_cast<double>(wait->count()) / 1000));
    pace_.hold(server, *wait);
  }
}

void check_search_term(const std::string& term) {
  if (trimmed(term).empty()) throw RunError(Cause::request, "the search term is empty");
}

}  // namespace modesweep
