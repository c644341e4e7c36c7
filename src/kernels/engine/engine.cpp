// SPDX-License-Identifier: MIT
#include "kernels/engine/engine.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <exception>
#include <latch>
#include <limits>
#include <mutex>
#include <numeric>
#include <optional>
#include <thread>

#include "host/solver/spring_constant.hpp"
#include "kernels/engine/chebyshev.hpp"
#include "kernels/engine/filtered.hpp"
#include "kernels/engine/jacobi.hpp"
#include "kernels/engine/resources.hpp"
#include "kernels/engine/task.hpp"

namespace modesweep::gpu {
namespace {

/// One network that somebody waits for.
struct Job {
  Item* item;
  ModeRequest request;
  double part;              ///< of a full batch
  std::size_t* unfinished;  ///< jobs of the same call; guarded by the engine's mutex
};

Task<> solve_by(Method method, DeviceResources& resources, Items items,
                const ModeRequest& request) {
  switch (method) {
    case Method::jacobi: return solve_by_jacobi(resources, items, request);
    case Method::filtered: return solve_by_filtered(resources, items, request);
    default: return solve_by_chebyshev(resources, items, request);
  }
}

/// Whether one batch may serve both.
bool are_alike(const ModeRequest& a, const ModeRequest& b) {
  return a.modes == b.modes && a.vectors == b.vectors && a.residuals == b.residuals &&
         a.square_fluctuations == b.square_fluctuations;
}

// How often a device is asked which of its lanes is done: CUDA has no wait for any of several
// events. Batches take tens of milliseconds, a question a microsecond.
constexpr std::chrono::microseconds between_questions{50};

/// A stream with all that belongs to it, and the batch that it works on.
class Lane {
 public:
  explicit Lane(int device) : resources_(device, streams_per_device) {}

  bool idle() const { return batch_.empty(); }
  bool done() const { return task_->done(); }
  /// Whether `go_on` would not have to wait for the device.
  bool ready() { return resources_.ready(); }

  /// The jobs in work; to be filled where it is idle.
  std::vector<Job>& batch() { return batch_; }

  void start(Method method) {
    items_.clear();
    for (const Job& job : batch_) items_.push_back(job.item);
    const ModeRequest request = batch_.front().request;
    task_.emplace(solve_by(method, resources_, items_, request));
    task_->start();
  }
  void go_on() { resources_.go_on(); }

  /// Once it is done: throws what ended it.
  void check() { task_->result(); }

  /// Makes it idle.
  void clear() {
    task_.reset();
    batch_.clear();
  }

  /// Lets go of what is queued. Whether the device can still be used.
  bool recover() noexcept { return resources_.recover(); }

  const std::string& name() const { return resources_.name(); }
  const std::string& model() const { return resources_.model(); }
  std::size_t memory_limit() const { return resources_.memory_limit(); }
  DeviceResources::Padding take_padding() { return std::exchange(resources_.padding, {}); }

 private:
  DeviceResources resources_;
  std::vector<Job> batch_;
  std::vector<Item*> items_;
  std::optional<Task<>> task_;  // last: it uses the others
};

using Lanes = std::vector<std::unique_ptr<Lane>>;

class Engine final : public DeviceSolver {
 public:
  Engine(Method method, const std::vector<int>& devices)
      : method_(method), working_(devices.size()), use_(devices.size()) {
    std::latch ready(static_cast<std::ptrdiff_t>(devices.size()));
    for (std::size_t i = 0; i < devices.size(); ++i) {
      use_[i].device = fmt::format("cuda:{}", devices[i]);
      workers_.emplace_back(
          [this, &use = use_[i], device = devices[i], &ready] { work(device, use, ready); });
    }
    ready.wait();
    if (working_ == 0) {
      workers_.clear();
      throw DeviceError(DeviceError::Kind::failed, last_error_);
    }
    lanes_ = static_cast<int>(working_) * streams_per_device;
  }

  ~Engine() override {
    {
      const std::lock_guard lock(mutex_);
      ending_ = true;
    }
    queued_.notify_all();
  }

  std::string_view name() const override { return to_string(method_); }

