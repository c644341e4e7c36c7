// SPDX-License-Identifier: MIT
#include "sources/downloader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <condition_variable>
#include <cstdlib>
#include <deque>
#include <exception>
#include <map>
#include <mutex>
#include <random>
#include <stdexcept>
#include <unordered_map>

#include "sources/curl_setup.hpp"

namespace modesweep {
namespace {

using Clock = std::chrono::steady_clock;
using Time = Clock::time_point;
using std::chrono::milliseconds;

// A signal handler can only set a flag, so whoever waits looks at it this often.
constexpr milliseconds look{50};

struct MultiDeleter {
  void operator()(CURLM* multi) const { curl_multi_cleanup(multi); }
};

bool is_transient_status(long status) {
  switch (status) {
    case 408:
    case 425:
    case 429:
    case 500:
    case 502:
    case 503:
    case 504: return true;
    default: return false;
  }
}

/// Failures that every other transfer would meet as well, and that no further try can mend.
bool concerns_every_transfer(CURLcode code, long proxy_status) {
  switch (code) {
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_PROXY:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE: return true;
    default: return proxy_status >= 400;  // the answer to CONNECT
  }
}

}  // namespace

/// Results on their way from the transfers' thread to the receiver's.
class Download::Mailbox {
 public:
  void put(Result result) {
    {
      const std::lock_guard lock(mutex_);
      if (result.body) bytes_ += result.body->size();
      results_.push_back(std::move(result));
    }
    changed_.notify_one();
  }

  void close(std::exception_ptr error) {
    {
      const std::lock_guard lock(mutex_);
      closed_ = true;
      error_ = error;
    }
    changed_.notify_one();
  }

  std::optional<Result> take(const std::atomic<bool>* cancelled) {
    std::unique_lock lock(mutex_);
    while (!changed_.wait_for(lock, look, [&] { return closed_ || !results_.empty(); }))
      if (cancelled && cancelled->load()) return std::nullopt;
    if (cancelled && cancelled->load()) return std::nullopt;
    if (results_.empty()) {
      if (error_) std::rethrow_exception(error_);
      return std::nullopt;
    }
    Result result = std::move(results_.front());
    results_.pop_front();
    if (result.body) bytes_ -= result.body->size();
    return result;
  }

  /// Whether the receiver is not too far behind.
  bool has_room(std::size_t most_results, std::uint64_t most_bytes) const {
    const std::lock_guard lock(mutex_);
    return results_.size() < most_results && bytes_ < most_bytes;
  }

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Result> results_;
  std::uint64_t bytes_ = 0;
  bool closed_ = false;
  std::exception_ptr error_;
};

/// What the transfers' thread does. Not shared with any other thread but for the mailbox.
class Download::Loop {
 public:
  Loop(std::vector<std::string> urls, Accept accept, const DownloadRules& rules, HttpOptions http,
       Reporter& reporter, Mailbox& mailbox)
      : urls_(std::move(urls)),
        accept_(std::move(accept)),
        rules_(rules),
        http_(std::move(http)),
        reporter_(reporter),
        mailbox_(mailbox),
        host_(url_host(urls_.front())),
        scale_(retry_scale(host_)),
        pace_(rules.max_connections) {}

  ~Loop() {
    for (const auto& [handle, transfer] : active_) curl_multi_remove_handle(multi_.get(), handle);
  }

  void run(const std::stop_token& stop) {
    // The first handle initialises libcurl, which has to come before any multi handle.
    make_easy_handle();
    multi_.reset(curl_multi_init());
    if (!multi_) throw std::runtime_error("libcurl gave no multi handle");
    curl_multi_setopt(multi_.get(), CURLMOPT_PIPELINING, CURLPIPE_MULTIPLEX);
    curl_multi_setopt(multi_.get(), CURLMOPT_MAX_HOST_CONNECTIONS, long(rules_.max_connections));
    for (std::size_t i = 0; i < urls_.size(); ++i) fresh_.push_back(Job{i});

    while (!stop.stop_requested() && !(http_.cancelled && http_.cancelled->load()) &&
           !(active_.empty() && fresh_.empty() && retries_.empty())) {
      start_due(Clock::now());
      int running = 0;
      check(curl_multi_perform(multi_.get(), &running));
      bool finished = false;
      int left = 0;
      while (const CURLMsg* message = curl_multi_info_read(multi_.get(), &left)) {
        if (message->msg != CURLMSG_DONE) continue;
        finish(message->easy_handle, message->data.result);
        finished = true;
      }
      if (finished) continue;  // others can start at once
      check(curl_multi_poll(multi_.get(), nullptr, 0, wait_for(Clock::now()), nullptr));
    }
  }

