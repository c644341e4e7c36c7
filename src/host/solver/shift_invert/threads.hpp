// SPDX-License-Identifier: MIT
// Threads that share one solve.
#pragma once

#include <functional>
#include <memory>

#include "solver/shift_invert/simd/operations.hpp"

namespace modesweep::shift_invert {

/// The calling thread and, where more than one is asked for, oneTBB's beside it.
class Threads final : public Crew {
 public:
  /// At most as many as there are CPUs to use.
  explicit Threads(int count);
  ~Threads();

  int count() const { return count_; }
  /// For operations: null where the calling thread is alone.
  const Crew* crew() const { return count_ > 1 ? this : nullptr; }

  void for_each(std::ptrdiff_t count, void (*body)(void*, std::ptrdiff_t),
                void* context) const override;
  void for_each(std::ptrdiff_t count, const std::function<void(std::ptrdiff_t)>& body) const;
  /// Below count(), and no other body of for_each that runs now has it.
  int index() const;

 private:
  struct Arena;
  const int count_;
  std::unique_ptr<Arena> arena_;
};

}  // namespace modesweep::shift_invert