  std::string_view method_for(const Network& network, const ModeRequest& request) const override {
    if (method_ == Method::filtered && filtered_takes(network, request)) return "filtered";
    if (method_ != Method::jacobi && chebyshev_takes(network, request)) return "chebyshev";
    return network.nodes() <= largest_jacobi_network ? "jacobi" : "";
  }

  double part_of_batch(const Network& network, const ModeRequest& request) const override {
    const std::string_view method = method_for(network, request);
    const std::size_t bytes = method == "filtered"    ? filtered_bytes(network, request)
                              : method == "chebyshev" ? chebyshev_bytes(network, request)
                                                      : jacobi_bytes(network, request);
    return std::max(static_cast<double>(bytes) / static_cast<double>(memory_limit_),
                    static_cast<double>(network.neighbours.size()) / contacts_in_batch);
  }

  int lanes() const override { return lanes_; }

  std::vector<Outcome<Modes>> solve(std::span<const Network> networks,
                                    const ModeRequest& request) const override {
    std::vector<Item> items;
    std::vector<Job> jobs;
    items.reserve(networks.size());
    std::size_t unfinished = networks.size();
    for (const Network& network : networks) {
      const std::string_view method = method_for(network, request);
      Item& item =
          items.emplace_back(network, request, method == "filtered" || method == "chebyshev");
      jobs.push_back({&item, request, part_of_batch(network, request), &unfinished});
    }
    {
      std::unique_lock lock(mutex_);
      queue_.insert(queue_.end(), jobs.begin(), jobs.end());
      if (working_ == 0) fail_queue();
      queued_.notify_all();
      finished_.wait(lock, [&] { return unfinished == 0; });
    }
    std::vector<Outcome<Modes>> outcomes;
    outcomes.reserve(items.size());
    for (Item& item : items) {
      if (item.outcome) apply_spring_constant(*item.network, *item.outcome);
      outcomes.push_back(std::move(item.outcome));
    }
    return outcomes;
  }

  std::vector<DeviceUse> use() const override {
    const std::lock_guard lock(mutex_);
    return use_;
  }

 private:
  /// A worker's life: until the engine ends, or its device does.
  void work(int device, DeviceUse& use, std::latch& ready) {
    Lanes lanes;
    try {
      for (int i = 0; i < streams_per_device; ++i) lanes.push_back(std::make_unique<Lane>(device));
      const std::lock_guard lock(mutex_);
      use.device = lanes.front()->name();
      use.model = lanes.front()->model();
      memory_limit_ = std::min(memory_limit_, lanes.back()->memory_limit());
    } catch (const std::exception& error) {
      lanes.clear();  // on this thread, whose device it is
      leave({}, use, error.what());
    }
    ready.count_down();
    if (!lanes.empty()) drive(lanes, use);
  }

  /// Idle lanes take what is queued, the others go on as soon as the device is done with what they
  /// wait for, whichever is first. The thread sleeps only where there is nothing to do.
  void drive(Lanes& lanes, DeviceUse& use) {
    for (;;) {
      bool moved = false;
      const auto is_over = [&](Lane& lane) {
        moved = true;
        return lane.done() && !finish_batch(lanes, lane, use);
      };
      for (const auto& lane : lanes) {
        if (lane->idle() || !lane->ready()) continue;
        lane->go_on();
        if (is_over(*lane)) return;
      }
      for (const auto& lane : lanes) {
        if (!lane->idle()) continue;
        take_batch(lane->batch(), idle_lanes(lanes));
        if (lane->idle()) break;
        lane->start(method_);
        if (is_over(*lane)) return;
      }
      if (!moved && !wait_for_work(lanes)) return;
    }
  }

  static std::ptrdiff_t idle_lanes(const Lanes& lanes) {
    return std::count_if(lanes.begin(), lanes.end(), [](const auto& lane) { return lane->idle(); });
  }

  /// Until a lane can start, or where one is busy until it is to be asked again. False where the
  /// engine ends and nothing is left to do.
  bool wait_for_work(const Lanes& lanes) {
    const auto idle = static_cast<std::size_t>(idle_lanes(lanes));
    std::unique_lock lock(mutex_);
    if (idle < lanes.size()) {
      queued_.wait_for(lock, between_questions, [&] { return idle > 0 && !queue_.empty(); });
      return true;
    }
    queued_.wait(lock, [this] { return ending_ || !queue_.empty(); });
    return !queue_.empty();
  }

