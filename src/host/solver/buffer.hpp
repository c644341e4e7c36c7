// SPDX-License-Identifier: MIT
// Uninitialised, aligned storage for doubles.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <memory>

namespace modesweep::shift_invert {

/// Doubles on a cache line's boundary, not initialised: what is large here is written once by its
/// producer. Large buffers lie on huge pages where the system has them.
class Buffer {
 public:
  Buffer() = default;
  explicit Buffer(std::int64_t count);

  double* data() { return data_.get(); }
  const double* data() const { return data_.get(); }

 private:
  struct Free {
    void operator()(double* p) const { std::free(p); }
  };
  std::unique_ptr<double, Free> data_;
};

}  // namespace modesweep::shift_invert
