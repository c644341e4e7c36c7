// SPDX-License-Identifier: MIT
#include "sources/downloader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <cinttypes>
#include <cmath>
#include <condition_variable>
#include <cstdio>
#include <deque>
#include <exception>
#include <map>
#include <mutex>
#include <new>
#include <random>
#include <stdexcept>
#include <system_error>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/process_limits.hpp"
#include "base/text.hpp"
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
      results_.push_back(std::move(result));
    }
    changed_.notify_one();
  }

  void close(std::exception_ptr error) {
    {
      const std::lock_guard lock(mutex_);
      closed_ = true;
      error_ = std::move(error);
    }
    changed_.notify_one();
  }

  std::optional<Result> take(const CancelToken& cancel) {
    std::unique_lock lock(mutex_);
    while (!changed_.wait_for(lock, look, [&] { return closed_ || !results_.empty(); }))
      if (cancel.is_cancelled()) return std::nullopt;
    if (cancel.is_cancelled()) return std::nullopt;
    if (results_.empty()) {
      if (error_) std::rethrow_exception(error_);
      return std::nullopt;
    }
    Result result = std::move(results_.front());
    results_.pop_front();
    return result;
  }

  /// Whether the receiver is not too far behind.
  bool has_room(std::size_t most_results) const {
    const std::lock_guard lock(mutex_);
    return results_.size() < most_results;
  }

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Result> results_;
  bool closed_ = false;
  std::exception_ptr error_;
};

/// What the transfers' thread does. Not shared with any other thread but for the mailbox.
class Download::Loop {
 public:
  Loop(DownloadList list, Accept accept, const DownloadRules& rules, HttpOptions http,
       CancelToken cancel, Reporter& reporter, Mailbox& mailbox)
      : list_(std::move(list)),
        accept_(std::move(accept)),
        rules_(rules),
        http_(std::move(http)),
        cancel_(std::move(cancel)),
        reporter_(reporter),
        mailbox_(mailbox) {
    for (std::size_t h = 0; h < list_.hosts; ++h) {
      Host host;
      host.name = url_host(list_.url(0, h));
      host.scale = retry_scale(host.name);
      host.pace = rules_.max_connections;
      hosts_.push_back(std::move(host));
    }
  }

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

    while (!stop.stop_requested() && !cancel_.is_cancelled() &&
           !(active_.empty() && fresh_ == list_.files && retries_.empty())) {
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
    for (const Host& host : hosts_)
      if (host.transfers > 0)
        reporter_.debug(fmt::format("{}: transfers {}, connections opened {}", host.name,
                                    host.transfers, host.connections));
  }

 private:
  struct Host {
    std::string name;
    double scale = 1;
    Time hold_until{};
    Time given_up_until{};  ///< the circuit breaker: open until then
    double pace = 1;        ///< transfers in flight that the host seems to bear
    std::size_t in_flight = 0;
    std::uint64_t delivered = 0;
    std::uint64_t transfers = 0;  ///< that ended, whatever they brought
    long connections = 0;         ///< opened by them, also where a redirect led to
    int holds_in_row = 0;
    int failed_in_row = 0;
    int given_up_in_row = 0;
    bool http2 = false;
    bool protocol_known = false;
  };

  /// The beginning of a file whose transfer broke.
  struct Part {
    std::size_t host;
    std::string etag;
    PartFile file;
  };

  struct Job {
    std::size_t index;
    std::array<std::uint8_t, DownloadList::most_hosts> failed_tries{};  ///< at each host
    std::array<bool, DownloadList::most_hosts> second_look{};  ///< after a 403, at each host
    std::uint64_t delivered_then = 0;  ///< by the host that throttled it last
    std::shared_ptr<Part> part = nullptr;
  };

  struct Transfer {
    Transfer(Job its_job, std::size_t from, const DownloadList& downloads, CancelToken cancel,
             const TransferLimits& limits)
        : job(std::move(its_job)), host(from), list(downloads), guard(std::move(cancel), limits) {}

