// SPDX-License-Identifier: MIT
// How whoever asked for work calls it off: a source that says so, and tokens that are handed down.
#pragma once

#include <atomic>
#include <memory>
#include <utility>

namespace modesweep {

/// Looked at by whoever works or waits, on any thread. Copies look at the same source, and may
/// outlive it; one without a source is never cancelled.
class CancelToken {
 public:
  CancelToken() = default;
  bool is_cancelled() const { return flag_ && flag_->load(); }

 private:
  friend class CancelSource;
  explicit CancelToken(std::shared_ptr<const std::atomic<bool>> flag) : flag_(std::move(flag)) {}

  std::shared_ptr<const std::atomic<bool>> flag_;
};

/// Calls off the work that has its tokens, once and for all.
class CancelSource {
 public:
  CancelToken token() const { return CancelToken(flag_); }
  /// May be called from any thread, and from a signal handler.
  void cancel() const noexcept { flag_->store(true); }

 private:
  static_assert(std::atomic<bool>::is_always_lock_free);
  std::shared_ptr<std::atomic<bool>> flag_ = std::make_shared<std::atomic<bool>>(false);
};

}  // namespace modesweep
