// SPDX-License-Identifier: MIT
// Standard error for people: messages, and a progress bar where it is a terminal.
#pragma once

#include <chrono>
#include <mutex>
#include <string>

#include <modesweep/log.hpp>

#include "base/clock.hpp"

namespace modesweep::cli {

/// Flags of every command.
struct CommonOptions {
  bool quiet = false;
  bool verbose = false;
};

/// Each message is one line, and nothing in it speaks to the terminal: what is from outside may be
/// in any of them.
class Console final : public Reporter {
 public:
  explicit Console(const CommonOptions& options);
  ~Console() override;

  void message(LogLevel level, std::string_view text) override;
  void begin_stage(std::string_view name, std::uint64_t total) override;
  void advance(std::uint64_t done) override;
  void end_stage() override;

 private:
  using Clock = std::chrono::steady_clock;

  void draw();
  void erase_bar();
  std::string progress_text() const;

  const bool quiet_;
  const bool verbose_;
  const bool terminal_;
  const bool colour_;

  std::mutex mutex_;  // guards all below
  std::string stage_;
  std::uint64_t total_ = 0;
  std::uint64_t done_ = 0;
  Stopwatch stage_watch_;
  Clock::time_point last_drawn_;
  bool bar_shown_ = false;
};

/// Columns of the terminal on this descriptor; 0 where it is none.
int terminal_width(int descriptor);

/// Whether colours are wanted there: a terminal, and NO_COLOR not set.
bool wants_colour(int descriptor);

}  // namespace modesweep::cli