    Job job;
    std::size_t host;
    const DownloadList& list;
    TransferGuard guard;  // before the handle, which calls it
    ErrorBuffer errors{};
    HeaderList headers;
    EasyHandle handle = make_easy_handle();
    std::optional<PartFile> file = std::nullopt;  ///< once something has come
    std::string etag;                             ///< of `file`
    std::string write_error;                      ///< why `file` took no more
    bool answered = false;
    std::uint64_t total = 0;  ///< bytes of the whole file, of whose rest this is an answer
    bool other_part = false;  ///< of the file than the one asked for

    std::uint64_t size() const { return file ? file->size() : 0; }
    void append(std::string_view bytes) {
      if (!file) file.emplace(list.part(job.index));
      file->append(bytes);
    }
  };

  static void check(CURLMcode code) {
    if (code != CURLM_OK)
      throw std::runtime_error(fmt::format("libcurl: {}", curl_multi_strerror(code)));
  }

  static std::string header(CURL* handle, const char* name) {
    curl_header* found = nullptr;
    if (curl_easy_header(handle, name, 0, CURLH_HEADER, -1, &found) != CURLHE_OK) return {};
    return found->value;
  }

  static long status_of(CURL* handle) {
    long status = 0;
    curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status);
    return status;
  }

  /// Whether a 206 is what was asked for: all the rest of the same version of the file.
  static bool is_the_rest(Transfer& transfer) {
    if (!transfer.file) return false;  // nobody asked for a part
    CURL* const handle = transfer.handle.get();
    const std::string etag = header(handle, "ETag");
    std::uint64_t first = 0, last = 0;
    const std::string range = header(handle, "Content-Range");
    if (std::sscanf(range.c_str(), "bytes %" SCNu64 "-%" SCNu64 "/%" SCNu64, &first, &last,
                    &transfer.total) != 3)
      return false;
    return first == transfer.size() && last + 1 == transfer.total &&
           (etag.empty() || etag == transfer.etag);
  }

  static std::size_t receive(char* data, std::size_t, std::size_t size, void* user) {
    Transfer& transfer = *static_cast<Transfer*>(user);
    CURL* handle = transfer.handle.get();
    const long status = status_of(handle);
    // An error's page is read, for the connection, and dropped.
    if (status != 200 && status != 206) return transfer.guard.takes_error(size) ? size : 0;
    try {
      if (!std::exchange(transfer.answered, true)) {
        if (status == 200) {
          // Where the rest was asked for: the file has changed, or the host does not know ranges.
          if (transfer.file) transfer.file->clear();
          transfer.etag = header(handle, "ETag");
        }
        transfer.other_part = status == 206 && !is_the_rest(transfer);
      }
      if (transfer.other_part || !transfer.guard.takes_body(transfer.size() + size)) return 0;
      transfer.append({data, size});
    } catch (const std::system_error& error) {  // nothing may be thrown through libcurl
      transfer.write_error = error.what();
      return 0;
    }
    return size;
  }

  /// Without HTTP/2, transfers beyond the connections would wait inside libcurl, where the time
  /// counts as time to connect. `pace` is below the maximum while the host throttles.
  std::size_t most_in_flight(const Host& host) const {
    const double most = rules_.max_connections * (host.http2 ? rules_.streams : 1);
    return static_cast<std::size_t>(std::clamp(host.pace, 1.0, most));
  }

  bool has_room(const Host& host, Time now) const {
    return now >= host.hold_until && host.in_flight < most_in_flight(host);
  }

  /// Whether there is a host that may yet serve this file.
  bool has_hope(const Job& job, Time now) const {
    for (std::size_t h = 0; h < hosts_.size(); ++h)
      if (job.failed_tries[h] < rules_.tries && now >= hosts_[h].given_up_until) return true;
    return false;
  }

  /// The host that the file should come from now: each is tried a few times before the next, and as
  /// often as there are tries once the others were of no use. None while the only ones that may yet
  /// serve it were given up and have one transfer to prove themselves.
  std::optional<std::size_t> choose_host(const Job& job, Time now) const {
    const auto usable = [&](const Host& host) {
      return now >= host.given_up_until && (host.given_up_in_row == 0 || host.in_flight == 0);
    };
    for (const int tries : {std::min(rules_.tries_beside_others, rules_.tries), rules_.tries})
      for (const bool patient : {false, true})
        for (std::size_t h = 0; h < hosts_.size(); ++h)
          if (job.failed_tries[h] < tries && usable(hosts_[h]) &&
              (patient || now + scaled(hosts_[h], rules_.patience) >= hosts_[h].hold_until))
            return h;
    return std::nullopt;
  }

  void start_due(Time now) {
    const auto most_results =
        static_cast<std::size_t>(rules_.max_connections) * static_cast<std::size_t>(rules_.streams);
    const auto receiver_keeps_up = [&] { return mailbox_.has_room(most_results); };
    // Retries first: when a host fails, few files bear it, not all of them.
    for (auto it = retries_.begin();
         it != retries_.end() && it->first <= now && receiver_keeps_up();) {
      const std::optional<std::size_t> host = choose_host(it->second, now);
      if (host ? !has_room(hosts_[*host], now) : has_hope(it->second, now)) {
        ++it;
        continue;
      }
      Job job = std::move(it->second);
      it = retries_.erase(it);
      if (host)
        start(std::move(job), *host);
      else
        mailbox_.put({job.index, tl::unexpected(why_given_up())});
    }
    while (fresh_ < list_.files && receiver_keeps_up()) {
      const std::optional<std::size_t> host = choose_host(Job{.index = fresh_}, now);
      if (!host || !has_room(hosts_[*host], now)) break;
      start(Job{.index = fresh_++}, *host);
    }
  }

  int wait_for(Time now) const {
    Time next = now + look;
    // One that is due and was not started waits for a transfer to end, for the receiver or for a
    // host on hold.
    if (!retries_.empty() && retries_.begin()->first > now)
      next = std::min(next, retries_.begin()->first);
    for (const Host& host : hosts_)
      if (host.hold_until > now) next = std::min(next, host.hold_until);
    return static_cast<int>(
        std::max<milliseconds::rep>(0, std::chrono::ceil<milliseconds>(next - now).count()));
  }

  void start(Job job, std::size_t host) {
    const std::string url = list_.url(job.index, host);
    auto transfer = std::make_unique<Transfer>(std::move(job), host, list_, cancel_, rules_.limits);
    CURL* handle = transfer->handle.get();
    configure_transfer(handle, url, http_, transfer->guard, transfer->errors);
    curl_easy_setopt(handle, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_2TLS);
    curl_easy_setopt(handle, CURLOPT_PIPEWAIT, 1L);
    curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, &receive);
    curl_easy_setopt(handle, CURLOPT_WRITEDATA, transfer.get());
    if (const std::shared_ptr<Part> part = std::move(transfer->job.part);
        part && part->host == host) {
      // Not CURLOPT_RESUME_FROM, which takes a whole file in answer for an error.
      curl_easy_setopt(handle, CURLOPT_RANGE, fmt::format("{}-", part->file.size()).c_str());
      transfer->headers.reset(curl_slist_append(nullptr, ("If-Range: " + part->etag).c_str()));
      curl_easy_setopt(handle, CURLOPT_HTTPHEADER, transfer->headers.get());
      transfer->file.emplace(std::move(part->file));
      transfer->etag = std::move(part->etag);
    }
    check(curl_multi_add_handle(multi_.get(), handle));
    ++hosts_[host].in_flight;
    active_.emplace(handle, std::move(transfer));
  }

  void finish(CURL* handle, CURLcode code) {
    const std::unique_ptr<Transfer> transfer = std::move(active_.at(handle));
    active_.erase(handle);
    curl_multi_remove_handle(multi_.get(), handle);
    Host& host = hosts_[transfer->host];
    --host.in_flight;
    note_protocol(host, handle);
    long opened = 0;
    curl_easy_getinfo(handle, CURLINFO_NUM_CONNECTS, &opened);
    host.connections += opened;
    ++host.transfers;
    if (code == CURLE_OK || (transfer->guard.is_error_page() && !cancel_.is_cancelled()))
      finish_reply(*transfer, host);
    else if (!cancel_.is_cancelled())
      finish_broken(*transfer, host, code);
  }

  void finish_body(Transfer& transfer, Host& host) {
    Job& job = transfer.job;
    Outcome<FetchedFile> file = accepted(transfer);
    // Whatever the status says: a page in place of a file, or a part of it, is a host in trouble.
    if (!file && file.error().code == "bad_content") {
      retry(std::move(job), transfer.host, file.error());
      return;
    }
    ++host.delivered;
    host.holds_in_row = host.given_up_in_row = 0;
    host.pace += 1 / host.pace;
    host.pace = std::min(host.pace, double(rules_.max_connections * rules_.streams));
    const bool is_final = file || file.error().code == "too_large" || file.error().code == "cache";
    if (!is_final) {
      use_other_host(std::move(job), transfer.host, std::move(file.error()));
      return;
    }
    host.failed_in_row = 0;
    mailbox_.put({job.index, std::move(file)});
  }

  /// Whether libcurl could not have told that the body ended too early.
  static bool may_be_cut(const Transfer& transfer) {
    CURL* const handle = transfer.handle.get();
    curl_off_t size = -1;
    curl_easy_getinfo(handle, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &size);
    long version = CURL_HTTP_VERSION_NONE;
    curl_easy_getinfo(handle, CURLINFO_HTTP_VERSION, &version);
    const bool in_frames =
        version >= CURL_HTTP_VERSION_2_0 ||
        ascii_lower(header(handle, "Transfer-Encoding")).find("chunked") != std::string::npos;
    return size < 0 && !in_frames && transfer.total == 0;
  }

  Outcome<FetchedFile> accepted(Transfer& transfer) const {
    try {
      transfer.append({});  // an empty body is one as well
      return accept_(transfer.job.index, std::move(*transfer.file), may_be_cut(transfer));
    } catch (const std::system_error& error) {
      return cannot_keep(error.what());
    } catch (const std::bad_alloc&) {
      return fail(Stage::download, "too_large", "there is no memory to check what was sent");
    }
  }

  static tl::unexpected<Failure> cannot_keep(std::string_view error) {
    return fail(Stage::download, "cache",
                fmt::format("what was sent cannot be written: {}", error));
  }

  void finish_reply(Transfer& transfer, Host& host) {
    const long status = status_of(transfer.handle.get());
    Job& job = transfer.job;
    const std::string shown = displayed_url(list_.url(job.index, transfer.host));
    if (status == 206 && transfer.size() != transfer.total) {
      retry(std::move(job), transfer.host,
            {Stage::download, "connection", fmt::format("{} ended before its end", shown)});
      return;
    }
    if (status == 200 || status == 206) {
      finish_body(transfer, host);
      return;
    }
    if (status == 404 || status == 410 || status == 403) {
      Failure failure{Stage::download, "not_found",
                      fmt::format("{} does not exist (HTTP {})", shown, status)};
      // Some object stores say 403 for a file that they do not have.
      if (status == 403) {
        if (!look_again(job, transfer.host))
          use_other_host(std::move(job), transfer.host, std::move(failure));
        return;
      }
      host.failed_in_row = host.given_up_in_row = 0;
      mailbox_.put({job.index, tl::unexpected(std::move(failure))});
      return;
    }
    Failure failure{Stage::download, fmt::format("http_{}", status),
                    fmt::format("{} answered with HTTP {}", shown, status)};
    if (status == 416) {  // the file has become shorter than what we have of it
      retry(std::move(job), transfer.host, failure);
      return;
    }
    if (!is_transient_status(status)) {
      use_other_host(std::move(job), transfer.host, std::move(failure));
      return;
    }
    curl_off_t asked = 0;
    curl_easy_getinfo(transfer.handle.get(), CURLINFO_RETRY_AFTER, &asked);
    // A date that has passed comes out negative before libcurl 8.12.
    const std::chrono::seconds retry_after(
        std::clamp<curl_off_t>(asked, 0, rules_.longest_retry_after.count()));
    if (status == 429 || retry_after.count() > 0) {
      if (hold(host, retry_after))
        host.pace = std::max(1.0, std::min(host.pace, double(most_in_flight(host))) / 2);
      // A host that throttles but delivers is not failing: such tries do not count.
      if (host.delivered > job.delivered_then) job.failed_tries[transfer.host] = 0;
      job.delivered_then = host.delivered;
    }
    keep_part(transfer);
    retry(std::move(job), transfer.host, failure, status == 429 || retry_after.count() > 0);
  }

  void finish_broken(Transfer& transfer, Host& host, CURLcode code) {
    Job& job = transfer.job;
    const std::string url = list_.url(job.index, transfer.host);
    if (!transfer.write_error.empty()) {
      mailbox_.put({job.index, cannot_keep(transfer.write_error)});
      return;
    }
    if (const std::string& complaint = transfer.guard.complaint(); !complaint.empty()) {
      finish_guarded(transfer, complaint);
      return;
    }
    Failure failure{Stage::download, "connection",
                    transfer.other_part
                        ? fmt::format("{} sent another part of the file than the one asked for",
                                      displayed_url(url))
                        : describe_curl_error(code, transfer.errors, url)};
    if (transfer.other_part) {
      retry(std::move(job), transfer.host, failure);
      return;
    }
    long proxy_status = 0;
    curl_easy_getinfo(transfer.handle.get(), CURLINFO_HTTP_CONNECTCODE, &proxy_status);
    if (concerns_every_transfer(code, proxy_status)) {
      const bool ever_delivered = host.delivered > 0;
      use_other_host(std::move(job), transfer.host, failure);
      if (!ever_delivered) give_up(transfer.host, failure);
      return;
    }
    if (!is_transient(code)) {
      use_other_host(std::move(job), transfer.host, std::move(failure));
      return;
    }
    const bool unreachable = is_unreachable(transfer.handle.get(), host, code);
    if (unreachable) hold(host, std::chrono::seconds(0));
    keep_part(transfer);
    // A host that never answered will not answer for the other files either.
    const bool used_up = job.failed_tries[transfer.host] + 1 >= tries_at_first();
    retry(std::move(job), transfer.host, failure);
    if (unreachable && host.delivered == 0 && used_up) give_up(transfer.host, failure);
  }

  /// A transfer that its guard ended would end so again.
  void finish_guarded(Transfer& transfer, const std::string& complaint) {
    Job& job = transfer.job;
    if (transfer.guard.is_too_large()) {
      mailbox_.put({job.index, fail(Stage::download, "too_large", complaint)});
      return;
    }
    const Failure failure{Stage::download, "connection", complaint};
    use_other_host(std::move(job), transfer.host, failure);
    // Not every file is to wait as long for the same host.
    if (hosts_.size() == 1) note_failure(transfer.host, failure);
  }

  /// What one host gets of a file before the next is tried.
  int tries_at_first() const {
    return hosts_.size() > 1 ? std::min(rules_.tries_beside_others, rules_.tries) : rules_.tries;
  }

  static bool is_unreachable(CURL* handle, const Host& host, CURLcode code) {
    if (code != CURLE_COULDNT_CONNECT && code != CURLE_SSL_CONNECT_ERROR) return false;
    const char* url = nullptr;  // where redirects led to
    curl_easy_getinfo(handle, CURLINFO_EFFECTIVE_URL, &url);
    return url && url_host(url) == host.name;
  }

  /// The next try begins where this one broke, if the host can tell that the file is still the same
  /// (a weak tag cannot).
  void keep_part(Transfer& transfer) const {
    if (transfer.size() < rules_.resume_bytes || !transfer.etag.starts_with('"')) return;
    transfer.job.part = std::make_shared<Part>(
        Part{transfer.host, std::move(transfer.etag), *std::exchange(transfer.file, std::nullopt)});
  }

  void try_later(Job job, milliseconds wait) {
    retries_.emplace(Clock::now() + wait, std::move(job));
  }

  /// One more try for what is rarely, but sometimes, an accident of the moment.
  bool look_again(Job& job, std::size_t host) {
    if (std::exchange(job.second_look[host], true)) return false;
    try_later(std::move(job), wait_after(hosts_[host], 1));
    return true;
  }

  /// No further try there can help this file.
  void use_other_host(Job job, std::size_t host, Failure failure) {
    job.failed_tries[host] = static_cast<std::uint8_t>(rules_.tries);
    if (!has_hope(job, Clock::now())) {
      mailbox_.put({job.index, tl::unexpected(std::move(failure))});
      return;
    }
    reporter_.debug(fmt::format("from another mirror: {}", failure.message));
    try_later(std::move(job), milliseconds(0));
    note_failure(host, failure);
  }

  void retry(Job job, std::size_t host, const Failure& failure, bool throttled = false) {
    const int failed = ++job.failed_tries[host];
    const Time now = Clock::now();
    if (has_hope(job, now)) {
      reporter_.debug(fmt::format("try {} of {}: {}", failed, rules_.tries, failure.message));
      const bool same_host = choose_host(job, now) == host;
      try_later(std::move(job), same_host ? wait_after(hosts_[host], failed) : milliseconds(0));
    } else {
      mailbox_.put({job.index, tl::unexpected(failure)});
    }
    // Beside others a host is left sooner, but not for asking to be spared.
    if (failed >= tries_at_first() || hosts_[host].given_up_in_row > 0 ||
        (hosts_.size() > 1 && !throttled))
      note_failure(host, failure);
  }

  /// A try that failed because of the host and not of the file.
  void note_failure(std::size_t host, const Failure& failure) {
    Host& h = hosts_[host];
    if (++h.failed_in_row >= rules_.give_up_after || h.given_up_in_row > 0) give_up(host, failure);
  }

  static milliseconds scaled(const Host& host, milliseconds time) {
    return milliseconds(std::llround(static_cast<double>(time.count()) * host.scale));
  }

  /// The wait after so many failures in a row.
  milliseconds wait_after(const Host& host, int failures) {
    const double doubled = std::ldexp(double(rules_.first_wait.count()),
                                      std::clamp(failures, 1, std::max(1, rules_.tries - 1)) - 1);
    const double jitter = std::uniform_real_distribution<double>(0.75, 1.25)(random_);
    return scaled(host, milliseconds(static_cast<milliseconds::rep>(doubled * jitter)));
  }

  /// No transfer is started there before a while has passed. Whether this began a hold.
  bool hold(Host& host, std::chrono::seconds asked) {
    const Time now = Clock::now();
    const milliseconds wished = scaled(host, asked);
    if (now < host.hold_until) {  // one of those that were on their way when the hold began
      host.hold_until = std::max(host.hold_until, now + wished);
      return false;
    }
    const milliseconds wait = std::max(wished, wait_after(host, ++host.holds_in_row));
    host.hold_until = now + wait;
    const std::string text = fmt::format(
        "no download from {} is started for {:.1f} s, because it asks for that or does not answer",
        host.name, double(wait.count()) / 1000);
    reporter_.message(wait >= std::chrono::seconds(10) ? LogLevel::warning : LogLevel::debug, text);
    return true;
  }

  /// Opens the circuit breaker: every other file would fail there in the same way, and each only
  /// after long waits. What is on its way comes from the other hosts, or not at all.
  void give_up(std::size_t host, const Failure& reason) {
    Host& h = hosts_[host];
    const Time now = Clock::now();
    if (now < h.given_up_until) return;
    const int doublings = std::min(h.given_up_in_row++, 6);
    h.given_up_until = now + scaled(h, rules_.rest) * (1 << doublings);
    last_reason_ = reason;
    for (auto it = active_.begin(); it != active_.end();) {
      if (it->second->host != host) {
        ++it;
        continue;
      }
      curl_multi_remove_handle(multi_.get(), it->first);
      --h.in_flight;
      try_later(std::move(it->second->job), milliseconds(0));
      it = active_.erase(it);
    }
    const auto other = std::find_if(hosts_.begin(), hosts_.end(),
                                    [&](const Host& o) { return now >= o.given_up_until; });
    if (other != hosts_.end()) {
      if (doublings == 0)
        reporter_.warning(fmt::format("{} is given up for a while, files come from {}: {}", h.name,
                                      other->name, reason.message));
      return;
    }
    for (const auto& [handle, transfer] : active_) {
      curl_multi_remove_handle(multi_.get(), handle);
      mailbox_.put({transfer->job.index, tl::unexpected(why_given_up())});
    }
    active_.clear();
    for (const auto& [time, job] : retries_)
      mailbox_.put({job.index, tl::unexpected(why_given_up())});
    retries_.clear();
    for (; fresh_ < list_.files; ++fresh_) mailbox_.put({fresh_, tl::unexpected(why_given_up())});
  }

  Failure why_given_up() const {
    return {last_reason_.stage, last_reason_.code, "given up: " + last_reason_.message};
  }

  void note_protocol(Host& host, CURL* handle) {
    long version = CURL_HTTP_VERSION_NONE;
    curl_easy_getinfo(handle, CURLINFO_HTTP_VERSION, &version);
    if (version == CURL_HTTP_VERSION_NONE || host.protocol_known) return;
    host.protocol_known = true;
    host.http2 = version == CURL_HTTP_VERSION_2_0;
    if (host.http2) host.pace *= rules_.streams;
    reporter_.debug(fmt::format("{} speaks {} ({})", host.name, host.http2 ? "HTTP/2" : "HTTP/1.1",
                                curl_version()));
  }

  const DownloadList list_;
  const Accept accept_;
  const DownloadRules rules_;
  const HttpOptions http_;
  const CancelToken cancel_;
  Reporter& reporter_;
  Mailbox& mailbox_;

  // Destroyed in reverse order: handles before the multi handle they were in.
  std::unique_ptr<CURLM, MultiDeleter> multi_;
  std::unordered_map<CURL*, std::unique_ptr<Transfer>> active_;
  std::size_t fresh_ = 0;  ///< files from here on were never asked for
  std::multimap<Time, Job> retries_;

  std::vector<Host> hosts_;
  Failure last_reason_{};  ///< why a host was given up
  std::minstd_rand random_{std::random_device{}()};
};

Download::Download(DownloadList list, Accept accept, const DownloadRules& rules,
                   const HttpOptions& http, CancelToken cancel, Reporter& reporter)
    : cancel_(std::move(cancel)), mailbox_(std::make_unique<Mailbox>()) {
  if (list.files == 0) {
    mailbox_->close(nullptr);
    return;
  }
  assert(list.hosts > 0 && list.hosts <= DownloadList::most_hosts);
  for (std::size_t host = 0; host < list.hosts; ++host) check_url(list.url(0, host));
  check_descriptors(rules.descriptors());
  thread_ = std::jthread([loop = std::make_unique<Loop>(std::move(list), std::move(accept), rules,
                                                        http, cancel_, reporter, *mailbox_),
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

std::optional<Download::Result> Download::next() { return mailbox_->take(cancel_); }

}  // namespace modesweep
