// SPDX-License-Identifier: MIT
#include "cli/output_stream.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <streambuf>

#include <modesweep/outcome.hpp>

#include "base/text.hpp"

namespace modesweep::cli {
namespace {

/// What is written goes on in pieces, so that a long ranking is never in memory as text.
class Pieces final : public std::streambuf {
 public:
  using Sink = std::function<void(std::string_view)>;
  explicit Pieces(const Sink& sink) : sink_(sink) {
    setp(buffer_.data(), buffer_.data() + buffer_.size());
  }

 protected:
  int_type overflow(int_type c) override {
    sync();
    return traits_type::eq_int_type(c, traits_type::eof()) ? c
                                                           : sputc(traits_type::to_char_type(c));
  }
  int sync() override {
    sink_({pbase(), static_cast<std::size_t>(pptr() - pbase())});
    setp(buffer_.data(), buffer_.data() + buffer_.size());
    return 0;
  }

 private:
  const Sink& sink_;
  std::array<char, 1 << 16> buffer_;
};

}  // namespace

void hold_standard_streams() {
  // The least number that is free is given, and nothing is read or written through a mere path.
  for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
    if (::fcntl(stream, F_GETFD) < 0) (void)::open("/", O_PATH | O_CLOEXEC);
}

void in_pieces(const Pieces::Sink& sink, const Write& write) {
  Pieces pieces(sink);
  std::ostream out(&pieces);
  out.exceptions(std::ios::badbit);
  write(out);
  out.flush();
}

void print(std::string_view text) {
  const bool written =
      std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0;
  if (!written && errno != EPIPE)
    throw RunError(Cause::output,
                   fmt::format("standard output could not be written: {}", std::strerror(errno)));
}

std::string shown_path(const std::filesystem::path& path) {
  return ::isatty(STDOUT_FILENO) ? printable(path.string()) : path.string();
}

void print(const Write& write) {
  in_pieces([](std::string_view text) { print(text); }, write);
}

}  // namespace modesweep::cli
