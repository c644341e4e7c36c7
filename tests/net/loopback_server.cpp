// SPDX-License-Identifier: MIT
#include "net/loopback_server.hpp"

#include <arpa/inet.h>
#include <dirent.h>
#include <httplib.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <condition_variable>
#include <cstdlib>
#include <stdexcept>
#include <thread>

namespace test_support {
namespace {

// cpp-httplib does not hand out its socket, so it is found by the client's port.
void shut_connection(int server_port, int client_port) {
  DIR* folder = ::opendir("/proc/self/fd");
  if (!folder) return;
  while (const dirent* entry = ::readdir(folder)) {
    const int descriptor = std::atoi(entry->d_name);
    sockaddr_in here{}, there{};
    socklen_t here_size = sizeof here, there_size = sizeof there;
    if (::getsockname(descriptor, reinterpret_cast<sockaddr*>(&here), &here_size) == 0 &&
        ::getpeername(descriptor, reinterpret_cast<sockaddr*>(&there), &there_size) == 0 &&
        here.sin_family == AF_INET && ntohs(here.sin_port) == server_port &&
        ntohs(there.sin_port) == client_port)
      ::shutdown(descriptor, SHUT_RDWR);
  }
  ::closedir(folder);
}

void send_reply(const ServerReply& reply, const httplib::Request& request, int port,
                httplib::Response& response) {
  if (reply.ending == ServerReply::Ending::drop) {
    shut_connection(port, request.remote_port);
    return;
  }
  response.status = reply.status;
  for (const auto& [name, value] : reply.headers) response.set_header(name, value);
  if (reply.ending == ServerReply::Ending::cut) {
    response.set_content_provider(reply.body.size(), reply.content_type,
                                  [half = reply.body.substr(0, reply.body.size() / 2)](
                                      std::size_t offset, std::size_t, httplib::DataSink& sink) {
                                    if (offset == 0) sink.write(half.data(), half.size());
                                    return false;
                                  });
    return;
  }
  if (reply.ending == ServerReply::Ending::trickle) {
    response.set_content_provider(
        reply.body.size(), reply.content_type,
        [body = reply.body](std::size_t offset, std::size_t, httplib::DataSink& sink) {
          std::this_thread::sleep_for(std::chrono::milliseconds(50));
          return offset < 400 && sink.write(body.data() + offset, 1);
        });
    return;
  }
  if (reply.ending == ServerReply::Ending::endless) {
    response.set_chunked_content_provider(
        reply.content_type, [body = reply.body](std::size_t, httplib::DataSink& sink) {
          return sink.write(body.data(), body.size());
        });
    return;
  }
  if (reply.ending == ServerReply::Ending::unstated) {
    response.set_content_provider(
        reply.content_type,
        [body = reply.body](std::size_t, httplib::DataSink& sink) {
          const bool sent = sink.write(body.data(), body.size());
          sink.done();
          return sent;
        },
        [port, client = request.remote_port](bool) { shut_connection(port, client); });
    return;
  }
  response.set_content(reply.body, reply.content_type);
}

}  // namespace

std::string LoggedRequest::parameter(const std::string& name) const {
  const auto found = query.find(name);
  return found == query.end() ? std::string() : found->second;
}

struct LoopbackServer::Implementation {
  /// Returns when the time is over or the server ends.
  void be_silent(std::chrono::milliseconds time) {
    std::unique_lock lock(mutex);
    ending.wait_for(lock, time, [this] { return ends; });
  }
  void end() {
    const std::lock_guard lock(mutex);
    ends = true;
    ending.notify_all();
  }

  std::mutex mutex;
  std::condition_variable ending;
  bool ends = false;
  std::unique_ptr<httplib::Server> server;
  std::thread thread;
};

LoopbackServer::LoopbackServer(Handler handler, const Certificate& certificate)
    : handler_(std::move(handler)),
      implementation_(std::make_unique<Implementation>()),
      scheme_(certificate.key.empty() ? "http" : "https") {
  if (certificate.key.empty())
    implementation_->server = std::make_unique<httplib::Server>();
  else
    implementation_->server = std::make_unique<httplib::SSLServer>(certificate.certificate.c_str(),
                                                                   certificate.key.c_str());
  httplib::Server& server = *implementation_->server;
  const auto answer = [this](const httplib::Request& request, std::string body,
                             httplib::Response& response) {
    LoggedRequest logged{std::chrono::steady_clock::now(),
                         request.method,
                         request.path,
                         {request.params.begin(), request.params.end()},
                         {request.headers.begin(), request.headers.end()},
                         std::move(body),
                         request.remote_addr};
    if (request.get_header_value("Content-Type") == "application/x-www-form-urlencoded") {
      httplib::Params form;
      httplib::detail::parse_query_text(logged.body, form);
      logged.query.insert(form.begin(), form.end());
    }
    {
      const std::lock_guard lock(mutex_);
      log_.push_back(logged);
    }
    // cpp-httplib would cut a range out of whatever is answered; what to send is the handler's say.
    const_cast<httplib::Request&>(request).ranges.clear();
    const ServerReply reply = handler_(logged);
    implementation_->be_silent(reply.delay);
    send_reply(reply, request, port_, response);
  };
  server.Get(".*", [answer](const httplib::Request& request, httplib::Response& response) {
    answer(request, {}, response);
  });
  // Read here, because cpp-httplib refuses form bodies beyond 8 kB.
  server.Post(".*", [answer](const httplib::Request& request, httplib::Response& response,
                             const httplib::ContentReader& reader) {
    std::string body;
    reader([&body](const char* data, std::size_t size) {
      body.append(data, size);
      return true;
    });
    answer(request, std::move(body), response);
  });
  server.set_keep_alive_timeout(1);
  port_ = server.bind_to_any_port("127.0.0.1");
  if (port_ < 0) throw std::runtime_error("no free port on 127.0.0.1");
  implementation_->thread = std::thread([&server] { server.listen_after_bind(); });
  while (!server.is_running()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
}

LoopbackServer::~LoopbackServer() {
  implementation_->end();
  implementation_->server->stop();
  implementation_->thread.join();
}

std::string LoopbackServer::url(const std::string& path) const {
  return std::string(scheme_) + "://127.0.0.1:" + std::to_string(port_) + path;
}

std::vector<LoggedRequest> LoopbackServer::requests() const {
  const std::lock_guard lock(mutex_);
  return log_;
}

std::size_t LoopbackServer::count(const std::string& path_part) const {
  std::size_t n = 0;
  for (const LoggedRequest& request : requests())
    n += request.path.find(path_part) != std::string::npos;
  return n;
}

void LoopbackServer::clear_log() {
  const std::lock_guard lock(mutex_);
  log_.clear();
}

double shortest_gap(const std::vector<LoggedRequest>& requests) {
  double gap = 1e9;
  for (std::size_t i = 1; i < requests.size(); ++i)
    gap = std::min(gap,
                   std::chrono::duration<double>(requests[i].time - requests[i - 1].time).count());
  return gap;
}

}  // namespace test_support
