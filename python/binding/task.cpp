// SPDX-License-Identifier: MIT
#include "task.hpp"

#include <chrono>
#include <new>

#include "error.hpp"

namespace py = pybind11;

namespace modesweep::python {
namespace {

/// Of Python's module logging.
int level_of(LogLevel level) {
  switch (level) {
    case LogLevel::debug: return 10;
    case LogLevel::info: return 20;
    case LogLevel::warning: return 30;
  }
  return 0;
}

}  // namespace

Task::Task(Work work)
    : thread_([this, work = std::move(work)] {
        Finish finish;
        std::exception_ptr failure;
        try {
          finish = work(*this, source_.token());
        } catch (...) {
          failure = std::current_exception();
        }
        const std::lock_guard lock(mutex_);
        finish_ = std::move(finish);
        failure_ = failure;
        is_over_ = true;
        over_.notify_all();
      }) {}

Task::~Task() {
  // The thread of a parent process is not here.
  if (working_.is_left_behind())
    static_cast<void>(new std::thread(std::move(thread_)));
  else
    cancel();
}

bool Task::wait(double seconds) {
  if (working_.is_left_behind())
    raise({"", "forked", "the job is one of the process that this one was forked from"});
  const py::gil_scoped_release others_may_run;
  std::unique_lock lock(mutex_);
  return over_.wait_for(lock, std::chrono::duration<double>(seconds), [this] { return is_over_; });
}

std::pair<std::uint64_t, std::uint64_t> Task::progress() const {
  const std::lock_guard lock(mutex_);
  return {done_, total_};
}

std::vector<std::pair<int, std::string>> Task::messages() {
  const std::lock_guard lock(mutex_);
  return std::exchange(messages_, {});
}

py::object Task::result() {
  {
    const std::lock_guard lock(mutex_);
    if (!is_over_) throw py::value_error("the job is not over");
    if (failure_) std::rethrow_exception(failure_);
  }
  return finish_();
}

void Task::cancel() {
  source_.cancel();
  const py::gil_scoped_release others_may_run;
  if (thread_.joinable()) thread_.join();
}

void Task::message(LogLevel level, std::string_view text) {
  const std::lock_guard lock(mutex_);
  messages_.emplace_back(level_of(level), text);
}

void Task::begin_stage(std::string_view, std::uint64_t total) {
  const std::lock_guard lock(mutex_);
  done_ = 0;
  total_ = total;
}

void Task::advance(std::uint64_t done) {
  const std::lock_guard lock(mutex_);
  done_ += done;
}

}  // namespace modesweep::python