 private:
  struct Job {
    std::size_t index;
    int failed_tries = 0;
    bool second_look = false;          ///< its content or a 403 was given its one more try
    std::uint64_t delivered_then = 0;  ///< `delivered_` when it was throttled last
  };

  struct Transfer {
    Job job;
    EasyHandle handle;
    ErrorBuffer errors;
    std::string body;
    std::uint64_t max_bytes;
    bool too_large = false;
  };

  static void check(CURLMcode code) {
    if (code != CURLM_OK)
      throw std::runtime_error(fmt::format("libcurl: {}", curl_multi_strerror(code)));
  }

  static std::size_t append(char* data, std::size_t, std::size_t size, void* user) {
    Transfer& transfer = *static_cast<Transfer*>(user);
    long status = 0;
    curl_easy_getinfo(transfer.handle.get(), CURLINFO_RESPONSE_CODE, &status);
    if (status != 200) return size;  // an error's page is read, for the connection, and dropped
    transfer.too_large = transfer.body.size() + size > transfer.max_bytes;
    if (transfer.too_large) return 0;
    transfer.body.append(data, size);
    return size;
  }

  /// Without HTTP/2, transfers beyond the connections would wait inside libcurl, where the time
  /// counts as time to connect. `pace_` is below the maximum while the host throttles.
  std::size_t most_in_flight() const {
    const double most = rules_.max_connections * (http2_ ? rules_.streams : 1);
    return static_cast<std::size_t>(std::clamp(pace_, 1.0, most));
  }

  void start_due(Time now) {
    const auto most_results = static_cast<std::size_t>(rules_.max_connections * rules_.streams);
    while (now >= hold_until_ && active_.size() < most_in_flight() &&
           mailbox_.has_room(most_results, rules_.max_held_bytes)) {
      // Retries first: when a host fails, few files bear it, not all of them.
      if (!retries_.empty() && retries_.begin()->first <= now) {
        const Job job = retries_.begin()->second;
        retries_.erase(retries_.begin());
        start(job);
      } else if (!fresh_.empty()) {
        const Job job = fresh_.front();
        fresh_.pop_front();
        start(job);
      } else {
        break;
      }
    }
  }

  int wait_for(Time now) const {
    Time next = now + look;
    // One that is due and was not started waits for a transfer to end or for the receiver.
    if (!retries_.empty() && retries_.begin()->first > now)
      next = std::min(next, std::max(retries_.begin()->first, hold_until_));
    return static_cast<int>(
        std::max<milliseconds::rep>(0, std::chrono::ceil<milliseconds>(next - now).count()));
  }

  void start(const Job& job) {
    auto transfer =
        std::make_unique<Transfer>(Transfer{job, make_easy_handle(), {}, {}, rules_.max_bytes});
    CURL* handle = transfer->handle.get();
    configure_transfer(handle, urls_[job.index], http_, transfer->errors);
    curl_easy_setopt(handle, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_2TLS);
    curl_easy_setopt(handle, CURLOPT_PIPEWAIT, 1L);
    curl_easy_setopt(handle, CURLOPT_LOW_SPEED_LIMIT, rules_.low_speed);
    curl_easy_setopt(handle, CURLOPT_LOW_SPEED_TIME, long(rules_.low_speed_time.count()));
    curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, &append);
    curl_easy_setopt(handle, CURLOPT_WRITEDATA, transfer.get());
    check(curl_multi_add_handle(multi_.get(), handle));
    active_.emplace(handle, std::move(transfer));
  }

  void finish(CURL* handle, CURLcode code) {
    const std::unique_ptr<Transfer> transfer = std::move(active_.at(handle));
    active_.erase(handle);
    curl_multi_remove_handle(multi_.get(), handle);
    note_protocol(handle);
    if (code == CURLE_OK)
      finish_reply(*transfer);
    else if (!http_.cancelled || !http_.cancelled->load())
      finish_broken(*transfer, code);
  }

