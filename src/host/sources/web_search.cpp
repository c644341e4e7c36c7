// SPDX-License-Identifier: MIT
#include "sources/web_search.hpp"

#include <algorithm>
#include <cstdlib>

#include <fmt/format.h>

#include "base/redaction.hpp"
#include "base/text.hpp"

namespace modesweep {
namespace {

/// What a transfer's bytes go to.
struct Receiver {
  CURL* handle;
  TransferGuard& guard;
  std::string& body;
};

std::size_t receive(char* data, std::size_t, std::size_t size, void* user) {
  const Receiver& to = *static_cast<Receiver*>(user);
  long status = 0;
  curl_easy_getinfo(to.handle, CURLINFO_RESPONSE_CODE, &status);
  if (status >= 400 ? !to.guard.takes_error(size) : !to.guard.takes_body(to.body.size() + size))
    return 0;
  to.body.append(data, size);
  return size;
}

/// About how many parts XML or JSON will have, by the characters that begin one: nothing is parsed.
std::ptrdiff_t parts_of(std::string_view body) {
  constexpr std::string_view begins = "<=,:[{";
  return std::count_if(body.begin(), body.end(),
                       [&](char c) { return begins.find(c) != std::string_view::npos; });
}

}  // namespace

WebService::WebService(std::string name, Milliseconds spacing, HttpOptions http, CancelToken cancel,
                       Reporter& reporter, Pace& pace, int tries, const TransferLimits& limits)
    : name_(std::move(name)),
      spacing_(spacing),
      http_(std::move(http)),
      cancel_(std::move(cancel)),
      reporter_(reporter),
      pace_(pace),
      tries_(tries),
      limits_(limits) {}

CURLcode WebService::send_once(const WebRequest& request, ErrorBuffer& errors, WebReply& reply) {
  const EasyHandle owner = make_easy_handle();
  CURL* handle = owner.get();
  TransferLimits limits = limits_;
  limits.time = std::min(limits.time, time_left());
  TransferGuard guard(cancel_, limits);
  if (has_secret_parameter(request.body)) guard.keep_on_host();
  configure_transfer(handle, request.url, http_, guard, errors);
  Receiver receiver{handle, guard, reply.body};
  // Replies are small and come one after the other: HTTP/2 has nothing to offer here, and NCBI's
  // servers have had trouble with it.
  curl_easy_setopt(handle, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1);
  // On a kept connection that has died libcurl repeats the request by itself, past our pace; hence
  // also the fresh handle.
  curl_easy_setopt(handle, CURLOPT_FORBID_REUSE, 1L);
  curl_easy_setopt(handle, CURLOPT_ACCEPT_ENCODING, "");
  curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, &receive);
  curl_easy_setopt(handle, CURLOPT_WRITEDATA, &receiver);
  HeaderList headers;
  if (!request.body.empty()) {
    // Without "Expect:" libcurl waits for a "100 Continue" that some servers never send.
    headers.reset(curl_slist_append(nullptr, ("Content-Type: " + request.content_type).c_str()));
    curl_slist_append(headers.get(), "Expect:");
    curl_easy_setopt(handle, CURLOPT_HTTPHEADER, headers.get());
    curl_easy_setopt(handle, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(request.body.size()));
    curl_easy_setopt(handle, CURLOPT_POSTFIELDS, request.body.c_str());
  }
  CURLcode code = curl_easy_perform(handle);
  if (guard.is_error_page() && !cancel_.is_cancelled()) code = CURLE_OK;
  if (code != CURLE_OK && !guard.complaint().empty())
    throw RunError(Cause::unavailable, name_ + ": " + guard.complaint());
  curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &reply.status);
  curl_off_t retry_after = 0;
  curl_easy_getinfo(handle, CURLINFO_RETRY_AFTER, &retry_after);
  curl_easy_getinfo(handle, CURLINFO_HTTP_CONNECTCODE, &reply.proxy_status);
  // Before libcurl 8.12 a date in the past gives a negative number.
  reply.retry_after = std::chrono::seconds(std::clamp<curl_off_t>(retry_after, 0, 3600));
  return code;
}

std::chrono::seconds WebService::time_left() {
  const Clock::Time now = pace_.clock().now();
  if (!end_) end_ = now + longest_search;
  if (now >= *end_)
    throw RunError(Cause::unavailable,
                   fmt::format("{}: its answers took longer than {} s, the most that all of them "
                               "together may take",
                               name_, longest_search.count()));
  return std::chrono::ceil<std::chrono::seconds>(*end_ - now);
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
      if (parts_of(reply.body) > most_reply_parts)
        throw RunError(Cause::unavailable,
                       fmt::format("{}: a reply of more than {} tags and values is not read", name_,
                                   most_reply_parts));
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
                     fmt::format("{} gave no usable answer in {}, the last time: {}", name_,
                                 counted(backoff.failed_tries(), "try", "tries"), reason));
    reporter_.info(fmt::format("{}: {}; next try in {:.1f} s", name_, reason,
                               static_cast<double>(wait->count()) / 1000));
    pace_.hold(server, *wait);
  }
}

void check_search_term(const std::string& term) {
  if (trimmed(term).empty()) throw RunError(Cause::request, "the search term is empty");
}

}  // namespace modesweep
