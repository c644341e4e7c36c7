// SPDX-License-Identifier: MIT
// Uninitialised, aligned storage for doubles.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

namespace modesweep::shift_invert {

/// Doubles on a cache line's boundary, not initialised: what is large here is written once by its
/// producer. Large buffers lie on huge pages where the system has them, and their memory goes from
/// one to the next instead of back to the system: the first touch of a page can cost more than all
/// that is computed in it. What is kept so never makes the process larger than its largest buffers
/// at one time did; release_buffers (modes.hpp) gives it back.
class Buffer {
 public:
  Buffer() = default;
  explicit Buffer(std::int64_t count);

  double* data() { return data_.get(); }
  const double* data() const { return data_.get(); }

 private:
  struct Free {
    std::size_t pooled_bytes;  ///< 0 for memory of the C library's heap
    void operator()(double* p) const;
  };
  std::unique_ptr<double, Free> data_{nullptr, Free{0}};
};

}  // namespace modesweep::shift_invert