  void finish_reply(Transfer& transfer) {
    long status = 0;
    curl_easy_getinfo(transfer.handle.get(), CURLINFO_RESPONSE_CODE, &status);
    const Job& job = transfer.job;
    const std::string shown = displayed_url(urls_[job.index]);
    if (status == 200) {
      ++delivered_;
      holds_in_row_ = failed_in_row_ = 0;
      pace_ += 1 / pace_;
      pace_ = std::min(pace_, double(rules_.max_connections * rules_.streams));
      Outcome<std::string> body = accept_(job.index, std::move(transfer.body));
      if (!body && body.error().code == "bad_content" && look_again(job)) return;
      mailbox_.put({job.index, std::move(body)});
      return;
    }
    if (status == 404 || status == 410 || status == 403) {
      // Some object stores say 403 for a file that they do not have.
      if (status == 403 && look_again(job)) return;
      failed_in_row_ = 0;
      mailbox_.put({job.index, fail(Stage::download, "not_found",
                                    fmt::format("{} does not exist (HTTP {})", shown, status))});
      return;
    }
    Failure failure{Stage::download, fmt::format("http_{}", status),
                    fmt::format("{} answered with HTTP {}", shown, status)};
    if (!is_transient_status(status)) {
      mailbox_.put({job.index, tl::unexpected(std::move(failure))});
      return;
    }
    curl_off_t asked = 0;
    curl_easy_getinfo(transfer.handle.get(), CURLINFO_RETRY_AFTER, &asked);
    // A date that has passed comes out negative before libcurl 8.12.
    const std::chrono::seconds retry_after(
        std::clamp<curl_off_t>(asked, 0, rules_.longest_retry_after.count()));
    Job next = job;
    if (status == 429 || retry_after.count() > 0) {
      if (hold_host(retry_after))
        pace_ = std::max(1.0, std::min(pace_, double(most_in_flight())) / 2);
      // A host that throttles but delivers is not failing: such tries do not count.
      if (delivered_ > next.delivered_then) next.failed_tries = 0;
      next.delivered_then = delivered_;
    }
    retry(next, std::move(failure));
  }

  void finish_broken(const Transfer& transfer, CURLcode code) {
    const Job& job = transfer.job;
    if (transfer.too_large) {
      mailbox_.put(
          {job.index, fail(Stage::download, "bad_content",
                           fmt::format("{} is larger than {} bytes",
                                       displayed_url(urls_[job.index]), rules_.max_bytes))});
      return;
    }
    Failure failure{Stage::download, "connection",
                    describe_curl_error(code, transfer.errors, urls_[job.index])};
    long proxy_status = 0;
    curl_easy_getinfo(transfer.handle.get(), CURLINFO_HTTP_CONNECTCODE, &proxy_status);
    if (concerns_every_transfer(code, proxy_status)) {
      mailbox_.put({job.index, tl::unexpected(failure)});
      if (delivered_ == 0) give_up(failure);
      return;
    }
    if (!is_transient(code)) {
      mailbox_.put({job.index, tl::unexpected(std::move(failure))});
      return;
    }
    const bool unreachable = is_unreachable(transfer.handle.get(), code);
    if (unreachable) hold_host(std::chrono::seconds(0));
    // A host that never answered will not answer for the other files either.
    const int used_up = job.failed_tries + 1;
    retry(job, failure);
    if (unreachable && delivered_ == 0 && used_up >= rules_.tries) give_up(failure);
  }

  bool is_unreachable(CURL* handle, CURLcode code) const {
    if (code != CURLE_COULDNT_CONNECT && code != CURLE_SSL_CONNECT_ERROR) return false;
    const char* url = nullptr;  // where redirects led to
    curl_easy_getinfo(handle, CURLINFO_EFFECTIVE_URL, &url);
    return url && url_host(url) == host_;
  }

  /// One more try for what is rarely, but sometimes, an accident of the moment.
  bool look_again(Job job) {
    if (job.second_look) return false;
    job.second_look = true;
    retries_.emplace(Clock::now() + wait_after(1), job);
    return true;
  }

  void retry(Job job, Failure failure) {
    if (++job.failed_tries < rules_.tries) {
      reporter_.debug(
          fmt::format("try {} of {}: {}", job.failed_tries, rules_.tries, failure.message));
      retries_.emplace(Clock::now() + wait_after(job.failed_tries), job);
      return;
    }
    mailbox_.put({job.index, tl::unexpected(failure)});
    if (++failed_in_row_ >= rules_.give_up_after) give_up(failure);
  }

