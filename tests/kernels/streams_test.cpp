// SPDX-License-Identifier: MIT
// The stand-in's own promise: work runs when its own stream is waited for or asked, no sooner.
#include <gtest/gtest.h>

#include "kernels/device_data.hpp"
#include "kernels/engine/resources.hpp"
#include "kernels/engine/task.hpp"
#include "standin/standin.hpp"

namespace kernel_test {
namespace {

using namespace modesweep;

constexpr int poison = -1;

class StreamsTest : public testing::Test {
 protected:
  void SetUp() override { standin::start({}); }
  void TearDown() override {
    EXPECT_EQ(standin::complaints(), "");
    EXPECT_EQ(standin::alive(), 0);
  }
};

/// A stream, a value in pinned memory, one on the device, and what is queued: there and back.
struct Trip {
  explicit Trip(int value) {
    resources.upload.reserve(256);
    resources.download.reserve(256);
    resources.arena.reserve(256);
    out = resources.upload.take<int>(1);
    back = resources.download.take<int>(1);
    int* const there = resources.arena.take<int>(1);
    *out = value;
    resources.copy_to_device(there, out, 1);
    resources.copy_to_host(back, there, 1);
  }
  gpu::Task<int> wait() {
    co_await resources.finished();
    co_return *back;
  }
  gpu::DeviceResources resources{0, 2};
  int* out;
  int* back;
};

TEST_F(StreamsTest, AWaitForOneStreamIsNoneForAnother) {
  Trip first(1), second(2);
  EXPECT_EQ(*first.back, poison);
  auto task = second.wait();
  task.start();
  EXPECT_EQ(*second.back, poison);
  second.resources.go_on();
  EXPECT_EQ(task.result(), 2);
  EXPECT_EQ(*first.back, poison);
  EXPECT_EQ(*first.out, 1);
  require(cudaStreamSynchronize(first.resources.stream()));
  EXPECT_EQ(*first.back, 1);
  EXPECT_EQ(*first.out, poison);  // read: the staging buffer may be used again
}

TEST_F(StreamsTest, AQuestionRunsOnePieceOfWorkOnly) {
  Trip trip(7);
  auto task = trip.wait();
  task.start();
  EXPECT_FALSE(trip.resources.ready());
  EXPECT_EQ(*trip.out, poison);
  EXPECT_EQ(*trip.back, poison);
  EXPECT_TRUE(trip.resources.ready());
  EXPECT_EQ(cudaGetLastError(), cudaSuccess);  // that it was not ready is no error
  trip.resources.go_on();
  EXPECT_TRUE(task.done());
  EXPECT_EQ(task.result(), 7);
}

TEST_F(StreamsTest, ATaskThatEndsEarlyTakesItsPartsWithIt) {
  struct Counter {
    explicit Counter(int& c) : count(c) { ++count; }
    ~Counter() { --count; }
    int& count;
  };
  int alive = 0;
  Trip trip(1);
  const auto inner = [&]() -> gpu::Task<int> {
    const Counter counter(alive);
    co_return co_await trip.wait();
  };
  const auto outer = [&]() -> gpu::Task<int> {
    const Counter counter(alive);
    co_return co_await inner();
  };
  {
    auto task = outer();
    EXPECT_EQ(alive, 0);
    task.start();
    EXPECT_EQ(alive, 2);
    EXPECT_FALSE(task.done());
  }
  EXPECT_EQ(alive, 0);
  EXPECT_TRUE(trip.resources.recover());
}

TEST_F(StreamsTest, AnExceptionReachesWhoAwaits) {
  Trip trip(1);
  const auto failing = [&]() -> gpu::Task<> {
    co_await trip.resources.finished();
    throw gpu::DeviceError(gpu::DeviceError::Kind::failed, "no");
  };
  const auto outer = [&]() -> gpu::Task<std::string> {
    try {
      co_await failing();
    } catch (const gpu::DeviceError& error) {
      co_return error.what();
    }
    co_return "none";
  };
  auto task = outer();
  task.start();
  trip.resources.go_on();
  EXPECT_EQ(task.result(), "no");
}

}  // namespace
}  // namespace kernel_test
