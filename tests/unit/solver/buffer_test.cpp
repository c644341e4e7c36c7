// SPDX-License-Identifier: MIT
#include "solver/shift_invert/buffer.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <fstream>
#include <thread>
#include <vector>

#include <modesweep/modes.hpp>

namespace {

using modesweep::shift_invert::Buffer;

std::int64_t resident_bytes() {
  std::int64_t size = 0, resident = 0;
  std::ifstream("/proc/self/statm") >> size >> resident;
  return resident * 4096;
}

void fill(Buffer& buffer, std::int64_t count, double value) {
  std::fill_n(buffer.data(), count, value);
}

TEST(Buffer, IsAlignedAtAnySize) {
  for (const std::int64_t count : {1, 7, 8000, 8192, 100'000, 1'000'000}) {
    const Buffer buffer(count);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(buffer.data()) % 64, 0u) << count;
  }
}

TEST(Buffer, ThoseInUseDoNotOverlap) {
  const auto use = [](double thread) {
    for (int round = 0; round < 20; ++round) {
      std::vector<Buffer> buffers;
      std::vector<std::int64_t> counts;
      for (int i = 0; i < 12; ++i) {
        counts.push_back(9000 + 7919 * ((i * 5 + round) % 12));
        fill(buffers.emplace_back(counts.back()), counts.back(), 100 * thread + i);
        if (i % 3 == 2) buffers[static_cast<std::size_t>(i - 1)] = Buffer();
      }
      for (std::size_t i = 0; i < buffers.size(); ++i)
        if (buffers[i].data()) {
          const std::int64_t count = counts[i];
          EXPECT_EQ(std::count(buffers[i].data(), buffers[i].data() + count,
                               100 * thread + static_cast<double>(i)),
                    count);
        }
    }
  };
  std::thread other(use, 1);
  use(2);
  other.join();
}

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
TEST(Buffer, MemoryIsKeptForTheNextAndGivenBackOnRequest) {
  constexpr std::int64_t count = 16 << 20;  // 128 MiB
  constexpr std::int64_t bytes = count * 8, slack = 16 << 20;
  modesweep::release_buffers(0);
  const std::int64_t before = resident_bytes();
  {
    Buffer first(count);
    fill(first, count, 1);
  }
  EXPECT_GT(resident_bytes() - before, bytes - slack);
  {
    // Larger than what is kept, which therefore goes first: never more than was in use at once.
    Buffer second(count + count / 4);
    fill(second, count + count / 4, 1);
    EXPECT_LT(resident_bytes() - before, bytes + bytes / 4 + slack);
  }
  modesweep::release_buffers(bytes / 2);
  EXPECT_LT(resident_bytes() - before, bytes / 2 + slack);
  EXPECT_GT(resident_bytes() - before, bytes / 2 - slack);
  modesweep::release_buffers(0);
  EXPECT_LT(resident_bytes() - before, slack);
}
#endif

}  // namespace
