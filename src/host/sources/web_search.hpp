// SPDX-License-Identifier: MIT
// What the search services share: paced and repeated requests, and the list of entries found.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

#include <modesweep/log.hpp>
#include <modesweep/search.hpp>

#include "sources/curl_setup.hpp"
#include "sources/pace.hpp"

namespace modesweep {

struct WebRequest {
  std::string url;
  std::string body;          ///< sent by POST; GET where empty
  std::string content_type;  ///< of the body
};

struct WebReply {
  long status = 0;
  long proxy_status = 0;  ///< a proxy's answer to CONNECT, 0 without one
  std::string body;
  Milliseconds retry_after{0};  ///< 0 where the service did not say
};

/// One web service, asked one request at a time at its pace, for `longest_search` from the first
/// one on. Not for use by several threads.
class WebService {
 public:
  /// `name` is how messages call the service.
  WebService(std::string name, Milliseconds spacing, HttpOptions http, CancelToken cancel,
             Reporter& reporter, Pace& pace = Pace::process(), int tries = BackoffRules{}.tries,
             const TransferLimits& limits = search_transfer);

  /// Why a reply is no answer and is worth another try; empty where it is an answer.
  using RetryReason = std::function<std::string(const WebReply&)>;

  /// Sends until there is an answer. Throws RunError (`unavailable`) after the last try, for
  /// failures that no further try can mend and where time is up, and Cancelled.
  WebReply send(const WebRequest& request, const RetryReason& retry_reason);

 private:
  /// Throws RunError (`unavailable`) for a transfer that its guard ended.
  CURLcode send_once(const WebRequest& request, ErrorBuffer& errors, WebReply& reply);
  /// Throws RunError (`unavailable`) where there is none.
  std::chrono::seconds time_left();

  std::string name_;
  Milliseconds spacing_;
  HttpOptions http_;
  CancelToken cancel_;
  Reporter& reporter_;
  Pace& pace_;
  int tries_;
  TransferLimits limits_;
  std::optional<Clock::Time> end_;  // since the first request
};

/// Entry IDs in first-seen order, each once.
class EntryList {
 public:
  void add(std::string id) {
    if (seen_.insert(id).second) ids_.push_back(std::move(id));
  }
  std::vector<std::string> take() { return std::move(ids_); }

 private:
  std::unordered_set<std::string> seen_;
  std::vector<std::string> ids_;
};

/// Throws RunError (`request`) where `term` has nothing but blanks.
void check_search_term(const std::string& term);

}  // namespace modesweep
