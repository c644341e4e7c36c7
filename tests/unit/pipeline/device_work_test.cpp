// SPDX-License-Identifier: MIT
// The pipeline with devices beside the CPU: solvers of the test's own take their places.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>
#include <utility>

#include <modesweep/pipeline.hpp>

#include "pipeline/work_board.hpp"
#include "solver/cpu_solvers.hpp"
#include "support/data_files.hpp"
#include "support/structure_text.hpp"
#include "support/temp_dir.hpp"

namespace modesweep {
namespace {

using namespace std::chrono_literals;

/// LAPACK, as a device that fails as the test wants it to.
class FakeDevice final : public DeviceSolver {
 public:
  std::string_view name() const override { return "fake"; }
  std::string_view method_for(const Network&, const ModeRequest&) const override { return "fake"; }
  std::uint64_t memory_needed(const Network&, const ModeRequest&) const override { return bytes; }
  double part_of_batch(const Network& network, const ModeRequest&) const override {
    return static_cast<double>(network.nodes()) / 100;
  }
  int lanes() const override { return 2; }
  std::vector<DeviceUse> use() const override { return {}; }

  std::vector<Outcome<Modes>> solve(std::span<const Network> networks,
                                    const ModeRequest& request) const override {
    {
      const std::lock_guard lock(mutex_);
      double part = 0;
      for (const Network& network : networks) part += part_of_batch(network, request);
      if (networks.size() > 1) fullest = std::max(fullest, part);
      largest = std::max(largest, networks.size());
    }
    if (before) before();
    std::vector<Outcome<Modes>> outcomes;
    for (const Network& network : networks) {
      const std::string code = fails ? fails(network) : "";
      if (code.empty()) {
        outcomes.push_back(std::move(lapack_->solve({&network, 1}, request).front()));
        outcomes.back()->backend = "fake";
      } else {
        outcomes.push_back(fail(Stage::solve, code, "as the test wants it"));
      }
    }
    return outcomes;
  }

  std::uint64_t bytes = 1000;
  std::function<void()> before;
  std::function<std::string(const Network&)> fails;
  mutable double fullest = 0;  // of several networks
  mutable std::size_t largest = 0;

