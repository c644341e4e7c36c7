// SPDX-License-Identifier: MIT
#include "pipeline/memory_budget.hpp"

#include <fmt/format.h>

#include "base/admission.hpp"
#include "base/text.hpp"

namespace modesweep {

Failure exceeds_memory(const Network& network, std::uint64_t bytes, std::string_view solver,
                       std::uint64_t limit) {
  return {Stage::solve, "out_of_memory",
          fmt::format("{} about {} with solver {}, and the limit of memory is {}",
                      counted(network.nodes(), "residue needs", "residues need"), size_text(bytes),
                      solver, size_text(limit))};
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
