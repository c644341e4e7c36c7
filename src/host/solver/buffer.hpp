// SPDX-License-Identifier: MIT
// Uninitialised, aligned storage for doubles.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>

namespace modesweep::shift_invert {

/// Doubles on a cache line's boundary, not initialised: what is large here is written once by its
/// producer.
class Buffer {
 public:
  Buffer() = default;
  explicit Buffer(std::int64_t count)
      : data_(static_cast<double*>(
            ::operator new(static_cast<std::size_t>(count) * sizeof(double), alignment))) {}

  double* data() { return data_.get(); }
  const double* data() const { return data_.get(); }

 private:
  static constexpr std::align_val_t alignment{64};
  struct Free {
    void operator()(double* p) const { ::operator delete(p, alignment); }
  };
  std::unique_ptr<double, Free> data_;
};

}  // namespace modesweep::shift_invert
