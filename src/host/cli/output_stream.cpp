// SPDX-License-Identifier: MIT
#include "cli/output_stream.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <streambuf>

#include <modesweep/outcome.hpp>

#include "base/atomic_file.hpp"
#include "base/text.hpp"

namespace modesweep::cli {
namespace {

/// What is written goes on in pieces, so that a long ranking is never in memory as text.
class Pieces final : public std::streambuf {
 public:
  using Sink = std::function<void(std::string_view)>;
  explicit Pieces(Sink sink) : sink_(std::move(sink)) {
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
  Sink sink_;
  std::array<char, 1 << 16> buffer_;
};

/// Gives `write` a stream into `sink`, whose errors come out of here.
void in_pieces(Pieces::Sink sink, const Write& write) {
  Pieces pieces(std::move(sink));
  std::ostream out(&pieces);
  out.exceptions(std::ios::badbit);
  write(out);
  out.flush();
}

}  // namespace

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

void write_file(const std::filesystem::path& path, const Write& write) {
  AtomicFile file(path);
  in_pieces([&](std::string_view bytes) { file.write(bytes); }, write);
  file.commit();
}

void cannot_write(const std::system_error& error) {
  throw RunError(Cause::output, fmt::format("output could not be written: {}", error.what()));
}

void check_writable(const std::filesystem::path& path) {
  if (path.empty()) return;
  try {
    const AtomicFile probe(path);
  } catch (const std::system_error& error) {
    cannot_write(error);
  }
}

}  // namespace modesweep::cli
