// SPDX-License-Identifier: MIT
#include "pipeline/memory_budget.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

namespace modesweep {
namespace {

TEST(MemoryBudget, RefusesWhatCanNeverFit) {
  MemoryBudget budget(100);
  EXPECT_FALSE(budget.take(101));
  EXPECT_TRUE(budget.take(100));
}

TEST(MemoryBudget, NeverGivesOutMoreThanThereIs) {
  MemoryBudget budget(100);
  std::atomic<int> used{0}, most{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; ++t)
    threads.emplace_back([&] {
      for (int i = 0; i < 200; ++i) {
        const auto share = budget.take(40);
        const int now = used += 40;
        for (int seen = most; now > seen && !most.compare_exchange_weak(seen, now);) {
        }
        std::this_thread::yield();
        used -= 40;
      }
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_LE(most, 100);
  EXPECT_TRUE(budget.take(100));
}

}  // namespace
}  // namespace modesweep
