// SPDX-License-Identifier: MIT
#include "kernels/engine/engine.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <exception>
#include <latch>
#include <limits>
#include <mutex>
#include <optional>
#include <thread>

#include "host/solver/spring_constant.hpp"
#include "kernels/engine/chebyshev.hpp"
#include "kernels/engine/jacobi.hpp"
#include "kernels/engine/resources.hpp"
#include "kernels/engine/task.hpp"

namespace modesweep::gpu {
namespace {

/// One network that somebody waits for.
struct Job {
  const Network* network;
  ModeRequest request;
  double part;  ///< of a full batch
  Outcome<Modes>* outcome;
  std::size_t* unfinished;  ///< jobs of the same call; guarded by the engine's mutex
};

/// A stream with all that belongs to it, and the batch that it works on.
class Lane {
 public:
  explicit Lane(int device) : resources_(device, streams_per_device) {}

  bool idle() const { return batch_.empty(); }
  bool done() const { return task_->done(); }
  /// Whether `go_on` would not have to wait for the device.
  bool ready() { return resources_.ready(); }

  void start(Method method, std::vector<Job> batch) {
    batch_ = std::move(batch);
    networks_.clear();
    for (const Job& job : batch_) networks_.push_back(job.network);
    const ModeRequest request = batch_.front().request;
    task_.emplace(method == Method::jacobi ? solve_by_jacobi(resources_, networks_, request)
                                           : solve_by_chebyshev(resources_, networks_, request));
    task_->start();
  }
  void go_on() { resources_.go_on(); }

  /// Once it is done: the outcomes, or what ended it.
  std::vector<Outcome<Modes>> result() { return task_->result(); }

  /// Makes it idle; its batch is the caller's.
  std::vector<Job> clear() {
    task_.reset();
    return std::exchange(batch_, {});
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
  std::vector<const Network*> networks_;
  std::optional<Task<std::vector<Outcome<Modes>>>> task_;  // last: it uses the others
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

  std::string_view name() const override {
    return method_ == Method::jacobi ? "jacobi" : "chebyshev";
  }

  std::string_view method_for(const Network& network, const ModeRequest& request) const override {
    if (method_ == Method::chebyshev && chebyshev_takes(network, request)) return "chebyshev";
    return network.nodes() <= largest_jacobi_network ? "jacobi" : "";
  }

  double part_of_batch(const Network& network, const ModeRequest& request) const override {
    const std::size_t bytes = method_for(network, request) == "chebyshev"
                                  ? chebyshev_bytes(network, request)
                                  : jacobi_bytes(network, request);
    return std::max(static_cast<double>(bytes) / static_cast<double>(memory_limit_),
                    static_cast<double>(network.neighbours.size()) / contacts_in_batch);
  }

  int lanes() const override { return lanes_; }

  std::vector<Outcome<Modes>> solve(std::span<const Network> networks,
                                    const ModeRequest& request) const override {
    std::vector<Outcome<Modes>> outcomes(networks.size());
    std::vector<double> parts;
    for (const Network& network : networks) parts.push_back(part_of_batch(network, request));
    std::size_t unfinished = networks.size();
    std::unique_lock lock(mutex_);
    for (std::size_t i = 0; i < networks.size(); ++i)
      queue_.push_back({&networks[i], request, parts[i], &outcomes[i], &unfinished});
    if (working_ == 0) fail_queue();
    queued_.notify_all();
    finished_.wait(lock, [&] { return unfinished == 0; });
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

  /// Idle lanes take what is queued, the others go on where the device is done with what they wait
  /// for. The thread sleeps only where there is nothing to do: until work comes where all lanes are
  /// idle, else until the lane is done that has waited longest.
  void drive(Lanes& lanes, DeviceUse& use) {
    std::deque<Lane*> busy;  // the one that has waited longest first
    for (;;) {
      for (const auto& lane : lanes) {
        if (!lane->idle()) continue;
        std::vector<Job> batch = next_batch(busy.empty());
        if (batch.empty()) break;
        lane->start(method_, std::move(batch));
        busy.push_back(lane.get());
        if (lane->done() && !finish_batch(lanes, *lane, busy, use)) return;
      }
      if (busy.empty()) {
        if (is_ending()) return;
        continue;
      }
      const auto ready = std::find_if(busy.begin(), busy.end(), [](Lane* l) { return l->ready(); });
      const auto next = ready == busy.end() ? busy.begin() : ready;
      Lane* const lane = *next;
      busy.erase(next);
      busy.push_back(lane);
      lane->go_on();
      if (lane->done() && !finish_batch(lanes, *lane, busy, use)) return;
    }
  }

  /// Delivers what has come of a lane's batch. False where the device is gone.
  bool finish_batch(Lanes& lanes, Lane& lane, std::deque<Lane*>& busy, DeviceUse& use) {
    std::erase(busy, &lane);
    try {
      std::vector<Outcome<Modes>> outcomes = lane.result();
      const DeviceResources::Padding padding = lane.take_padding();
      const std::vector<Job> batch = lane.clear();
      const std::lock_guard lock(mutex_);
      ++use.batches;
      use.networks += batch.size();
      use.largest_batch = std::max<std::uint64_t>(use.largest_batch, batch.size());
      use.matrix_values += padding.values;
      use.padded_values += padding.padded_values;
      use.matrix_work += padding.work;
      use.padded_work += padding.padded_work;
      for (std::size_t i = 0; i < batch.size(); ++i) finish(batch[i], std::move(outcomes[i]));
      return true;
    } catch (const std::exception& error) {
      if (lane.recover()) {
        const std::vector<Job> batch = lane.clear();
        const std::lock_guard lock(mutex_);
        use.failure = error.what();
        for (const Job& job : batch) finish(job, device_failed(error.what()));
        return true;
      }
      std::vector<Job> unfinished;
      for (const auto& each : lanes)
        for (Job& job : each->clear()) unfinished.push_back(job);
      lanes.clear();
      leave(std::move(unfinished), use, error.what());
      return false;
    }
  }

  static Outcome<Modes> device_failed(const std::string& why) {
    return fail(Stage::solve, "device_failed", why);
  }

  /// Under the mutex.
  void finish(const Job& job, Outcome<Modes> outcome) const {
    if (outcome) apply_spring_constant(*job.network, *outcome);
    *job.outcome = std::move(outcome);
    if (--*job.unfinished == 0) finished_.notify_all();
  }

  bool is_ending() const {
    const std::lock_guard lock(mutex_);
    return ending_;
  }

  /// Jobs with the same request, one at least and no more than a full batch. Empty where the engine
  /// ends, or where nothing is queued and the caller does not want to wait.
  std::vector<Job> next_batch(bool wait) {
    std::unique_lock lock(mutex_);
    if (wait) queued_.wait(lock, [this] { return ending_ || !queue_.empty(); });
    std::vector<Job> batch;
    for (double part = 0; !queue_.empty(); queue_.pop_front()) {
      const Job& job = queue_.front();
      part += job.part;
      if (!batch.empty() && (part > 1 || job.request.modes != batch.front().request.modes)) break;
      batch.push_back(job);
    }
    return batch;
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
    for (const Job& job : queue_) finish(job, device_failed(last_error_));
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

std::unique_ptr<DeviceSolver> make_engine(Method method, const std::vector<int>& devices) {
  return std::make_unique<Engine>(method, devices);
}

}  // namespace modesweep::gpu
