// SPDX-License-Identifier: MIT
// A job of the library on a thread of its own, which Python asks how far it is: so a signal reaches
// Python while the job goes on.
#pragma once

#include <pybind11/pybind11.h>

#include <condition_variable>
#include <cstdint>
#include <exception>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <modesweep/cancel.hpp>
#include <modesweep/log.hpp>

#include "process.hpp"

namespace modesweep::python {

class Task final : private Reporter {
 public:
  /// Makes Python's result, with the GIL.
  using Finish = std::function<pybind11::object()>;
  /// Works without the GIL.
  using Work = std::function<Finish(Reporter& reporter, const CancelToken& cancel)>;

  explicit Task(Work work);
  /// Calls the job off.
  ~Task() override;
  Task(const Task&) = delete;
  Task& operator=(const Task&) = delete;

  /// Whether it is over, waiting so long for it.
  bool wait(double seconds);
  /// (done, total) of the stage that it is in; total is 0 where it is not known.
  std::pair<std::uint64_t, std::uint64_t> progress() const;
  /// (level, text) of what was said since this was called last; levels are those of `logging`.
  std::vector<std::pair<int, std::string>> messages();
  /// Of a job that is over; throws what it threw.
  pybind11::object result();
  /// Ends it within a fraction of a second, and waits for that.
  void cancel();

 private:
  void message(LogLevel level, std::string_view text) override;
  void begin_stage(std::string_view name, std::uint64_t total) override;
  void advance(std::uint64_t done) override;
  void end_stage() override {}

  Working working_;
  CancelSource source_;
  mutable std::mutex mutex_;  // guards all up to `failure_`
  std::condition_variable over_;
  bool is_over_ = false;
  std::uint64_t done_ = 0, total_ = 0;
  std::vector<std::pair<int, std::string>> messages_;
  Finish finish_;
  std::exception_ptr failure_;
  std::thread thread_;
};

}  // namespace modesweep::python
