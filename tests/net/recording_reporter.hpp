// SPDX-License-Identifier: MIT
// Keeps every message, so that tests can look for what must and must not be said.
#pragma once

#include <mutex>
#include <string>

#include <modesweep/log.hpp>

namespace test_support {

class RecordingReporter final : public modesweep::Reporter {
 public:
  void message(modesweep::LogLevel, std::string_view text) override {
    const std::lock_guard lock(mutex_);
    text_.append(text).append("\n");
  }
  void begin_stage(std::string_view, std::uint64_t) override {}
  void advance(std::uint64_t) override {}
  void end_stage() override {}

  /// All messages, one a line.
  std::string text() const {
    const std::lock_guard lock(mutex_);
    return text_;
  }

 private:
  mutable std::mutex mutex_;
  std::string text_;
};

}  // namespace test_support
