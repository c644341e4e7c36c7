// SPDX-License-Identifier: MIT
#include <modesweep/solve_batch.hpp>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>

#include <modesweep/cancel.hpp>
#include <modesweep/machine.hpp>
#include <modesweep/solve.hpp>

#include "base/cancel_scope.hpp"

namespace modesweep {

class SolveBatch::Implementation {
 public:
  Implementation(int threads, const NetworkOptions& options, const ModeRequest& request,
                 Solver solver)
      : options_(options), request_(request), solver_(solver) {
    const int wanted = threads > 0 ? threads : allowed_cpus().amount;
    try {
      for (int i = 0; i < wanted; ++i) workers_.emplace_back([this] { work(); });
    } catch (const std::system_error& error) {
      if (workers_.empty())
        throw RunError(Cause::unavailable, "no thread can be started: " + error.code().message());
    }
    threads_ = static_cast<int>(workers_.size());
  }

  ~Implementation() { cancel(); }

  std::size_t submit(std::vector<Vec3> positions) {
    const std::lock_guard lock(mutex_);
    waiting_.push_back({submitted_, std::move(positions)});
    ++pending_;
    arrived_.notify_one();
    return submitted_++;
  }

  std::optional<Solved> next(std::chrono::milliseconds patience) {
    std::unique_lock lock(mutex_);
    finished_.wait_for(lock, patience, [this] { return !solved_.empty() || pending_ == 0; });
    if (solved_.empty()) return std::nullopt;
    std::optional<Solved> first = std::move(solved_.front());
    solved_.pop_front();
    --pending_;
    return first;
  }

  std::size_t pending() const {
    const std::lock_guard lock(mutex_);
    return pending_;
  }

  int threads() const { return threads_; }

  void cancel() {
    const std::lock_guard lock(mutex_);
    source_.cancel();
    pending_ = 0;
    waiting_.clear();
    solved_.clear();
    arrived_.notify_all();
    finished_.notify_all();
  }

 private:
  struct Submitted {
    std::size_t number;
    std::vector<Vec3> positions;
  };

  /// The request for the next structure, with its part of the threads: all but those that others
  /// work on, or may soon.
  ModeRequest request_of_next() const {
    ModeRequest request = request_;
    const auto others = static_cast<int>(std::min<std::size_t>(pending_ - solved_.size(), 1 << 20));
    request.threads = std::max(1, threads_ / std::max(1, others));
    return request;
  }

  void work() {
    const CancelToken token = source_.token();
    const CancelScope scope(&token);
    std::unique_lock lock(mutex_);
    while (true) {
      arrived_.wait(lock, [&] { return !waiting_.empty() || token.is_cancelled(); });
      if (token.is_cancelled()) return;
      Submitted mine = std::move(waiting_.front());
      waiting_.pop_front();
      const ModeRequest request = request_of_next();
      lock.unlock();
      try {
        Outcome<Modes> modes =
            solve_coordinates(std::move(mine.positions), options_, request, solver_);
        lock.lock();
        if (token.is_cancelled()) return;
        solved_.push_back({mine.number, std::move(modes)});
        finished_.notify_one();
      } catch (const Cancelled&) {
        return;
      }
    }
  }

  const NetworkOptions options_;
  const ModeRequest request_;
  const Solver solver_;
  const CancelSource source_;
  mutable std::mutex mutex_;  // guards all up to `pending_`
  std::condition_variable arrived_, finished_;
  std::deque<Submitted> waiting_;
  std::deque<Solved> solved_;
  std::size_t submitted_ = 0, pending_ = 0;
  std::atomic<int> threads_{1};
  std::vector<std::jthread> workers_;  // last: they are joined before what they use is gone
};

SolveBatch::SolveBatch(int threads, const NetworkOptions& options, const ModeRequest& request,
                       Solver solver)
    : implementation_(std::make_unique<Implementation>(threads, options, request, solver)) {}
SolveBatch::~SolveBatch() = default;
std::size_t SolveBatch::submit(std::vector<Vec3> positions) {
  return implementation_->submit(std::move(positions));
}
std::optional<SolveBatch::Solved> SolveBatch::next(std::chrono::milliseconds patience) {
  return implementation_->next(patience);
}
std::size_t SolveBatch::pending() const { return implementation_->pending(); }
int SolveBatch::threads() const { return implementation_->threads(); }
void SolveBatch::cancel() { implementation_->cancel(); }

}  // namespace modesweep
