// SPDX-License-Identifier: MIT
#include "pipeline/work_board.hpp"

#include <cmath>
#include <utility>

#include "base/clock.hpp"

namespace modesweep {

template <class Ready>
void WorkBoard::wait(std::condition_variable& changed, std::unique_lock<std::mutex>& lock,
                     double& seconds, Ready&& ready) {
  if (ready()) return;
  const Stopwatch watch;
  changed.wait(lock, ready);
  seconds += watch.seconds();
}

StageWaits WorkBoard::waits() const {
  const std::lock_guard lock(mutex_);
  return waits_;
}

void WorkBoard::add_file(FileTask task) {
  std::unique_lock lock(mutex_);
  wait(room_for_files_, lock, waits_.files_for_room,
       [this] { return files_.size() < options_.files; });
  files_.push_back(std::move(task));
  for_cpu_.notify_one();
}

void WorkBoard::close() {
  const std::lock_guard lock(mutex_);
  closed_ = true;
  for_cpu_.notify_all();
}

std::optional<WorkBoard::CpuWork> WorkBoard::next_for_cpu() {
  std::unique_lock lock(mutex_);
  const auto may_steal = [this] { return options_.cpu_may_steal && !device_queue_.empty(); };
  const auto at_the_end = [this] { return closed_ && on_devices_ == 0 && files_in_work_ == 0; };
  wait(for_cpu_, lock, waits_.workers_for_files,
       [&] { return !first_.empty() || !files_.empty() || may_steal() || at_the_end(); });
  if (!first_.empty()) {
    CpuWork work = std::move(first_.front());
    first_.pop_front();
    return work;
  }
  if (!files_.empty()) {
    CpuWork work = std::move(files_.front());
    files_.pop_front();
    if (options_.divides_files) ++files_in_work_;
    room_for_files_.notify_one();
    return work;
  }
  if (may_steal()) {
    CpuWork work = pop_for_device(true);
    --on_devices_;
    if (at_the_end()) for_cpu_.notify_all();
    return work;
  }
  if (--readers_ == 0) for_devices_.notify_all();
  return std::nullopt;
}

void WorkBoard::add_chains(std::vector<Entry> chains) {
  const std::lock_guard lock(mutex_);
  for (Entry& chain : chains) first_.push_back(std::move(chain));
  for_cpu_.notify_all();
}

void WorkBoard::file_done() {
  const std::lock_guard lock(mutex_);
  if (options_.divides_files && --files_in_work_ == 0) for_cpu_.notify_all();
}

void WorkBoard::come_to_the_end(int readers) {
  const std::lock_guard lock(mutex_);
  readers_ -= readers;
  if (readers_ == 0) for_devices_.notify_all();
}

std::optional<Entry> WorkBoard::offer(Entry entry) {
  std::unique_lock lock(mutex_);
  const auto has_room = [&] {
    return device_queue_.empty() || batches_queued_ + entry.part <= most_batches_;
  };
  if (options_.cpu_may_steal && !has_room()) return entry;
  wait(room_for_devices_, lock, waits_.workers_for_devices, has_room);
  batches_queued_ += entry.part;
  ++on_devices_;
  device_queue_.push_back(std::move(entry));
  for_devices_.notify_one();
  if (options_.cpu_may_steal) for_cpu_.notify_one();
  return std::nullopt;
}

bool WorkBoard::device_idles() const {
  const std::lock_guard lock(mutex_);
  return device_queue_.empty() && (idle_feeders_ > 0 || std::isinf(most_batches_));
}

void WorkBoard::devices_ready(double batches) {
  const std::lock_guard lock(mutex_);
  most_batches_ = batches;
}

std::vector<Entry> WorkBoard::next_batch(const std::function<double(const Entry&)>& part_of_batch) {
  std::unique_lock lock(mutex_);
  for (;;) {
    ++idle_feeders_;
    wait(for_devices_, lock, waits_.devices_for_work,
         [this] { return !device_queue_.empty() || readers_ == 0; });
    --idle_feeders_;
    std::vector<Entry> batch;
    for (double part = 0; !device_queue_.empty();) {
      part += part_of_batch(device_queue_.front());
      if (!batch.empty() && part > 1) break;
      batch.push_back(pop_for_device(false));
    }
    if (batch.empty() || !cancelled()) return batch;
    on_devices_ -= batch.size();  // what is queued is dropped
    for_cpu_.notify_all();
  }
}

void WorkBoard::batch_done(std::size_t entries, std::vector<Entry> unfinished) {
  const std::lock_guard lock(mutex_);
  on_devices_ -= entries;
  for (Entry& entry : unfinished) first_.push_back(std::move(entry));
  for_cpu_.notify_all();
}

/// Under the mutex.
Entry WorkBoard::pop_for_device(bool from_the_end) {
  Entry entry = std::move(from_the_end ? device_queue_.back() : device_queue_.front());
  if (from_the_end)
    device_queue_.pop_back();
  else
    device_queue_.pop_front();
  batches_queued_ = device_queue_.empty() ? 0 : batches_queued_ - entry.part;
  room_for_devices_.notify_all();
  return entry;
}

}  // namespace modesweep
