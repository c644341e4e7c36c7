// SPDX-License-Identifier: MIT
#include "sources/curl_setup.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <mutex>
#include <stdexcept>

#include <fmt/format.h>

#include <modesweep/version.hpp>

#include "base/redaction.hpp"
#include "base/text.hpp"

namespace modesweep {
namespace {

struct UrlDeleter {
  void operator()(CURLU* url) const { curl_url_cleanup(url); }
};
using Url = std::unique_ptr<CURLU, UrlDeleter>;

Url parse_url(const std::string& text) {
  Url url(curl_url());
  if (!url || curl_url_set(url.get(), CURLUPART_URL, text.c_str(), 0) != CURLUE_OK) return nullptr;
  return url;
}

std::string url_part(const Url& url, CURLUPart part, unsigned flags = 0) {
  char* text = nullptr;
  if (!url || curl_url_get(url.get(), part, &text, flags) != CURLUE_OK) return {};
  std::string result = ascii_lower(text);
  curl_free(text);
  return result;
}

bool is_loopback(const in_addr& v4) { return (ntohl(v4.s_addr) >> 24) == 127; }
bool is_loopback(const in6_addr& v6) { return IN6_IS_ADDR_LOOPBACK(&v6); }

// For plain http: whatever a name resolves to and wherever a redirect points, nothing leaves this
// machine unencrypted.
curl_socket_t open_loopback_socket(void*, curlsocktype, curl_sockaddr* address) {
  const sockaddr* target = &address->addr;
  const bool loopback = (address->family == AF_INET &&
                         is_loopback(reinterpret_cast<const sockaddr_in*>(target)->sin_addr)) ||
                        (address->family == AF_INET6 &&
                         is_loopback(reinterpret_cast<const sockaddr_in6*>(target)->sin6_addr));
  if (!loopback) return CURL_SOCKET_BAD;
  return ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

/// Where a redirect leads; null where that is no URL.
Url resolved(const char* base, const std::string& location) {
  Url url(curl_url());
  constexpr unsigned any = CURLU_NON_SUPPORT_SCHEME | CURLU_URLENCODE;
  if (!url || !base || curl_url_set(url.get(), CURLUPART_URL, base, 0) != CURLUE_OK ||
      curl_url_set(url.get(), CURLUPART_URL, location.c_str(), any) != CURLUE_OK)
    return nullptr;
  return url;
}

/// The URL as it may be shown: without passwords, keys and what else follows the path.
std::string shown(const Url& url) {
  for (const CURLUPart part :
       {CURLUPART_USER, CURLUPART_PASSWORD, CURLUPART_OPTIONS, CURLUPART_QUERY, CURLUPART_FRAGMENT})
    curl_url_set(url.get(), part, nullptr, 0);
  char* text = nullptr;
  if (curl_url_get(url.get(), CURLUPART_URL, &text, 0) != CURLUE_OK) return "(not a URL)";
  std::string result = quotable(text);
  curl_free(text);
  return result;
}

std::string server_of(const Url& url) {
  return url_part(url, CURLUPART_HOST) + ":" + url_part(url, CURLUPART_PORT, CURLU_DEFAULT_PORT);
}

std::string ca_file(const HttpOptions& http) {
  if (!http.ca_file.empty()) return http.ca_file;
  for (const char* name : {"SSL_CERT_FILE", "CURL_CA_BUNDLE"})
    if (const char* value = std::getenv(name); value && *value) return value;
  return {};
}

template <class T>
void set(CURL* handle, CURLoption option, T value) {
  if (const CURLcode code = curl_easy_setopt(handle, option, value); code != CURLE_OK)
    throw std::runtime_error(
        fmt::format("libcurl refuses option {}: {}", int(option), curl_easy_strerror(code)));
}

}  // namespace

EasyHandle make_easy_handle() {
  static std::once_flag once;
  std::call_once(once, [] {
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
      throw std::runtime_error("libcurl could not be initialised");
  });
  EasyHandle handle(curl_easy_init());
  if (!handle) throw std::runtime_error("libcurl gave no handle");
  return handle;
}

void configure_transfer(CURL* handle, const std::string& url, const HttpOptions& http,
                        TransferGuard& guard, ErrorBuffer& errors) {
  check_url(url);
  if (http.offline)
    throw RunError(
        Cause::unavailable,
        fmt::format("{} is needed, but offline work forbids the network", displayed_url(url)));
  errors.fill('\0');
  set(handle, CURLOPT_URL, url.c_str());
  set(handle, CURLOPT_ERRORBUFFER, errors.data());
  set(handle, CURLOPT_USERAGENT, (std::string("modesweep/") + version).c_str());
  set(handle, CURLOPT_NOSIGNAL, 1L);
  set(handle, CURLOPT_CONNECTTIMEOUT, long(longest_connect.count()));
  set(handle, CURLOPT_LOW_SPEED_LIMIT, 1000L);
  set(handle, CURLOPT_LOW_SPEED_TIME, long(http.stall_time.count()));
  set(handle, CURLOPT_TCP_KEEPALIVE, 1L);
  set(handle, CURLOPT_SSL_VERIFYPEER, 1L);
  set(handle, CURLOPT_SSL_VERIFYHOST, 2L);
  if (const std::string file = ca_file(http); !file.empty())
    set(handle, CURLOPT_CAINFO, file.c_str());
  set(handle, CURLOPT_FOLLOWLOCATION, 1L);
  set(handle, CURLOPT_MAXREDIRS, long(most_redirects));
  const bool plain = url_part(parse_url(url), CURLUPART_SCHEME) == "http";
  set(handle, CURLOPT_PROTOCOLS_STR, plain ? "http,https" : "https");
  set(handle, CURLOPT_REDIR_PROTOCOLS_STR, plain ? "http,https" : "https");
  if (plain) {
    // A proxy would carry the plain text elsewhere; an empty name switches it off, also that of
    // the environment.
    set(handle, CURLOPT_PROXY, "");
    set(handle, CURLOPT_OPENSOCKETFUNCTION, &open_loopback_socket);
  }
  guard.handle_ = handle;
  guard.url_ = url;
  guard.start_ = std::chrono::steady_clock::now();
  guard.on_host_ = guard.on_host_ || has_secret(url);
  set(handle, CURLOPT_NOPROGRESS, 0L);
  set(handle, CURLOPT_XFERINFOFUNCTION, &TransferGuard::progress);
  set(handle, CURLOPT_XFERINFODATA, &guard);
  set(handle, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);  // a proxy's own are none of the host's
  set(handle, CURLOPT_HEADERFUNCTION, &TransferGuard::header);
  set(handle, CURLOPT_HEADERDATA, &guard);
}

bool TransferGuard::takes_body(std::uint64_t bytes) {
  curl_off_t stated = 0;  // of what is still to come, where a part of it was there
  curl_easy_getinfo(handle_, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &stated);
  if (std::max(bytes, static_cast<std::uint64_t>(std::max<curl_off_t>(stated, 0))) <=
      limits_.body_bytes)
    return true;
  too_large_ = true;
  complaint_ = fmt::format("{} is larger than {} bytes, the most that is taken",
                           displayed_url(url_), limits_.body_bytes);
  return false;
}

bool TransferGuard::takes_error(std::uint64_t more) {
  error_bytes_ += more;
  return error_bytes_ <= limits_.error_bytes;
}

int TransferGuard::progress(void* user, curl_off_t size, curl_off_t, curl_off_t, curl_off_t) {
  TransferGuard& guard = *static_cast<TransferGuard*>(user);
  if (guard.cancel_.is_cancelled()) return 1;
  const TransferLimits& limits = guard.limits_;
  // A host may state any size.
  const auto stated =
      std::min(static_cast<std::uint64_t>(std::max<curl_off_t>(size, 0)), limits.body_bytes);
  const std::chrono::seconds most =
      limits.time + std::chrono::seconds(stated / limits.bytes_a_second);
  if (std::chrono::steady_clock::now() - guard.start_ <= most) return 0;
  guard.complaint_ = fmt::format("{} took longer than {} s, the most that a transfer may take",
                                 displayed_url(guard.url_), most.count());
  return 1;
}

std::size_t TransferGuard::header(char* data, std::size_t, std::size_t size, void* user) {
  TransferGuard& guard = *static_cast<TransferGuard*>(user);
  constexpr std::string_view name = "location:";
  const std::string_view line(data, size);
  guard.header_bytes_ += size;
  if (guard.header_bytes_ > guard.limits_.header_bytes)
    guard.complaint_ = fmt::format("{} sends more than {} bytes of headers",
                                   displayed_url(guard.url_), guard.limits_.header_bytes);
  long status = 0;
  curl_easy_getinfo(guard.handle_, CURLINFO_RESPONSE_CODE, &status);
  if (status / 100 == 3 && ascii_lower(line.substr(0, name.size())) == name)
    guard.look_at_redirect(std::string(trimmed(line.substr(name.size()))));
  return guard.complaint_.empty() ? size : 0;
}

/// libcurl and the socket for plain http would not follow it either, but cannot say why.
void TransferGuard::look_at_redirect(const std::string& location) {
  const char* current = nullptr;
  curl_easy_getinfo(handle_, CURLINFO_EFFECTIVE_URL, &current);
  const Url target = resolved(current, location);
  const Url origin = parse_url(url_);
  const auto refuse = [&](std::string_view where) {
    complaint_ = fmt::format("{} redirects {} ({}), which is not followed", displayed_url(url_),
                             where, target ? shown(target) : "not a URL");
  };
  const std::string scheme = url_part(target, CURLUPART_SCHEME);
  const bool plain = url_part(origin, CURLUPART_SCHEME) == "http";
  if (scheme != "https" && !(plain && scheme == "http"))
    refuse("to something else than https");
  else if (plain && !is_loopback_host(url_part(target, CURLUPART_HOST)))
    refuse("from this machine to another one");
  else if (on_host_ &&
           (scheme != url_part(origin, CURLUPART_SCHEME) || server_of(target) != server_of(origin)))
    refuse("a request with a key or a password to another host");
}

void check_url(const std::string& url) {
  const Url parsed = parse_url(url);
  const std::string scheme = url_part(parsed, CURLUPART_SCHEME);
  // Something like "files.rcsb.org/x" has no scheme of its own: the one libcurl would guess is
  // http.
  if (!parsed || url.find("://") == std::string::npos)
    throw RunError(Cause::request, fmt::format("not a URL: {}", quotable(redacted_url(url))));
  if (scheme == "https") return;
  if (scheme != "http")
    throw RunError(Cause::request, fmt::format("only https URLs can be used, not {}: {}",
                                               quotable(scheme), displayed_url(url)));
  if (!is_loopback_host(url_part(parsed, CURLUPART_HOST)))
    throw RunError(Cause::request,
                   fmt::format("plain http is only allowed to this machine itself, use https: {}",
                               displayed_url(url)));
}

std::string url_host(const std::string& url) { return url_part(parse_url(url), CURLUPART_HOST); }

std::string url_server(const std::string& url) { return server_of(parse_url(url)); }

double retry_scale(const std::string& host) {
  const char* value = std::getenv("MODESWEEP_TEST_RETRY_SCALE");
  if (!value || !is_loopback_host(host)) return 1;
  return std::clamp(std::strtod(value, nullptr), 0.0, 1.0);
}

bool is_loopback_host(std::string_view host) {
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  if (host == "localhost") return true;
  const std::string text(host);
  in_addr v4{};
  if (::inet_pton(AF_INET, text.c_str(), &v4) == 1) return is_loopback(v4);
  in6_addr v6{};
  return ::inet_pton(AF_INET6, text.c_str(), &v6) == 1 && is_loopback(v6);
}

std::string displayed_url(const std::string& url) {
  const Url parsed = parse_url(url);
  return parsed ? shown(parsed) : "(not a URL)";
}

bool is_transient(CURLcode code) {
  switch (code) {
    case CURLE_COULDNT_CONNECT:
    case CURLE_OPERATION_TIMEDOUT:
    case CURLE_PARTIAL_FILE:
    case CURLE_GOT_NOTHING:
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR:
    case CURLE_HTTP2:
    case CURLE_HTTP2_STREAM:
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_WEIRD_SERVER_REPLY: return true;
    default: return false;
  }
}

std::string describe_curl_error(CURLcode code, const ErrorBuffer& errors, const std::string& url) {
  const std::string host = url_host(url);
  const std::string shown = displayed_url(url);
  // It may quote the address of a proxy, with its password.
  std::string words = errors[0] ? errors.data() : curl_easy_strerror(code);
  if (words.find("://") != std::string::npos) words = redacted_url(words);
  const std::string said = quotable(words);
  const auto mentions = [&](std::string_view word) { return said.find(word) != std::string::npos; };
  // A proxy that says no has no code of its own, only words.
  if (mentions("CONNECT tunnel failed") || mentions("from proxy after CONNECT"))
    return fmt::format("the proxy refused the connection to {} ({})", host, said);
  switch (code) {
    case CURLE_COULDNT_RESOLVE_PROXY: return fmt::format("the proxy's name is unknown ({})", said);
    case CURLE_PROXY: return fmt::format("the proxy refused the connection to {} ({})", host, said);
    case CURLE_COULDNT_RESOLVE_HOST:
      return fmt::format("the name {} could not be looked up: is there a network?", host);
    case CURLE_COULDNT_CONNECT:
      if (mentions("Failed to connect to ") && !mentions("Failed to connect to " + host))
        return fmt::format("the proxy does not answer ({})", said);
      return fmt::format("no connection to {} ({})", host, said);
    case CURLE_OPERATION_TIMEDOUT: return fmt::format("{} took too long ({})", shown, said);
    case CURLE_PEER_FAILED_VERIFICATION:
      return fmt::format(
          "the certificate of {} is not trusted ({}); a file of trusted authorities or "
          "SSL_CERT_FILE may name another",
          host, said);
    case CURLE_SSL_CACERT_BADFILE:
      return fmt::format("the file of trusted authorities cannot be used ({})", said);
    case CURLE_SSL_CONNECT_ERROR:
      return fmt::format("no encrypted connection to {} ({})", host, said);
    case CURLE_TOO_MANY_REDIRECTS:
      return fmt::format("{} redirects more than {} times, in a circle perhaps", shown,
                         most_redirects);
    case CURLE_UNSUPPORTED_PROTOCOL:
      if (mentions("HTTP/0.9")) return fmt::format("{} did not answer in HTTP ({})", shown, said);
      return fmt::format("{} redirects to something else than https ({})", shown, said);
    case CURLE_OUT_OF_MEMORY:
      return fmt::format("{} sent more of a header than can be held", shown);
    case CURLE_PARTIAL_FILE:
    case CURLE_GOT_NOTHING:
    case CURLE_RECV_ERROR:
    case CURLE_SEND_ERROR:
    case CURLE_HTTP2:
    case CURLE_HTTP2_STREAM: return fmt::format("the connection to {} broke ({})", host, said);
    default: return fmt::format("{} could not be read ({})", shown, said);
  }
}

std::string quotable(std::string_view text, std::size_t limit) {
  const std::string line = one_line(text);
  const std::string_view shown = first_bytes(line, limit);
  return std::string(shown) + (shown.size() < line.size() ? "..." : "");
}

}  // namespace modesweep