  /// The wait after so many failures in a row.
  milliseconds wait_after(int failures) {
    const double doubled = std::ldexp(double(rules_.first_wait.count()),
                                      std::clamp(failures, 1, std::max(1, rules_.tries - 1)) - 1);
    return scaled(doubled * std::uniform_real_distribution<double>(0.75, 1.25)(random_));
  }

  milliseconds scaled(double time) const {
    return milliseconds(static_cast<milliseconds::rep>(time * scale_ + 0.5));
  }

  /// No transfer is started before a while has passed. Whether this began a hold.
  bool hold_host(std::chrono::seconds asked) {
    const Time now = Clock::now();
    const milliseconds wished = scaled(double(milliseconds(asked).count()));
    if (now < hold_until_) {  // one of those that were on their way when the hold began
      hold_until_ = std::max(hold_until_, now + wished);
      return false;
    }
    const milliseconds wait = std::max(wished, wait_after(++holds_in_row_));
    hold_until_ = now + wait;
    const std::string text = fmt::format(
        "no download from {} is started for {:.1f} s, because it asks for that or does not answer",
        host_, double(wait.count()) / 1000);
    reporter_.message(wait >= std::chrono::seconds(10) ? LogLevel::warning : LogLevel::debug, text);
    return true;
  }

  /// Every other file would fail in the same way, and each only after long waits.
  void give_up(const Failure& reason) {
    const Failure failure{reason.stage, reason.code, "given up: " + reason.message};
    for (const auto& [handle, transfer] : active_) {
      curl_multi_remove_handle(multi_.get(), handle);
      fresh_.push_back(transfer->job);
    }
    active_.clear();
    for (const auto& [time, job] : retries_) fresh_.push_back(job);
    retries_.clear();
    for (const Job& job : fresh_) mailbox_.put({job.index, tl::unexpected(failure)});
    fresh_.clear();
  }

  void note_protocol(CURL* handle) {
    long version = CURL_HTTP_VERSION_NONE;
    curl_easy_getinfo(handle, CURLINFO_HTTP_VERSION, &version);
    if (version == CURL_HTTP_VERSION_NONE || protocol_known_) return;
    protocol_known_ = true;
    http2_ = version == CURL_HTTP_VERSION_2_0;
    if (http2_) pace_ *= rules_.streams;
    reporter_.debug(
        fmt::format("{} speaks {} ({})", host_, http2_ ? "HTTP/2" : "HTTP/1.1", curl_version()));
  }

  const std::vector<std::string> urls_;
  const Accept accept_;
  const DownloadRules rules_;
  const HttpOptions http_;
  Reporter& reporter_;
  Mailbox& mailbox_;
  const std::string host_;
  const double scale_;

  // Destroyed in reverse order: handles before the multi handle they were in.
  std::unique_ptr<CURLM, MultiDeleter> multi_;
  std::unordered_map<CURL*, std::unique_ptr<Transfer>> active_;
  std::deque<Job> fresh_;
  std::multimap<Time, Job> retries_;

  Time hold_until_{};
  double pace_;  ///< transfers in flight that the host seems to bear
  bool http2_ = false;
  bool protocol_known_ = false;
  std::uint64_t delivered_ = 0;
  int holds_in_row_ = 0;
  int failed_in_row_ = 0;
  std::minstd_rand random_{std::random_device{}()};
};

Download::Download(std::vector<std::string> urls, Accept accept, const DownloadRules& rules,
                   const HttpOptions& http, Reporter& reporter)
    : cancelled_(http.cancelled), mailbox_(std::make_unique<Mailbox>()) {
  for (const std::string& url : urls) check_url(url);
  if (urls.empty()) {
    mailbox_->close(nullptr);
    return;
  }
  thread_ = std::jthread([loop = std::make_unique<Loop>(std::move(urls), std::move(accept), rules,
                                                        http, reporter, *mailbox_),
                          mailbox = mailbox_.get()](const std::stop_token& stop) {
    try {
      loop->run(stop);
      mailbox->close(nullptr);
    } catch (...) {
      mailbox->close(std::current_exception());
    }
  });
}

Download::~Download() = default;

std::optional<Download::Result> Download::next() { return mailbox_->take(cancelled_); }

}  // namespace modesweep
