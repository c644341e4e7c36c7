// SPDX-License-Identifier: MIT
// How the library speaks: through this interface only. It never prints.
#pragma once

#include <cstdint>
#include <string_view>

namespace modesweep {

enum class LogLevel { debug, info, warning };

/// Receives messages and progress. All members may be called from any thread.
class Reporter {
 public:
  virtual ~Reporter() = default;

  virtual void message(LogLevel level, std::string_view text) = 0;

  /// A stage such as "download" begins; `total` is 0 where it is not known.
  virtual void begin_stage(std::string_view name, std::uint64_t total) = 0;
  virtual void advance(std::uint64_t done) = 0;
  virtual void end_stage() = 0;

  void debug(std::string_view text) { message(LogLevel::debug, text); }
  void info(std::string_view text) { message(LogLevel::info, text); }
  void warning(std::string_view text) { message(LogLevel::warning, text); }
};

/// Drops everything; for callers that do not listen.
class SilentReporter final : public Reporter {
 public:
  void message(LogLevel, std::string_view) override {}
  void begin_stage(std::string_view, std::uint64_t) override {}
  void advance(std::uint64_t) override {}
  void end_stage() override {}
};

}  // namespace modesweep
