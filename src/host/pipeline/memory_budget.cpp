// SPDX-License-Identifier: MIT
#include "pipeline/memory_budget.hpp"

#include <fmt/format.h>

namespace modesweep {

Failure exceeds_memory(const Network& network, std::uint64_t bytes, std::string_view solver,
                       std::uint64_t limit) {
  return {Stage::solve, "out_of_memory",
          fmt::format("{} residues need about {:.1f} GB with solver {}, and the limit of memory "
                      "is {:.1f} GB",
                      network.nodes(), static_cast<double>(bytes) * 1e-9, solver,
                      static_cast<double>(limit) * 1e-9)};
}

MemoryBudget::Share::~Share() {
  if (!budget_) return;
  {
    const std::lock_guard lock(budget_->mutex_);
    budget_->free_ += bytes_;
  }
  budget_->returned_.notify_all();
}

std::optional<MemoryBudget::Share> MemoryBudget::take(std::uint64_t bytes) {
  if (bytes > total_) return std::nullopt;
  std::unique_lock lock(mutex_);
  returned_.wait(lock, [&] { return bytes <= free_; });
  free_ -= bytes;
  return Share(this, bytes);
}

std::uint64_t MemoryBudget::free() const {
  const std::lock_guard lock(mutex_);
  return free_;
}

}  // namespace modesweep
