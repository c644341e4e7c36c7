// SPDX-License-Identifier: MIT
// Admission by estimated memory, over all workers together.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string_view>
#include <utility>

#include <modesweep/modes.hpp>

namespace modesweep {

/// Why a network that needs `bytes` is not solved where there are `limit` of them in all.
Failure exceeds_memory(const Network& network, std::uint64_t bytes, std::string_view solver,
                       std::uint64_t limit);

class MemoryBudget {
 public:
  explicit MemoryBudget(std::uint64_t bytes) : total_(bytes), free_(bytes) {}

  /// Bytes that are taken until it goes away.
  class Share {
   public:
    Share(Share&& other) noexcept : budget_(other.budget_), bytes_(other.bytes_) {
      other.budget_ = nullptr;
    }
    Share& operator=(Share&& other) noexcept {
      std::swap(budget_, other.budget_);
      std::swap(bytes_, other.bytes_);
      return *this;
    }
    ~Share();

   private:
    friend class MemoryBudget;
    Share(MemoryBudget* budget, std::uint64_t bytes) : budget_(budget), bytes_(bytes) {}
    MemoryBudget* budget_;
    std::uint64_t bytes_;
  };

  /// Waits until so much is free; nothing where it is more than there will ever be.
  std::optional<Share> take(std::uint64_t bytes);
  /// Bytes that nothing has taken.
  std::uint64_t free() const;
  std::uint64_t total() const { return total_; }

 private:
  const std::uint64_t total_;
  std::uint64_t free_;
  mutable std::mutex mutex_;
  std::condition_variable returned_;
};

}  // namespace modesweep