 private:
  mutable std::mutex mutex_;
  std::unique_ptr<ModeSolver> lapack_ = make_lapack_solver();
};

/// Waits until somebody says so, at most ten seconds.
class Gate {
 public:
  void open() {
    const std::lock_guard lock(mutex_);
    open_ = true;
    changed_.notify_all();
  }
  bool pass() {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, 10s, [this] { return open_; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool open_ = false;
};

/// Counts entries that were read.
class ParsedCount final : public EntryObserver {
 public:
  void started(std::int64_t, const std::filesystem::path&) override {}
  void parsed(std::int64_t) override {
    ++count_;
    count_.notify_all();
  }
  void solved(std::int64_t, const Row&) override {}
  void left_out(std::int64_t, const LeftOut&) override {}

  void wait_for(int entries) const {
    for (int count = count_; count < entries; count = count_) count_.wait(count);
  }

 private:
  std::atomic<int> count_{0};
};

class DeviceWorkTest : public testing::Test {
 protected:
  void SetUp() override {
    for (int i = 0; i < 30; ++i)
      files_.push_back(folder_.write("h" + std::to_string(i) + ".pdb",
                                     test_support::pdb_text(test_support::helix(12 + i))));
  }
  DeviceWork all() const {
    DeviceWork work;
    work.solver = [this] { return &device_; };
    work.name = "fake";
    work.memory_needed = [this](const Network& network, const ModeRequest& request) {
      return device_.memory_needed(network, request);
    };
    work.takes = [](const Network&) { return true; };
    return work;
  }
  static PipelineOptions options(int threads = 2) {
    PipelineOptions result;
    result.threads = threads;
    result.max_memory = std::uint64_t{1} << 30;
    return result;
  }
  Ranking rank(const PipelineOptions& chosen, DeviceWork work) {
    Pipeline pipeline(chosen, *cpu_, reporter_, std::move(work));
    for (const auto& file : files_) pipeline.submit("", file);
    return pipeline.finish();
  }
  void expect_all(const Ranking& ranking) {
    const Ranking wanted = rank(options(), {});
    EXPECT_TRUE(ranking.left_out.empty());
    ASSERT_EQ(ranking.rows.size(), files_.size());
    for (std::size_t i = 0; i < files_.size(); ++i) {
      EXPECT_EQ(ranking.rows[i].header.id, wanted.rows[i].header.id);
      EXPECT_EQ(ranking.rows[i].shares, wanted.rows[i].shares);
      EXPECT_EQ(ranking.rows[i].collectivities, wanted.rows[i].collectivities);
      EXPECT_EQ(ranking.rows[i].sha256, wanted.rows[i].sha256);
    }
  }

  test_support::TempDir folder_;
  std::vector<std::filesystem::path> files_;
  SilentReporter reporter_;
  FakeDevice device_;
  std::unique_ptr<ModeSolver> cpu_ = make_lapack_solver();
};

TEST_F(DeviceWorkTest, EachSideTakesItsOwn) {
  DeviceWork work = all();
  work.takes = [](const Network& network) { return network.nodes() % 3 != 0; };
  for (const int threads : {1, 4}) {
    const Ranking ranking = rank(options(threads), work);
    expect_all(ranking);
    for (const Row& row : ranking.rows) {
      EXPECT_EQ(row.backend, row.residues % 3 != 0 ? "fake" : "cpu");
      EXPECT_FALSE(row.fallback);
    }
  }
}

TEST_F(DeviceWorkTest, BatchesAreFilledNotCounted) {
  // The lanes are held until some structures were read, so that there is something to make batches
  // of: there is room for that many in the queue.
  ParsedCount parsed;
  device_.before = [&] { parsed.wait_for(15); };
  PipelineOptions chosen = options();
  chosen.observers = {&parsed};
  expect_all(rank(chosen, all()));
  EXPECT_GE(device_.largest, 2u);
  EXPECT_GT(device_.fullest, 0.5);
  EXPECT_LE(device_.fullest, 1);
}

TEST_F(DeviceWorkTest, WhatTheDeviceCannotFinishIsTheCpus) {
  device_.fails = [](const Network& network) -> std::string {
    switch (network.nodes() % 6) {
      case 0: return "device_failed";
      case 1: return "not_converged";
      case 2: return "out_of_memory";
      case 3: return "too_large";
      default: return "";
    }
  };
  const Ranking ranking = rank(options(), all());
  expect_all(ranking);
  for (const Row& row : ranking.rows) {
    const bool failed = row.residues % 6 < 4;
    EXPECT_EQ(row.backend, failed ? "cpu" : "fake");
    EXPECT_EQ(row.fallback, failed);
    const auto codes = notes(row);
    EXPECT_EQ(std::find(codes.begin(), codes.end(), "fallback") != codes.end(), failed);
  }
  DeviceWork work = all();
  work.too_large_is_final = true;
  const Ranking without = rank(options(), work);
  EXPECT_EQ(without.rows.size(), 25u);
  ASSERT_EQ(without.left_out.size(), 5u);
  for (const LeftOut& entry : without.left_out) {
    EXPECT_EQ(entry.failure.code, "too_large");
    EXPECT_FALSE(entry.file.empty());
  }
}

// An entry goes to a device with all of its networks, and comes back with them.
TEST_F(DeviceWorkTest, CoresAreSolvedWhereTheirNetworksAre) {
  files_.clear();
  for (const char* name : {"lactate-dehydrogenase/6ldh_A.pdb.gz", "ubiquitin/pdb1ubi.pdb.gz",
                           "trypsin/1PPZ_A.pdb.gz", "zinc-finger/1zfd.pdb"})
    files_.push_back(test_support::source_dir() / "data/demo" / name);
  for (const bool stability : {false, true}) {
    PipelineOptions chosen = options();
    chosen.model.core = true;
    chosen.model.core_stability = stability;
    const Ranking wanted = rank(chosen, {});
    // Of 6ldh the core alone, of ubiquitin what stands last.
    device_.fails = [](const Network& network) -> std::string {
      return network.nodes() == 301 || network.nodes() == 71 ? "not_converged" : "";
    };
    const Ranking ranking = rank(chosen, all());
    ASSERT_EQ(ranking.rows.size(), 4u);
    for (std::size_t i = 0; i < 4; ++i) {
      const Row &row = ranking.rows[i], &of_cpu = wanted.rows[i];
      EXPECT_EQ(row.header.id, of_cpu.header.id);
      const bool failed = row.residues == 329 || row.residues == 76;
      EXPECT_EQ(row.fallback, failed) << row.header.id;
      EXPECT_EQ(row.backend, failed ? "cpu" : "fake");
      EXPECT_EQ(row.shares, of_cpu.shares);
      ASSERT_TRUE(row.core && of_cpu.core);
      EXPECT_EQ(row.core->outside1, of_cpu.core->outside1);
      ASSERT_EQ(row.core->modes.has_value(), row.residues != 32) << "coreless";
      if (!row.core->modes) continue;
      EXPECT_EQ(row.core->modes->shares, of_cpu.core->modes->shares);
      EXPECT_EQ(row.core->modes->overlap, of_cpu.core->modes->overlap);
      EXPECT_EQ(row.core->modes->stability, of_cpu.core->modes->stability);
      EXPECT_EQ(row.core->modes->stability.has_value(), stability);
    }
  }
}

TEST_F(DeviceWorkTest, ADeviceThatThrowsCostsTimeOnly) {
  device_.before = [] { throw std::runtime_error("gone"); };
  const Ranking ranking = rank(options(), all());
  expect_all(ranking);
  for (const Row& row : ranking.rows) EXPECT_EQ(row.backend, "cpu");
}

TEST_F(DeviceWorkTest, LittleMemoryIsSharedWithoutEndingInADeadlock) {
  PipelineOptions chosen = options(3);
  chosen.max_memory = 5'000'000;
  device_.bytes = 2'000'000;
  device_.fails = [](const Network& network) -> std::string {
    return network.nodes() % 2 == 0 ? "device_failed" : "";
  };
  expect_all(rank(chosen, all()));
  device_.bytes = 6'000'000;
  const Ranking none = rank(chosen, all());
  EXPECT_EQ(none.left_out.size(), files_.size());
  EXPECT_EQ(none.left_out.at(0).failure.code, "out_of_memory");
}

TEST_F(DeviceWorkTest, CancelledDropsWhatIsQueuedAndFinishesWhatIsInWork) {
  const CancelSource source;
  PipelineOptions chosen = options();
  chosen.cancel = source.token();
  device_.before = [&] { source.cancel(); };
  device_.fails = [](const Network& network) -> std::string {
    return network.nodes() == 12 ? "device_failed" : "";
  };
  const Ranking ranking = rank(chosen, all());
  EXPECT_LT(ranking.rows.size(), files_.size());
  for (const Row& row : ranking.rows) EXPECT_EQ(row.backend, "fake");
  EXPECT_TRUE(ranking.left_out.empty());
}

TEST_F(DeviceWorkTest, DynamicTheCpuTakesWhatTheDeviceHasNoTimeFor) {
  class OpensTheGate final : public ModeSolver {
   public:
    OpensTheGate(const ModeSolver& solver, Gate& gate) : solver_(solver), gate_(gate) {}
    std::string_view name() const override { return solver_.name(); }
    std::uint64_t memory_needed(const Network& n, const ModeRequest& r) const override {
      return solver_.memory_needed(n, r);
    }
    std::vector<Outcome<Modes>> solve(std::span<const Network> networks,
                                      const ModeRequest& request) const override {
      gate_.open();
      return solver_.solve(networks, request);
    }

   private:
    const ModeSolver& solver_;
    Gate& gate_;
  };
  Gate gate;
  std::atomic<bool> stuck{false};
  device_.before = [&] {
    if (!gate.pass()) stuck = true;
  };
  DeviceWork work = all();
  work.dynamic = true;
  const auto plain = std::exchange(cpu_, nullptr);
  cpu_ = std::make_unique<OpensTheGate>(*plain, gate);
  const Ranking ranking = rank(options(), work);
  EXPECT_FALSE(stuck);
  EXPECT_TRUE(std::any_of(ranking.rows.begin(), ranking.rows.end(),
                          [](const Row& row) { return row.backend == "cpu" && !row.fallback; }));
  expect_all(ranking);
}

TEST_F(DeviceWorkTest, DynamicAnIdleDeviceTakesWhatIsTheCpus) {
  DeviceWork work = all();
  work.takes = [](const Network&) { return false; };
  EXPECT_EQ(rank(options(), work).rows.at(0).backend, "cpu");
  work.dynamic = true;
  const Ranking ranking = rank(options(1), work);
  expect_all(ranking);
  EXPECT_TRUE(std::any_of(ranking.rows.begin(), ranking.rows.end(),
                          [](const Row& row) { return row.backend == "fake"; }));
}

TEST_F(DeviceWorkTest, TheSolverIsMadeForItsFirstStructureAlone) {
  DeviceWork work = all();
  std::atomic<int> made{0};
  work.solver = [&] {
    ++made;
    return &device_;
  };
  work.takes = [](const Network&) { return false; };
  expect_all(rank(options(), work));
  EXPECT_EQ(made, 0);
  work.takes = [](const Network& network) { return network.nodes() > 20; };
  expect_all(rank(options(), work));
  EXPECT_EQ(made, 1);
}

TEST_F(DeviceWorkTest, TheCpuDoesNotWaitForTheSolverToBeMade) {
  // It is made once the CPU has finished all that is the CPU's.
  class Counter final : public EntryObserver {
   public:
    Counter(int wanted, Gate& gate) : wanted_(wanted), gate_(gate) {}
    void started(std::int64_t, const std::filesystem::path&) override {}
    void parsed(std::int64_t) override {}
    void solved(std::int64_t, const Row&) override {
      if (++solved_ == wanted_) gate_.open();
    }
    void left_out(std::int64_t, const LeftOut&) override {}

   private:
    const int wanted_;
    Gate& gate_;
    std::atomic<int> solved_{0};
  };
  Gate gate;
  Counter counter(15, gate);
  DeviceWork work = all();
  work.takes = [](const Network& network) { return network.nodes() % 2 == 0; };
  std::atomic<bool> in_time{false};
  work.solver = [&] {
    in_time = gate.pass();
    return &device_;
  };
  PipelineOptions chosen = options();
  chosen.observers.push_back(&counter);
  const Ranking ranking = rank(chosen, work);
  EXPECT_TRUE(in_time);
  expect_all(ranking);
  for (const Row& row : ranking.rows)
    EXPECT_EQ(row.backend, row.residues % 2 == 0 ? "fake" : "cpu");
}

TEST_F(DeviceWorkTest, WhatWaitsForASolverThatCannotBeMadeIsTheCpus) {
  PipelineOptions chosen = options(3);
  chosen.max_memory = 5'000'000;
  device_.bytes = 2'000'000;
  DeviceWork work = all();
  work.solver = []() -> const DeviceSolver* { return nullptr; };
  const Ranking ranking = rank(chosen, work);
  expect_all(ranking);
  for (const Row& row : ranking.rows) {
    EXPECT_EQ(row.backend, "cpu");
    EXPECT_TRUE(row.fallback);
  }
}

/// Structures with a part of a batch each.
Entry entry_of(double part) {
  Entry entry;
  entry.part = part;
  return entry;
}

const auto part_of = [](const Entry& entry) { return entry.part; };

TEST(WorkBoard, ABatchIsFullAtOneAndHoldsOneAtLeast) {
  WorkBoard board({.files = 1});
  board.devices_ready(4);
  for (const double part : {0.5, 0.5, 0.25, 1.5, 0.75, 0.5}) board.offer(entry_of(part));
  for (const std::size_t size : {2u, 1u, 1u, 1u, 1u}) {
    EXPECT_EQ(board.next_batch(part_of).size(), size);
    board.batch_done(size, {});
  }
}

TEST(WorkBoard, WhatComesBackGoesBeforeFiles) {
  WorkBoard board({.files = 2});
  board.add_file({"1ABC", "a"});
  board.add_file({"2ABC", "b"});
  board.offer(entry_of(0.5));
  auto batch = board.next_batch(part_of);
  board.batch_done(1, std::move(batch));
  board.close();
  EXPECT_TRUE(std::holds_alternative<Entry>(*board.next_for_cpu()));
  EXPECT_EQ(std::get<FileTask>(*board.next_for_cpu()).id, "1ABC");
  EXPECT_EQ(std::get<FileTask>(*board.next_for_cpu()).id, "2ABC");
  EXPECT_FALSE(board.next_for_cpu());
  EXPECT_TRUE(board.next_batch(part_of).empty());
}

TEST(WorkBoard, AFullQueueHandsBackWhereTheCpuMaySteal) {
  WorkBoard board({.files = 1, .cpu_may_steal = true});
  EXPECT_FALSE(board.offer(entry_of(9)));  // as long as no device is ready, all find room
  EXPECT_FALSE(board.offer(entry_of(9)));
  EXPECT_EQ(board.next_batch(part_of).size(), 1u);
  EXPECT_EQ(board.next_batch(part_of).size(), 1u);
  board.batch_done(2, {});
  board.devices_ready(1);
  EXPECT_FALSE(board.offer(entry_of(2)));  // more than there is room for, but the only one
  EXPECT_EQ(board.offer(entry_of(0.5))->part, 0.5);
  EXPECT_EQ(std::get<Entry>(*board.next_for_cpu()).part, 2);
  board.close();
  EXPECT_FALSE(board.next_for_cpu());
}

}  // namespace
}  // namespace modesweep