  /// Delivers what has come of a lane's batch. False where the device is gone.
  bool finish_batch(Lanes& lanes, Lane& lane, DeviceUse& use) {
    try {
      lane.check();
      const DeviceResources::Padding padding = lane.take_padding();
      {
        const std::lock_guard lock(mutex_);
        ++use.batches;
        use.networks += lane.batch().size();
        use.largest_batch = std::max<std::uint64_t>(use.largest_batch, lane.batch().size());
        use.matrix_values += padding.values;
        use.padded_values += padding.padded_values;
        use.matrix_work += padding.work;
        use.padded_work += padding.padded_work;
        for (const Job& job : lane.batch()) finish(job);
      }
      lane.clear();
      return true;
    } catch (const std::exception& error) {
      if (lane.recover()) {
        const std::lock_guard lock(mutex_);
        use.failure = error.what();
        for (const Job& job : lane.batch()) fail_job(job, error.what());
        lane.clear();
        return true;
      }
      std::vector<Job> unfinished;
      for (const auto& each : lanes) {
        unfinished.insert(unfinished.end(), each->batch().begin(), each->batch().end());
        each->clear();
      }
      lanes.clear();
      leave(std::move(unfinished), use, error.what());
      return false;
    }
  }

  /// Under the mutex, as the next one.
  void finish(const Job& job) const {
    if (--*job.unfinished == 0) finished_.notify_all();
  }
  void fail_job(const Job& job, const std::string& why) const {
    job.item->outcome = fail(Stage::solve, "device_failed", why);
    finish(job);
  }

  /// Moves jobs with the same request from the queue to `batch`, one at least where there is one,
  /// as many as are a lane's share.
  void take_batch(std::vector<Job>& batch, std::ptrdiff_t idle) {
    const std::lock_guard lock(mutex_);
    const double queued =
        std::accumulate(queue_.begin(), queue_.end(), 0.0,
                        [](double sum, const Job& job) { return sum + job.part; });
    const double share = share_of_lane(queued, static_cast<int>(idle));
    for (double part = 0; !queue_.empty(); queue_.pop_front()) {
      const Job& job = queue_.front();
      part += job.part;
      if (!batch.empty() && (part > share || !are_alike(job.request, batch.front().request))) break;
      batch.push_back(job);
    }
  }

  /// The device is gone. What it had in hand goes back to the queue for the others, if any.
  void leave(std::vector<Job> unfinished, DeviceUse& use, const std::string& why) {
    {
      const std::lock_guard lock(mutex_);
      last_error_ = why;
      use.failure = why;
      --working_;
      queue_.insert(queue_.begin(), unfinished.begin(), unfinished.end());
      if (working_ == 0) fail_queue();
    }
    queued_.notify_all();
  }

  void fail_queue() const {
    for (const Job& job : queue_) fail_job(job, last_error_);
    queue_.clear();
  }

  const Method method_;
  int lanes_ = 0;
  std::size_t memory_limit_ = std::numeric_limits<std::size_t>::max();  ///< of a lane, the least
  mutable std::mutex mutex_;
  mutable std::condition_variable queued_, finished_;
  mutable std::deque<Job> queue_;
  std::size_t working_;
  std::string last_error_;
  std::vector<DeviceUse> use_;
  bool ending_ = false;
  std::vector<std::jthread> workers_;  // last: they end before what they use
};

}  // namespace

std::string_view to_string(Method method) {
  switch (method) {
    case Method::jacobi: return "jacobi";
    case Method::filtered: return "filtered";
    default: return "chebyshev";
  }
}

double share_of_lane(double queued, int idle) {
  return std::clamp(queued / idle, least_share_of_lane, 1.0);
}

std::unique_ptr<DeviceSolver> make_engine(Method method, const std::vector<int>& devices) {
  return std::make_unique<Engine>(method, devices);
}

}  // namespace modesweep::gpu
