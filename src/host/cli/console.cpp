// SPDX-License-Identifier: MIT
#include "cli/console.hpp"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>

#include "base/text.hpp"
#include "cli/flag_names.hpp"
#include "cli/wrapped.hpp"

namespace modesweep::cli {
namespace {

using namespace std::chrono_literals;
constexpr auto bar_interval = 100ms;
constexpr auto line_interval = 5s;

std::string duration_text(double seconds) {
  const long s = std::lround(seconds);
  if (s < 60) return fmt::format("{} s", s);
  if (s < 3600) return fmt::format("{} min {:02} s", s / 60, s % 60);
  return fmt::format("{} h {:02} min", s / 3600, s / 60 % 60);
}

void write_error(const std::string& text) { std::fwrite(text.data(), 1, text.size(), stderr); }

}  // namespace

int terminal_width(int descriptor) {
  if (!::isatty(descriptor)) return 0;
  winsize size{};
  if (::ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
  return 80;
}

bool wants_colour(int descriptor) {
  const char* no_color = std::getenv("NO_COLOR");
  return ::isatty(descriptor) && !(no_color && *no_color);
}

Console::Console(const CommonOptions& options)
    : quiet_(options.quiet),
      verbose_(options.verbose),
      terminal_(::isatty(STDERR_FILENO)),
      colour_(wants_colour(STDERR_FILENO)) {}

Console::~Console() { erase_bar(); }

void Console::message(LogLevel level, std::string_view text) {
  if (level == LogLevel::debug && !verbose_) return;
  if (level == LogLevel::info && quiet_) return;
  if (level == LogLevel::warning && quiet_) return;
  const std::lock_guard lock(mutex_);
  erase_bar();
  constexpr std::string_view mark = "warning:";
  std::string shown = printable(with_flags(std::string(text)));
  if (level == LogLevel::warning) shown = fmt::format("{} {}", mark, shown);
  // What goes on from the line of a summary stands below its text.
  constexpr std::size_t label = std::string_view("seconds     ").size();
  const bool has_label = shown.size() > label && shown.compare(label - 2, 2, "  ") == 0;
  shown = wrapped(shown, terminal_width(STDERR_FILENO), has_label ? label : 2);
  if (level == LogLevel::warning && colour_)
    shown.replace(0, mark.size(), fmt::format("\x1b[33m{}\x1b[0m", mark));
  write_error(shown + '\n');
}

void Console::begin_stage(std::string_view name, std::uint64_t total) {
  const std::lock_guard lock(mutex_);
  stage_ = name;
  total_ = total;
  done_ = 0;
  stage_watch_ = {};
  last_drawn_ = Clock::now();
}

void Console::advance(std::uint64_t done) {
  const std::lock_guard lock(mutex_);
  done_ += done;
  draw();
}

void Console::end_stage() {
  const std::lock_guard lock(mutex_);
  erase_bar();
  stage_.clear();
}

std::string Console::progress_text() const {
  const double elapsed = stage_watch_.seconds();
  const double rate = elapsed > 0 ? static_cast<double>(done_) / elapsed : 0;
  if (total_ == 0) return fmt::format("{} {}", stage_, done_);
  const double fraction = std::min(1.0, static_cast<double>(done_) / static_cast<double>(total_));
  std::string text = fmt::format("{} {}/{} ({:.0f} %)", stage_, done_, total_, 100 * fraction);
  if (rate > 0 && done_ < total_)
    text += fmt::format(", {:.1f}/s, {} left", rate,
                        duration_text(static_cast<double>(total_ - done_) / rate));
  return text;
}

void Console::draw() {
  if (quiet_ || stage_.empty()) return;
  const auto now = Clock::now();
  if (!terminal_) {
    if (now - last_drawn_ < line_interval) return;
    last_drawn_ = now;
    write_error(progress_text() + "\n");
    return;
  }
  if (now - last_drawn_ < bar_interval && done_ < total_) return;
  last_drawn_ = now;
  constexpr int bar_width = 24;
  std::string bar;
  if (total_ > 0) {
    const auto filled = static_cast<std::size_t>(
        bar_width * std::min(1.0, static_cast<double>(done_) / static_cast<double>(total_)));
    bar = fmt::format("[{}{}] ", std::string(filled, '#'), std::string(bar_width - filled, '.'));
  }
  std::string line = bar + progress_text();
  const auto width = static_cast<std::size_t>(std::max(20, terminal_width(STDERR_FILENO) - 1));
  if (line.size() > width) line.resize(width);
  write_error("\r\x1b[K" + line);
  bar_shown_ = true;
}

void Console::erase_bar() {
  if (bar_shown_) write_error("\r\x1b[K");
  bar_shown_ = false;
}

}  // namespace modesweep::cli
