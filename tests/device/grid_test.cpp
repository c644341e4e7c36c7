// SPDX-License-Identifier: MIT
// The host execution of kernels finds what a device would punish.
#include "device/grid.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <set>
#include <thread>
#include <vector>

#include "device/fiber.hpp"

namespace device_host {
namespace {

constexpr std::uint64_t orders[] = {0, 1, 2, 3, 4};

/// The message that run_grid ends with, or nothing.
std::string error_of(const Grid& grid, const std::function<void()>& thread) {
  try {
    run_grid(grid, thread);
  } catch (const KernelError& error) {
    return error.what();
  }
  return {};
}

class Orders : public testing::Test {
 protected:
  ~Orders() override { set_thread_order(0); }
};

TEST(Fiber, GoesOnWhereItLeft) {
  Fiber fiber;
  std::vector<int> steps;
  fiber.start([&] {
    steps.push_back(1);
    fiber.suspend();
    steps.push_back(3);
  });
  fiber.resume();
  steps.push_back(2);
  EXPECT_FALSE(fiber.done());
  fiber.resume();
  EXPECT_TRUE(fiber.done());
  EXPECT_EQ(steps, (std::vector<int>{1, 2, 3}));
  fiber.start([&] { steps.push_back(4); });
  fiber.resume();
  EXPECT_EQ(steps.back(), 4);
}

TEST(Fiber, ThrowsAndCatchesInside) {
  Fiber fiber;
  bool caught = false;
  fiber.start([&] {
    try {
      fiber.suspend();
      throw std::runtime_error("inside");
    } catch (const std::runtime_error&) {
      caught = true;
    }
  });
  fiber.resume();
  fiber.resume();
  EXPECT_TRUE(caught);
}

TEST_F(Orders, EveryThreadOfEveryBlockRunsOnce) {
  for (const std::uint64_t order : orders) {
    set_thread_order(order);
    std::multiset<std::vector<unsigned>> seen;
    run_grid({dim3(2, 3, 2), dim3(4, 2, 3)}, [&] {
      const dim3 t = thread_index(), b = block_index();
      seen.insert({b.x, b.y, b.z, t.x, t.y, t.z});
      EXPECT_EQ(block_size().y, 2u);
      EXPECT_EQ(grid_size().y, 3u);
    });
    EXPECT_EQ(seen.size(), 2u * 3 * 2 * 4 * 2 * 3);
    EXPECT_EQ(std::set(seen.begin(), seen.end()).size(), seen.size());
  }
}

TEST_F(Orders, BarriersMakeASumRightInEveryOrder) {
  for (const std::uint64_t order : orders) {
    set_thread_order(order);
    int sum = 0;
    run_grid({dim3(1), dim3(256), 256 * sizeof(int)}, [&] {
      int* const values = reinterpret_cast<int*>(shared_memory().begin);
      const unsigned t = thread_index().x;
      values[t] = static_cast<int>(t);
      block_barrier();
      for (unsigned half = 128; half > 0; half /= 2) {
        if (t < half) values[t] += values[t + half];
        block_barrier();
      }
      if (t == 0) sum = values[0];
    });
    EXPECT_EQ(sum, 255 * 256 / 2);
  }
}

TEST_F(Orders, AMissingBarrierShowsInSomeOrder) {
  int wrong = 0;
  for (const std::uint64_t order : orders) {
    set_thread_order(order);
    int first = 0;
    run_grid({dim3(1), dim3(64), 64 * sizeof(int)}, [&] {
      int* const values = reinterpret_cast<int*>(shared_memory().begin);
      const unsigned t = thread_index().x;
      values[t] = static_cast<int>(t) + 1;
      if (t == 32) first = values[0];  // another warp's, without a barrier
    });
    wrong += first != 1;
  }
  EXPECT_GT(wrong, 0);
}

TEST_F(Orders, AMissingBarrierOfAWarpShowsInSomeOrder) {
  int wrong = 0;
  for (const std::uint64_t order : orders) {
    set_thread_order(order);
    int first = 0;
    run_grid({dim3(1), dim3(32), 32 * sizeof(int)}, [&] {
      int* const values = reinterpret_cast<int*>(shared_memory().begin);
      const unsigned t = thread_index().x;
      values[t] = static_cast<int>(t) + 1;
      if (t == 16) first = values[0];
    });
    wrong += first != 1;
  }
  EXPECT_GT(wrong, 0);
}

TEST_F(Orders, ABlockThatReadsWhatAnotherWritesShowsInSomeOrder) {
  int wrong = 0;
  for (const std::uint64_t order : orders) {
    set_thread_order(order);
    std::vector<int> values = {1, 0, 0, 0};
    run_grid({dim3(4), dim3(1)}, [&] {
      const unsigned b = block_index().x;
      if (b > 0) values[b] = values[b - 1];
    });
    wrong += values != std::vector<int>{1, 1, 1, 1};
  }
  EXPECT_GT(wrong, 0);
}

TEST_F(Orders, ShufflesDeliverWhatTheSourceHandedIn) {
  for (const std::uint64_t order : orders) {
    set_thread_order(order);
    std::vector<double> sums(64);
    run_grid({dim3(1), dim3(64)}, [&] {
      const unsigned t = thread_index().x;
      double x = t;
      for (int mask = 16; mask > 0; mask /= 2) x += shuffle(x, lane() ^ mask);
      sums[t] = x;
    });
    for (std::size_t t = 0; t < 64; ++t) EXPECT_EQ(sums[t], t < 32 ? 496 : 1520);
  }
}

TEST(Grid, SharedMemoryIsPoisonedBeforeEachBlock) {
  int poisoned = 0;
  run_grid({dim3(3), dim3(1), 2 * sizeof(double)}, [&] {
    double* const values = reinterpret_cast<double*>(shared_memory().begin);
    poisoned += std::isnan(values[0]) && std::isnan(values[1]);
    values[0] = values[1] = 1;
  });
  EXPECT_EQ(poisoned, 3);
}

TEST(Grid, AnOverrunOfSharedMemoryIsAnError) {
  EXPECT_NE(error_of({dim3(1), dim3(1), 16}, [] { shared_memory().begin[16] = 1; })
                .find("beyond its end"),
            std::string::npos);
}

TEST_F(Orders, AThreadThatLeftWhileOthersWaitIsAnError) {
  for (const std::uint64_t order : orders) {
    set_thread_order(order);
    EXPECT_NE(error_of({dim3(1), dim3(64)},
                       [] {
                         if (thread_index().x != 40) block_barrier();
                       })
                  .find("1 threads of the block left while 63 wait"),
              std::string::npos);
    EXPECT_NE(error_of({dim3(1), dim3(32)},
                       [] {
                         if (thread_index().x != 4) warp_barrier();
                       })
                  .find("31 lanes of a warp wait for 1"),
              std::string::npos);
    EXPECT_NE(error_of({dim3(1), dim3(64)},
                       [] {
                         if (thread_index().x < 16)
                           warp_barrier();
                         else
                           block_barrier();
                       })
                  .find("16 lanes of a warp wait for 16"),
              std::string::npos);
  }
}

TEST(Grid, RefusesBrokenWarpsAndImpossibleBlocks) {
  EXPECT_NE(error_of({dim3(1), dim3(33)}, [] { warp_barrier(); }).find("broken warps"),
            std::string::npos);
  EXPECT_NE(error_of({dim3(1), dim3(1025)}, [] {}).find("1025 threads"), std::string::npos);
  EXPECT_NE(error_of({dim3(1), dim3(0)}, [] {}).find("0 threads"), std::string::npos);
}

TEST(Grid, WorksAgainAfterAnError) {
  EXPECT_THROW(run_grid({dim3(1), dim3(64)},
                        [] {
                          if (thread_index().x == 3) throw std::runtime_error("in a kernel");
                          block_barrier();
                        }),
               std::runtime_error);
  std::atomic<int> threads = 0;
  run_grid({dim3(2), dim3(64)}, [&] {
    block_barrier();
    ++threads;
  });
  EXPECT_EQ(threads, 128);
}

TEST(Grid, DeviceCodeOutsideOfAKernelIsAnError) {
  EXPECT_THROW(block_barrier(), KernelError);
  EXPECT_THROW(thread_index(), KernelError);
}

TEST(Grid, SeveralOsThreadsRunKernelsAtOnce) {
  std::vector<int> sums(4);
  {
    std::vector<std::jthread> threads;
    for (std::size_t i = 0; i < sums.size(); ++i)
      threads.emplace_back([&, i] {
        set_thread_order(i);
        for (int repeat = 0; repeat < 20; ++repeat)
          run_grid({dim3(4), dim3(96), sizeof(int)}, [&] {
            int* const turn = reinterpret_cast<int*>(shared_memory().begin);
            if (thread_index().x == 0) *turn = static_cast<int>(i);
            block_barrier();
            sums[i] += *turn;
          });
      });
  }
  for (std::size_t i = 0; i < sums.size(); ++i)
    EXPECT_EQ(sums[i], static_cast<int>(i) * 20 * 4 * 96);
}

}  // namespace
}  // namespace device_host
