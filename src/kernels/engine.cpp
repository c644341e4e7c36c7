// SPDX-License-Identifier: MIT
#include "kernels/engine.hpp"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <exception>
#include <latch>
#include <mutex>
#include <optional>
#include <thread>

#include "kernels/chebyshev.hpp"
#include "kernels/jacobi.hpp"
#include "kernels/resources.hpp"

namespace modesweep::gpu {
namespace {

// Enough to fill any device, few enough for the first results to come soon.
constexpr std::size_t most_in_a_batch = 4096;

/// One network that somebody waits for.
struct Job {
  const Network* network;
  ModeRequest request;
  Outcome<Modes>* outcome;
  std::size_t* unfinished;  ///< jobs of the same call; guarded by the engine's mutex
};

class Engine final : public ModeSolver {
 public:
  Engine(Method method, const std::vector<int>& devices) : method_(method) {
    std::latch ready(static_cast<std::ptrdiff_t>(devices.size()));
    working_ = devices.size();
    for (const int device : devices)
      workers_.emplace_back([this, device, &ready] { work(device, ready); });
    ready.wait();
    if (working_ == 0) {
      workers_.clear();
      throw DeviceError(DeviceError::Kind::failed, last_error_);
    }
  }

  ~Engine() override {
    {
      const std::lock_guard lock(mutex_);
      ending_ = true;
    }
    queued_.notify_all();
  }

  std::string_view name() const override {
    return method_ == Method::jacobi ? "jacobi" : "chebyshev";
  }

  std::uint64_t memory_needed(const Network& network, const ModeRequest& request) const override {
    // On the host: the modes that come back, once in pinned memory and once in the outcome.
    return 16 * static_cast<std::uint64_t>(network.degrees_of_freedom()) *
           static_cast<std::uint64_t>(request.modes);
  }

  std::vector<Outcome<Modes>> solve(std::span<const Network> networks,
                                    const ModeRequest& request) const override {
    std::vector<Outcome<Modes>> outcomes(networks.size());
    std::size_t unfinished = networks.size();
    std::unique_lock lock(mutex_);
    for (std::size_t i = 0; i < networks.size(); ++i)
      queue_.push_back({&networks[i], request, &outcomes[i], &unfinished});
    if (working_ == 0) fail_queue();
    queued_.notify_all();
    finished_.wait(lock, [&] { return unfinished == 0; });
    return outcomes;
  }

 private:
  /// A worker's life: until the engine ends, or its device does.
  void work(int device, std::latch& ready) {
    std::optional<DeviceResources> resources;
    try {
      resources.emplace(device);
    } catch (const std::exception& error) {
      leave({}, error.what());
    }
    ready.count_down();
    if (!resources) return;
    for (std::vector<Job> batch; !(batch = next_batch()).empty();) {
      try {
        solve_batch(*resources, batch);
      } catch (const std::exception& error) {
        const bool usable = resources->recover();
        if (!usable) {
          resources.reset();
          leave(std::move(batch), error.what());
          return;
        }
        const std::lock_guard lock(mutex_);
        for (const Job& job : batch) finish(job, device_failed(error.what()));
      }
    }
  }

  static Outcome<Modes> device_failed(const std::string& why) {
    return fail(Stage::solve, "device_failed", why);
  }

  /// Under the mutex.
  void finish(const Job& job, Outcome<Modes> outcome) const {
    *job.outcome = std::move(outcome);
    if (--*job.unfinished == 0) finished_.notify_all();
  }

  /// Jobs with the same request; empty when the engine ends.
  std::vector<Job> next_batch() {
    std::unique_lock lock(mutex_);
    queued_.wait(lock, [this] { return ending_ || !queue_.empty(); });
    std::vector<Job> batch;
    while (!queue_.empty() && batch.size() < most_in_a_batch &&
           (batch.empty() || queue_.front().request.modes == batch.front().request.modes)) {
      batch.push_back(queue_.front());
      queue_.pop_front();
    }
    return batch;
  }

  void solve_batch(DeviceResources& resources, const std::vector<Job>& batch) const {
    std::vector<const Network*> networks;
    for (const Job& job : batch) networks.push_back(job.network);
    const ModeRequest request = batch.front().request;
    std::vector<Outcome<Modes>> outcomes = method_ == Method::jacobi
                                               ? solve_by_jacobi(resources, networks, request)
                                               : solve_by_chebyshev(resources, networks, request);
    const std::lock_guard lock(mutex_);
    for (std::size_t i = 0; i < batch.size(); ++i) finish(batch[i], std::move(outcomes[i]));
  }

  /// The device is gone. What it had in hand goes back to the queue for the others, if any.
  void leave(std::vector<Job> unfinished, const std::string& why) {
    {
      const std::lock_guard lock(mutex_);
      last_error_ = why;
      --working_;
      queue_.insert(queue_.begin(), unfinished.begin(), unfinished.end());
      if (working_ == 0) fail_queue();
    }
    queued_.notify_all();
  }

  void fail_queue() const {
    for (const Job& job : queue_) finish(job, device_failed(last_error_));
    queue_.clear();
  }

  const Method method_;
  mutable std::mutex mutex_;
  mutable std::condition_variable queued_, finished_;
  mutable std::deque<Job> queue_;
  std::size_t working_ = 0;
  std::string last_error_;
  bool ending_ = false;
  std::vector<std::jthread> workers_;  // last: they end before what they use
};

}  // namespace

std::unique_ptr<ModeSolver> make_engine(Method method, const std::vector<int>& devices) {
  return std::make_unique<Engine>(method, devices);
}

}  // namespace modesweep::gpu
